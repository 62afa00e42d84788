"""A plan for three arms: every number recomputed in R, and nothing of a masked run that tells a group."""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.three_arms import ARMS, three_arm_plan, three_arm_snapshot
from trialkit.analysis import Mode, Results
from trialkit.analysis.plans import plan_problems
from trialkit.analysis.results_csv import write_results_csv
from trialkit.analysis.run import prepared_run
from trialkit.plan import Plan, PlanError
from trialkit.plan.model import Contrasts
from trialkit.report.page import report_page
from trialkit.report.shells import plan_page
from trialkit.snapshot import Snapshot
from trialkit.study import load_study

HERE = Path("tests/reference/three_arms")
POOLED = {("P2", "joint")}  # joint tests over imputations are held to mitml in tests/reference/pool


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("three")


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return three_arm_plan(folder)


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    return three_arm_snapshot(folder)


@pytest.fixture(scope="module")
def ours(plan: Plan, snapshot: Snapshot) -> Results:
    return prepared_run(plan, snapshot, mode=Mode.UNBLINDED)[0]


@pytest.fixture(scope="module")
def theirs() -> list[dict[str, Any]]:
    return list(json.loads((HERE / "output.json").read_text(encoding="utf-8"))["found"])


def value_of(results: Results, one: dict[str, Any]) -> float:
    rows = results[one["analysis"]].tables[one["table"]]
    for column, text in (one["match"] or {}).items():
        rows = rows[rows[column].astype(str).isin([str(text), f"{text}.0"])]
    assert len(rows) == 1, f"{one}: {len(rows)} rows"
    return float(rows[one["column"]].iloc[0])


@pytest.mark.external_reference
def test_every_number_of_three_arms_is_that_of_r(ours: Results, theirs: list[dict[str, Any]]):
    apart = [
        f"{one}: {value_of(ours, one)}"
        for one in theirs
        if value_of(ours, one) != pytest.approx(one["value"], rel=one["tolerance"])
    ]
    assert not apart, "\n".join(apart)
    tested = {(one["analysis"], one["table"]) for one in theirs}
    for analysis in ours.analyses:  # whatever compares arms is held to R
        for table in ("contrasts", "joint", "log_rank", "adjusted"):
            if table in analysis.tables and (analysis.id, table) not in POOLED:
                assert (analysis.id, table) in tested


def test_each_entry_of_three_arms_answers(ours: Results):
    assert [one.failure for one in ours.analyses] == [None] * len(ours.analyses)


def test_contrasts_stand_in_the_order_of_the_plan(ours: Results):
    assert list(ours["P1"].tables["contrasts"]["contrast"]) == ["exercise - control", "walking - control"]
    assert list(ours["P3"].tables["contrasts"]["contrast"]) == [
        "exercise - control", "walking - control", "exercise - walking",
    ]  # fmt: skip
    assert list(dict.fromkeys(ours["S1"].tables["contrasts"]["contrast"])) == [
        "exercise - control", "exercise - walking",
    ]  # fmt: skip


def test_two_arms_alone_show_no_third(ours: Results):
    assert set(ours["P4"].counts["arm"]) == {"exercise", "walking"}
    assert set(ours["P4"].tables["ls_means"]["arm"]) == {"exercise", "walking"}
    assert set(ours["P5"].counts["arm"]) == {"walking", "control"}


