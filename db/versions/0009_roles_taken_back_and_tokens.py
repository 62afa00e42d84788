"""Roles taken back, accounts closed, second factors, and tokens for programs.

Revision: 0009
Previous: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f(f"fk_{table}_audit_number")
        ),
    ]


def _id(table: str, name: str = "id") -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(name, name=op.f(f"pk_{table}")),
    ]


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"))


def _of_an_account(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("login", sa.String(), nullable=False),
        _key(table, "login", "account.login"),
    ]


def upgrade() -> None:
    op.create_table(
        "role_withdrawal",
        *_id("role_withdrawal", "role_grant"),
        _key("role_withdrawal", "role_grant", "role_grant.id"),
        *_recorded("role_withdrawal"),
    )
    op.create_table(
        "account_standing",
        *_id("account_standing"),
        *_of_an_account("account_standing"),
        sa.Column("standing", sa.String(), nullable=False),
        sa.CheckConstraint("standing IN ('closed', 'open')", name=op.f("ck_account_standing_standing")),
        *_recorded("account_standing"),
    )
    op.create_table(
        "second_factor",
        *_id("second_factor"),
        *_of_an_account("second_factor"),
        sa.Column("sealed", sa.String(), nullable=True),
        *_recorded("second_factor"),
    )
    op.create_table(
        "api_token",
        *_id("api_token"),
        *_of_an_account("api_token"),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("label", "scopes", "sha256", "ends_at")],
        sa.UniqueConstraint("sha256", name=op.f("uq_api_token_sha256")),
        *_recorded("api_token"),
    )
    op.create_table(
        "api_token_end",
        *_id("api_token_end", "api_token"),
        _key("api_token_end", "api_token", "api_token.id"),
        *_recorded("api_token_end"),
    )
    for table in ("account_standing", "second_factor", "api_token"):
        op.create_index(f"ix_{table}_login", table, ["login"])


def downgrade() -> None:
    for table in ("api_token_end", "api_token", "second_factor", "account_standing", "role_withdrawal"):
        op.drop_table(table)
