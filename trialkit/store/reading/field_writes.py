"""Which fields each audit record wrote to, and what it wrote there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, case, func, literal, select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.models import Base
from trialkit.store.reading.redactions import REDACTED

HIDDEN = "(hidden)"
"""No form has this name."""

_NONE = literal("")
_PLACE = ("subject_id", "visit", "form", "row", "item")
_BY_BOTH_PASSES = ("agreed", "entered")  # written with the pass that made it: the pass says so


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """A record wrote to this place. ``form``, ``row`` and ``item`` are empty where it is about more.

    ``what`` says what was written in one word, ``text`` what it said, where it said something.
    """

    number: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    what: str
    text: str

    @property
    def where(self) -> str:
        parts = (self.subject_id, self.visit, self.form, self.row, self.item)
        return "/".join(part for part in parts if part)


def fields_written(reader: Reader) -> dict[int, set[tuple[str, str]]]:
    """Number of a record -> the (form, item) pairs it wrote to; the item is empty for a form as a whole.

    Records that wrote to no form are not among them. What a check that tells an arm asked is of the form
    ``HIDDEN``, wherever it was asked, and so is who received another treatment. A redaction wrote to what the
    records wrote to that it changed.
    """
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for hidden in (_of_telling_queries(), *_OF_WRONG_TREATMENTS):
        for number in reader.scalars(hidden):
            found[number].add((HIDDEN, ""))
    for query in _about_forms(to_blinded=True):
        columns = query.selected_columns
        pairs = query.with_only_columns(columns.number, columns.form, columns.item)
        for number, form, item in reader.execute(pairs.distinct()):
            found[number].add((form, item))
    for about in _OF_FORMS_AS_A_WHOLE:
        for number, place in reader.execute(about):
            found[number].add((place.rpartition("/")[2], ""))
    changed: dict[int, set[int]] = defaultdict(set)
    for record, number in reader.execute(REDACTED):
        changed[number].add(record)
    for number, records in changed.items():
        if records <= found.keys():
            found[number] = set().union(*(found[record] for record in records))
    return found


def writes_about(
    reader: Reader,
    *,
    subject_id: str | None = None,
    form: str | None = None,
    item: str | None = None,
    to_blinded: bool = False,
) -> Iterator[FieldWrite]:
    """What was written about a subject, a form, or an item; with an item, what each pass typed there.

    A subject alone: consent, visits, departure and allocation too, in which no arm stands. To the blinded
    nothing that a check asked which tells an arm; forms and items that do are left to the caller.
    """
    queries = [*_about_forms(to_blinded=to_blinded), *(_values_of(item) if item else ())]
    for query in queries:
        columns = query.selected_columns
        if subject_id is not None:
            query = query.where(columns.subject_id == subject_id)
        if form is not None:
            query = query.where(columns.form == form)
        yield from (FieldWrite(*map(_text, row)) for row in reader.execute(query))
    if subject_id is not None and form is None and item is None:
        for query in _about_subject(subject_id):
            yield from (FieldWrite(*map(_text, row)) for row in reader.execute(query))


def _text(value: Any) -> Any:
    return "" if value is None else value


def _about_forms(*, to_blinded: bool) -> tuple[Select[Any], ...]:
    instance, final, challenge = m.FormInstance, m.FinalRow, m.EntryChallenge
    of_final = _place(m.FinalValue, item=m.FinalValue.item, row=final.row_key)
    of_discrepancy = _place(m.Adjudication, item=m.Discrepancy.item, row=final.row_key)
    return (
        *(
            select(*_place(model), literal(what), text)
            .select_from(model)
            .join(instance, instance.id == model.form_instance)
            for model, what, text in (
                (m.FormPass, "pass", m.FormPass.entered_by),
                (m.FormVoid, "void", m.FormVoid.reason),
                (m.FormNotDone, "not_done", m.FormNotDone.reason),
                (m.FormMark, "mark", m.FormMark.kind),
            )
        ),
        select(*of_final, m.FinalValue.origin, _shown(m.FinalValue))
        .select_from(m.FinalValue)
        .join(final, final.id == m.FinalValue.final_row)
        .join(instance, instance.id == final.form_instance)
        .where(m.FinalValue.origin.not_in(_BY_BOTH_PASSES)),
        select(*of_discrepancy, m.Adjudication.choice, m.Adjudication.reason_code)
        .select_from(m.Adjudication)
        .join(m.Discrepancy, m.Discrepancy.id == m.Adjudication.discrepancy)
        .join(final, final.id == m.Discrepancy.final_row)
        .join(instance, instance.id == final.form_instance),
        select(
            *_place(m.SourceTick, item=m.FinalValue.item, row=final.row_key),
            literal("tick"),
            m.SourceTick.account,
        )
        .select_from(m.SourceTick)
        .join(m.FinalValue, m.FinalValue.id == m.SourceTick.final_value)
        .join(final, final.id == m.FinalValue.final_row)
        .join(instance, instance.id == final.form_instance),
        select(
            *_place(m.CorrectionAnswer, item=m.FinalValue.item, row=final.row_key),
            m.CorrectionAnswer.answer,
            m.CorrectionAnswer.said,
        )
        .select_from(m.CorrectionAnswer)
        .join(m.FinalValue, m.FinalValue.id == m.CorrectionAnswer.final_value)
        .join(final, final.id == m.FinalValue.final_row)
        .join(instance, instance.id == final.form_instance),
        select(
            *_place(challenge, item=challenge.item, row=challenge.row_key),
            literal("told_differs"),
            challenge.typed,
        )
        .select_from(challenge)
        .join(instance, instance.id == challenge.form_instance),
        _of_queries(to_blinded=to_blinded),
        select(*_place(m.RowDecision, row=m.PassRow.row_key), literal("line"), m.RowDecision.decision)
        .select_from(m.RowDecision)
        .join(m.PassRow, m.PassRow.id == m.RowDecision.pass_row)
        .join(m.FormPass, m.FormPass.id == m.PassRow.form_pass)
        .join(instance, instance.id == m.FormPass.form_instance),
    )


def _of_queries(*, to_blinded: bool) -> Select[Any]:
    query, step = m.Query, m.QueryStep
    place = (query.subject_id, query.visit, query.form, query.row_key, query.item)
    columns = [column.label(name) for column, name in zip(place, _PLACE, strict=True)]
    steps: Any = select(step.audit_number.label("number"), *columns, step.status, step.said)
    steps = steps.select_from(step).join(query, query.id == step.query)
    if to_blinded:
        steps = steps.where(query.id.not_in(_telling()))
    return cast(Select[Any], steps)


_OF_WRONG_TREATMENTS = (
    select(m.AllocationMistake.audit_number).where(m.AllocationMistake.kind == "wrong_treatment"),
    select(m.ReceivedAgain.audit_number),
)
_OF_FORMS_AS_A_WHOLE: tuple[Select[int, str], ...] = (
    select(m.DataFreeze.audit_number, m.DataFreeze.place).where(m.DataFreeze.scope == "form"),
    select(m.PlaceLock.audit_number, m.PlaceLock.place).where(m.PlaceLock.scope == "form"),
    select(m.ImportClaim.audit_number, m.ImportClaim.form).distinct(),
    select(m.ImportEnd.audit_number, m.ImportClaim.form)
    .join(m.ImportClaim, m.ImportClaim.import_batch == m.ImportEnd.import_batch)
    .distinct(),
)
"""Record and form, or the place that ends in it."""


def _telling() -> Select[int]:
    return select(m.QueryRaised.query).where(m.QueryRaised.tells_arm)


def _of_telling_queries() -> Select[int]:
    return select(m.QueryStep.audit_number).where(m.QueryStep.query.in_(_telling())).distinct()


def _place(model: type[Base], *, item: Any = _NONE, row: Any = _NONE) -> list[Any]:
    instance = m.FormInstance
    return [
        model.__table__.c.audit_number.label("number"),
        instance.subject_id.label("subject_id"),
        instance.visit.label("visit"),
        instance.form.label("form"),
        row.label("row"),
        item.label("item"),
    ]


def _shown(value: type[m.PassValue] | type[m.FinalValue]) -> Any:
    """The text typed, or a missing code as it is typed: ``@unknown``."""
    return func.coalesce(value.raw_text, literal("@") + value.missing_code)


def _values_of(item: str) -> Iterator[Select[Any]]:
    """One item as each pass typed it, and as both passes made it final."""
    instance, value, row = m.FormInstance, m.PassValue, m.PassRow
    for number in (1, 2):
        yield (
            select(*_place(m.FormPass, item=value.item, row=row.row_key), literal(f"pass_{number}"),
                   _shown(value))
            .select_from(value)
            .join(row, row.id == value.pass_row)
            .join(m.FormPass, m.FormPass.id == row.form_pass)
            .join(instance, instance.id == m.FormPass.form_instance)
            .where(value.item == item, m.FormPass.pass_number == number)
        )  # fmt: skip
    final = m.FinalRow
    yield (
        select(*_place(m.FinalValue, item=m.FinalValue.item, row=final.row_key), m.FinalValue.origin,
               _shown(m.FinalValue))
        .select_from(m.FinalValue)
        .join(final, final.id == m.FinalValue.final_row)
        .join(instance, instance.id == final.form_instance)
        .where(m.FinalValue.item == item, m.FinalValue.origin.in_(_BY_BOTH_PASSES))
    )  # fmt: skip


def _about_subject(subject_id: str) -> Iterator[Select[Any]]:
    """What was recorded of a subject outside its forms."""
    visit, left = m.VisitOccurrence, m.SubjectEvent
    for model, what, text, at in (
        (m.Subject, "enrolled", m.Subject.site, _NONE),
        (m.Consent, "consent", m.Consent.signed_date, _NONE),
        (m.Allocation, "randomized", _NONE, _NONE),
        (m.ExternalAllocation, "randomized", _NONE, _NONE),
        (left, "left", left.date, _NONE),
        (visit, "visit", case((visit.status == "not_done", "not done"), else_=visit.date), visit.visit),
    ):
        table = model.__table__
        yield select(
            table.c.audit_number, table.c.subject_id, at, _NONE, _NONE, _NONE, literal(what), text
        ).where(table.c.subject_id == subject_id)
    put_right = m.DepartureCorrection
    corrected: Any = (
        select(put_right.audit_number, left.subject_id, _NONE, _NONE, _NONE, _NONE, literal("left"),
               func.coalesce(put_right.date, "did not leave"))
        .select_from(put_right)
        .join(left, left.id == put_right.subject_event)
        .where(left.subject_id == subject_id)
    )  # fmt: skip
    yield corrected
