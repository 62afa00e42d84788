"""What a site says of a correction that data management made of its data.

Revision: 0020
Previous: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLE = "correction_answer"


def _points(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{_TABLE}_{column}"))


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("final_value", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("answer", "said", "account", "at")),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        _points("audit_number", "audit_transaction.number"),
        sa.PrimaryKeyConstraint("final_value", name=op.f(f"pk_{_TABLE}")),
        _points("final_value", "final_value.id"),
        _points("account", "account.login"),
        sa.CheckConstraint("answer IN ('endorsed', 'objected')", name=op.f(f"ck_{_TABLE}_answer")),
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
