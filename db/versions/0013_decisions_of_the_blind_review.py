"""Decisions of the blind data review.

Revision: 0013
Previous: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "set_decision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("subject_id", "analysis_set", "decision", "reason", "account", "at")
        ),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("decision IN ('exclude', 'keep')", name=op.f("ck_set_decision_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_decision")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_set_decision_subject_id")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.login"], name=op.f("fk_set_decision_account")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_set_decision_audit_number")
        ),
    )
    op.create_index("ix_set_decision_subject_id", "set_decision", ["subject_id"])


def downgrade() -> None:
    op.drop_table("set_decision")
