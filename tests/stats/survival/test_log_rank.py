"""The log-rank test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from tests.stats.survival.conftest import invented_trial
from trialkit.stats import DataError, cox, log_rank

R = "survival::survdiff"


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("case", "strata", "rho"),
    [
        ("plain", None, 0),
        ("stratified", ["site", "sex"], 0),
        ("peto", None, 1),
        ("peto_stratified", "site", 1),
    ],
)
def test_stratified_and_weighted_tests_are_those_of_survdiff(case, strata, rho):
    expected = own_reference("log_rank", "output")[case]
    result = log_rank(own_data("log_rank", "trial"), "time", "event", "arm", strata=strata, rho=rho)
    agree("log_rank", R, "statistic", result.statistic, expected["statistic"])
    assert result.df == expected["df"]
    agree(
        "log_rank",
        R,
        "estimate",
        result.table[["observed", "expected"]].T,
        [expected["observed"], expected["expected"]],
    )
    agree("log_rank", R, "estimate", result.covariance, expected["covariance"])


@pytest.mark.external_reference
@pytest.mark.parametrize(("case", "strata"), [("delayed", None), ("delayed_stratified", "sex")])
def test_with_delayed_entry_it_is_the_score_test_of_the_exact_cox_model(case, strata):
    expected = own_reference("log_rank", "output")[case]
    result = log_rank(own_data("log_rank", "delayed"), "time", "event", "arm", strata=strata, entry="entry")
    agree("log_rank", "survival::coxph, exact ties", "statistic", result.statistic, expected["statistic"])
    assert result.df == expected["df"]


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "arguments"),
    [
        ("logrank_trt", {"by": "trt"}),
        ("logrank_celltype", {"by": "celltype"}),
        ("logrank_trt_strat_celltype", {"by": "trt", "strata": "celltype"}),
        ("peto_wilcoxon_rho1_trt", {"by": "trt", "rho": 1}),
    ],
)
def test_the_veterans_trial_gives_what_r_gave(veteran, shared_result, entry, arguments):
    compare(log_rank(veteran, "time", "status", **arguments), shared_result("veteran", entry))


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "etype", "strata", "drop"),
    [
        ("logrank_death", 2, None, None),
        ("logrank_death_strat_extent_sex", 2, ["extent", "sex"], None),
        ("logrank_recurrence", 1, None, None),
        ("logrank_pair_Lev5FU_vs_Obs", 2, None, "Lev"),
    ],
)
def test_the_colon_trial_gives_what_r_gave(colon, shared_result, entry, etype, strata, drop):
    data = colon[(colon["etype"] == etype) & (colon["rx"] != drop)]
    compare(log_rank(data, "time", "status", "rx", strata=strata), shared_result("colon", entry))


def compare(result, expected):
    agree("log_rank", R, "statistic", result.statistic, expected["chisq"])
    agree("log_rank", R, "p_value", result.p_value, expected["p"])
    agree("log_rank", R, "estimate", result.table["expected"], expected["expected"])
    variance = [list(row.values()) for row in expected["variance"]]
    agree("log_rank", R, "estimate", result.covariance, variance)
    assert result.df == expected["df"]


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("seed", range(6))
def test_a_table_at_every_event_time_gives_the_same(seed):
    data = invented_trial(seed)
    difference = variance = 0.0
    for _, stratum in data.groupby("site"):
        for moment in sorted(stratum.loc[stratum["event"] == 1, "time"].unique()):
            risk = stratum[(stratum["entry"] < moment) & (stratum["time"] >= moment)]
            dead = risk[(risk["time"] == moment) & (risk["event"] == 1)]
            n, m, d = len(risk), int((risk["arm"] == "control").sum()), len(dead)
            difference += int((dead["arm"] == "control").sum()) - d * m / n
            variance += d * (m / n) * (1 - m / n) * (n - d) / (n - 1) if n > 1 else 0.0
    result = log_rank(data, "time", "event", "arm", strata="site", entry="entry")
    assert result.statistic == pytest.approx(difference**2 / variance, rel=1e-10)


@pytest.mark.analytic
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strata", [None, "site"])
def test_on_untied_times_it_is_the_score_test_of_cox_regression(seed, strata):
    data = invented_trial(seed, tied=False)
    result = log_rank(data, "time", "event", "arm", strata=strata, entry="entry")
    score = cox("arm", data, "time", "event", strata=strata, entry="entry").tests.set_index("test")[
        "statistic"
    ]["score"]
    assert result.statistic == pytest.approx(score, rel=1e-9)


def test_strata_that_say_nothing_are_counted_and_listed():
    data = own_data("log_rank", "trial")
    result = log_rank(data, "time", "event", "arm", strata="site")
    silent = result.uninformative_strata.set_index("site")["reason"].to_dict()
    assert silent == {"E": "one group", "F": "no events"}
    assert result.strata["n"].sum() == len(data)
    without = log_rank(data[~data["site"].isin(["E", "F"])], "time", "event", "arm", strata="site")
    assert result.statistic == pytest.approx(without.statistic, rel=1e-12)
    assert "Strata that contribute nothing" in repr(result)


def test_a_group_never_at_risk_at_an_event_costs_its_degree_of_freedom():
    data = pd.DataFrame({"arm": list("aabbcc"), "t": [3, 5, 4, 6, 1, 1], "d": [1, 1, 1, 0, 0, 0]})
    with_it, without = (log_rank(d, "t", "d", "arm") for d in (data, data[data["arm"] != "c"]))
    assert with_it.df == without.df == 1
    assert with_it.statistic == pytest.approx(without.statistic, rel=1e-12)


def test_scaling_time_or_relabelling_arms_changes_nothing():
    data = own_data("log_rank", "trial")
    first = log_rank(data, "time", "event", "arm", strata="site").statistic
    changed = data.assign(
        time=data["time"] / 365.25, arm=data["arm"].map({"control": "z", "exercise": "y", "usual": "x"})
    )
    assert log_rank(changed, "time", "event", "arm", strata="site").statistic == pytest.approx(
        first, rel=1e-10
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"arm": ["a"] * 4}, "two or more groups"),
        ({"d": [0] * 4}, "at least one event"),
        ({"t": [7.0] * 4}, "times that differ"),
        (
            {"t": [1.0, 2.0, 3.0, 4.0], "d": [0, 0, 1, 1], "arm": list("aabb")},
            "two groups were at risk together",
        ),
        ({"t": [1.0, 2.0, np.inf, 3.0]}, "infinite"),
    ],
)
def test_data_that_allow_no_comparison_are_refused(change, text):
    data = pd.DataFrame({"t": [1.0, 2.0, 3.0, 4.0], "d": [1, 1, 0, 1], "arm": list("abab"), **change})
    with pytest.raises(DataError, match=text):
        log_rank(data, "t", "d", "arm")
