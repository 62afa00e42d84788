"""Recruitment opened, paused and closed.

Revision: 0004
Previous: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recruitment_change",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("scope IN ('study', 'site', 'stratum')", name=op.f("ck_recruitment_change_scope")),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')", name=op.f("ck_recruitment_change_state")),
        sa.CheckConstraint("(scope = 'study') = (name = '')", name=op.f("ck_recruitment_change_named")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_recruitment_change_audit_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recruitment_change")),
    )


def downgrade() -> None:
    op.drop_table("recruitment_change")
