"""A test against another value than no effect says so wherever its p value stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trialkit import resources
from trialkit.analysis import Mode, load_plan, run_plan
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import alternative_words
from trialkit.documents.page import Page
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.plan.model import Alternative, Test as PlannedTest
from trialkit.report.page import report_page
from trialkit.report.shells import plan_page
from trialkit.snapshot import Snapshot
from trialkit.study import load_study


@pytest.mark.parametrize(
    ("alternative", "null", "ratio", "words"),
    [
        ("two-sided", 0.0, False, "two-sided"),
        ("two-sided", -5.0, False, "two-sided (H₀: −5)"),
        ("two-sided", 1.0, False, "two-sided (H₀: 1)"),
        ("two-sided", 0.0125, False, "two-sided (H₀: 0.0125)"),
        ("two-sided", 1.0, True, "two-sided"),
        ("two-sided", 0.8, True, "two-sided (H₀: 0.8)"),
        ("less", 0.0, False, "one-sided (H₁: below 0)"),
        ("greater", -2.0, False, "one-sided (H₁: above −2)"),
        ("greater", 1.0, True, "one-sided (H₁: above 1)"),
        (None, None, False, "two-sided"),
    ],
)
def test_the_words_of_a_test_name_its_null_value(
    alternative: str | None, null: float | None, ratio: bool, words: str
) -> None:
    values: dict[str, Any] = {"alternative": alternative, "null_value": null}
    if ratio:
        values["log_standard_error"] = 0.1
    assert alternative_words(ResultRow("P1", "contrasts", 0, values)) == words


def against(plan: Plan, null: float) -> Plan:
    """An ANCOVA, its mixed model and its tipping point, all two-sided against ``null``."""
    chosen = {}
    for entry in plan.analyses:
        if entry.method in ("ancova", "mmrm", "tipping_point") and "test" in entry.keys:
            simple = entry.method != "ancova" or entry.id == "P2"
            if simple and entry.method not in chosen:
                test = PlannedTest(Alternative.TWO_SIDED, 0.05, null)
                chosen[entry.method] = replace(entry, keys={**entry.keys, "test": test})
    assert len(chosen) == 3
    return replace(plan, analyses=tuple(chosen.values()))


def heads(page: Page) -> list[str]:
    """Every head of a column and label of a line that speaks of a p value."""
    found = []
    for section in page.sections:
        for entry in section.entries:
            for block in entry.blocks:
                if isinstance(block, Table):
                    found += [f"{one.label}, {one.note}" for one in block.columns if one.label == "p"]
                    found += [row.label for row in block.rows if row.label.startswith("p, ")]
    return found


def test_the_shells_say_against_what_each_test_will_be() -> None:
    plan = against(load_plan(resources.folder("sap") / "study_a.toml"), -5)
    study = load_study(resources.folder("sample_data"))
    assert heads(plan_page(plan, study)).count("p, two-sided (H₀: −5)") == 3
    assert "H₀" not in str(heads(plan_page(against(plan, 0), study)))


def test_a_report_says_it_and_a_masked_one_shows_nothing_of_such_a_test(
    plan: Plan, snapshot: Snapshot
) -> None:
    """A null value off no effect is on one side: its p would tell which group did better."""
    for null, words in ((-5, "p, two-sided (H₀: −5)"), (1, "p, two-sided (H₀: 1)")):
        chosen = against(plan, null)
        few = replace(chosen, analyses=(chosen.analyses[0],))
        assert few.analyses[0].method == "ancova"
        page = report_page(run_plan(few, snapshot))
        assert words in heads(page)
        masked = run_plan(few, snapshot, mode=Mode.MASKED, masking={"A": "exercise", "B": "control"})
        assert masked.analyses[0].withheld
        assert not masked.analyses[0].tables
