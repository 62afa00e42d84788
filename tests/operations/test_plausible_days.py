"""What cannot have been is refused, what hardly can is taken and flagged: visits, consents, numbers."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.errors import OperationError, TrialkitError
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.store.reading.subjects import subjects, visits

TODAY = date(2024, 6, 1)  # of the founded study's clock


def _randomized(trial: op.Trial) -> tuple[str, date]:
    with trial.store.reading() as reader:
        state = next(one for one in subjects(reader).values() if one.allocated)
    day = day_of_randomization(trial, state)
    assert day is not None
    return state.subject_id, day


@pytest.mark.parametrize("visit", ["week_6", "month_1", "month_12"])
def test_no_visit_counted_from_randomization_is_recorded_of_somebody_only_screened(
    trial: op.Trial, visit: str
) -> None:
    number = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY).subject_id
    with pytest.raises(
        OperationError, match=f"a subject who is randomized: {visit} is counted from that day"
    ):
        op.record_visits(trial, chain.COORDINATOR, visits_done=[op.VisitDone(number, visit, TODAY)])
    done = op.record_visits(trial, chain.COORDINATOR, visits_done=[op.VisitDone(number, "baseline", TODAY)])
    assert done.flags == ()


def _correct(trial: op.Trial, visit: str, day: date) -> op.Recorded:
    number, _ = _randomized(trial)
    done = op.VisitDone(number, visit, day, "the day on the form")
    return op.record_visits(trial, chain.COORDINATOR, visits_done=[done])


def test_a_day_before_randomization_is_refused_for_what_is_counted_from_it(finished_copy: op.Trial) -> None:
    _, randomized = _randomized(finished_copy)
    with pytest.raises(OperationError, match="a day not before randomization"):
        _correct(finished_copy, "week_6", randomized - timedelta(days=1))


WINDOWS = {  # study.toml: month_12 is day 365 (335 to 425) after randomization, week_6 day 42 (35 to 56)
    "within": ("month_12", 365, ""),
    "its first day": ("month_12", 335, ""),
    "its last day": ("month_12", 425, ""),
    "a day early": ("month_12", 334, "1 day before its window"),
    "in another visit's": ("month_12", 42, "293 days before its window"),
    "late": ("week_6", 60, "4 days after its window"),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_a_visit_out_of_its_window_is_taken_and_flagged(finished_copy: op.Trial, case: str) -> None:
    visit, day, told = WINDOWS[case]
    _, randomized = _randomized(finished_copy)
    flags = _correct(finished_copy, visit, randomized + timedelta(days=day)).flags
    assert [told in flag.text for flag in flags] == ([True] if told else [])
    if case == "in another visit's":
        assert "within that of End of intervention (week 6)" in flags[0].text


def test_a_form_of_a_visit_that_cannot_have_been_is_flagged_for_good(trial: op.Trial) -> None:
    number = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY).subject_id
    entry = op.FormEntry(number, "week_6", "vas", (op.EnteredRow({"vas_mm": "40"}),))
    entered = op.enter_pass(trial, chain.FIRST, entry=entry)
    assert ["is not randomized" in flag.text for flag in entered.flags] == [True]
    listed = op.list_flags(trial, chain.MANAGER)
    assert any("is not randomized" in str(flag.text) for flag in listed)


def test_not_done_said_before_a_visits_time_is_over_is_flagged(finished_copy: op.Trial) -> None:
    number = op.enrol(
        finished_copy, chain.COORDINATOR, site="A", consent_date=finished_copy.clock.now().date()
    ).subject_id
    entry = op.NotDone(number, "month_12", "moved away")
    assert op.mark_not_done(finished_copy, chain.COORDINATOR, entries=[entry]).flags == ()  # no day is known


def test_nobody_leaves_before_the_day_of_randomization(finished_copy: op.Trial) -> None:
    number, randomized = _randomized(finished_copy)
    before, words = randomized - timedelta(days=1), "moved away"
    with pytest.raises(OperationError, match=f"a day not before randomization .{randomized}"):
        op.withdraw(finished_copy, chain.COORDINATOR, subject_id=number, date=before, reason=words)
    op.withdraw(finished_copy, chain.COORDINATOR, subject_id=number, date=randomized, reason=words)
    with pytest.raises(OperationError, match="a day not before randomization"):
        op.correct_departure(
            finished_copy, chain.MANAGER, subject_id=number, date=before, reason="the letter's date"
        )


def test_a_departure_dated_before_visits_that_took_place_is_taken_and_flagged(
    finished_copy: op.Trial,
) -> None:
    number, randomized = _randomized(finished_copy)
    with finished_copy.store.reading() as reader:
        done = [one for (who, _), one in visits(reader).items() if who == number and one.date is not None]
    later = [f"{number}/{one.visit}" for one in done if one.date and one.date > randomized]
    left = op.withdraw(
        finished_copy, chain.COORDINATOR, subject_id=number, date=randomized, reason="moved away"
    )
    assert later
    assert sorted(flag.where for flag in left.flags) == sorted(later)
    assert all(f"after the subject left ({randomized})" in flag.text for flag in left.flags)


def test_a_visit_after_a_screening_failure_is_flagged(trial: op.Trial) -> None:
    number = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY - timedelta(days=9)).subject_id
    day = TODAY - timedelta(days=5)
    op.screen_fail(trial, chain.COORDINATOR, subject_id=number, date=day, reason="too young")
    visit = op.VisitDone(number, "baseline", TODAY)
    flags = op.record_visits(trial, chain.COORDINATOR, visits_done=[visit]).flags
    assert any(f"after the subject left ({day})" in flag.text for flag in flags)


def test_days_of_outside_allocations_that_cannot_be_are_named_together(
    tmp_path: Path, definition: Path
) -> None:
    shutil.copytree(definition, tmp_path / "outside")
    path = tmp_path / "outside" / "study.toml"
    text = path.read_text("utf-8")
    start, end = text.index("[randomization]"), text.index("[blinding]")
    outside = '[randomization]\nmethod = "external"\nconcealment = "central"\nreason_external = "one list"\n'
    path.write_text(text[:start] + outside + text[end:], "utf-8")
    with chain.found_study(tmp_path / "study", path.parent) as trial:
        trial.clock.advance_to(datetime(2024, 6, 1, 3, tzinfo=UTC))
        people = [
            op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY - timedelta(days=9)).subject_id
            for _ in range(3)
        ]
        left = TODAY - timedelta(days=5)
        op.withdraw(trial, chain.COORDINATOR, subject_id=people[2], date=left, reason="moved away")
        days = [TODAY + timedelta(days=1), TODAY - timedelta(days=10), TODAY]
        with pytest.raises(OperationError) as refused:
            op.record_external_allocations(
                trial,
                chain.ADMIN,
                arms=dict.fromkeys(people, trial.study.arms[0].name),
                source="IWRS",
                reason="one list",
                dates=dict(zip(people, days, strict=True)),
            )
    for words in ("not after today", "not before consent", f"not after the subject left ({left})"):
        assert any(words in str(one) for one in (refused.value, *refused.value.also))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(1924, 1, 1), "a consent date within the last 30 years"),
        (date(26, 1, 1), "a consent date within the last 30 years"),
        (TODAY.replace(year=1993), "a consent date within the last 30 years"),
        (TODAY + timedelta(days=1), "not after today"),
    ],
)
def test_a_consent_of_another_age_is_refused(trial: op.Trial, day: date, said: str) -> None:
    with pytest.raises(OperationError, match=said):
        op.enrol(trial, chain.COORDINATOR, site="A", consent_date=day)


def test_a_consent_of_more_than_a_year_ago_is_flagged(trial: op.Trial) -> None:
    old = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY - timedelta(days=367))
    assert ["more than a year ago" in flag.text for flag in old.flags] == [True]
    assert op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY - timedelta(days=366)).flags == ()


NUMBERS = {
    "A-99999999999999999999": "at most 12 digits in a row",
    "A-1000000": "a number of this site's series up to A-999999",
    "A-999999999999": "a number of this site's series up to A-999999",
    "110101199003071234": "names a person",
    "a-0000001000000": "at most 12 digits in a row",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_none_of_a_series_is_refused(trial: op.Trial, number: str) -> None:
    with pytest.raises(OperationError, match=NUMBERS[number]):
        op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY, subject_id=number)


def test_a_consent_form_of_a_version_that_is_none_is_flagged(tmp_path: Path, definition: Path) -> None:
    shutil.copytree(definition, tmp_path / "versioned")
    path = tmp_path / "versioned" / "study.toml"
    path.write_text(path.read_text("utf-8") + '\n[consent]\nversion = "2"\nstill_valid = ["1"]\n', "utf-8")
    with chain.found_study(tmp_path / "study", path.parent) as trial:
        told = {}
        for version in ("1", "2", "3", ""):
            done = op.enrol(
                trial, chain.COORDINATOR, site="A", consent_date=date(2023, 12, 31), consent_version=version
            )
            told[version] = [flag.text for flag in done.flags]
    assert told["1"] == told["2"] == []
    assert "version '3' of the consent form is none the study asks for: 1, 2" in told["3"][0]
    assert "no version of the consent form is stated" in told[""][0]


def test_a_number_far_ahead_of_the_series_is_flagged(trial: op.Trial) -> None:
    far = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY, subject_id="A-500")
    assert [flag.text for flag in far.flags] == ["the number lies far ahead of the site's next one, A-001"]
    assert op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY, subject_id="A-101").flags == ()


def test_a_file_of_people_names_every_line_that_cannot_be(trial: op.Trial, tmp_path: Path) -> None:
    key = trial.study.record_id
    rows = ("A-001,A,1924-01-01", "A-002,A,2024-05-01", "A-99999999,A,2024-05-01", "B-001,A,2024-05-01")
    lines = (f"{key},site,consent_date", *rows)
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(TrialkitError) as caught:
        op.enrol_from_file(trial, chain.COORDINATOR, path=path)
    told = [str(error) for error in (caught.value, *caught.value.also)]
    assert [error.split(":")[1] for error in told] == ["2", "4", "5"]
    with trial.store.reading() as reader:
        assert not subjects(reader)


def test_a_file_of_people_names_every_fault_of_every_line_in_one_run(trial: op.Trial, tmp_path: Path) -> None:
    """Sixty lines, each with two faults of other kinds; a number that somebody has among them."""
    there = op.enrol(trial, chain.COORDINATOR, site="A", consent_date=TODAY).subject_id
    key = trial.study.record_id
    future = (TODAY + timedelta(days=3)).isoformat()
    kinds = (("Z", future, "A-100"), ("A", "2024-13-01", there), ("A", future, "no number!"))
    rows = [",".join(kinds[n % 3]) for n in range(60)]
    rows = [row.replace("A-100", f"A-{100 + n}") for n, row in enumerate(rows)]
    path = tmp_path / "people.csv"
    path.write_text("\n".join((f"site,consent_date,{key}", *rows, f"A,{TODAY},{there}")) + "\n", "utf-8")
    with pytest.raises(TrialkitError) as caught:
        op.enrol_from_file(trial, chain.COORDINATOR, path=path)
    told = [str(error) for error in (caught.value, *caught.value.also)]
    of_line = [[said for said in told if f"people.csv:{line}:" in said] for line in range(2, 62)]
    assert all(len(found) >= 2 for found in of_line)
    assert any("people.csv:62:" in said and "a subject number nobody has" in said for said in told)
    with trial.store.reading() as reader:
        assert set(subjects(reader)) == {there}


def test_a_file_of_people_says_what_is_odd_by_line(trial: op.Trial, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("site,consent_date\nA,2023-01-01\nA,2024-05-30\n", encoding="utf-8")
    many = op.enrol_from_file(trial, chain.COORDINATOR, path=path)
    assert [flag.where.rpartition(":")[2] for flag in many.flags] == ["2"]
