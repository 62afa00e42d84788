"""Forms as they stand: passes made, what is undecided between them, and what the passes hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, tuple_, union

from trialkit.entry import PassRow, PassState, PassStatus, TypedValue
from trialkit.store import models as m
from trialkit.store.direct import rows_of
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.vocabulary import MissingCode, ValueState

_REMEMBERED = 20_000  # different texts: few are typed
_PLACES_AT_ONCE = 250  # three parameters each
_STATES = {state.value: state for state in ValueState}
_CODES = {code.value: code for code in MissingCode}

FormKey = tuple[str, str, str]
"""subject_id, visit, form."""


def not_void() -> ColumnElement[bool]:
    """The condition that a form instance counts."""
    return m.FormInstance.id.not_in(select(m.FormVoid.form_instance))


@dataclass(frozen=True, slots=True)
class BegunForm:
    """A form that somebody has touched."""

    id: int
    subject_id: str
    visit: str
    form: str
    study_version: int  # the number of the version that its first pass was entered under
    passes: tuple[PassState, ...]
    pass_ids: Mapping[int, int]  # pass number -> its row in the database
    not_done_reason: str | None

    @property
    def key(self) -> FormKey:
        return (self.subject_id, self.visit, self.form)


@dataclass(frozen=True, slots=True)
class FormState(BegunForm):
    """The same, with how many discrepancies and leftover rows nobody has decided."""

    undecided: int


@dataclass(frozen=True, slots=True)
class PassOrigin:
    """Who made a pass, and how that is known."""

    entered_by: str
    imported_by: str | None
    import_batch: int | None
    authentication: str


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of a pass with its place in the database."""

    id: int
    row: PassRow


_INSTANCES = (
    select(
        m.FormInstance.id,
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        m.FormInstance.study_version,
    )
    .where(not_void())
    .order_by(m.FormInstance.id)
)
_INSTANCES_AT = _INSTANCES.where(
    tuple_(m.FormInstance.subject_id, m.FormInstance.visit, m.FormInstance.form).in_(
        bindparam("places", expanding=True)
    )
)
_PASSES = select(
    m.FormPass.id,
    m.FormPass.form_instance,
    m.FormPass.pass_number,
    m.FormPass.entered_by,
    m.FormPass.imported_by,
)
_BEGUN = (
    select(
        m.FormInstance.id,
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        m.FormInstance.study_version,
        m.FormPass.id.label("pass_id"),
        m.FormPass.pass_number,
        m.FormPass.entered_by,
        m.FormPass.imported_by,
        m.FormNotDone.reason,
    )
    .outerjoin(m.FormPass, m.FormPass.form_instance == m.FormInstance.id)
    .outerjoin(m.FormNotDone, m.FormNotDone.form_instance == m.FormInstance.id)
    .where(not_void())
    .order_by(m.FormInstance.id, m.FormPass.pass_number)
)
_BEGUN_AT = _BEGUN.where(
    m.FormInstance.subject_id == bindparam("subject_id"),
    m.FormInstance.visit == bindparam("visit"),
    m.FormInstance.form == bindparam("form"),
)
_NOT_DONE = select(m.FormNotDone.form_instance, m.FormNotDone.reason)
_DECIDED = select(m.Adjudication.discrepancy).where(m.Adjudication.final_value.is_not(None))
_UNDECIDED_VALUES = (
    select(m.FinalRow.form_instance, func.count().label("n"))
    .join(m.Discrepancy, m.Discrepancy.final_row == m.FinalRow.id)
    .where(m.Discrepancy.id.not_in(_DECIDED))
    .group_by(m.FinalRow.form_instance)
)
_UNDECIDED_ROWS = (
    select(m.UnmatchedRow.form_instance, func.count().label("n"))
    .where(m.UnmatchedRow.pass_row.not_in(select(m.RowDecision.pass_row)))
    .group_by(m.UnmatchedRow.form_instance)
)
_UNDECIDED_PLACES = (
    select(m.FormInstance.subject_id, m.FormInstance.visit, m.FormInstance.form)
    .where(
        m.FormInstance.id.in_(
            union(
                select(_UNDECIDED_VALUES.subquery().c.form_instance),
                select(_UNDECIDED_ROWS.subquery().c.form_instance),
            )
        )
    )
    .where(not_void())
)
_STATED = (
    select(
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        select(func.count())
        .where(m.FormPass.form_instance == m.FormInstance.id)
        .scalar_subquery()
        .label("passes"),
        select(func.count())
        .where(m.FormNotDone.form_instance == m.FormInstance.id)
        .scalar_subquery()
        .label("not_done"),
    )
    .where(not_void())
    .subquery()
)
_ALIKE = select(
    _STATED.c.subject_id,
    _STATED.c.visit,
    _STATED.c.passes,
    _STATED.c.not_done,
    func.aggregate_strings(_STATED.c.form, ",").label("forms"),
).group_by(_STATED.c.subject_id, _STATED.c.visit, _STATED.c.passes, _STATED.c.not_done)
_PASS_VALUES = select(
    m.PassValue.pass_row,
    m.PassValue.item,
    m.PassValue.raw_text,
    m.PassValue.state,
    m.PassValue.missing_code,
).join(m.PassRow, m.PassRow.id == m.PassValue.pass_row)
_PASS_ROWS = select(m.PassRow.id, m.PassRow.form_pass, m.PassRow.row_key).order_by(
    m.PassRow.form_pass, m.PassRow.position
)


