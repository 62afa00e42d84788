"""Queries, verification, signatures and freezing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, Role, person
from test_randomize import STRATUM, TODAY, screened

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, QueryStatus, ReasonCode
from trialkit.entry.errors import EntryError
from trialkit.errors import LockRefusedError, OperationError, TrialkitError
from trialkit.operations.form_marks import tells_of_hidden
from trialkit.operations.sight import Sight
from trialkit.operations.verifying import forms_to_verify
from trialkit.snapshot import read_snapshot
from trialkit.store.errors import StoreError

MONITOR = person("moni", Role.MONITOR)
PLACE = {"visit": "baseline", "form": "vas"}


def randomized(trial: op.Trial) -> str:
    subject_id = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    return subject_id


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    return screened(trial)


def _type(trial: op.Trial, subject_id: str, *values: str) -> None:
    for who, value in zip((FIRST, SECOND), values, strict=False):
        row = op.EnteredRow({"vas_mm": value})
        op.enter_pass(trial, who, entry=op.FormEntry(subject_id, "baseline", "vas", (row,)))


def _ask(trial: op.Trial, subject_id: str, **more: str) -> int:
    asked = {**PLACE, "item": "vas_mm", "text": "Is this 55?", **more}
    return op.open_query(trial, MANAGER, subject_id=subject_id, **asked).number


def _correct(trial: op.Trial, subject_id: str, value: str, query: int | None = None) -> Any:
    place = {**PLACE, "subject_id": subject_id, "item": "vas_mm"}
    return op.correct(
        trial, COORDINATOR, **place, value=value, reason="Misread", query=query, second_person=INVESTIGATOR
    )


def _states(trial: op.Trial, subject_id: str) -> list[tuple[str, bool]]:
    return [(mark.kind, mark.void) for mark in op.form_marks(trial, MANAGER, subject_ids=[subject_id])]


def test_a_query_lives_as_the_table_says_and_keeps_its_thread(trial: op.Trial, subject_id: str) -> None:
    number = _ask(trial, subject_id)
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(clock.now() + timedelta(days=9))
    (listed,) = op.list_queries(trial, COORDINATOR)
    assert (listed.number, listed.owner, listed.age_days, listed.site) == (number, "site", 9, "A")
    with pytest.raises(AccessError):
        op.close_query(trial, COORDINATOR, number=number)
    with pytest.raises(TrialkitError, match="open"):
        op.reopen_query(trial, MANAGER, number=number, text="once more")
    op.answer_query(trial, COORDINATOR, number=number, text="It is 56.")
    assert op.list_queries(trial, MONITOR)[0].owner == "data management"
    op.reopen_query(trial, MONITOR, number=number, text="On which page?")
    op.answer_query(trial, COORDINATOR, number=number, text="Page 2.")
    op.close_query(trial, MONITOR, number=number)
    assert op.list_queries(trial, MANAGER) == []
    (closed,) = op.list_queries(trial, MANAGER, status=[QueryStatus.CLOSED])
    steps = ("open", "answered", "reopened", "answered", "closed")
    assert [status in line for status, line in zip(steps, closed.thread, strict=True)] == [True] * 5
    with pytest.raises(TrialkitError, match="Reopen"):
        op.answer_query(trial, COORDINATOR, number=number, text="It is 57.")
    assert op.list_queries(trial, MANAGER, older_than_days=10) == []
    assert op.verify_audit(trial).whole


@pytest.mark.parametrize(
    ("more", "said"),
    [({"form": "vass"}, "a form of the study"), ({"item": "odi_pain"}, "an item of form vas"),
     ({"visit": "week_66"}, "a visit of form vas"), ({"text": "  "}, "a text"),
     ({"text": "In the e x e r c i s e arm?"}, "names no treatment")],
)  # fmt: skip
def test_a_query_is_about_a_field_of_the_study(
    trial: op.Trial, subject_id: str, more: dict[str, str], said: str
) -> None:
    before = op.present_anchor(trial).number
    with pytest.raises((EntryError, OperationError), match=said):
        _ask(trial, subject_id, **more)
    assert op.present_anchor(trial).number == before


def test_a_correction_cites_the_query_about_its_field(trial: op.Trial, subject_id: str) -> None:
    _type(trial, subject_id, "55", "55")
    other, number = _ask(trial, subject_id, form="odi", item="odi_pain"), _ask(trial, subject_id)
    for wrong in (other, 99):
        with pytest.raises(OperationError, match="query"):
            _correct(trial, subject_id, "56", wrong)
    _correct(trial, subject_id, "56", number)
    assert op.read_trail(trial, MANAGER)[-1].facts["query"] == number
    assert op.verify_audit(trial).whole


def test_a_verification_and_a_signature_are_void_after_a_change(trial: op.Trial, subject_id: str) -> None:
    place = {**PLACE, "subject_id": subject_id}
    with pytest.raises(OperationError, match="that was entered"):
        op.verify_source(trial, MONITOR, **place)
    _type(trial, subject_id, "55")
    with pytest.raises(LockRefusedError) as refused:
        op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    assert "awaiting_second_entry" in refused.value.obstacles[0]
    row = op.EnteredRow({"vas_mm": "55"})
    op.enter_pass(trial, SECOND, entry=op.FormEntry(subject_id, "baseline", "vas", (row,)))
    number = _ask(trial, subject_id)
    with pytest.raises(LockRefusedError, match="open query"):
        op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    op.close_query(trial, MANAGER, number=number)
    op.verify_source(trial, MONITOR, **place)
    signed = op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    assert _states(trial, subject_id) == [("verified", False), ("signed", False)]
    (shown,) = [mark for mark in op.form_marks(trial, MANAGER) if mark.kind == "signed"]
    assert (shown.account, shown.meaning, shown.content_sha256) == (
        INVESTIGATOR.account, "approved", signed.content_sha256,
    )  # fmt: skip
    assert shown.name
    with pytest.raises(OperationError, match="unchanged since"):
        op.verify_source(trial, MONITOR, **place)
    _correct(trial, subject_id, "56")
    assert _states(trial, subject_id) == [("verified", True), ("signed", True)]
    op.verify_source(trial, MONITOR, **place)
    assert _states(trial, subject_id)[-1] == ("verified", False)
    with pytest.raises(AccessError):
        op.verify_source(trial, MANAGER, **place)
    assert op.verify_audit(trial).problems == ()


@pytest.mark.parametrize(
    "corrected",
    [("56", "55"), ("@unknown", "55"), ("56", "57", "55")],
    ids=["back", "through a missing code", "by a detour"],
)
def test_a_mark_that_a_correction_broke_stays_void_when_the_old_value_comes_back(
    trial: op.Trial, subject_id: str, corrected: tuple[str, ...]
) -> None:
    """21 CFR 11.70: a signature is linked to the record it was made of, and nobody looked since."""
    place = {**PLACE, "subject_id": subject_id}
    _type(trial, subject_id, "55", "55")
    op.verify_values(trial, MONITOR, **place, items=["vas_mm"])
    op.verify_source(trial, MONITOR, **place)
    before = op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    for value in corrected:
        _correct(trial, subject_id, value)
    assert _states(trial, subject_id) == [("verified", True), ("signed", True)]
    assert [tick.void for tick in op.value_ticks(trial, MONITOR)] == [True]
    (listed,) = [one for one in forms_to_verify(trial, MONITOR) if one.form == "vas"]
    assert listed.verified_at is None
    again = {(task.kind, task.form) for who in (MONITOR, INVESTIGATOR) for task in op.todo(trial, who)}
    assert {("verify_again", "vas"), ("sign_again", "vas")} <= {(str(kind), form) for kind, form in again}
    after = op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    op.verify_source(trial, MONITOR, **place)
    assert after.content_sha256 == before.content_sha256
    assert [void for _, void in _states(trial, subject_id)] == [True, True, False, False]
    assert op.verify_audit(trial).problems == ()


@pytest.mark.parametrize("scope", list(op.FreezeScope))
def test_what_is_frozen_stays_until_it_is_lifted(trial: op.Trial, subject_id: str, scope: Any) -> None:
    places = {"form": f"{subject_id}/baseline/vas", "subject": subject_id, "site": "A", "study": ""}
    frozen = {"scope": scope, "place": places[scope.value], "reason": "Settled"}
    if scope is not op.FreezeScope.FORM:
        with pytest.raises(LockRefusedError) as refused:
            op.freeze(trial, MANAGER, **frozen)
        assert any("vas" in line for line in refused.value.obstacles)
        for now in op.forms_now(trial, MANAGER):
            if now.status != "complete":
                missed = op.NotDone(now.subject_id, now.visit, "Left out", now.form)
                if now.form != "vas":
                    op.mark_not_done(trial, MANAGER, entries=[missed])
    _type(trial, subject_id, "55", "55")
    op.freeze(trial, MANAGER, **frozen)
    with pytest.raises(OperationError, match="not frozen"):
        op.freeze(trial, MANAGER, **frozen)
    with pytest.raises(OperationError, match="a freeze of the"):
        _correct(trial, subject_id, "56")
    op.lift_freeze(trial, MANAGER, **frozen)
    _correct(trial, subject_id, "56")
    with pytest.raises(OperationError, match="a freeze of this"):
        op.lift_freeze(trial, MANAGER, **frozen)


def test_nothing_is_decided_or_entered_in_a_frozen_form(trial: op.Trial, subject_id: str) -> None:
    _type(trial, subject_id, "55", "56")
    place = f"{subject_id}/baseline/vas"
    with pytest.raises(LockRefusedError, match="open discrepancy"):
        op.freeze(trial, MANAGER, scope=op.FreezeScope.FORM, place=place, reason="Settled")
    verdict = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm", AdjudicationChoice.FIRST, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    op.freeze(trial, MANAGER, scope=op.FreezeScope.FORM, place=place, reason="Settled")
    other = op.FormEntry(subject_id, "baseline", "odi", (op.EnteredRow({"odi_pain": "1"}),))
    op.enter_pass(trial, FIRST, entry=other)
    with pytest.raises(OperationError, match=place):
        op.mark_not_done(trial, MANAGER, entries=[op.NotDone(subject_id, "baseline", "Lost", "vas")])


def test_what_was_warned_of_is_kept_and_read_by_few(trial: op.Trial, subject_id: str) -> None:
    _type(trial, subject_id, "150", "")
    verdict = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm", AdjudicationChoice.NEW_VALUE, ReasonCode.MISREAD, "140"
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict], second_person=INVESTIGATOR)
    _correct(trial, subject_id, "130")
    _correct(trial, subject_id, "13")
    kept = op.list_flags(trial, MONITOR, form="vas")
    assert [(flag.stage, flag.account) for flag in kept] == [
        ("entered", FIRST.account),
        ("entered", SECOND.account),
        ("adjudicated", ADJUDICATOR.account),
        ("corrected", COORDINATOR.account),
    ]
    assert {(flag.subject_id, flag.item) for flag in kept} == {(subject_id, "vas_mm")}
    assert kept[1].text == "required, and blank"
    with pytest.raises(AccessError):
        op.list_flags(trial, SECOND)
    assert op.verify_audit(trial).problems == ()


def test_a_decision_of_the_blind_review_stands_with_name_and_reason_until_the_lock(
    trial: op.Trial, tmp_path: Path
) -> None:
    subject_id, other = randomized(trial), screened(trial)
    about = {"subject_id": subject_id, "analysis_set": "per_protocol"}
    with pytest.raises(AccessError):
        op.decide_set(trial, COORDINATOR, **about, decision=op.Decision.EXCLUDE, reason="late")
    with pytest.raises(OperationError, match="a randomized subject"):
        op.decide_set(
            trial,
            MANAGER,
            subject_id=other,
            analysis_set="per_protocol",
            decision=op.Decision.KEEP,
            reason="x",
        )
    with pytest.raises(OperationError, match="the name of an analysis set"):
        op.decide_set(
            trial,
            MANAGER,
            subject_id=subject_id,
            analysis_set="per protocol",
            decision=op.Decision.KEEP,
            reason="x",
        )
    first = op.decide_set(trial, MANAGER, **about, decision=op.Decision.EXCLUDE, reason="Seen 40 days late")
    with pytest.raises(OperationError, match="another decision than the one that stands"):
        op.decide_set(trial, MANAGER, **about, decision=op.Decision.EXCLUDE, reason="again")
    last = op.decide_set(trial, MANAGER, **about, decision=op.Decision.KEEP, reason="The date was misread")
    assert last.stamp.number > first.stamp.number
    op.write_snapshot(trial, MANAGER, folder=tmp_path / "snapshot", blinded=True)
    (row,) = read_snapshot(tmp_path / "snapshot").tables["review"].to_dict("records")
    assert (row["subject_id"], row["decision"], row["reason"]) == (subject_id, "keep", "The date was misread")
    assert row["decided_by"] == MANAGER.account


def _list(path: Path, *lines: str, head: str = "subject_id,site,analysis_set,why,decision,reason") -> Path:
    path.write_text("\n".join((head, *lines, "")), "utf-8")
    return path


def test_a_filled_in_list_of_candidates_is_decided_whole(trial: op.Trial, tmp_path: Path) -> None:
    one, two, three = (randomized(trial) for _ in range(3))
    op.decide_set(
        trial, MANAGER, subject_id=two, analysis_set="full", decision=op.Decision.KEEP, reason="Looked at"
    )
    filled = _list(
        tmp_path / "candidates.csv",
        f'{one},A,per_protocol,,exclude,"Seen late, twice"',
        f"{two},A,full,,keep,Looked at",
        f"{two},A,per_protocol,,Keep,One day late",
        f"{three},A,per_protocol,,,",
    )
    done = op.decide_sets_from_file(trial, MANAGER, path=filled, known_sets=["full", "per_protocol"])
    assert (done.decided, done.standing, done.left_open) == (2, 1, 1)
    op.write_snapshot(trial, MANAGER, folder=tmp_path / "snapshot", blinded=True)
    review = read_snapshot(tmp_path / "snapshot").tables["review"]
    found = {(row.subject_id, row.analysis_set): (row.decision, row.reason) for row in review.itertuples()}
    assert found == {
        (one, "per_protocol"): ("exclude", "Seen late, twice"),
        (two, "full"): ("keep", "Looked at"),
        (two, "per_protocol"): ("keep", "One day late"),
    }
    with pytest.raises(OperationError, match="does not stand already"):
        op.decide_sets_from_file(trial, MANAGER, path=filled)
    assert op.verify_audit(trial).problems == ()


def test_of_a_list_with_lines_that_cannot_be_taken_nothing_is_decided_and_each_is_named(
    trial: op.Trial, tmp_path: Path
) -> None:
    one, other = randomized(trial), screened(trial)
    filled = _list(
        tmp_path / "candidates.csv",
        f"{one},A,full,,exclude,Seen late",
        f"{one},A,per_protocol,,exclud,Seen late",
        f"{one},A,per_protocl,,exclude,Seen late",
        f"{one},A,per_protocol,,exclude,",
        f"{one},A,full,,keep,Seen twice",
    )
    before = op.verify_audit(trial).records
    with pytest.raises(TrialkitError) as caught:
        op.decide_sets_from_file(trial, MANAGER, path=filled, known_sets=["full", "per_protocol"])
    told = [error.where.rpartition(" ")[2] for error in (caught.value, *caught.value.also)]
    assert told == ["2:subject_id", "3:decision", "4:analysis_set", "5:reason", "6:subject_id"]
    filled = _list(
        tmp_path / "candidates.csv",
        f"{one},A,full,,exclude,Seen late",
        f"{other},A,full,,exclude,Seen late",
        f"{one},A,per_protocol,,exclude,He was in the exercise group",
    )
    with pytest.raises(TrialkitError) as caught:
        op.decide_sets_from_file(trial, MANAGER, path=filled)
    assert ["line 3" in caught.value.where, *("line 4" in error.where for error in caught.value.also)] == [
        True,
        True,
    ]
    with pytest.raises(TrialkitError, match="a column 'analysis_set'"):
        op.decide_sets_from_file(trial, MANAGER, path=_list(tmp_path / "x.csv", one, head="subject_id"))
    assert op.verify_audit(trial).records == before


def test_after_the_lock_nothing_is_decided(trial: op.Trial) -> None:
    subject_id = screened(trial)
    op.screen_fail(trial, COORDINATOR, subject_id=subject_id, date=TODAY, reason="Declined")
    op.lock(trial, MANAGER, reason="Stopped early")
    with pytest.raises(StoreError, match="an unlocked study"):
        op.decide_set(
            trial,
            MANAGER,
            subject_id=subject_id,
            analysis_set="per_protocol",
            decision=op.Decision.EXCLUDE,
            reason="late",
        )


@pytest.mark.parametrize(
    ("reader_blinded", "maker_blinded", "hidden", "left_out"),
    [
        (True, False, True, True),
        (True, True, True, False),
        (True, False, False, False),
        (False, False, True, False),
    ],
)
def test_a_mark_that_binds_hidden_items_does_not_exist_for_the_blinded(
    reader_blinded: bool, maker_blinded: bool, hidden: bool, left_out: bool
) -> None:
    form = SimpleNamespace(name="stop", items=(SimpleNamespace(name="why"), SimpleNamespace(name="what")))
    visible = {"why": None} if hidden and reader_blinded else {"why": None, "what": None}
    eyes = Sight(SimpleNamespace(form_items={"stop": visible}), reader_blinded)  # type: ignore[arg-type]
    gate = SimpleNamespace(trial=SimpleNamespace(rules=SimpleNamespace(forms={"stop": form})), sight=eyes)
    mark = SimpleNamespace(blinded=maker_blinded)
    assert tells_of_hidden(gate, ("1", "week_6", "stop"), mark) is left_out  # type: ignore[arg-type]
