"""Imports in parts, and what the guards of locked places look up.

A file with more values than one act takes claims its forms first and is taken in parts, so that no other
writer waits for all of it. The guards themselves are made anew after every step.

Revision: 0019
Previous: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
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
        "import_run",
        sa.Column("import_batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("options", sa.String(), nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        *_recorded("import_run"),
        sa.PrimaryKeyConstraint("import_batch", name=op.f("pk_import_run")),
        sa.ForeignKeyConstraint(
            ["import_batch"], ["import_batch.id"], name=op.f("fk_import_run_import_batch")
        ),
    )
    op.create_table(
        "import_claim",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("subject_id", "visit", "form")),
        sa.Column("import_batch", sa.Integer(), autoincrement=False, nullable=False),
        *_recorded("import_claim"),
        sa.PrimaryKeyConstraint("subject_id", "visit", "form", "import_batch", name=op.f("pk_import_claim")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_import_claim_subject_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_batch"], ["import_run.import_batch"], name=op.f("fk_import_claim_import_batch")
        ),
    )
    op.create_table(
        "import_end",
        sa.Column("import_batch", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("outcome", "reason")),
        *_recorded("import_end"),
        sa.PrimaryKeyConstraint("import_batch", name=op.f("pk_import_end")),
        sa.CheckConstraint("outcome IN ('done', 'given_up')", name=op.f("ck_import_end_outcome")),
        sa.ForeignKeyConstraint(
            ["import_batch"], ["import_run.import_batch"], name=op.f("fk_import_end_import_batch")
        ),
    )
    op.create_index("ix_place_lock_scope_place", "place_lock", ["scope", "place"])


def downgrade() -> None:
    op.drop_index("ix_place_lock_scope_place", "place_lock")
    for table in ("import_end", "import_claim", "import_run"):
        op.drop_table(table)
