"""Three records a form: pass 1, pass 2, final; and what lies between them."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import NOTE, Base, Clinical

_STATES = "state IN ('value', 'missing', 'blank', 'not_applicable', 'never_seen')"
_VALUE_HAS_TEXT = "(state = 'value') = (raw_text IS NOT NULL)"
_MISSING_HAS_CODE = "(state = 'missing') = (missing_code IS NOT NULL)"


class FormInstance(Clinical):
    """A form of a subject at a visit, from the moment somebody touches it.

    At most one of a place is not void: see :class:`LiveForm`.
    """

    __tablename__ = "form_instance"
    __table_args__ = (Index(None, "subject_id", "visit", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    visit: Mapped[str]
    form: Mapped[str]
    study_version: Mapped[int] = mapped_column(ForeignKey("study_version.number"))


class FormVoid(Clinical):
    """A form that should not have been entered: kept with all that was typed, and counted nowhere."""

    __tablename__ = "form_void"

    form_instance: Mapped[int] = mapped_column(
        ForeignKey("form_instance.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str]


class LiveForm(Base):
    """The one form of a place that is not void.

    The database keeps it, as forms are made and voided: its key is what keeps two sessions from making two,
    and it says nothing that the trail does not.
    """

    __tablename__ = "live_form"

    kept_by_database: ClassVar[bool] = True

    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"), primary_key=True)
    visit: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    form_instance: Mapped[int] = mapped_column(ForeignKey("form_instance.id"), unique=True)


class FormNotDone(Clinical):
    __tablename__ = "form_not_done"

    form_instance: Mapped[int] = mapped_column(
        ForeignKey("form_instance.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str]


class FormPass(Clinical):
    """One complete, immutable pass. The second key is what keeps one account from making both."""

    __tablename__ = "form_pass"
    __table_args__ = (
        UniqueConstraint("form_instance", "pass_number"),
        UniqueConstraint("form_instance", "entered_by"),
        CheckConstraint("pass_number IN (1, 2)", name="pass_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_instance: Mapped[int] = mapped_column(ForeignKey("form_instance.id"))
    pass_number: Mapped[int]
    entered_by: Mapped[str] = mapped_column(ForeignKey("account.login"))
    imported_by: Mapped[str | None] = mapped_column(ForeignKey("account.login"))
    import_batch: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    authentication: Mapped[str]


class ImportBatch(Clinical):
    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    declared_typist: Mapped[str]


class ImportRun(Clinical):
    """A file with more values than one act takes: its forms are claimed first, and come in in parts.

    ``options``: how the file is read, so that it is read alike when somebody goes on with it.
    """

    __tablename__ = "import_run"

    import_batch: Mapped[int] = mapped_column(
        ForeignKey("import_batch.id"), primary_key=True, autoincrement=False
    )
    options: Mapped[str]
    forms: Mapped[int]


class ImportClaim(Clinical):
    """A form that an import will write: nobody else makes a pass of it or voids it until the import ends."""

    __tablename__ = "import_claim"

    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"), primary_key=True)
    visit: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    import_batch: Mapped[int] = mapped_column(
        ForeignKey("import_run.import_batch"), primary_key=True, autoincrement=False
    )


class ImportEnd(Clinical):
    """An import that is done, or whose rest somebody gave up."""

    __tablename__ = "import_end"
    __table_args__ = (CheckConstraint("outcome IN ('done', 'given_up')", name="outcome"),)

    import_batch: Mapped[int] = mapped_column(
        ForeignKey("import_run.import_batch"), primary_key=True, autoincrement=False
    )
    outcome: Mapped[str]
    reason: Mapped[str]


class ImportFile(Clinical):
    """A file that a reading was made from: it shows one person, and belongs to no other."""

    __tablename__ = "import_file"
    __table_args__ = (
        UniqueConstraint("import_batch", "kind"),
        CheckConstraint("kind IN ('image', 'water', 'segmentation')", name="kind"),
        Index(None, "file_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    import_batch: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    kind: Mapped[str]
    file_sha256: Mapped[str]


class PassRow(Clinical):
    __tablename__ = "pass_row"
    __table_args__ = (UniqueConstraint("form_pass", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_pass: Mapped[int] = mapped_column(ForeignKey("form_pass.id"))
    position: Mapped[int]
    row_key: Mapped[str]


class PassValue(Clinical):
    """One item of one row of one pass, as typed."""

    __tablename__ = "pass_value"
    __table_args__ = (
        CheckConstraint(_STATES, name="state"),
        CheckConstraint(_VALUE_HAS_TEXT, name="text"),
        CheckConstraint(_MISSING_HAS_CODE, name="missing_code"),
        {"sqlite_with_rowid": False},
    )

    pass_row: Mapped[int] = mapped_column(ForeignKey("pass_row.id"), primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(primary_key=True)
    raw_text: Mapped[str | None] = mapped_column(info=NOTE)
    state: Mapped[str]
    missing_code: Mapped[str | None]


class FinalRow(Clinical):
    """A row of the final record and the rows of the passes it was made of."""

    __tablename__ = "final_row"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_instance: Mapped[int] = mapped_column(ForeignKey("form_instance.id"), index=True)
    row_key: Mapped[str]
    pass1_row: Mapped[int | None] = mapped_column(ForeignKey("pass_row.id"), unique=True)
    pass2_row: Mapped[int | None] = mapped_column(ForeignKey("pass_row.id"), unique=True)


class FinalValue(Clinical):
    """A value of the final record; a later one supersedes it and never replaces it."""

    __tablename__ = "final_value"
    __table_args__ = (
        Index(
            "uq_final_value_first",
            "final_row",
            "item",
            unique=True,
            sqlite_where=text("supersedes IS NULL"),
            postgresql_where=text("supersedes IS NULL"),
        ),
        CheckConstraint(_STATES, name="state"),
        CheckConstraint(_VALUE_HAS_TEXT, name="text"),
        CheckConstraint(_MISSING_HAS_CODE, name="missing_code"),
        CheckConstraint("origin IN ('entered', 'agreed', 'adjudicated', 'corrected')", name="origin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    final_row: Mapped[int] = mapped_column(ForeignKey("final_row.id"), index=True)
    item: Mapped[str]
    raw_text: Mapped[str | None] = mapped_column(info=NOTE)
    state: Mapped[str]
    missing_code: Mapped[str | None]
    origin: Mapped[str]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("final_value.id"), unique=True)


class Discrepancy(Clinical):
    __tablename__ = "discrepancy"
    __table_args__ = (UniqueConstraint("final_row", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    final_row: Mapped[int] = mapped_column(ForeignKey("final_row.id"))
    item: Mapped[str]
    kind: Mapped[str]


class Adjudication(Clinical):
    """A decision. Without a final value it is "cannot decide", and the discrepancy stays open."""

    __tablename__ = "adjudication"
    __table_args__ = (
        Index(
            "uq_adjudication_decided",
            "discrepancy",
            unique=True,
            sqlite_where=text("final_value IS NOT NULL"),
            postgresql_where=text("final_value IS NOT NULL"),
        ),
        CheckConstraint("choice IN ('first', 'second', 'new_value', 'cannot_decide')", name="choice"),
        CheckConstraint("(choice = 'cannot_decide') = (final_value IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    discrepancy: Mapped[int] = mapped_column(ForeignKey("discrepancy.id"))
    choice: Mapped[str]
    reason_code: Mapped[str]
    final_value: Mapped[int | None] = mapped_column(ForeignKey("final_value.id"), unique=True)
    decided_by: Mapped[str] = mapped_column(ForeignKey("account.login"))


class UnmatchedRow(Clinical):
    """A row of one pass that found no partner in the other."""

    __tablename__ = "unmatched_row"

    pass_row: Mapped[int] = mapped_column(ForeignKey("pass_row.id"), primary_key=True, autoincrement=False)
    form_instance: Mapped[int] = mapped_column(ForeignKey("form_instance.id"), index=True)
    reason: Mapped[str]


class RowDecision(Clinical):
    """What became of an unmatched row. A paired or kept row has the final row it went into."""

    __tablename__ = "row_decision"
    __table_args__ = (
        CheckConstraint("decision IN ('paired', 'kept', 'entered_in_error')", name="decision"),
        CheckConstraint("(decision = 'entered_in_error') = (final_row IS NULL)", name="final_row"),
    )

    pass_row: Mapped[int] = mapped_column(
        ForeignKey("unmatched_row.pass_row"), primary_key=True, autoincrement=False
    )
    decision: Mapped[str]
    final_row: Mapped[int | None] = mapped_column(ForeignKey("final_row.id"))
    decided_by: Mapped[str] = mapped_column(ForeignKey("account.login"))
