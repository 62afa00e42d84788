"""What was recorded wrongly is put right: void, correct, a visit's day, a departure. Nothing is deleted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, person

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.entry import AdjudicationChoice, FormStatus, ReasonCode, TypedValue
from trialkit.errors import AccessError, EntryError, OperationError, PassError
from trialkit.operations.same_files import SameFile, files_as_both_entries
from trialkit.store.reading.audit import audit_entries
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.forms import forms
from trialkit.store.reading.subjects import subjects, visits
from trialkit.vocabulary import EntryMode, ItemType, Role

TODAY = date(2024, 5, 31)


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY - timedelta(days=5)).subject_id


def vas(subject_id: str, text: str) -> op.FormEntry:
    return op.FormEntry(subject_id, "baseline", "vas", (op.EnteredRow({"vas_mm": text}),))


def finals(trial: op.Trial, form: str = "vas") -> dict[str, TypedValue]:
    with trial.store.reading() as reader:
        return {final.item: final.value for final in final_values(reader) if final.form == form}


def status_of(trial: op.Trial) -> FormStatus:
    return next(now.status for now in op.forms_now(trial, MANAGER) if now.form == "vas")


def facts(trial: op.Trial) -> str:
    with trial.store.reading() as reader:
        return list(audit_entries(reader))[-1].payload_text


def void(trial: op.Trial, subject_id: str, **more: int) -> op.PassVoided:
    return op.void_pass(
        trial, MANAGER, subject_id=subject_id, visit="baseline", form="vas", reason="Wrong subject", **more
    )


def test_a_voided_form_counts_nowhere_is_kept_and_is_entered_again_by_the_same_people(
    trial: op.Trial, subject_id: str
) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    done = void(trial, subject_id)
    assert (done.voided, done.standing) == ((1, 2), ())
    assert status_of(trial) is FormStatus.EXPECTED
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "12"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "12"))
    assert finals(trial) == {"vas_mm": TypedValue("12")}
    assert status_of(trial) is FormStatus.COMPLETE
    assert op.verify_audit(trial).whole
    with trial.store.reading() as reader:
        typed = set(reader.scalars(_raw_texts()))
    assert {"55", "65", "12"} <= typed


def _raw_texts():  # type: ignore[no-untyped-def]
    from sqlalchemy import select

    from trialkit.store.models import PassValue

    return select(PassValue.raw_text)


def test_a_voided_form_can_be_marked_not_done(trial: op.Trial, subject_id: str) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    wrong = op.NotDone(subject_id, "baseline", "never filled in", form="vas")
    with pytest.raises(EntryError, match="nothing entered"):
        op.mark_not_done(trial, MANAGER, entries=[wrong])
    void(trial, subject_id)
    op.mark_not_done(trial, MANAGER, entries=[wrong])
    assert status_of(trial) is FormStatus.NOT_DONE


@pytest.mark.parametrize(("wrong", "kept", "again"), [(1, SECOND, FIRST), (2, FIRST, SECOND)])
def test_the_other_pass_stands_and_the_voided_one_is_entered_again(
    trial: op.Trial, subject_id: str, wrong: int, kept: Actor, again: op.Actor
) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    done = void(trial, subject_id, pass_number=wrong)
    assert (done.voided, done.standing) == ((wrong,), (3 - wrong,))
    assert status_of(trial) is FormStatus.AWAITING_SECOND_ENTRY
    with pytest.raises(PassError, match="another account"):
        op.enter_pass(trial, kept, entry=vas(subject_id, "55"))
    stands = {1: "65", 2: "55"}[wrong]
    anew = op.enter_pass(trial, again, entry=vas(subject_id, stands))
    assert anew.discrepancies == 0
    assert (anew.first_passes, anew.second_passes) == {1: (1, 0), 2: (0, 1)}[wrong]
    assert finals(trial) == {"vas_mm": TypedValue(stands)}
    assert op.verify_audit(trial).whole


def test_a_decided_form_can_be_voided_and_what_was_decided_goes_with_it(
    trial: op.Trial, subject_id: str
) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    verdict = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm", AdjudicationChoice.SECOND, ReasonCode.MISREAD
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    void(trial, subject_id)
    assert finals(trial) == {}
    with trial.store.reading() as reader:
        assert forms(reader) == {}


def test_voiding_needs_a_right_a_reason_and_something_that_was_entered(
    trial: op.Trial, subject_id: str
) -> None:
    with pytest.raises(OperationError, match="a form that was entered"):
        void(trial, subject_id)
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    with pytest.raises(OperationError, match="pass 2 of this form"):
        void(trial, subject_id, pass_number=2)
    place = {"subject_id": subject_id, "visit": "baseline", "form": "vas"}
    with pytest.raises(AccessError):
        op.void_pass(trial, MANAGER, **place, reason=" ")
    with pytest.raises(AccessError):
        op.void_pass(trial, FIRST, **place, reason="Mine")


def test_an_item_that_was_left_out_is_blank_flagged_and_can_be_corrected(
    trial: op.Trial, subject_id: str
) -> None:
    items = [item.name for form in trial.study.forms if form.name == "odi" for item in form.items]
    entry = op.FormEntry(subject_id, "baseline", "odi", (op.EnteredRow({items[0]: "2"}),))
    flags = op.enter_pass(trial, FIRST, entry=entry).flags
    left_out = [flag for flag in flags if "left out" in flag.text]
    assert any(items[1] in flag.where for flag in left_out)
    assert not any(items[0] in flag.where for flag in left_out)
    op.enter_pass(trial, SECOND, entry=entry)
    place = {"subject_id": subject_id, "visit": "baseline", "form": "odi", "item": items[1]}
    assert (
        op.correct(
            trial, COORDINATOR, **place, value="3", reason="It is on paper", second_person=INVESTIGATOR
        ).old
        is None
    )
    assert finals(trial, "odi")[items[1]] == TypedValue("3")


def test_a_correction_carries_what_its_author_saw(trial: op.Trial, subject_id: str) -> None:
    for typist in (FIRST, SECOND):
        op.enter_pass(trial, typist, entry=vas(subject_id, "55"))
    place = {"subject_id": subject_id, "visit": "baseline", "form": "vas", "item": "vas_mm"}
    op.correct(
        trial, COORDINATOR, **place, value="56", reason="Misread", seen="55", second_person=INVESTIGATOR
    )
    with pytest.raises(OperationError, match="the value that you saw, '55'"):
        op.correct(
            trial, COORDINATOR, **place, value="57", reason="Misread", seen="55", second_person=INVESTIGATOR
        )
    assert finals(trial) == {"vas_mm": TypedValue("56")}


def test_a_visit_is_not_in_the_future_nor_before_consent(trial: op.Trial, subject_id: str) -> None:
    for day, says in ((TODAY + timedelta(days=40), "not after today"), (date(2023, 1, 1), "before consent")):
        with pytest.raises(OperationError, match=says):
            op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "baseline", day)])


def test_another_day_of_a_visit_needs_a_reason_and_both_days_are_in_the_trail(
    trial: op.Trial, subject_id: str
) -> None:
    days = [TODAY - timedelta(days=3), TODAY - timedelta(days=2)]
    first = op.VisitDone(subject_id, "baseline", days[0])
    op.record_visits(trial, COORDINATOR, visits_done=[first])
    op.record_visits(trial, COORDINATOR, visits_done=[first])  # the same again says nothing new
    with pytest.raises(EntryError, match="or a reason for another"):
        op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "baseline", days[1])])
    right = op.VisitDone(subject_id, "baseline", days[1], "Misread on the form")
    op.record_visits(trial, COORDINATOR, visits_done=[right])
    said = facts(trial)
    assert days[0].isoformat() in said
    assert days[1].isoformat() in said
    assert "Misread" in said
    with trial.store.reading() as reader:
        state = visits(reader)[subject_id, "baseline"]
    assert (state.date, state.revision) == (days[1], 2)


def test_a_visit_that_never_was_says_in_the_trail_which_day_stood_there(
    trial: op.Trial, subject_id: str
) -> None:
    day = TODAY - timedelta(days=3)
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "baseline", day)])
    never = op.NotDone(subject_id, "baseline", "Another subject's visit")
    op.mark_not_done(trial, COORDINATOR, entries=[never])
    said = op.read_trail(trial, MANAGER, subject_id=subject_id, last=1)[0]
    assert said.facts is not None
    assert said.facts["changes"] == [
        {"field": f"{subject_id}/baseline", "old": day.isoformat(), "new": "not done"}
    ]
    assert [write.text for write in said.written] == ["not done"]
    op.withdraw(trial, COORDINATOR, subject_id=subject_id, date=TODAY, reason="Moved away")
    op.correct_departure(trial, MANAGER, subject_id=subject_id, never_left=True, reason="Wrong number")
    last = op.read_trail(trial, MANAGER, subject_id=subject_id, last=1)[0]
    assert [write.text for write in last.written] == ["did not leave"]


@pytest.mark.parametrize("leave", [op.withdraw, op.screen_fail])
def test_nobody_leaves_before_consent_or_in_the_future(
    trial: op.Trial, subject_id: str, leave: object
) -> None:
    for day in (date(2023, 1, 1), TODAY + timedelta(days=40)):
        with pytest.raises(OperationError, match="a date not"):
            leave(trial, COORDINATOR, subject_id=subject_id, date=day, reason="Moved away")  # type: ignore[operator]


def test_a_wrong_withdrawal_is_corrected_with_old_and_new_on_record(trial: op.Trial, subject_id: str) -> None:
    op.withdraw(trial, COORDINATOR, subject_id=subject_id, date=TODAY, reason="Moved away")
    right = TODAY - timedelta(days=1)
    done = op.correct_departure(trial, MANAGER, subject_id=subject_id, date=right, reason="Read the letter")
    assert (done.old, done.new) == (f"{TODAY}, Moved away", f"{right}, Moved away")
    op.correct_departure(trial, MANAGER, subject_id=subject_id, never_left=True, reason="Wrong number")
    with trial.store.reading() as reader:
        assert subjects(reader)[subject_id].withdrawn is None
    op.withdraw(trial, COORDINATOR, subject_id=subject_id, date=TODAY, reason="Now indeed")
    with trial.store.reading() as reader:
        left = subjects(reader)[subject_id].withdrawn
    assert left is not None
    assert (left.date, left.reason) == (TODAY, "Now indeed")
    assert op.verify_audit(trial).whole


def test_correcting_a_departure_says_what_and_needs_one(trial: op.Trial, subject_id: str) -> None:
    with pytest.raises(OperationError, match="a subject who left"):
        op.correct_departure(trial, MANAGER, subject_id=subject_id, never_left=True, reason="x")
    op.withdraw(trial, COORDINATOR, subject_id=subject_id, date=TODAY, reason="Moved away")
    with pytest.raises(OperationError, match="never left"):
        op.correct_departure(trial, MANAGER, subject_id=subject_id, reason="x")
    with pytest.raises(OperationError, match="before consent"):
        op.correct_departure(trial, MANAGER, subject_id=subject_id, date=date(2020, 1, 1), reason="x")


def test_the_lock_asks_for_visit_days_and_for_what_became_of_the_screened(
    trial: op.Trial, subject_id: str
) -> None:
    against = "\n".join(op.obstacles(trial, MANAGER))
    assert f"{subject_id}: still screened" in against
    assert f"{subject_id}/baseline: visit not recorded" in against
    day = op.VisitDone(subject_id, "baseline", TODAY)
    op.record_visits(trial, COORDINATOR, visits_done=[day])
    assert f"{subject_id}/baseline: visit not" not in "\n".join(op.obstacles(trial, MANAGER))


def test_everything_wrong_with_a_file_is_named_at_once(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    lines = [f"{subject_id},x{n}" if n == 0 else f"A-{n + 500},x{n}" for n in range(60)]
    file = tmp_path / "vas.csv"
    file.write_text("\n".join(["subject_id,vas_mm", *lines]), encoding="utf-8")
    with pytest.raises(EntryError) as refusal:
        op.import_pass(trial, FIRST, path=file, form="vas", visit="baseline")
    told = [str(error) for error in (refusal.value, *refusal.value.also)]
    assert len(told) == 59 + 60
    assert any(f"{file}:2:vas_mm: expected a whole number; found 'x0'" in line for line in told)
    assert any(f"{file}:3:subject_id" in line for line in told)


def test_one_file_as_both_entries_is_told_to_who_reviews_and_to_no_typist(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "vas.csv"
    file.write_text(f"subject_id,vas_mm\n{subject_id},55\n", encoding="utf-8")
    first = op.import_pass(trial, FIRST, path=file, form="vas", visit="baseline")
    assert files_as_both_entries(trial, MANAGER) == []
    again = op.import_pass(trial, SECOND, path=file, form="vas", visit="baseline")
    assert first.notes == again.notes == (), "a typist learns nothing of the other entry"
    assert files_as_both_entries(trial, MANAGER) == [SameFile("vas.csv", "vas.csv", "first", "second", 1)]
    for typist in (FIRST, SECOND):
        with pytest.raises(AccessError):
            files_as_both_entries(trial, typist)
    void(trial, subject_id)
    assert files_as_both_entries(trial, MANAGER) == []
    assert op.import_pass(trial, FIRST, path=file, form="vas", visit="baseline").notes == ()


def test_whoever_confirms_a_form_entered_once_is_named_and_is_an_investigator(
    trial: op.Trial, subject_id: str
) -> None:
    form = next(form for form in trial.study.forms if form.entry is EntryMode.SINGLE and not form.repeating)
    item = next(item for item in form.items if item.type is not ItemType.DERIVED)
    entry = op.FormEntry(subject_id, form.visits[0], form.name, (op.EnteredRow({item.name: ""}),))
    far = person("far", Role.INVESTIGATOR, "B")
    op.add_account(trial, ADMIN, login="far", person_name="Far", role=far.role, site=far.site)
    for nobody in ("first", "far"):
        with pytest.raises(OperationError, match="login of an investigator at A"):
            op.enter_pass(trial, COORDINATOR, entry=entry, confirmed=True, confirmed_by=nobody)
    with pytest.raises(OperationError, match="coordinator acts as coordinator"):
        op.enter_pass(trial, COORDINATOR, entry=entry, confirmed=True)
    op.enter_pass(trial, COORDINATOR, entry=entry, confirmed=True, confirmed_by="investigator")
    assert '"confirmed_by":"investigator"' in facts(trial)


def test_an_investigator_confirms_what_they_enter(trial: op.Trial, subject_id: str) -> None:
    values = op.EnteredRow({"sex": "male"})
    entry = op.FormEntry(subject_id, "baseline", "demographics", (values,))
    op.enter_pass(trial, INVESTIGATOR, entry=entry, confirmed=True)
    assert '"confirmed_by":"investigator"' in facts(trial)


def test_many_are_enrolled_from_one_file_or_nobody(trial: op.Trial, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("site,consent_date\nA,2024-05-01\nA,2024-05-02\nB,2024-05-03\n", encoding="utf-8")
    assert op.enrol_from_file(trial, COORDINATOR, path=file).subject_ids == ("A-001", "A-002", "B-001")
    file.write_text("site,consent_date\nA,2024-05-01\nZ,2024-13-02\nA,1.5.2024\n", encoding="utf-8")
    with pytest.raises(EntryError) as refusal:
        op.enrol_from_file(trial, COORDINATOR, path=file)
    places = [error.where for error in (refusal.value, *refusal.value.also)]
    assert places == [f"{file}:3:site", f"{file}:3:consent_date", f"{file}:4:consent_date"]
    file.write_text("site,consent_date\nA,2024-05-01\nA,2999-01-01\n", encoding="utf-8")
    with pytest.raises(OperationError, match="not after today"):
        op.enrol_from_file(trial, COORDINATOR, path=file)
    with trial.store.reading() as reader:
        assert set(subjects(reader)) == {"A-001", "A-002", "B-001"}


def test_a_file_of_people_enrols_them_once(trial: op.Trial, tmp_path: Path) -> None:
    file, copy = tmp_path / "people.csv", tmp_path / "copy.csv"
    for path in (file, copy):
        path.write_text("site,consent_date\nA,2024-05-01\nA,2024-05-02\n", encoding="utf-8")
    number = op.enrol_from_file(trial, COORDINATOR, path=file).stamp.number
    for path in (file, copy):
        with pytest.raises(OperationError, match=f"whose people audit record {number} enrolled"):
            op.enrol_from_file(trial, COORDINATOR, path=str(path))
    file.write_text("site,consent_date\nA,2024-05-03\n", encoding="utf-8")
    assert op.enrol_from_file(trial, COORDINATOR, path=file).subject_ids == ("A-003",)


def test_a_column_of_numbers_under_another_name_is_not_to_be_removed(trial: op.Trial, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("patient,site,consent_date\nA-010,A,2024-05-01\n", encoding="utf-8")
    with pytest.raises(EntryError, match="Numbers given elsewhere stand in the column 'subject_id'"):
        op.enrol_from_file(trial, COORDINATOR, path=file)
