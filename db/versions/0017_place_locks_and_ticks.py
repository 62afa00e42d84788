"""Locks of a form, a subject or a site; ticks of source verification at single values.

Revision: 0017
Previous: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f(f"fk_{table}_audit_number")
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "place_lock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("scope", "place", "action", "content_sha256", "reason")
        ),
        *_recorded("place_lock"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_lock")),
        sa.CheckConstraint("scope IN ('form', 'subject', 'site')", name=op.f("ck_place_lock_scope")),
        sa.CheckConstraint("action IN ('set', 'lift')", name=op.f("ck_place_lock_action")),
    )
    op.create_table(
        "source_tick",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("final_value", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("account", "at")),
        *_recorded("source_tick"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_tick")),
        sa.ForeignKeyConstraint(["final_value"], ["final_value.id"], name=op.f("fk_source_tick_final_value")),
        sa.ForeignKeyConstraint(["account"], ["account.login"], name=op.f("fk_source_tick_account")),
        sa.UniqueConstraint("final_value", "account", name=op.f("uq_source_tick_final_value_account")),
    )
    op.create_index("ix_source_tick_final_value", "source_tick", ["final_value"])


def downgrade() -> None:
    for table in ("source_tick", "place_lock"):
        op.drop_table(table)