def forms(reader: Reader, subject_ids: Collection[str] | None = None) -> dict[FormKey, FormState]:
    """Forms that have a pass or were marked not done, by subject, visit and form."""
    instances = list(rows_for(reader, _INSTANCES, m.FormInstance.subject_id, subject_ids))
    return _forms(reader, instances, None if subject_ids is None else [row.id for row in instances])


def forms_at(reader: Reader, places: Collection[FormKey]) -> dict[FormKey, FormState]:
    """The same at these places alone."""
    wanted = sorted(set(places))
    instances: list[Any] = []
    for start in range(0, len(wanted), _PLACES_AT_ONCE):
        some = wanted[start : start + _PLACES_AT_ONCE]
        instances += reader.execute(_INSTANCES_AT, {"places": some}).all()
    return _forms(reader, instances, [row.id for row in instances])


def _forms(
    reader: Reader, instances: Collection[Row[Any]], ids: Collection[int] | None
) -> dict[FormKey, FormState]:
    passes: dict[int, list[tuple[int, PassState]]] = defaultdict(list)
    for row in rows_for(reader, _PASSES, m.FormPass.form_instance, ids):
        state = PassState(row.pass_number, row.entered_by, PassStatus.COMPLETE, row.imported_by)
        passes[row.form_instance].append((row.id, state))
    reasons = {
        row.form_instance: row.reason for row in rows_for(reader, _NOT_DONE, m.FormNotDone.form_instance, ids)
    }
    undecided = _undecided(reader, ids)
    found = {}
    for row in instances:
        made = sorted(passes[row.id], key=lambda entry: entry[1].number)
        form = FormState(
            id=row.id,
            subject_id=row.subject_id,
            visit=row.visit,
            form=row.form,
            study_version=row.study_version,
            passes=tuple(entry for _, entry in made),
            pass_ids={entry.number: place for place, entry in made},
            not_done_reason=reasons.get(row.id),
            undecided=undecided.get(row.id, 0),
        )
        found[form.key] = form
    return found


