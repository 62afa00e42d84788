"""Forms as they stand: passes made, what is undecided between them, and what the passes hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

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


class BegunForm(NamedTuple):
    """A form that somebody has touched. A tuple, like all that is read by the ten thousand."""

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


class FormState(NamedTuple):
    """The same, with how many discrepancies and leftover rows nobody has decided."""

    id: int
    subject_id: str
    visit: str
    form: str
    study_version: int
    passes: tuple[PassState, ...]
    pass_ids: Mapping[int, int]
    not_done_reason: str | None
    undecided: int

    @property
    def key(self) -> FormKey:
        return (self.subject_id, self.visit, self.form)


@dataclass(frozen=True, slots=True)
class PassOrigin:
    """Who made a pass, and how that is known."""

    entered_by: str
    imported_by: str | None
    import_batch: int | None
    authentication: str


class StoredRow(NamedTuple):
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
_BEGUN_AT_A_VISIT = _BEGUN.where(m.FormInstance.visit == bindparam("visit"))
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
    reader: Reader, instances: Collection[Row[*tuple[Any, ...]]], ids: Collection[int] | None
) -> dict[FormKey, FormState]:
    passes: dict[int, list[tuple[int, PassState]]] = defaultdict(list)
    for place, instance, number, typist, importer in rows_for(reader, _PASSES, m.FormPass.form_instance, ids):
        passes[instance].append((place, _made(number, typist, importer)))
    reasons = {
        row.form_instance: row.reason for row in rows_for(reader, _NOT_DONE, m.FormNotDone.form_instance, ids)
    }
    undecided = _undecided(reader, ids)
    found = {}
    for instance, subject_id, visit, form, version in instances:
        made = sorted(passes.get(instance, ()), key=_by_number)
        found[subject_id, visit, form] = FormState(
            instance,
            subject_id,
            visit,
            form,
            version,
            tuple([entry for _, entry in made]),
            {entry.number: place for place, entry in made},
            reasons.get(instance),
            undecided.get(instance, 0),
        )
    return found


def _by_number(made: tuple[int, PassState]) -> int:
    return made[1].number


@lru_cache(_REMEMBERED)
def _made(number: int, typist: str, importer: str | None) -> PassState:
    """The few typists of a study make all of its passes."""
    return PassState(number, typist, PassStatus.COMPLETE, importer)


def begun_forms(reader: Reader, places: Collection[FormKey]) -> dict[FormKey, BegunForm]:
    """The forms at these places that have a pass or were marked not done."""
    if len(places) == 1:
        ((subject_id, visit, form),) = places
        place = {"subject_id": subject_id, "visit": visit, "form": form}
        rows: Iterable[Row[*tuple[Any, ...]]] = rows_of(reader, _BEGUN_AT, **place)
    else:
        people, visits = {place[0] for place in places}, {place[1] for place in places}
        query, at = (_BEGUN_AT_A_VISIT, {"visit": visits.pop()}) if len(visits) == 1 else (_BEGUN, {})
        rows = rows_for(reader, query, m.FormInstance.subject_id, people, **at)
    wanted = set(places)
    found: dict[FormKey, BegunForm] = {}
    for instance, subject_id, visit, form, version, pass_id, number, typist, importer, reason in rows:
        key = (subject_id, visit, form)
        if key not in wanted:
            continue
        before = found.get(key)
        passes, ids = (before.passes, before.pass_ids) if before else ((), {})
        if pass_id is not None:
            passes, ids = (*passes, _made(number, typist, importer)), {**ids, number: pass_id}
        found[key] = BegunForm(instance, *key, version, passes, ids, reason)
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
    for place, item, text, state, code in rows_for(reader, _PASS_VALUES, m.PassRow.form_pass, pass_ids):
        values[place][item] = typed_value(text, state, code)
    found: dict[int, list[StoredRow]] = defaultdict(list)
    for place, made, key in rows_for(reader, _PASS_ROWS, m.PassRow.form_pass, pass_ids):
        found[made].append(StoredRow(place, PassRow(key, values[place])))
    return found
