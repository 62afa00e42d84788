"""Texts taken out of the record.

Revision: 0016
Previous: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redaction",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("after_sha256", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction")),
        sa.ForeignKeyConstraint(["record"], ["audit_transaction.number"], name=op.f("fk_redaction_record")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_redaction_audit_number")
        ),
    )
    op.create_index("ix_redaction_record", "redaction", ["record"])


def downgrade() -> None:
    op.drop_table("redaction")