def masked(plan: Plan, snapshot: Snapshot, arms: tuple[str, ...], path: Path) -> list[dict[str, str]]:
    masking = dict(zip("ABC", arms, strict=True))
    results, _ = prepared_run(plan, snapshot, mode=Mode.MASKED, masking=masking)
    write_results_csv(results, path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_masked_groups_may_change_places_and_nothing_changes(plan: Plan, snapshot: Snapshot, tmp_path: Path):
    """Whatever depended on which group is A would tell somebody who knows the sizes which it is."""
    chosen = replace(plan, analyses=tuple(e for e in plan.analyses if e.id not in ("P2", "O1")))
    runs = [masked(chosen, snapshot, arms, tmp_path / "results.csv") for arms in itertools.permutations(ARMS)]
    first = runs[0]
    assert {row["analysis"] for row in first if row["statistic"] == "p_value"} == {
        "P1", "P3", "S1", "S2", "N1", "R1",
    }  # fmt: skip
    for other in runs[1:]:
        assert len(other) == len(first)
        for one, two in zip(first, other, strict=True):
            assert {k: v for k, v in one.items() if k != "value"} == {
                k: v for k, v in two.items() if k != "value"
            }
            try:
                assert float(two["value"]) == pytest.approx(float(one["value"]), rel=1e-6)
            except ValueError:
                assert one["value"] == two["value"]
    assert {row["group"] for row in first} <= {"", "all"}


def test_a_dry_run_keeps_the_ratio_and_looks_at_no_true_arm(plan: Plan, snapshot: Snapshot):
    results, prepared = prepared_run(replace(plan, analyses=plan.analyses[1:2]), snapshot, mode=Mode.DRY_RUN)
    subjects = prepared.datasets.subjects
    drawn = subjects.loc[subjects["randomized"], "planned_arm"].value_counts()
    assert set(drawn.index) == set(ARMS)
    assert drawn.max() - drawn.min() <= 10  # one to one to one within each of ten strata
    assert list(results.arm_labels) == list(ARMS)


def test_the_shells_name_three_arms_and_what_is_asked_of_each(plan: Plan, snapshot: Snapshot):
    page = str(plan_page(plan, load_study(snapshot.folder)))
    assert "Walking + NSAID" in page
    assert "Adjusted p" in page


def test_a_report_of_three_arms_prints_every_contrast(ours: Results):
    page = str(report_page(ours))
    for words in ("Exercise + NSAID minus NSAID alone", "Walking + NSAID minus NSAID alone"):
        assert words in page


def problems(plan: Plan, snapshot: Snapshot, name: str, **changes: Any) -> list[PlanError]:
    entries = tuple(replace(e, **changes) if e.id == name else e for e in plan.analyses)
    return list(plan_problems(replace(plan, analyses=entries), load_study(snapshot.folder)))


EACH = Contrasts("each with reference", (), "holm")


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("P1", {"contrasts": None}, "contrasts: which of 3 arms are compared"),
        ("P1", {"contrasts": replace(EACH, adjust="tukey")}, 'compare = "all pairs" with Tukey'),
        ("P1", {"arms": ("walking", "control")}, "either two arms or contrasts"),
        ("P1", {"contrasts": Contrasts("", (("exercise", "yoga"),), "holm")}, "an arm of the study"),
        ("P2", {"contrasts": replace(EACH, adjust="dunnett")}, "Dunnett for one model's two-sided tests"),
        ("P5", {"arms": ()}, "the two arms that van_elteren compares"),
        ("P5", {"arms": (), "contrasts": EACH}, "a van_elteren entry that says nothing under contrasts"),
        ("D2", {"contrasts": EACH}, "a baseline entry that says nothing under contrasts"),
        ("S2", {"contrasts": EACH}, "entry S2 with p values not yet adjusted"),
        ("M1", {"keys": {"family": ("S2",), "procedure": "holm", "alpha": 0.05}}, "of entry S2 one of"),
    ],
)
def test_what_three_arms_leave_open_is_refused(
    plan: Plan, snapshot: Snapshot, name: str, changes: dict[str, Any], expected: str
):
    before = {str(one) for one in plan_problems(plan, load_study(snapshot.folder))}
    found = [str(one) for one in problems(plan, snapshot, name, **changes) if str(one) not in before]
    assert any(expected in one for one in found), found


def test_an_arm_that_no_role_names_is_refused(plan: Plan, snapshot: Snapshot):
    found = plan_problems(replace(plan, arms=("exercise", "control")), load_study(snapshot.folder))
    assert any("walking in none" in str(one) for one in found)


def test_three_arms_of_a_plan_of_two_say_that_the_roles_are_enough(plan: Plan):
    two = load_study(Path("sample_data"))
    entries = tuple(replace(e, contrasts=EACH) for e in plan.analyses if e.id == "P1")
    found = plan_problems(replace(plan, arms=("exercise", "control"), analyses=entries), two)
    assert any("the plan's roles say it" in str(one) for one in found)
