"""Queries that checks of the final record raised, and what soft checks warned of.

Revision: 0011
Previous: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "query_raised",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("query", sa.Integer(), nullable=False),
        sa.Column("check_name", sa.String(), nullable=False),
        sa.Column("final_value", sa.Integer(), nullable=True),
        sa.Column("seen_sha256", sa.String(), nullable=False),
        sa.Column("tells_arm", sa.Boolean(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_raised")),
        sa.ForeignKeyConstraint(["query"], ["query.id"], name=op.f("fk_query_raised_query")),
        sa.ForeignKeyConstraint(
            ["final_value"], ["final_value.id"], name=op.f("fk_query_raised_final_value")
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_query_raised_audit_number")
        ),
    )
    op.create_index("ix_query_raised_query", "query_raised", ["query"])
    texts = ("subject_id", "visit", "form", "row_key", "item", "stage", "check_name", "said")
    op.create_table(
        "entry_flag",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_flag")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_entry_flag_subject_id")
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_entry_flag_audit_number")
        ),
        sa.CheckConstraint(
            "stage IN ('entered', 'adjudicated', 'corrected')", name=op.f("ck_entry_flag_stage")
        ),
    )
    op.create_index("ix_entry_flag_subject_id", "entry_flag", ["subject_id"])


def downgrade() -> None:
    op.drop_table("entry_flag")
    op.drop_table("query_raised")
