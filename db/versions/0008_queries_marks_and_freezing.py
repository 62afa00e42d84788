"""Queries, source verification, signatures and freezing.

Revision: 0008
Previous: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f(f"fk_{table}_audit_number")
        ),
    ]


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"))


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _id(table: str, name: str = "id") -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(name, name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "query",
        *_id("query"),
        *_texts("subject_id", "visit", "form", "row_key", "item"),
        _key("query", "subject_id", "subject.subject_id"),
        *_recorded("query"),
    )
    op.create_index("ix_query_subject_id", "query", ["subject_id"])
    op.create_table(
        "query_step",
        *_id("query_step"),
        sa.Column("query", sa.Integer(), nullable=False),
        *_texts("status", "said", "account", "at"),
        _key("query_step", "query", "query.id"),
        _key("query_step", "account", "account.login"),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'closed', 'reopened')", name=op.f("ck_query_step_status")
        ),
        *_recorded("query_step"),
    )
    op.create_index("ix_query_step_query", "query_step", ["query"])
    op.create_table(
        "query_cited",
        *_id("query_cited", "final_value"),
        sa.Column("query", sa.Integer(), nullable=False),
        _key("query_cited", "final_value", "final_value.id"),
        _key("query_cited", "query", "query.id"),
        *_recorded("query_cited"),
    )
    op.create_table(
        "form_mark",
        *_id("form_mark"),
        sa.Column("form_instance", sa.Integer(), nullable=False),
        *_texts("kind", "meaning", "content_sha256"),
        sa.Column("blinded", sa.Boolean(), nullable=False),
        *_texts("account", "at"),
        _key("form_mark", "form_instance", "form_instance.id"),
        _key("form_mark", "account", "account.login"),
        sa.CheckConstraint("kind IN ('verified', 'signed')", name=op.f("ck_form_mark_kind")),
        *_recorded("form_mark"),
    )
    op.create_index("ix_form_mark_form_instance", "form_mark", ["form_instance"])
    op.create_table(
        "data_freeze",
        *_id("data_freeze"),
        *_texts("scope", "place", "action", "reason"),
        sa.CheckConstraint(
            "scope IN ('form', 'subject', 'site', 'study')", name=op.f("ck_data_freeze_scope")
        ),
        sa.CheckConstraint("action IN ('set', 'lift')", name=op.f("ck_data_freeze_action")),
        *_recorded("data_freeze"),
    )


def downgrade() -> None:
    for table in ("data_freeze", "form_mark", "query_cited", "query_step", "query"):
        op.drop_table(table)
