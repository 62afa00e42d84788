"""Exact tests of two proportions, and van Elteren's test."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import stats
from scipy.stats.contingency import odds_ratio

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, exact_test, van_elteren
from trialkit.stats.binary.conditional_odds import GivenMargins, conditional_odds_ratio


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("name", "entry", "outcome", "by", "reference"),
    [
        ("strep_tb", "improved_2x2", lambda d: d["improved"].astype(int), "arm", "Control"),
        ("strep_tb", "death_2x2", lambda d: (d["rad_num"] == 1).astype(int), "arm", "Control"),
        ("aSAH", "gender_outcome_2x2", lambda d: (d["outcome"] == "Poor").astype(int), "gender", "Male"),
        ("licorice_gargle", "any_cough_2x2", lambda d: d["cough"], "treat", 0),
    ],
)
def test_fishers_test_gives_what_r_gave(shared_data, shared_result, name, entry, outcome, by, reference):
    data = shared_data(name)
    if name == "licorice_gargle":
        cough = data["extubation_cough"]
        data["cough"] = (cough > 0).astype(float).where(cough.notna())
    data["event"] = outcome(data)
    expected = shared_result(name, entry)
    result = exact_test(data, "event", by, reference)
    agree("exact_test", "fisher.test", "p_value", result.p_value, expected["fisher"]["p"])
    agree("exact_test", "R", "estimate", result.odds_ratio, expected["OR_sample"])


@pytest.mark.external_reference
@pytest.mark.parametrize("case", range(4))
@pytest.mark.parametrize("alternative", ["less", "greater", "two-sided"])
def test_exact_tests_are_those_of_r(from_counts, case, alternative):
    expected = own_reference("exact_test", "output")[case]
    data = from_counts(*[[count] for count in expected["counts"]])
    assert len(expected[alternative]) == 3
    for method, theirs in expected[alternative].items():
        result = exact_test(data, "better", "arm", "reference", method=method, alternative=alternative)
        agree("exact_test", "R", "p_value", result.p_value, theirs)


@pytest.mark.external_reference
@pytest.mark.parametrize("case", range(4))
def test_the_exact_interval_is_that_of_fisher_test_solved_to_the_end(from_counts, case):
    """fisher.test itself stops at four digits."""
    expected = own_reference("exact_test", "output")[case]
    result = exact_test(from_counts(*[[count] for count in expected["counts"]]), "better", "arm", "reference")
    ours = [result.conditional_odds_ratio, result.ci_lower, result.ci_upper]
    agree("exact_test", "R, uniroot", "interval", ours, expected["conditional"])
    assert ours == pytest.approx(expected["fisher_test"], rel=2e-2)


@pytest.mark.analytic
def test_the_exact_interval_ends_where_fishers_one_sided_tests_reject(from_counts):
    """At a limit the noncentral table is as extreme as observed with a chance of a fortieth."""
    result = exact_test(from_counts([9], [12], [3], [11]), "better", "arm", "reference")
    noncentral = stats.nchypergeom_fisher
    assert noncentral.sf(8, 23, 12, 12, result.ci_lower) == pytest.approx(0.025, rel=1e-6)
    assert noncentral.cdf(9, 23, 12, 12, result.ci_upper) == pytest.approx(0.025, rel=1e-6)
    assert "exact 95% interval" in repr(result)
    narrower = exact_test(
        from_counts([9], [12], [3], [11]), "better", "arm", "reference", confidence_level=0.8
    )
    assert result.ci_lower < narrower.ci_lower < narrower.ci_upper < result.ci_upper


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=60)
@given(counts=st.tuples(*[st.integers(0, 25)] * 4))
def test_the_conditional_odds_ratio_is_scipys_in_any_table(counts):
    a, b, c, d = counts
    assume(a + b > 0 and c + d > 0)
    theirs = odds_ratio(np.array([[a, c], [b, d]]))
    limits = theirs.confidence_interval(0.9)
    ours = conditional_odds_ratio(GivenMargins.of(a, a + b, c, c + d), 0.9)
    assert ours == pytest.approx([theirs.statistic, limits.low, limits.high], rel=1e-7, nan_ok=True)


@pytest.mark.external_reference
def test_barnards_test_is_the_one_in_print(from_counts):
    """Mehta & Senchaudhuri (2003), Conditional versus unconditional exact tests: 7 of 15 infected against 12
    of 15, one-sided: Fisher 0.0641, Barnard 0.0341."""
    data = from_counts([7], [15], [12], [15])
    fisher = exact_test(data, "better", "arm", "reference", alternative="less")
    assert fisher.p_value == pytest.approx(0.0641, abs=5e-5)
    barnard = exact_test(data, "better", "arm", "reference", method="barnard", alternative="less")
    assert barnard.p_value == pytest.approx(0.0341, abs=5e-5)


def unconditional(x1, n1, x0, n0, method, alternative):
    """Largest probability, over the common risk, of the tables at least as extreme as this one."""
    tables = [(a, b) for a in range(n1 + 1) for b in range(n0 + 1)]
    extreme = {}
    for a, b in tables:
        if method == "boschloo":
            extreme[a, b] = stats.fisher_exact([[a, b], [n1 - a, n0 - b]], alternative=alternative).pvalue
        else:
            pooled = (a + b) / (n1 + n0)
            error = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
            z = (a / n1 - b / n0) / error if error else 0.0
            extreme[a, b] = -z if alternative == "greater" else z
    chosen = [t for t in tables if extreme[t] <= extreme[x1, x0] + 1e-9]
    p = np.linspace(0, 1, 4001)
    return sum(stats.binom.pmf(a, n1, p) * stats.binom.pmf(b, n0, p) for a, b in chosen).max()


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("method", ["boschloo", "barnard"])
@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("counts", [(7, 9, 2, 8), (1, 6, 5, 7), (4, 10, 3, 5)])
def test_unconditional_tests_are_those_of_every_table(from_counts, method, alternative, counts):
    data = from_counts(*[[count] for count in counts])
    ours = exact_test(data, "better", "arm", "reference", method=method, alternative=alternative).p_value
    assert ours == pytest.approx(unconditional(*counts, method, alternative), rel=2e-4)


@pytest.mark.analytic
@pytest.mark.parametrize("method", ["boschloo", "barnard"])
def test_the_worst_common_risk_is_found_exactly(from_counts, method):
    """Both of 2 against 0 of 1 is the most extreme table; its chance p^2 (1 - p) is largest at 2/3: 4/27."""
    data = from_counts([2], [2], [0], [1])
    result = exact_test(data, "better", "arm", "reference", method=method, alternative="greater")
    assert result.p_value == pytest.approx(4 / 27, rel=1e-12)


@pytest.mark.analytic
def test_boschloo_is_never_less_powerful_than_fisher(from_counts):
    for counts in ([8, 12, 2, 10], [3, 20, 9, 18]):
        data = from_counts(*[[count] for count in counts])
        p = {
            m: exact_test(data, "better", "arm", "reference", method=m).p_value
            for m in ("fisher", "boschloo")
        }
        assert p["boschloo"] <= p["fisher"]


def test_without_events_there_is_nothing_to_reject(from_counts):
    for method in ("fisher", "boschloo", "barnard"):
        result = exact_test(from_counts([0], [9], [0], [7]), "better", "arm", "reference", method=method)
        assert result.p_value == 1
        assert math.isnan(result.odds_ratio)
        assert (result.ci_lower, result.ci_upper) == (0.0, math.inf)
    assert "Exact test (barnard)" in repr(result)
    with pytest.raises(DataError, match="method"):
        exact_test(from_counts([1], [9], [0], [7]), "better", "arm", "reference", method="mid-p")


@pytest.mark.external_reference
def test_van_elterens_test_is_that_of_coin():
    expected = own_reference("van_elteren", "output")
    data = own_data("van_elteren", "trial")
    result = van_elteren(data, "score", "arm", "control", "site")
    agree("van_elteren", "coin", "statistic", result.statistic, expected["statistic"])
    agree("van_elteren", "coin", "p_value", result.p_value, expected["p_value"])
    whole = van_elteren(data.assign(all="x"), "score", "arm", "control", "all")
    agree("van_elteren", "coin", "statistic", whole.statistic, expected["wilcoxon"])
    agree("van_elteren", "coin", "p_value", whole.p_value, expected["wilcoxon_p"])


@pytest.mark.analytic
def test_order_alone_counts_and_the_arms_can_be_exchanged():
    data = own_data("van_elteren", "trial")
    first = van_elteren(data, "score", "arm", "control", "site")
    curved = van_elteren(data.assign(score=np.exp(data["score"])), "score", "arm", "control", "site")
    assert curved.statistic == pytest.approx(first.statistic, rel=1e-12)
    other = van_elteren(data, "score", "arm", "exercise", "site")
    assert other.statistic == pytest.approx(-first.statistic, rel=1e-12)
    assert other.probability == pytest.approx(1 - first.probability, rel=1e-12)
    one_sided = van_elteren(data, "score", "arm", "control", "site", alternative="greater")
    assert one_sided.p_value == pytest.approx(first.p_value / 2, rel=1e-12)


def test_a_stratum_without_variation_tells_nothing():
    data = pd.DataFrame(
        {
            "site": list("aaaabbbc"),
            "arm": ["t", "c", "t", "c", "t", "c", "c", "t"],
            "y": pd.Categorical(["low", "high", "high", "low", "low", "low", "low", "high"], ["low", "high"]),
        }
    )
    result = van_elteren(data, "y", "arm", "c", "site")
    assert result.strata["informative"].tolist() == [True, False, False]
    assert result.statistic == 0
    assert "2 strata tell nothing" in repr(result)
    with pytest.raises(DataError, match="in which the outcome varies"):
        van_elteren(data[data["site"] != "a"], "y", "arm", "c", "site")
    with pytest.raises(DataError, match="ordered categories"):
        van_elteren(data.assign(y=data["y"].astype(str)), "y", "arm", "c", "site")
    with pytest.raises(DataError, match="two groups"):
        van_elteren(data, "y", "arm", "d", "site")
