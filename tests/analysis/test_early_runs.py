"""A plan run while there is little or nothing to analyse: every entry answers, in a reader's words."""

from __future__ import annotations

import re
import warnings
from datetime import date
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import Results, load_plan_text, run_plan
from trialkit.analysis.modes import Mode
from trialkit.analysis.monitoring import cut
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot

DEVELOPERS = re.compile(
    r"\bchg\b|\bcolumn\b|\bformula\b|np\.|Error\b|\bdefect\b|\bkwarg|\.toml:|/|\b[a-z]+_[a-z_]+\b|\[T\.|DataFrame"
)


@pytest.fixture(scope="module", params=[0, 5, 18, 60])
def early(request: pytest.FixtureRequest, plan: Plan, snapshot: Snapshot) -> Results:
    """Cut on the day of the first, sixth, nineteenth and sixty-first randomization."""
    subjects = snapshot.tables["subjects"]
    days = sorted(day for day in subjects["randomization_date"] if day)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        warnings.simplefilter("error", RuntimeWarning)
        return run_plan(plan, cut(snapshot, date.fromisoformat(days[request.param])), mode=Mode.DRY_RUN)


def test_no_entry_meets_a_defect_for_want_of_data(early: Results):
    assert {one.id: one.defect for one in early.analyses if one.defect} == {}


def test_what_could_not_be_estimated_is_told_without_a_developer_s_word(early: Results):
    told = [
        (one.id, text)
        for one in early.analyses
        for text in (*((one.failure,) if one.failure else ()), *one.warnings)
    ]
    assert told
    assert [(name, text) for name, text in told if DEVELOPERS.search(text)] == []


def test_a_failure_names_the_plan_s_file_and_not_where_it_was_typed(snapshot: Snapshot, tmp_path: Path):
    """The same plan from two folders gives the same words, so the same bytes."""
    from trialkit.analysis import load_plan

    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    at = text.index('id = "P2"')
    text = text[:at] + text[at:].replace('set = "full"', 'set = "fulll"', 1)
    said = []
    for folder in (tmp_path / "one", tmp_path / "another" / "deeper"):
        folder.mkdir(parents=True)
        (folder / "same.toml").write_text(text, encoding="utf-8")
        plan = load_plan(folder / "same.toml", tolerant=True)
        entries = [entry for entry in plan.analyses if entry.id == "P2"]
        from dataclasses import replace

        said.append(run_plan(replace(plan, analyses=tuple(entries)), snapshot)["P2"].failure)
    assert said[0] == said[1]
    assert str(said[0]).startswith("same.toml:")
    assert str(tmp_path) not in str(said[0])


def test_of_a_fixed_order_what_comes_before_a_failed_entry_is_still_tested(snapshot: Snapshot):
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    plan = load_plan_text(text)
    from dataclasses import replace

    family = plan.analysis("M1").saying(family=("P1", "N1", "O1"), procedure="fixed-sequence")
    broken = plan.analysis("N1").saying(formula="value ~ arm + sex + site", visit="baseline")
    entries = (plan.analysis("P1"), broken, plan.analysis("O1"), family)
    answer = run_plan(replace(plan, analyses=entries), snapshot)
    assert answer["N1"].failure or answer["N1"].warnings
    assert list(answer["M1"].tables["adjusted"]["entry"]) == ["P1"]
    assert "N1 and what comes after it could not be tested" in answer["M1"].warnings[0]
