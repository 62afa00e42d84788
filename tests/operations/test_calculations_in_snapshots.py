"""What study check passes, entry can take and a snapshot computes: moments, times, lines, bad texts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.entry.checking import EnteredRow, FormEntry
from trialkit.entry.errors import EntryError


def entered(shared: Path, tmp_path: Path, case: str, *rows: dict[str, str], visit: str = "base"):
    """The values of a snapshot after both passes typed the same rows."""
    with chain.found_study(tmp_path / "study", shared / "cases" / "capture" / case) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        form = trial.study.forms[0].name
        entry = FormEntry("X-001", visit, form, tuple(EnteredRow(row) for row in rows))
        for person in (chain.FIRST, chain.SECOND):
            op.enter_pass(trial, person, entry=entry)
        op.write_snapshot(trial, chain.MANAGER, folder=tmp_path / "snapshot", blinded=True)
    with next((tmp_path / "snapshot").rglob("values.csv")).open(encoding="utf-8", newline="") as handle:
        return {(row["row"], row["item"]): (row["value"], row["state"]) for row in csv.DictReader(handle)}


@pytest.mark.parametrize(
    ("until", "state"), [("2025-01-01 15:00", "value"), ("2025-01-01 10:00", "not_applicable")]
)
def test_branching_on_hours_between_two_moments(shared: Path, tmp_path: Path, until: str, state: str) -> None:
    why = "late" if state == "value" else ""
    row = {"t1": "2025-01-01 08:00", "t2": until, "why": why}
    assert entered(shared, tmp_path, "11a-datediff-datetime-branching", row)["", "why"] == (why, state)


def test_hours_between_two_moments_are_computed(shared: Path, tmp_path: Path) -> None:
    row = {"t1": "2025-01-01 20:00", "t2": "2025-01-02 08:00"}
    assert entered(shared, tmp_path, "11b-datediff-datetime-calc", row)["", "hours"] == ("12", "value")


def test_a_calculation_that_cannot_be_made_never_stands_as_blank(shared: Path, tmp_path: Path) -> None:
    row = {"t1": "2025-01-01 20:00", "t2": ""}
    assert entered(shared, tmp_path, "11b-datediff-datetime-calc", row)["", "hours"] == ("", "missing")


@pytest.mark.parametrize(("at", "state"), [("20:30", "value"), ("8:30", "not_applicable")])
def test_branching_on_a_time_of_day(shared: Path, tmp_path: Path, at: str, state: str) -> None:
    late = "x" if state == "value" else ""
    assert entered(shared, tmp_path, "11c-time-branching", {"t1": at, "late": late})["", "late"] == (
        late,
        state,
    )


def test_an_unreadable_text_is_the_items_own_error_in_one_line(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(EntryError, match=r"age: expected a whole number; found '6O'"):
        entered(shared, tmp_path, "11e-typo-hidden-by-branching", {"age": "6O", "adult": ""})


def test_a_repeating_form_has_its_calculation_on_each_line(shared: Path, tmp_path: Path) -> None:
    rows = [
        {"ln": "1", "dose": "5", "n": "2"},
        {"ln": "2", "dose": "2.5", "n": "3"},
        {"ln": "3", "dose": "", "n": "3"},
    ]
    found = entered(shared, tmp_path, "14-calc-on-repeating-form", *rows)
    assert found["1", "total"] == ("10", "value")
    assert found["2", "total"] == ("7.5", "value")
    assert found["3", "total"] == ("", "missing")


def test_a_calctext_is_computed_and_never_typed(shared: Path, tmp_path: Path) -> None:
    assert entered(shared, tmp_path, "19c-calctext", {"x": "7"})["", "g"] == ("high", "value")
