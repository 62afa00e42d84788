"""What the responder curve and the dot plot of adverse events are drawn from, against counting by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from scipy import stats

from trialkit.analysis import run_plan
from trialkit.analysis.methods import adverse_events, missing_pattern, responders
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.vocabulary import Better

ARMS = ("test", "reference")
pytestmark = pytest.mark.independent_reimplementation


def test_the_curve_gives_for_every_improvement_the_share_that_reached_it() -> None:
    data = pd.DataFrame({"arm": ["test"] * 4 + ["reference"] * 2, "chg": [-20, -10, -10, None, 5, -15]})
    context = SimpleNamespace(arms=ARMS)
    curve = responders.improvements(context, data, Better.LOWER)  # type: ignore[arg-type]
    assert set(curve.pop("unobserved")) == {"left out"}
    rows = list(curve.itertuples(index=False, name=None))
    assert rows == [
        ("test", 10.0, 3, 100.0),
        ("test", 20.0, 3, pytest.approx(100 / 3)),
        ("reference", -5.0, 2, 100.0),
        ("reference", 15.0, 2, 50.0),
    ]
    higher = responders.improvements(context, data, Better.HIGHER)  # type: ignore[arg-type]
    assert higher["improvement"].tolist() == [-20.0, -10.0, -15.0, 5.0]


def test_the_curve_is_of_whom_the_entry_analyses() -> None:
    """Failures are in the denominator and reach nothing; drawn changes are averaged over the data sets."""
    data = pd.DataFrame({"arm": ["test"] * 4, "chg": [-20.0, -10.0, -10.0, None]})
    context = SimpleNamespace(arms=("test",))
    failed = responders.improvements(
        context,
        data,
        Better.LOWER,
        failures=data["chg"].isna(),
        unobserved="counted as failures",  # type: ignore[arg-type]
    )
    assert failed[["improvement", "n", "percent"]].to_numpy().tolist() == [[10.0, 4, 75.0], [20.0, 4, 25.0]]
    sets = [data.assign(chg=[-20.0, -10.0, -10.0, drawn]) for drawn in (-25.0, 3.0)]
    pooled = responders.pooled_improvements(context, data, Better.LOWER, sets)  # type: ignore[arg-type]
    assert pooled[["improvement", "n", "percent"]].to_numpy().tolist() == [
        [-3.0, 4, 100.0], [10.0, 4, 87.5], [20.0, 4, 37.5], [25.0, 4, 12.5]
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["S1", "S2", "S3"])
def test_the_picture_of_responders_is_of_the_numbers_of_its_header(
    name: str, plan: Plan, snapshot: Snapshot
) -> None:
    entry = plan.analysis(name)
    if name == "S3":
        entry = entry.saying(missing=replace(entry.keys["missing"], m=3))
    result = run_plan(replace(plan, analyses=(entry,)), snapshot)[name]
    curve = result.tables["curve"]
    counts = result.counts.drop_duplicates("arm").set_index("arm")
    rule = result.tables["proportions"].drop_duplicates("arm").set_index("arm")
    for arm, here in curve.groupby("arm"):
        whom = counts.loc[arm, ["n_observed", "n_imputed"]].sum()
        assert set(here["n"]) == {whom}
        reached = here.loc[here["improvement"] >= 10 - 1e-9, "percent"].max()
        assert reached == pytest.approx(100 * rule.loc[arm, "proportion"], abs=1e-9 if name != "S3" else 3)


def test_risk_differences_of_events_are_newcombes() -> None:
    subjects = pd.DataFrame(
        {
            "subject_id": [f"s{k}" for k in range(50)],
            "arm": pd.Categorical(["test"] * 30 + ["reference"] * 20, categories=["reference", "test"]),
        }
    )
    events = pd.DataFrame({"subject_id": ["s0", "s0", "s1", "s2", "s40"], "category": ["knee"] * 5})
    context = SimpleNamespace(reference_arm="reference", arms=ARMS, several=False)
    found = adverse_events._differences(context, SimpleNamespace(), subjects, events)  # type: ignore[arg-type]
    (row,) = found.to_dict("records")
    assert row["estimate"] == pytest.approx(3 / 30 - 1 / 20)
    one, two = (stats.binomtest(k, n).proportion_ci(method="wilson") for k, n in ((3, 30), (1, 20)))
    below = ((0.1 - one.low) ** 2 + (two.high - 0.05) ** 2) ** 0.5
    above = ((one.high - 0.1) ** 2 + (0.05 - two.low) ** 2) ** 0.5
    assert (row["ci_lower"], row["ci_upper"]) == pytest.approx((0.05 - below, 0.05 + above), rel=1e-9)


def test_the_picture_of_missing_visits_counts_each_pattern_over_both_arms() -> None:
    rows = {
        "by_visit": [{"visit": "Week 6"}, {"visit": "Month 12"}],
        "patterns": [
            {"pattern": "● ●", "arm": "test", "count": 9},
            {"pattern": "● ●", "arm": "reference", "count": 8},
            {"pattern": "● ○", "arm": "test", "count": 2},
        ],
    }
    shown = SimpleNamespace(rows=lambda table: rows[table])
    drawn = missing_pattern.draw(shown, "missing")  # type: ignore[arg-type]
    assert "17 of 19 subjects miss none" in drawn.alt
    assert ">17<" in drawn.svg.svg
    assert ">2<" in drawn.svg.svg
