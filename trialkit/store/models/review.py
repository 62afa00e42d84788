"""What is said about the record: questions to a site, source verification, signatures, freezing."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import NOTE, Clinical, Recorded


class Query(Clinical):
    """A question about a field, a form as a whole (no item), or a visit (no form).

    The form need not be there yet.
    """

    __tablename__ = "query"
    __table_args__ = (Index("ix_query_subject_id", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    visit: Mapped[str]
    form: Mapped[str]
    row_key: Mapped[str]
    item: Mapped[str]


class QueryStep(Clinical):
    """One step of a query's thread; the last one says where it stands."""

    __tablename__ = "query_step"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'answered', 'closed', 'reopened')", name="status"),
        Index("ix_query_step_query", "query"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    query: Mapped[int] = mapped_column(ForeignKey("query.id"))
    status: Mapped[str]
    said: Mapped[str]
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    at: Mapped[str]


class QueryCited(Clinical):
    """The query that a corrected value is justified by."""

    __tablename__ = "query_cited"

    final_value: Mapped[int] = mapped_column(
        ForeignKey("final_value.id"), primary_key=True, autoincrement=False
    )
    query: Mapped[int] = mapped_column(ForeignKey("query.id"))


class CorrectionAnswer(Clinical):
    """What the site said of a corrected value; a later value is another row, without an answer."""

    __tablename__ = "correction_answer"
    __table_args__ = (CheckConstraint("answer IN ('endorsed', 'objected')", name="answer"),)

    final_value: Mapped[int] = mapped_column(
        ForeignKey("final_value.id"), primary_key=True, autoincrement=False
    )
    answer: Mapped[str]
    said: Mapped[str]
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    at: Mapped[str]


class QueryRaised(Clinical):
    """A check of the final record failed, and this query asks about it; ``seen_sha256`` is of what it read.

    A failure that was seen is not asked about again; the same check at the same place on other values is.
    """

    __tablename__ = "query_raised"
    __table_args__ = (Index("ix_query_raised_query", "query"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    query: Mapped[int] = mapped_column(ForeignKey("query.id"))
    check_name: Mapped[str]
    final_value: Mapped[int | None] = mapped_column(ForeignKey("final_value.id"))
    seen_sha256: Mapped[str]
    tells_arm: Mapped[bool]  # whether it read what is hidden from the blinded


class EntryFlag(Clinical):
    """What a soft check warned of when a value was entered, decided or corrected; the value was taken."""

    __tablename__ = "entry_flag"
    __table_args__ = (
        CheckConstraint("stage IN ('entered', 'adjudicated', 'corrected')", name="stage"),
        Index("ix_entry_flag_subject_id", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    visit: Mapped[str]
    form: Mapped[str]
    row_key: Mapped[str]
    item: Mapped[str]
    stage: Mapped[str]
    check_name: Mapped[str]
    said: Mapped[str] = mapped_column(info=NOTE)


class FormMark(Clinical):
    """A form held against its source, or signed: what it said then. It counts until a later value."""

    __tablename__ = "form_mark"
    __table_args__ = (
        CheckConstraint("kind IN ('verified', 'signed')", name="kind"),
        Index("ix_form_mark_form_instance", "form_instance"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_instance: Mapped[int] = mapped_column(ForeignKey("form_instance.id"))
    kind: Mapped[str]
    meaning: Mapped[str]
    content_sha256: Mapped[str]
    blinded: Mapped[bool]  # whether items that tell an arm were out of the marker's sight
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    at: Mapped[str]


class DataFreeze(Recorded):
    """Values of a form, a subject, a site or the study are not changed until it is lifted."""

    __tablename__ = "data_freeze"
    __table_args__ = (
        CheckConstraint("scope IN ('form', 'subject', 'site', 'study')", name="scope"),
        CheckConstraint("action IN ('set', 'lift')", name="action"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope: Mapped[str]
    place: Mapped[str]  # subject/visit/form, subject, site, or nothing
    action: Mapped[str]
    reason: Mapped[str]


class SetDecision(Clinical):
    """The blind data review kept a subject in an analysis set, or left it out; the last one stands."""

    __tablename__ = "set_decision"
    __table_args__ = (
        CheckConstraint("decision IN ('exclude', 'keep')", name="decision"),
        Index("ix_set_decision_subject_id", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.subject_id"))
    analysis_set: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    account: Mapped[str] = mapped_column(ForeignKey("account.login"))
    at: Mapped[str]