def begun_forms(reader: Reader, places: Collection[FormKey]) -> dict[FormKey, BegunForm]:
    """The forms at these places that have a pass or were marked not done."""
    if len(places) == 1:
        ((subject_id, visit, form),) = places
        place = {"subject_id": subject_id, "visit": visit, "form": form}
        rows: Iterable[Row[Any]] = rows_of(reader, _BEGUN_AT, **place)
    else:
        rows = rows_for(reader, _BEGUN, m.FormInstance.subject_id, {place[0] for place in places})
    wanted = set(places)
    found: dict[FormKey, BegunForm] = {}
    for row in rows:
        key = (row.subject_id, row.visit, row.form)
        if key not in wanted:
            continue
        before = found.get(key)
        passes, ids = (before.passes, before.pass_ids) if before else ((), {})
        if row.pass_id is not None:
            made = PassState(row.pass_number, row.entered_by, PassStatus.COMPLETE, row.imported_by)
            passes, ids = (*passes, made), {**ids, row.pass_number: row.pass_id}
        found[key] = BegunForm(row.id, *key, row.study_version, passes, ids, row.reason)
    return found


@dataclass(frozen=True, slots=True)
class FormsAlike:
    """Forms of one visit with as many passes each, ``forms`` with commas between; none of them is void."""

    subject_id: str
    visit: str
    passes: int
    not_done: bool
    forms: str


def forms_alike(reader: Reader) -> Iterator[FormsAlike]:
    """Every form that somebody touched, counted by the database."""
    for row in rows_for(reader, _ALIKE, m.FormInstance.id, None):
        yield FormsAlike(row.subject_id, row.visit, row.passes, bool(row.not_done), row.forms)


def undecided_places(reader: Reader) -> set[FormKey]:
    """Forms about which a discrepancy or a leftover row is not decided."""
    return {(row[0], row[1], row[2]) for row in reader.execute(_UNDECIDED_PLACES)}


def _undecided(reader: Reader, ids: Collection[int] | None) -> dict[int, int]:
    total: dict[int, int] = defaultdict(int)
    for row in rows_for(reader, _UNDECIDED_VALUES, m.FinalRow.form_instance, ids):
        total[row.form_instance] += row.n
    for row in rows_for(reader, _UNDECIDED_ROWS, m.UnmatchedRow.form_instance, ids):
        total[row.form_instance] += row.n
    return total


def pass_origin(reader: Reader, pass_id: int) -> PassOrigin:
    made = m.FormPass
    query = select(made.entered_by, made.imported_by, made.import_batch, made.authentication)
    return PassOrigin(*next(iter(reader.execute(query.where(made.id == pass_id)))))


def imported_before(reader: Reader, file_sha256: str, forms: Collection[str]) -> list[tuple[str, str, int]]:
    """Earlier imports of a file with these bytes into these forms: its name, its typist, the audit record."""
    batch = m.ImportBatch
    query = (
        select(batch.file_name, batch.declared_typist, batch.audit_number)
        .join(m.FormPass, m.FormPass.import_batch == batch.id)
        .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
        .where(batch.file_sha256 == file_sha256, m.FormInstance.form.in_(sorted(forms)), not_void())
        .distinct()
        .order_by(batch.audit_number)
    )
    return [(name, typist, number) for name, typist, number in reader.execute(query)]


@lru_cache(_REMEMBERED)
def typed_value(raw_text: str | None, state: str, missing_code: str | None) -> TypedValue:
    return TypedValue(raw_text, _STATES[state], _CODES[missing_code] if missing_code else None)


def pass_rows(reader: Reader, pass_ids: Collection[int]) -> dict[int, list[StoredRow]]:
    """The rows of passes, in the order in which they were entered."""
    values: dict[int, dict[str, TypedValue]] = defaultdict(dict)
    for row in rows_for(reader, _PASS_VALUES, m.PassRow.form_pass, pass_ids):
        values[row.pass_row][row.item] = typed_value(row.raw_text, row.state, row.missing_code)
    found: dict[int, list[StoredRow]] = defaultdict(list)
    for row in rows_for(reader, _PASS_ROWS, m.PassRow.form_pass, pass_ids):
        found[row.form_pass].append(StoredRow(row.id, PassRow(row.row_key, values[row.id])))
    return found
