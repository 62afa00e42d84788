"""The audit trail by subject, form, item and person, as far as whoever reads it may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, Role, person
from test_randomize import ELIGIBLE, STRATUM, screened

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.entry.errors import EntryError

PLACE = {"visit": "baseline", "form": "vas", "item": "vas_mm"}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    """Two passes that differ, adjudicated, asked about and corrected; and another subject beside."""
    number, other = screened(trial), screened(trial)
    for one, values in ((number, ("55", "56")), (other, ("20", "20"))):
        for who, value in zip((FIRST, SECOND), values, strict=True):
            row = op.EnteredRow({"vas_mm": value})
            op.enter_pass(trial, who, entry=op.FormEntry(one, "baseline", "vas", (row,)))
    verdict = op.Verdict(
        number, "baseline", "vas", "", "vas_mm", AdjudicationChoice.SECOND, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    query = op.open_query(trial, MANAGER, subject_id=number, **PLACE, text="Is it 56?").number
    op.correct(
        trial,
        COORDINATOR,
        subject_id=number,
        **PLACE,
        value="@unknown",
        reason="Torn",
        query=query,
        second_person=INVESTIGATOR,
    )
    return number


def test_an_item_is_told_from_its_passes_to_its_corrections(trial: op.Trial, subject_id: str) -> None:
    lines = op.read_trail(trial, MANAGER, subject_id=subject_id, item="vas_mm")
    told = [
        (line.account, write.what, write.text)
        for line in lines
        for write in line.written
        if write.item == "vas_mm"
    ]
    assert told == [
        (FIRST.account, "pass_1", "55"),
        (SECOND.account, "pass_2", "56"),
        (ADJUDICATOR.account, "adjudicated", "56"),
        (ADJUDICATOR.account, "second", "misread"),
        (MANAGER.account, "open", "Is it 56?"),
        (COORDINATOR.account, "corrected", "@unknown"),
    ]
    assert {write.where for line in lines for write in line.written if write.item} == {
        f"{subject_id}/baseline/vas/vas_mm"
    }


def test_a_subject_is_told_from_consent_on(trial: op.Trial, subject_id: str) -> None:
    op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    day = datetime(2024, 6, 1, tzinfo=UTC).date()
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "baseline", day)])
    op.withdraw(trial, COORDINATOR, subject_id=subject_id, date=day, reason="Moved")
    assert isinstance(trial.clock, SimulatedClock)
    trial.clock.advance(timedelta(days=1))
    op.correct_departure(trial, MANAGER, subject_id=subject_id, reason="Wrong", date=date(2024, 6, 2))
    lines = op.read_trail(trial, MANAGER, subject_id=subject_id)
    words = [write.what for line in lines for write in line.written if not write.form]
    assert sorted(words) == ["consent", "enrolled", "left", "left", "randomized", "visit"]
    every = op.read_trail(trial, MANAGER)
    numbers = {line.number for line in lines}
    assert {line.number for line in every if (line.facts or {}).get("subject") == subject_id} <= numbers
    assert not [line for line in lines if line.operation == "add_account"]


def test_whoever_confirmed_a_form_entered_once_is_named(trial: op.Trial) -> None:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 6, 1)).subject_id
    form = next(form for form in ELIGIBLE)
    entry = op.FormEntry(number, "baseline", form, (op.EnteredRow(dict(ELIGIBLE[form])),))
    op.enter_passes(trial, COORDINATOR, entries=[entry], confirmed=True, confirmed_by=INVESTIGATOR.account)
    for reader in (MANAGER, ADJUDICATOR, COORDINATOR, INVESTIGATOR):
        (line,) = op.read_trail(trial, reader, form=form)
        assert line.confirmed_by == INVESTIGATOR.account
    (whole,) = (line for line in op.read_trail(trial, MANAGER) if line.operation == "enter_passes")
    assert (whole.confirmed_by, "confirmed_by" in (whole.facts or {})) == (INVESTIGATOR.account, False)


def test_by_person_and_by_form(trial: op.Trial, subject_id: str) -> None:
    lines = op.read_trail(trial, MANAGER, account=FIRST.account)
    assert [line.operation for line in lines] == ["enter_passes", "enter_passes"]
    (mine,) = op.read_trail(trial, MANAGER, account=FIRST.account, subject_id=subject_id)
    assert mine.number == lines[0].number
    assert len(op.read_trail(trial, MANAGER, form="vas")) == 7
    assert op.read_trail(trial, MANAGER, form="odi") == []
    assert op.read_trail(trial, MANAGER, form="odi", item="vas_mm") == []


def test_what_readers_of_few_rights_are_told(trial: op.Trial, subject_id: str) -> None:
    for actor in (FIRST, SECOND):
        with pytest.raises(AccessError):
            op.read_trail(trial, actor, subject_id=subject_id)
    assert op.read_trail(trial, FIRST), "the whole trail is open to all, without what it is about"
    for actor in (ADJUDICATOR, COORDINATOR, INVESTIGATOR):
        lines = op.read_trail(trial, actor, subject_id=subject_id, item="vas_mm")
        told = {(write.what, write.text) for line in lines for write in line.written}
        assert {("pass_1", "55"), ("pass_2", "56"), ("corrected", "@unknown")} <= told
        assert "Torn" in {line.reason for line in lines}
        assert not any(line.detailed or line.facts for line in lines), "what was written, and no more"
        assert [dict(change) for line in lines for change in line.changes if "old" in change] == [
            {"field": f"{subject_id}/baseline/vas/vas_mm", "old": "56", "new": "@unknown"}
        ]
    every = op.read_trail(trial, ADJUDICATOR)
    assert every and all(line.written == () and line.reason is None for line in every)
    op.add_account(trial, ADMIN, login="there", person_name="B", role=Role.COORDINATOR, site="B")
    with pytest.raises(EntryError):
        op.read_trail(trial, person("there", Role.COORDINATOR, "B"), subject_id=subject_id)
    for wrong in ({"subject_id": "Z-1"}, {"form": "vass"}, {"item": "vas_cm"}):
        with pytest.raises(EntryError):
            op.read_trail(trial, MANAGER, **wrong)


def test_a_site_is_told_of_a_form_entered_twice_once_both_passes_are_in(
    trial: op.Trial, subject_id: str
) -> None:
    """Who may type the other pass learns nothing of the first from its history, voided or standing."""
    op.void_pass(
        trial, MANAGER, subject_id=subject_id, visit="baseline", form="vas", pass_number=2, reason="Not 56"
    )
    for actor in (COORDINATOR, INVESTIGATOR):
        for asked in ({"item": "vas_mm"}, {"form": "vas"}, {}):
            lines = op.read_trail(trial, actor, subject_id=subject_id, **asked)
            assert "void_pass" in {line.operation for line in lines}, "that something was done is told"
            assert not [write for line in lines for write in line.written if write.form == "vas"]
            assert "Not 56" not in {line.reason for line in lines}
        assert [write for line in lines for write in line.written if write.what == "consent"]
    op.enter_pass(
        trial, SECOND, entry=op.FormEntry(subject_id, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
    )
    lines = op.read_trail(trial, COORDINATOR, subject_id=subject_id, item="vas_mm")
    assert ("pass_2", "55") in {(write.what, write.text) for line in lines for write in line.written}


def test_a_site_is_shown_what_others_wrote_to_its_data_and_nothing_of_another_site(
    trial: op.Trial, subject_id: str
) -> None:
    for site in "AB":
        op.add_account(trial, ADMIN, login=f"at-{site}", person_name=site, role=Role.INVESTIGATOR, site=site)
        op.add_account(trial, ADMIN, login=f"seen-{site}", person_name=site, role=Role.MONITOR, site=site)
    here = person("at-A", Role.INVESTIGATOR, "A")
    acts = {line.operation for line in op.read_trail(trial, here, subject_id=subject_id, item="vas_mm")}
    assert {"enter_passes", "adjudicate", "correct"} <= acts
    (asked,) = op.read_trail(trial, here, subject_id=subject_id, operation="open_query")
    assert asked.account == MANAGER.account
    assert op.read_trail(trial, here, item="vas_mm"), "by the item, of its subjects"
    for role, login in ((Role.INVESTIGATOR, "at-B"), (Role.MONITOR, "seen-B")):
        assert op.read_trail(trial, person(login, role, "B"), item="vas_mm") == []
    for line in op.read_trail(trial, person("seen-A", Role.MONITOR, "A"), subject_id=subject_id):
        assert line.facts is None, "the facts of a record may be about other sites"
