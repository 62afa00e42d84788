"""Entries that people really made: flagged later too, left out, and typed though they never were."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.entry import AdjudicationChoice, ReasonCode, TypedValue
from trialkit.store.reading.finals import final_values

DAY = date(2024, 1, 1)


@pytest.fixture
def case(shared: Path, tmp_path: Path, request: pytest.FixtureRequest):
    with chain.found_study(tmp_path / "study", shared / "cases" / "capture" / request.param) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=DAY, subject_id="X-001")
        yield trial


def enter(trial: op.Trial, person: Actor, **values: str) -> op.PassesEntered:
    form = trial.study.forms[0].name
    entry = op.FormEntry("X-001", "base", form, (op.EnteredRow(values),))
    return op.enter_pass(trial, person, entry=entry, confirmed=True, confirmed_by="investigator")


def finals(trial: op.Trial) -> dict[str, TypedValue]:
    with trial.store.reading() as reader:
        return {final.item: final.value for final in final_values(reader)}


@pytest.mark.parametrize("case", ["61-flags-after-entry"], indirect=True)
def test_what_is_out_of_range_is_flagged_on_correct_and_adjudicate_as_at_entry(case: op.Trial) -> None:
    place = {"subject_id": "X-001", "visit": "base", "form": "f"}
    enter(case, chain.FIRST, w="70", c="1", crit="1")
    enter(case, chain.SECOND, w="71", c="1", crit="1")
    third = op.Verdict(
        **place,
        row="",
        item="w",
        choice=AdjudicationChoice.NEW_VALUE,
        reason=ReasonCode.MISREAD,
        new_value="700",
    )
    (flag,) = op.adjudicate(case, chain.ADJUDICATOR, verdicts=[third]).flags
    assert str(flag) == "X-001/base/f/w: above 150"
    (flag,) = op.correct(case, chain.COORDINATOR, **place, item="w", value="7", reason="Misread").flags
    assert str(flag) == "X-001/base/f/w: below 40"
    (flag,) = op.correct(case, chain.COORDINATOR, **place, item="w", value="", reason="Not on paper").flags
    assert "required" in flag.text


@pytest.mark.parametrize("case", ["63-enter-omits-items"], indirect=True)
def test_items_that_were_not_given_are_flagged_at_entry(case: op.Trial) -> None:
    flags = enter(case, chain.FIRST, w="70").flags
    assert {flag.where.rsplit("/", 1)[1] for flag in flags} == {"c", "n"}


@pytest.mark.parametrize("case", ["64-single-form-item-left-out"], indirect=True)
def test_an_item_left_out_of_a_form_entered_once_can_still_be_given(case: op.Trial) -> None:
    enter(case, chain.COORDINATOR, w="70")
    op.correct(
        case,
        chain.COORDINATOR,
        subject_id="X-001",
        visit="base",
        form="f",
        item="n",
        value="late",
        reason="On paper",
    )
    assert finals(case)["n"] == TypedValue("late")


@pytest.mark.parametrize("case", ["65-form-typed-that-does-not-exist"], indirect=True)
def test_a_form_that_never_was_is_voided_and_marked_not_done_and_the_lock_is_set(case: op.Trial) -> None:
    form = case.study.forms[0].name
    for person in (chain.FIRST, chain.SECOND)[: 2 if case.study.forms[0].entry == "double" else 1]:
        enter(case, person, w="70")
    op.void_pass(case, chain.MANAGER, subject_id="X-001", visit="base", form=form, reason="No such paper")
    gone = op.NotDone("X-001", "base", "The form was never filled in", form=form)
    op.mark_not_done(case, chain.MANAGER, entries=[gone])
    op.record_visits(case, chain.COORDINATOR, visits_done=[op.VisitDone("X-001", "base", DAY)])
    op.screen_fail(case, chain.COORDINATOR, subject_id="X-001", date=DAY, reason="Declined")
    assert op.obstacles(case, chain.MANAGER) == ()
    assert op.lock(case, chain.MANAGER, reason="Clean").content_sha256
