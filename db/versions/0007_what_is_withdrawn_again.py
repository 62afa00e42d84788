"""Forms entered that should not have been, and departures recorded wrongly: both kept, neither counted.

A form may be entered again after it was voided, so subject, visit and form no longer name one instance
alone; at most one that is not void is held by the lock on the subject. SQLite cannot drop the constraint, so
the table is made anew: rows keep every column and value, and with them their digests.

Revision: 0007
Previous: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNIQUE = "uq_form_instance_subject_id_visit_form"
_PLACE = ["subject_id", "visit", "form"]


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _made_anew()
    else:
        op.drop_constraint(_UNIQUE, "form_instance", type_="unique")
    op.create_index(op.f("ix_form_instance_subject_id_visit_form"), "form_instance", _PLACE)
    op.create_table(
        "form_void",
        sa.Column("form_instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_form_void_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["form_instance"], ["form_instance.id"], name=op.f("fk_form_void_form_instance")
        ),
        sa.PrimaryKeyConstraint("form_instance", name=op.f("pk_form_void")),
    )
    op.create_table(
        "departure_correction",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_event", sa.Integer(), nullable=False),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("(date IS NULL) = (reason IS NULL)", name=op.f("ck_departure_correction_whole")),
        sa.ForeignKeyConstraint(
            ["audit_number"], ["audit_transaction.number"], name=op.f("fk_departure_correction_audit_number")
        ),
        sa.ForeignKeyConstraint(
            ["subject_event"], ["subject_event.id"], name=op.f("fk_departure_correction_subject_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure_correction")),
    )


def _made_anew() -> None:
    """References to the table are held against it when the transaction ends, and find every row again."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE form_instance_before AS SELECT * FROM form_instance")
    op.drop_table("form_instance")
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
    )
    columns = "id, subject_id, visit, form, study_version, audit_number"
    op.execute(
        f"INSERT INTO form_instance ({columns}) SELECT {columns} FROM form_instance_before ORDER BY id"
    )
    op.execute("DROP TABLE form_instance_before")


def downgrade() -> None:
    op.drop_table("departure_correction")
    op.drop_table("form_void")
    op.drop_index(op.f("ix_form_instance_subject_id_visit_form"), table_name="form_instance")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("form_instance") as batch:  # only an empty database goes back
            batch.create_unique_constraint(_UNIQUE, _PLACE)
    else:
        op.create_unique_constraint(_UNIQUE, "form_instance", _PLACE)
