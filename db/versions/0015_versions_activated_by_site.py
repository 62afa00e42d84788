"""Versions of the definition, activated site by site.

Revision: 0015
Previous: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "study_activation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("site", "effective_on", "approval")),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_activation")),
        sa.ForeignKeyConstraint(
            ["study_version"], ["study_version.number"], name=op.f("fk_study_activation_study_version")
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_study_activation_audit_number")
        ),
        sa.UniqueConstraint("site", "study_version", name=op.f("uq_study_activation_site_study_version")),
    )


def downgrade() -> None:
    op.drop_table("study_activation")
