"""Two passes, the final record and what lies between.

Revision: 0003
Previous: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("declared_typist", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_import_batch_audit_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "form_instance",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_form_instance_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["study_version"], ["study_version.number"], name=op.f("fk_form_instance_study_version")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_form_instance_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_instance")),
        sa.UniqueConstraint(
            "subject_id", "visit", "form", name=op.f("uq_form_instance_subject_id_visit_form")
        ),
    )
    op.create_table(
        "form_not_done",
        sa.Column("form_instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_form_not_done_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["form_instance"], ["form_instance.id"], name=op.f("fk_form_not_done_form_instance")
        ),
        sa.PrimaryKeyConstraint("form_instance", name=op.f("pk_form_not_done")),
    )
    op.create_table(
        "form_pass",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_instance", sa.Integer(), nullable=False),
        sa.Column("pass_number", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=True),
        sa.Column("import_batch", sa.Integer(), nullable=True),
        sa.Column("authentication", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("pass_number IN (1, 2)", name=op.f("ck_form_pass_pass_number")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_form_pass_audit_number")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["account.login"], name=op.f("fk_form_pass_entered_by")),
        sa.ForeignKeyConstraint(
            ["form_instance"], ["form_instance.id"], name=op.f("fk_form_pass_form_instance")
        ),
        sa.ForeignKeyConstraint(
            ["import_batch"], ["import_batch.id"], name=op.f("fk_form_pass_import_batch")
        ),
        sa.ForeignKeyConstraint(["imported_by"], ["account.login"], name=op.f("fk_form_pass_imported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_pass")),
        sa.UniqueConstraint(
            "form_instance", "entered_by", name=op.f("uq_form_pass_form_instance_entered_by")
        ),
        sa.UniqueConstraint(
            "form_instance", "pass_number", name=op.f("uq_form_pass_form_instance_pass_number")
        ),
    )
    op.create_table(
        "pass_row",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_pass", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_pass_row_audit_number")
        ),
        sa.ForeignKeyConstraint(["form_pass"], ["form_pass.id"], name=op.f("fk_pass_row_form_pass")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_row")),
        sa.UniqueConstraint("form_pass", "position", name=op.f("uq_pass_row_form_pass_position")),
    )
    op.create_table(
        "pass_value",
        sa.Column("pass_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("raw_text", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("missing_code", sa.String(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'missing') = (missing_code IS NOT NULL)", name=op.f("ck_pass_value_missing_code")
        ),
        sa.CheckConstraint("(state = 'value') = (raw_text IS NOT NULL)", name=op.f("ck_pass_value_text")),
        sa.CheckConstraint(
            "state IN ('value', 'missing', 'blank', 'not_applicable', 'never_seen')",
            name=op.f("ck_pass_value_state"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_pass_value_audit_number")
        ),
        sa.ForeignKeyConstraint(["pass_row"], ["pass_row.id"], name=op.f("fk_pass_value_pass_row")),
        sa.PrimaryKeyConstraint("pass_row", "item", name=op.f("pk_pass_value")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "final_row",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_instance", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("pass1_row", sa.Integer(), nullable=True),
        sa.Column("pass2_row", sa.Integer(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_final_row_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["form_instance"], ["form_instance.id"], name=op.f("fk_final_row_form_instance")
        ),
        sa.ForeignKeyConstraint(["pass1_row"], ["pass_row.id"], name=op.f("fk_final_row_pass1_row")),
        sa.ForeignKeyConstraint(["pass2_row"], ["pass_row.id"], name=op.f("fk_final_row_pass2_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_final_row")),
        sa.UniqueConstraint("pass1_row", name=op.f("uq_final_row_pass1_row")),
        sa.UniqueConstraint("pass2_row", name=op.f("uq_final_row_pass2_row")),
    )
    op.create_index(op.f("ix_final_row_form_instance"), "final_row", ["form_instance"], unique=False)
    op.create_table(
        "final_value",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("final_row", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("raw_text", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("missing_code", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'missing') = (missing_code IS NOT NULL)", name=op.f("ck_final_value_missing_code")
        ),
        sa.CheckConstraint("(state = 'value') = (raw_text IS NOT NULL)", name=op.f("ck_final_value_text")),
        sa.CheckConstraint(
            "origin IN ('entered', 'agreed', 'adjudicated', 'corrected')", name=op.f("ck_final_value_origin")
        ),
        sa.CheckConstraint(
            "state IN ('value', 'missing', 'blank', 'not_applicable', 'never_seen')",
            name=op.f("ck_final_value_state"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_final_value_audit_number")
        ),
        sa.ForeignKeyConstraint(["final_row"], ["final_row.id"], name=op.f("fk_final_value_final_row")),
        sa.ForeignKeyConstraint(["supersedes"], ["final_value.id"], name=op.f("fk_final_value_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_final_value")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_final_value_supersedes")),
    )
    op.create_index(op.f("ix_final_value_final_row"), "final_value", ["final_row"], unique=False)
    op.create_index(
        "uq_final_value_first",
        "final_value",
        ["final_row", "item"],
        unique=True,
        sqlite_where=sa.text("supersedes IS NULL"),
        postgresql_where=sa.text("supersedes IS NULL"),
    )
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("final_row", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_discrepancy_audit_number")
        ),
        sa.ForeignKeyConstraint(["final_row"], ["final_row.id"], name=op.f("fk_discrepancy_final_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
        sa.UniqueConstraint("final_row", "item", name=op.f("uq_discrepancy_final_row_item")),
    )
    op.create_table(
        "adjudication",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("discrepancy", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("final_value", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(choice = 'cannot_decide') = (final_value IS NULL)", name=op.f("ck_adjudication_decided")
        ),
        sa.CheckConstraint(
            "choice IN ('first', 'second', 'new_value', 'cannot_decide')", name=op.f("ck_adjudication_choice")
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_adjudication_audit_number")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.login"], name=op.f("fk_adjudication_decided_by")),
        sa.ForeignKeyConstraint(
            ["discrepancy"], ["discrepancy.id"], name=op.f("fk_adjudication_discrepancy")
        ),
        sa.ForeignKeyConstraint(
            ["final_value"], ["final_value.id"], name=op.f("fk_adjudication_final_value")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudication")),
        sa.UniqueConstraint("final_value", name=op.f("uq_adjudication_final_value")),
    )
    op.create_index(
        "uq_adjudication_decided",
        "adjudication",
        ["discrepancy"],
        unique=True,
        sqlite_where=sa.text("final_value IS NOT NULL"),
        postgresql_where=sa.text("final_value IS NOT NULL"),
    )
    op.create_table(
        "unmatched_row",
        sa.Column("pass_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_instance", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_unmatched_row_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["form_instance"], ["form_instance.id"], name=op.f("fk_unmatched_row_form_instance")
        ),
        sa.ForeignKeyConstraint(["pass_row"], ["pass_row.id"], name=op.f("fk_unmatched_row_pass_row")),
        sa.PrimaryKeyConstraint("pass_row", name=op.f("pk_unmatched_row")),
    )
    op.create_index(op.f("ix_unmatched_row_form_instance"), "unmatched_row", ["form_instance"], unique=False)
    op.create_table(
        "row_decision",
        sa.Column("pass_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("final_row", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(decision = 'entered_in_error') = (final_row IS NULL)", name=op.f("ck_row_decision_final_row")
        ),
        sa.CheckConstraint(
            "decision IN ('paired', 'kept', 'entered_in_error')", name=op.f("ck_row_decision_decision")
        ),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_row_decision_audit_number")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.login"], name=op.f("fk_row_decision_decided_by")),
        sa.ForeignKeyConstraint(["final_row"], ["final_row.id"], name=op.f("fk_row_decision_final_row")),
        sa.ForeignKeyConstraint(
            ["pass_row"], ["unmatched_row.pass_row"], name=op.f("fk_row_decision_pass_row")
        ),
        sa.PrimaryKeyConstraint("pass_row", name=op.f("pk_row_decision")),
    )


def downgrade() -> None:
    op.drop_table("row_decision")
    op.drop_table("unmatched_row")
    op.drop_table("adjudication")
    op.drop_table("discrepancy")
    op.drop_table("final_value")
    op.drop_table("final_row")
    op.drop_table("pass_value")
    op.drop_table("pass_row")
    op.drop_table("form_pass")
    op.drop_table("form_not_done")
    op.drop_table("form_instance")
    op.drop_table("import_batch")
