"""Subjects, the sealed list and what is taken from it.

Revision: 0002
Previous: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subject",
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_subject_audit_number")
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject")),
    )
    op.create_index(op.f("ix_subject_site"), "subject", ["site"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("signed_date", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_consent_audit_number")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_consent_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_subject_id"), "consent", ["subject_id"], unique=False)
    op.create_table(
        "subject_event",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('screen_failed', 'withdrawn')", name=op.f("ck_subject_event_kind")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_subject_event_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_subject_event_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_event")),
        sa.UniqueConstraint("subject_id", "kind", name=op.f("uq_subject_event_subject_id_kind")),
    )
    op.create_table(
        "visit_occurrence",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'done') = (date <> '')", name=op.f("ck_visit_occurrence_dated")),
        sa.CheckConstraint("status IN ('done', 'not_done')", name=op.f("ck_visit_occurrence_status")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_visit_occurrence_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_visit_occurrence_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_occurrence")),
        sa.UniqueConstraint(
            "subject_id", "visit", "revision", name=op.f("uq_visit_occurrence_subject_id_visit_revision")
        ),
    )
    op.create_table(
        "unblinding",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'subject') = (subject_id IS NOT NULL)", name=op.f("ck_unblinding_whose")),
        sa.CheckConstraint("kind IN ('subject', 'analysis')", name=op.f("ck_unblinding_kind")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_unblinding_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_unblinding_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unblinding")),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("header_json", sa.String(), nullable=False),
        sa.Column("bundle_digest", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("previous_commitment", sa.String(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_schedule_audit_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("commitment", name=op.f("uq_schedule_commitment")),
        sa.UniqueConstraint("previous_commitment", name=op.f("uq_schedule_previous_commitment")),
        sa.UniqueConstraint("schedule_id", name=op.f("uq_schedule_schedule_id")),
    )
    op.create_table(
        "stratum",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schedule", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_stratum_audit_number")
        ),
        sa.ForeignKeyConstraint(["schedule"], ["schedule.id"], name=op.f("fk_stratum_schedule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stratum")),
        sa.UniqueConstraint("schedule", "label", name=op.f("uq_stratum_schedule_label")),
    )
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stratum", sa.Integer(), nullable=False),
        sa.Column("sequence_number", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_slot_audit_number")
        ),
        sa.ForeignKeyConstraint(["stratum"], ["stratum.id"], name=op.f("fk_slot_stratum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("stratum", "sequence_number", name=op.f("uq_slot_stratum_sequence_number")),
    )
    op.create_table(
        "allocation",
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("stratum_label", sa.String(), nullable=False),
        sa.Column("values_as_used", sa.String(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("allocated_by", sa.String(), nullable=False),
        sa.Column("allocated_at", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["allocated_by"], ["account.login"], name=op.f("fk_allocation_allocated_by")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_allocation_audit_number")
        ),
        sa.ForeignKeyConstraint(["slot"], ["slot.id"], name=op.f("fk_allocation_slot")),
        sa.ForeignKeyConstraint(
            ["study_version"], ["study_version.number"], name=op.f("fk_allocation_study_version")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_allocation_subject_id")
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("slot", name=op.f("uq_allocation_slot")),
    )
    op.create_table(
        "external_allocation",
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("allocated_on", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_external_allocation_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_external_allocation_subject_id")
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_external_allocation")),
    )
    op.create_table(
        "allocation_mistake",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("duplicate_of", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('wrong_stratum', 'ineligible', 'duplicate', 'wrong_treatment')",
            name=op.f("ck_allocation_mistake_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_allocation_mistake_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["subject.subject_id"], name=op.f("fk_allocation_mistake_duplicate_of")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_allocation_mistake_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_mistake")),
        sa.UniqueConstraint("subject_id", "kind", name=op.f("uq_allocation_mistake_subject_id_kind")),
    )


def downgrade() -> None:
    op.drop_table("allocation_mistake")
    op.drop_table("external_allocation")
    op.drop_table("allocation")
    op.drop_table("slot")
    op.drop_table("stratum")
    op.drop_table("schedule")
    op.drop_table("unblinding")
    op.drop_table("visit_occurrence")
    op.drop_table("subject_event")
    op.drop_table("consent")
    op.drop_table("subject")
