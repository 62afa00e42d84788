"""What was compared: lines that both passes have, fields in question, and lines that one pass lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from trialkit.entry import TypedValue
from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.forms import not_void, typed_value
from trialkit.vocabulary import ValueState

_TYPED = ("raw_text", "state", "missing_code")


@dataclass(frozen=True, slots=True)
class LinesState:
    """Lines that both passes of a form have, by who typed them and when (YYYY-MM, UTC)."""

    form: str
    study_version: int
    site: str
    first_by: str
    second_by: str
    first_month: str
    second_month: str
    verified: bool
    lines: int


@dataclass(frozen=True, slots=True)
class FieldState:
    """A field that was discrepant, corrected, or both; ``final`` is None while nobody has decided."""

    final_row: int
    form: str
    item: str
    subject_id: str
    site: str
    first_by: str
    second_by: str
    first_month: str
    second_month: str
    verified: bool
    first: TypedValue
    second: TypedValue
    final: TypedValue | None
    discrepant: bool


class _Passes:
    """The joins from a final row to both of its passes."""

    def __init__(self) -> None:
        self.row_one, self.row_two = aliased(m.PassRow), aliased(m.PassRow)
        self.one, self.two = aliased(m.FormPass), aliased(m.FormPass)
        self.record_one, self.record_two = aliased(m.AuditTransaction), aliased(m.AuditTransaction)
        self.verified_one, self.verified_two = aliased(m.VerifiedPass), aliased(m.VerifiedPass)

    @property
    def who_when_and_how(self) -> tuple[Any, ...]:
        """Both typists, both months, and whether one was told where the other differs."""
        return (
            self.one.entered_by,
            self.two.entered_by,
            func.substr(self.record_one.at, 1, 7),
            func.substr(self.record_two.at, 1, 7),
            or_(self.verified_one.form_pass.is_not(None), self.verified_two.form_pass.is_not(None)),
        )

    def joined(self, query: Select[Any]) -> Select[Any]:
        """``query`` selects from ``FinalRow``."""
        return (
            query.join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
            .join(m.Subject, m.Subject.subject_id == m.FormInstance.subject_id)
            .join(self.row_one, self.row_one.id == m.FinalRow.pass1_row)
            .join(self.row_two, self.row_two.id == m.FinalRow.pass2_row)
            .join(self.one, self.one.id == self.row_one.form_pass)
            .join(self.two, self.two.id == self.row_two.form_pass)
            .join(self.record_one, self.record_one.number == self.one.audit_number)
            .join(self.record_two, self.record_two.number == self.two.audit_number)
            .outerjoin(self.verified_one, self.verified_one.form_pass == self.one.id)
            .outerjoin(self.verified_two, self.verified_two.form_pass == self.two.id)
            .where(not_void())
        )


def compared_lines(reader: Reader) -> list[LinesState]:
    """Counted in the database: as many rows come out as there are forms, sites, pairs and months."""
    passes = _Passes()
    version = m.FormInstance.study_version
    groups = (m.FormInstance.form, version, m.Subject.site, *passes.who_when_and_how)
    query = passes.joined(select(*groups, func.count()).select_from(m.FinalRow)).group_by(*groups)
    found: list[list[Any]] = [[*row[:7], bool(row[7]), row[8]] for row in map(tuple, reader.execute(query))]
    return [LinesState(*row) for row in found]


def fields_in_question(reader: Reader) -> Iterator[FieldState]:
    """Discrepancies, and final values that were corrected, of lines that both passes have."""
    yield from _fields(reader, discrepant=True)
    yield from _fields(reader, discrepant=False)


def _fields(reader: Reader, *, discrepant: bool) -> Iterator[FieldState]:
    passes = _Passes()
    one, two, later = aliased(m.PassValue), aliased(m.PassValue), aliased(m.FinalValue)
    final = m.FinalValue
    in_force = and_(final.id.is_not(None), ~exists().where(later.supersedes == final.id))
    item = m.Discrepancy.item if discrepant else final.item
    columns = [
        m.FinalRow.id, m.FormInstance.form, item, m.FormInstance.subject_id, m.Subject.site,
        *passes.who_when_and_how,
        *(getattr(value, name) for value in (one, two, final) for name in _TYPED),
    ]  # fmt: skip
    query = passes.joined(select(*columns).select_from(m.FinalRow))
    if discrepant:
        query = query.join(m.Discrepancy, m.Discrepancy.final_row == m.FinalRow.id)
        query = query.outerjoin(final, and_(final.final_row == m.FinalRow.id, final.item == item, in_force))
    else:
        found = exists().where(m.Discrepancy.final_row == m.FinalRow.id, m.Discrepancy.item == final.item)
        query = query.join(final, final.final_row == m.FinalRow.id)
        query = query.where(in_force, final.origin == "corrected", ~found)
    query = query.outerjoin(one, and_(one.pass_row == passes.row_one.id, one.item == item))
    query = query.outerjoin(two, and_(two.pass_row == passes.row_two.id, two.item == item))
    for row in reader.execute(query.order_by(m.FinalRow.id)):
        number, form, name, subject_id, site, *rest = tuple(row)
        by_one, by_two, month_one, month_two, verified, *values = rest
        decided = _typed(values[6:]) if values[7] is not None else None
        typed = (_typed(values[:3]), _typed(values[3:6]))
        who = (by_one, by_two, month_one, month_two, bool(verified))
        yield FieldState(number, form, name, subject_id, site, *who, *typed, decided, discrepant)


def _typed(cells: Sequence[Any]) -> TypedValue:
    raw_text, state, missing_code = cells
    return typed_value(raw_text, state or ValueState.NEVER_SEEN, missing_code)


def lines_of_one_pass(reader: Reader) -> list[tuple[str, str, int, int]]:
    """(form, site, pass number, lines) of double-entered forms of which the other pass is not there."""
    other = aliased(m.FormPass)
    alone = ~exists().where(
        other.form_instance == m.FormPass.form_instance, other.pass_number != m.FormPass.pass_number
    )
    single = exists().where(m.FinalRow.form_instance == m.FormInstance.id)
    query = (
        select(m.FormInstance.form, m.Subject.site, m.FormPass.pass_number, func.count())
        .select_from(m.PassRow)
        .join(m.FormPass, m.FormPass.id == m.PassRow.form_pass)
        .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
        .join(m.Subject, m.Subject.subject_id == m.FormInstance.subject_id)
        .where(not_void(), alone, ~single)
        .group_by(m.FormInstance.form, m.Subject.site, m.FormPass.pass_number)
    )
    return [(form, site, number, lines) for form, site, number, lines in reader.execute(query)]
