"""The evidence of a report: rows as computed, entries as the plan writes them."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pandas as pd

from trialkit.report.evidence import evidence, plan_entries

PLAN = """[plan]
id = "A"

[[analysis]]
id = "P1"   # primary
method = "ancova"
[analysis.test]
alpha = 0.025

# About the next.
[[analysis]]
id = "S1"

[endpoints.odi]
id = "nothing"
"""


def test_an_entry_is_shown_as_the_plan_writes_it_with_its_sub_tables() -> None:
    assert plan_entries(PLAN) == {
        "P1": '[[analysis]]\nid = "P1"   # primary\nmethod = "ancova"\n[analysis.test]\nalpha = 0.025',
        "S1": '[[analysis]]\nid = "S1"',
    }


def test_rows_keep_full_precision_and_say_what_is_missing_or_infinite() -> None:
    table = pd.DataFrame({"estimate": [0.1 + 0.2, math.nan], "df": [math.inf, 3.0], "n": [5, 6]})
    one = SimpleNamespace(
        id="S1",
        title="Second",
        method="ANCOVA",
        analysis_set="full",
        tables={"contrasts": table},
        counts=pd.DataFrame(),
    )
    (found,) = evidence(SimpleNamespace(analyses=(one,), told=()), PLAN)  # type: ignore[arg-type]
    assert found.plan_entry == '[[analysis]]\nid = "S1"'
    assert found.rows == {
        ("contrasts", 0): {"estimate": 0.30000000000000004, "df": "inf", "n": 5},
        ("contrasts", 1): {"estimate": None, "df": 3.0, "n": 6},
    }
