"""What is sealed again after a key was lost: lists, and treatments given by mistake.

Revision: 0005
Previous: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resealing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schedule", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("header_json", sa.String(), nullable=False),
        sa.Column("bundle_digest", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_resealing_audit_number")
        ),
        sa.ForeignKeyConstraint(["schedule"], ["schedule.id"], name=op.f("fk_resealing_schedule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resealing")),
        sa.UniqueConstraint("key_id", name=op.f("uq_resealing_key_id")),
    )
    op.create_table(
        "resealed_slot",
        sa.Column("resealing", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_resealed_slot_audit_number")
        ),
        sa.ForeignKeyConstraint(["resealing"], ["resealing.id"], name=op.f("fk_resealed_slot_resealing")),
        sa.ForeignKeyConstraint(["slot"], ["slot.id"], name=op.f("fk_resealed_slot_slot")),
        sa.PrimaryKeyConstraint("resealing", "slot", name=op.f("pk_resealed_slot")),
    )
    op.create_table(
        "received_again",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mistake", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_received_again_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["mistake"], ["allocation_mistake.id"], name=op.f("fk_received_again_mistake")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_again")),
    )


def downgrade() -> None:
    op.drop_table("received_again")
    op.drop_table("resealed_slot")
    op.drop_table("resealing")
