"""Serious adverse events and their reports.

Revision: 0012
Previous: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _table(name: str, texts: tuple[str, ...], *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(text, sa.String(), nullable=False) for text in texts),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f(f"fk_{name}_audit_number")
        ),
        *more,
    )


def upgrade() -> None:
    _table(
        "serious_event",
        ("subject_id", "term", "aware_at"),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_serious_event_subject_id")
        ),
    )
    op.create_index("ix_serious_event_subject_id", "serious_event", ["subject_id"])
    texts = ("criteria", "severity", "related", "expected", "outcome", "started", "ended", "visit",
             "row_key", "narrative", "account", "at")  # fmt: skip
    _table(
        "safety_report",
        texts,
        sa.Column("serious_event", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["serious_event"], ["serious_event.id"], name=op.f("fk_safety_report_serious_event")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.login"], name=op.f("fk_safety_report_account")),
        sa.UniqueConstraint("serious_event", "number", name=op.f("uq_safety_report_serious_event_number")),
    )


def downgrade() -> None:
    op.drop_table("safety_report")
    op.drop_table("serious_event")
