"""The four mistakes of randomization: kept, never undone, and followed into data, counts and reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.randomizing import arm_file
from trialkit import resources
from trialkit.analysis import load_plan, run_plan
from trialkit.datasets import build_datasets
from trialkit.snapshot import read_snapshot
from trialkit.study import load_study


def _mistake(bench: Any, subject: str, kind: str, *more: str, reason: str = "found at a visit") -> Any:
    return bench.run(
        "randomize mistake", "cara", "--subject", subject, "--kind", kind, "--reason", reason, *more
    )


def _refused(bench: Any, said: Any, records: int) -> str:
    assert said.status == 2, said
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert bench.records() == records
    return str(said.err)


def _snapshot(bench: Any) -> Any:
    folder = bench.folder / "snapshot"
    said = bench.run("snapshot", "open", "--unblinded", "--out", folder)
    assert said.status == 0, said.err
    return read_snapshot(folder)


def _flow(snapshot: Any) -> dict[tuple[str, str, str], int]:
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    alone = replace(plan, analyses=tuple(entry for entry in plan.analyses if entry.id == "D1"))
    signed = pd.DataFrame(
        [["99", "una", "2027-01-01T00:00:00Z", "the analysis"]],
        columns=["audit_number", "signed_by", "signed_at", "reason"],
    )
    opened = replace(snapshot, tables={**snapshot.tables, "unblinding": signed})
    flow = run_plan(alone, opened)["D1"].tables["flow"]
    return {(row.stage, row.arm, row.reason): row.n for row in flow.itertuples()}


@pytest.fixture
def after_mistakes(bench: Any) -> Any:
    """Five numbers of four people; the second number is the fourth."""
    subjects = [bench.randomized(day) for day in (1, 2, 3)]
    subjects += [bench.randomized(day, sex="male") for day in (4, 5)]
    wrong_stratum, ineligible, wrong_treatment, again, _ = subjects
    planned = _snapshot(bench).tables["allocations"].set_index("subject_id")["planned_arm"]
    other = {"exercise": "control", "control": "exercise"}[planned[wrong_treatment]]
    assert _mistake(bench, wrong_stratum, "wrong_stratum").status == 0
    field = ["--subject", wrong_stratum, "--visit", "baseline", "--form", "demographics", "--item", "sex"]
    change = ["--value", "male", "--reason", "passport seen"]
    second = ["--confirmed-by", "ivan", "--confirmed-by-password-file", bench.password]
    assert bench.run("correct", "cara", *field, *change, *second).status == 0
    assert _mistake(bench, ineligible, "ineligible").status == 0
    assert (
        _mistake(bench, wrong_treatment, "wrong_treatment", "--received-file", arm_file(bench, other)).status
        == 0
    )
    assert _mistake(bench, again, "duplicate", "--duplicate-of", wrong_stratum).status == 0
    _remove(bench.folder / "snapshot")
    return bench, planned, wrong_treatment, other


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_the_flow_counts_people_and_names_what_went_wrong(after_mistakes: Any) -> None:
    bench, planned, wrong_treatment, other = after_mistakes
    flow = _flow(_snapshot(bench))
    assert flow["assessed", "", ""] == flow["randomized", "", ""] == 4
    assert flow["randomized", "", "not counted: a second number of the same person"] == 1
    assert flow["randomized", "", "found ineligible afterwards, kept"] == 1
    assert flow["randomized", "", "stratum used was not the true one"] == 1
    as_planned = planned[wrong_treatment]
    assert flow["not_received", as_planned, ""] == 1
    assert flow["not_received", as_planned, "given the treatment of another arm"] == 1
    assert flow["not_received", other, ""] == 0
    kept = planned.drop("A-004")
    for arm in ("exercise", "control"):
        assert flow["allocated", arm, ""] == (kept == arm).sum()


def test_a_person_is_in_the_analysis_once_and_under_both_strata(after_mistakes: Any) -> None:
    bench, planned, wrong_treatment, other = after_mistakes
    snapshot = _snapshot(bench)
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    people = build_datasets(snapshot, load_study(snapshot.folder), plan).subjects.set_index("subject_id")
    assert people.loc["A-004", "duplicate_of"] == "A-001"
    assert list(people.index[people["randomized"]]) == ["A-001", "A-002", "A-003", "A-005"]
    assert list(people.index[people["set_full"]]) == ["A-001", "A-002", "A-003", "A-005"]
    assert list(people.index[people["set_safety"]]) == ["A-001", "A-002", "A-003", "A-005"]
    assert (people.loc["A-001", "sex_randomized"], people.loc["A-001", "sex_true"]) == ("female", "male")
    assert list(people.index[people["wrong_stratum"]]) == ["A-001"]
    assert list(people.index[people["ineligible"]]) == ["A-002"]
    assert (people["planned_arm"] == planned).all()
    assert people.loc[wrong_treatment, "actual_arm"] == other
    assert (people["actual_arm"] != planned).sum() == 1


def test_the_randomization_report_counts_people_and_certifies_the_mistakes(after_mistakes: Any) -> None:
    bench = after_mistakes[0]
    page = bench.folder / "report.html"
    said = bench.run("randomize report", "open", "--with-arms", "--out", page)
    assert said.out.startswith(f"Written: {page}, 4 randomized.")
    text = page.read_text(encoding="utf-8")
    assert "1 not counted: the second number of a person randomized under two." in text
    listed = "1 wrong stratum; 1 found ineligible; 1 second number of one person; 1 wrong treatment issued"
    assert listed in text
    blinded = bench.folder / "blinded.html"
    assert bench.run("randomize report", "stat", "--out", blinded).status == 0
    assert "1 wrong stratum; 1 found ineligible; 1 second number of one person<" in blinded.read_text()


def test_the_number_randomized_first_is_the_one_that_is_kept(bench: Any) -> None:
    first, second, third = (bench.randomized(day) for day in (1, 2, 3))
    records = bench.records()
    said = _mistake(bench, first, "duplicate", "--duplicate-of", second)
    assert "randomized first" in _refused(bench, said, records)
    assert _mistake(bench, second, "duplicate", "--duplicate-of", first).status == 0
    said = _mistake(bench, third, "duplicate", "--duplicate-of", second)
    assert "a second number itself" in _refused(bench, said, records + 1)
    assert _mistake(bench, third, "duplicate", "--duplicate-of", first).status == 0


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("wrong_treatment", "Was given exercise by the ward"),
        ("wrong_treatment", "CONTROL instead"),
        ("ineligible", "Would not take NSAID alone"),
    ],
)
def test_a_reason_that_names_an_arm_is_not_kept_for_blinded_readers(
    bench: Any, kind: str, reason: str
) -> None:
    subject = bench.randomized()
    records = bench.records()
    more = ["--received-file", arm_file(bench, "control")] if kind == "wrong_treatment" else []
    said = _refused(bench, _mistake(bench, subject, kind, *more, reason=reason), records)
    for arm in ("exercise", "control", "NSAID"):
        assert arm.casefold() not in said.casefold()


def test_a_plain_word_in_the_reason_of_another_mistake_is_no_arm(bench: Any) -> None:
    assert _mistake(bench, bench.randomized(), "ineligible", reason="Not able to exercise").status == 0
