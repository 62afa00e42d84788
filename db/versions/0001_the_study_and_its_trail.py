"""Audit trail, accounts and the study definition.

Revision: 0001
Previous: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_transaction",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("authentication", sa.String(), nullable=False),
        sa.Column("os_user", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("payload_text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_transaction")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_transaction_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_transaction_previous_hash")),
    )
    op.create_table(
        "account",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_account_audit_number")
        ),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_account")),
    )
    op.create_table(
        "study_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("definition_text", sa.String(), nullable=False),
        sa.Column("dictionary_text", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_study_version_audit_number")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_study_version")),
        sa.UniqueConstraint("sha256", name=op.f("uq_study_version_sha256")),
    )
    op.create_table(
        "study_lock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("action IN ('set', 'lift')", name=op.f("ck_study_lock_action")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_study_lock_audit_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_lock")),
    )
    op.create_table(
        "account_credential",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("argon2", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_account_credential_audit_number")
        ),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_account_credential_login")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_credential")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_role_grant_audit_number")
        ),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_role_grant_login")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_login"), "role_grant", ["login"], unique=False)


def downgrade() -> None:
    op.drop_table("role_grant")
    op.drop_table("account_credential")
    op.drop_table("study_lock")
    op.drop_table("study_version")
    op.drop_table("account")
    op.drop_table("audit_transaction")
    op.drop_table("audit_head")
