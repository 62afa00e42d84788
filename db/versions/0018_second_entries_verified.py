"""Second entries that were held against the first while they were typed, and the challenges in them.

Revision: 0018
Previous: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f(f"fk_{table}_audit_number")
        ),
    ]


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "entry_challenge",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_instance", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("row_key", "item", "account", "typed")),
        *_recorded("entry_challenge"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_challenge")),
        _points("entry_challenge", "form_instance", "form_instance.id"),
        _points("entry_challenge", "account", "account.login"),
        sa.UniqueConstraint(
            "form_instance", "row_key", "item", "account",
            name=op.f("uq_entry_challenge_form_instance_row_key_item_account"),
        ),
    )  # fmt: skip
    op.create_table(
        "challenge_outcome",
        sa.Column("challenge", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        *_recorded("challenge_outcome"),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_challenge_outcome")),
        _points("challenge_outcome", "challenge", "entry_challenge.id"),
        sa.CheckConstraint("outcome IN ('retyped', 'kept')", name=op.f("ck_challenge_outcome_outcome")),
    )
    op.create_table(
        "verified_pass",
        sa.Column("form_pass", sa.Integer(), autoincrement=False, nullable=False),
        *_recorded("verified_pass"),
        sa.PrimaryKeyConstraint("form_pass", name=op.f("pk_verified_pass")),
        _points("verified_pass", "form_pass", "form_pass.id"),
    )


def downgrade() -> None:
    for table in ("verified_pass", "challenge_outcome", "entry_challenge"):
        op.drop_table(table)
