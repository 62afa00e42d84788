"""What soft checks warned of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from trialkit.store import models as m
from trialkit.store.direct import standing
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import FormKey

_KEPT, _KEPT_FORM = aliased(m.FormPass), aliased(m.FormInstance)

_BEFORE_VOID = standing(
    select(_KEPT.id, m.FormPass.id, m.FormPass.audit_number)
    .join(_KEPT_FORM, _KEPT_FORM.id == _KEPT.form_instance)
    .join(m.FormVoid, m.FormVoid.audit_number == _KEPT.audit_number)
    .join(
        m.FormInstance,
        and_(
            m.FormInstance.id == m.FormVoid.form_instance,
            m.FormInstance.subject_id == _KEPT_FORM.subject_id,
            m.FormInstance.visit == _KEPT_FORM.visit,
            m.FormInstance.form == _KEPT_FORM.form,
        ),
    )
    .join(
        m.FormPass,
        and_(m.FormPass.form_instance == m.FormInstance.id, m.FormPass.pass_number == _KEPT.pass_number),
    )
)  # a pass that a void kept, and the one that it was before

_AS_TYPED = standing(
    select(
        m.PassRow.id, m.FormPass.id, m.FormPass.audit_number, m.EntryFlag.audit_number,
        m.EntryFlag.item, m.EntryFlag.said,
    )
    .join(m.FormPass, m.FormPass.id == m.PassRow.form_pass)
    .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
    .join(
        m.EntryFlag,
        and_(
            m.EntryFlag.subject_id == m.FormInstance.subject_id,
            m.EntryFlag.visit == m.FormInstance.visit,
            m.EntryFlag.form == m.FormInstance.form,
            m.EntryFlag.row_key == func.trim(m.PassRow.row_key),
        ),
    )
    .where(m.EntryFlag.stage == "entered", m.EntryFlag.check_name == bindparam("check"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FlagState:
    """One warning, with the account and time of the act it was given at; ``void``: of an entry void since."""

    id: int
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    stage: str
    check: str
    said: str
    account: str
    at: datetime
    void: bool


def flags(reader: Reader, subject_ids: Collection[str] | None = None) -> list[FlagState]:
    """Warnings in the order in which they were given."""
    f, record = m.EntryFlag, m.AuditTransaction
    query = select(
        f.id, f.subject_id, f.visit, f.form, f.row_key, f.item, f.stage, f.check_name, f.said,
        record.account, record.at, f.audit_number,
    ).join(record, record.number == f.audit_number)  # fmt: skip
    found = [tuple(row) for row in rows_for(reader, query, f.subject_id, subject_ids)]
    is_void = _voided(reader, subject_ids) if found else _Voided({}, frozenset())
    return sorted((_flag(row, is_void) for row in found), key=lambda flag: flag.id)


def texts_as_written(reader: Reader, pass_rows: Collection[int], check: str) -> dict[tuple[int, str], str]:
    """(line of a pass, item) -> what ``check`` was warned of when that pass was entered."""
    found = [tuple(row) for row in rows_for(reader, _AS_TYPED, m.PassRow.id, pass_rows, check=check)]
    typed_at = _typed_at(reader, {number: at for _, number, at, _, _, _ in found})
    return {(line, item): text for line, number, _, at, item, text in found if at == typed_at[number]}


def _typed_at(reader: Reader, passes: Mapping[int, int]) -> dict[int, int]:
    """Pass -> the record it was typed at, from the record that it stands under.

    A pass that outlived a void was written again under the void's record, perhaps more than once; what was
    warned of at it stays where it was typed.
    """
    if not passes:
        return {}
    earlier = {number: (first, at) for number, first, at in rows_for(reader, _BEFORE_VOID, _KEPT.id, passes)}
    older = _typed_at(reader, dict(earlier.values()))
    return {number: older[earlier[number][0]] if number in earlier else at for number, at in passes.items()}


class _Voided(NamedTuple):
    """The record of the last void of each form that has one, and where its kept passes were typed."""

    last: Mapping[FormKey, int]
    kept: Collection[tuple[FormKey, int]]

    def __call__(self, form: FormKey, at: int) -> bool:
        return at < self.last.get(form, 0) and (form, at) not in self.kept


def _voided(reader: Reader, subject_ids: Collection[str] | None) -> _Voided:
    form = m.FormInstance
    place = (form.subject_id, form.visit, form.form)
    voids = select(*place, m.FormVoid.audit_number).join(form, form.id == m.FormVoid.form_instance)
    last: dict[FormKey, int] = {}
    for *key, at in rows_for(reader, voids, form.subject_id, subject_ids):
        last[key[0], key[1], key[2]] = max(at, last.get((key[0], key[1], key[2]), 0))
    made = m.FormPass
    standing = select(*place, made.id, made.audit_number).join(form, form.id == made.form_instance)
    rewritten = {
        number: ((subject_id, visit, name), at)
        for subject_id, visit, name, number, at in rows_for(
            reader, standing, form.subject_id, {key[0] for key in last}
        )
        if last.get((subject_id, visit, name)) == at
    }
    typed_at = _typed_at(reader, {number: at for number, (_, at) in rewritten.items()})
    return _Voided(last, {(rewritten[number][0], at) for number, at in typed_at.items()})


def _flag(row: tuple[Any, ...], is_void: _Voided) -> FlagState:
    number, subject_id, visit, form, line, item, stage, check, text, account, at, record = row
    place = (number, subject_id, visit, form, line, item)
    void = is_void((subject_id, visit, form), record)
    return FlagState(*place, stage, check, text, account, datetime.fromisoformat(at), void)
