"""The files that readings were made from.

Revision: 0014
Previous: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("import_batch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('image', 'water', 'segmentation')", name=op.f("ck_import_file_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("import_batch", "kind", name=op.f("uq_import_file_import_batch_kind")),
        sa.ForeignKeyConstraint(
            ["import_batch"], ["import_batch.id"], name=op.f("fk_import_file_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_import_file_audit_number")
        ),
    )
    op.create_index("ix_import_file_file_sha256", "import_file", ["file_sha256"])


def downgrade() -> None:
    op.drop_table("import_file")
