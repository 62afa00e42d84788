"""The database itself refuses what is about a locked form, subject or site, whoever writes it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from chain import COORDINATOR, FIRST, MANAGER, SECOND
from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import DBAPIError

from trialkit import operations as op
from trialkit.store import models as m
from trialkit.store.models import Base
from trialkit.store.place_guards import GUARDED, WITHOUT_PLACE

OF_NO_FORM = {
    "allocation", "allocation_mistake", "consent", "departure_correction", "external_allocation",
    "set_decision", "study_activation", "subject", "subject_event", "visit_occurrence",
}  # fmt: skip
NEW_KEYS = {"subject": {"subject_id": "A-999"}, "adjudication": {"final_value": None}}
"""Else the row would be refused for another reason: one like it is there."""


def test_every_table_of_findings_is_guarded_or_is_about_no_place() -> None:
    clinical = {mapper.local_table.name for mapper in Base.registry.mappers if mapper.class_.clinical}
    assert clinical == GUARDED | WITHOUT_PLACE
    assert not GUARDED & WITHOUT_PLACE


@pytest.fixture
def known(either: op.Trial) -> dict[str, Any]:
    """Column -> the number that a new row about one subject's form would bear."""
    number = op.enrol(either, COORDINATOR, site="A", consent_date=date(2023, 12, 1)).subject_id
    for who, text in ((FIRST, "5"), (SECOND, "6")):
        op.enter_pass(
            either, who, entry=op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": text}),))
        )
    op.enter_passes(
        either, FIRST, entries=[op.FormEntry(number, "week_6", "vas", (op.EnteredRow({"vas_mm": "7"}),))]
    )
    op.open_query(either, MANAGER, subject_id=number, visit="baseline", form="vas", text="Sure?")
    op.screen_fail(either, COORDINATOR, subject_id=number, date=date(2023, 12, 5), reason="Not eligible")
    _tell_that_it_differs(either)
    with either.store.reading() as reader:
        found = {
            column: reader.scalar(select(func.min(model.__table__.c.id)))
            for column, model in (
                ("form_instance", m.FormInstance),
                ("form_pass", m.FormPass),
                ("pass_row", m.PassRow),
                ("final_row", m.FinalRow),
                ("discrepancy", m.Discrepancy),
                ("query", m.Query),
                ("challenge", m.EntryChallenge),
                ("subject_event", m.SubjectEvent),
            )
        }
    return {**found, "subject_id": number, "visit": "baseline", "form": "vas", "site": "A", "audit_number": 1}


def _tell_that_it_differs(trial: op.Trial) -> None:
    """Without the act, for this study does not verify second entries."""
    row = {
        "id": 1,
        "row_key": "",
        "item": "vas_mm",
        "account": SECOND.account,
        "typed": "6",
        "audit_number": 1,
    }
    with trial.store.writing() as connection:
        form = connection.scalar(select(func.min(m.FormInstance.id)))
        connection.execute(insert(m.EntryChallenge), {**row, "form_instance": form})


def _value(column: Any, known: dict[str, Any]) -> Any:
    if column.name in known:
        return known[column.name]
    return {int: 999_999, bool: True, bytes: b"x", str: "x"}[column.type.python_type]


def _lock(trial: op.Trial, scope: str, place: str, action: str = "set") -> None:
    """Without the act: whether the act keeps its promise is asked elsewhere."""
    with trial.store.writing() as connection:
        last = connection.scalar(select(func.max(m.PlaceLock.id))) or 0
        row = {
            "id": last + 1,
            "scope": scope,
            "place": place,
            "action": action,
            "content_sha256": "",
            "reason": "",
        }
        connection.execute(insert(m.PlaceLock), {**row, "audit_number": 1})


def _refused_as_locked(trial: op.Trial, table: Table, known: dict[str, Any]) -> bool:
    row = {column.name: _value(column, {**known, **NEW_KEYS.get(table.name, {})}) for column in table.columns}
    try:
        with trial.store.engine.connect() as connection:
            connection.execute(insert(table), row)
    except DBAPIError as error:
        return f"the place is locked: {table.name}" in str(error.orig)
    return False


@pytest.mark.parametrize("scope", ["site", "subject", "form"])
def test_no_row_about_a_locked_place_goes_in_by_any_way(
    either: op.Trial, known: dict[str, Any], scope: str
) -> None:
    with_value = {"final_value": _final_value(either)}
    places = {"site": "A", "subject": known["subject_id"], "form": f"{known['subject_id']}/baseline/vas"}
    wanted = set(GUARDED)
    if scope == "subject":
        wanted -= {"study_activation", "subject"}
    if scope == "form":
        wanted -= OF_NO_FORM
    before = _refused(either, {**known, **with_value})
    _lock(either, scope, places[scope])
    assert before == set()
    assert _refused(either, {**known, **with_value}) == wanted
    _lock(either, scope, places[scope], "lift")
    assert _refused(either, {**known, **with_value}) == set()


def _refused(trial: op.Trial, known: dict[str, Any]) -> set[str]:
    tables = Base.metadata.tables
    return {name for name in GUARDED if _refused_as_locked(trial, tables[name], known)}


def _final_value(trial: op.Trial) -> int:
    """A value of the form; made here, since the two passes disagree."""
    from chain import ADJUDICATOR

    from trialkit.entry import AdjudicationChoice, ReasonCode

    with trial.store.reading() as reader:
        subject = reader.scalar(select(func.min(m.FormInstance.subject_id)))
    verdict = op.Verdict(
        subject, "baseline", "vas", "", "vas_mm", AdjudicationChoice.FIRST, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    with trial.store.reading() as reader:
        return int(reader.scalar(select(func.max(m.FinalValue.id))))
