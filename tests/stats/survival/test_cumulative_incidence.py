"""Cumulative incidence and Gray's test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, cumulative_incidence, kaplan_meier, log_rank


def fitted(**options):
    return cumulative_incidence(
        own_data("cumulative_incidence", "trial"), "time", "cause", "arm", censored="censored", **options
    )


@pytest.mark.external_reference
@pytest.mark.parametrize("program", ["survfit", "etm"])
def test_incidence_and_its_error_are_those_of_survfit_and_of_etm(program):
    expected = pd.DataFrame(own_reference("cumulative_incidence", "output")[program])
    both = fitted().curves.merge(expected, on=["arm", "cause", "time"], suffixes=("", "_r"))
    assert len(both) == len(expected)
    agree("cumulative_incidence", program, "estimate", both["estimate"], both["estimate_r"])
    none = both["estimate"] == 0  # nobody had it: R's 0 would make an interval of no width
    assert (
        none.any()
        and both["standard_error"][none].isna().all()
        and (both["standard_error_r"][none] == 0).all()
    )
    had = both[~none]
    agree("cumulative_incidence", program, "standard_error", had["standard_error"], had["standard_error_r"])


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("case", "options"), [("gray", {}), ("gray_stratified", {"strata": "sex"}), ("gray_rho1", {"rho": 1})]
)
def test_grays_test_is_that_of_cmprsk(case, options):
    expected = pd.DataFrame(own_reference("cumulative_incidence", "output")[case])
    ours = fitted(**options).gray_test
    assert ours["cause"].tolist() == expected["cause"].tolist()
    agree("cumulative_incidence", "cmprsk::cuminc", "statistic", ours["statistic"], expected["statistic"])
    agree("cumulative_incidence", "cmprsk::cuminc", "p_value", ours["p_value"], expected["p_value"])


@pytest.mark.external_reference
def test_a_stratum_without_events_says_nothing_in_grays_test():
    data = own_data("cumulative_incidence", "trial")
    early = (data["cause"] == "censored") & (data["time"] < 8)
    data["stratum"] = data["sex"].mask(early, "quiet")
    expected = pd.DataFrame(own_reference("cumulative_incidence", "output")["gray_quiet"])
    ours = cumulative_incidence(data, "time", "cause", "arm", censored="censored", strata="stratum").gray_test
    agree("cumulative_incidence", "cmprsk::cuminc", "statistic", ours["statistic"], expected["statistic"])


@pytest.mark.analytic
def test_with_one_cause_it_is_the_kaplan_meier_risk_and_greenwoods_error():
    data = own_data("kaplan_meier", "trial")
    ours = cumulative_incidence(data, "time", "event", "arm").curves
    theirs = kaplan_meier(data, "time", "event", "arm").curves
    np.testing.assert_allclose(ours["estimate"], theirs["risk"], rtol=1e-10, atol=1e-14)
    alive = theirs["survival"] > 0
    np.testing.assert_allclose(
        ours["standard_error"][alive], theirs["standard_error"][alive], rtol=1e-9, atol=1e-14
    )


@pytest.mark.analytic
def test_incidences_and_survival_of_all_causes_add_up_to_one():
    data = own_data("cumulative_incidence", "trial")
    data["any"] = (data["cause"] != "censored").astype(int)
    times = [3, 9, 15]
    total = fitted().at(times).groupby(["arm", "time"])["estimate"].sum()
    survival = kaplan_meier(data, "time", "any", "arm").at(times).set_index(["arm", "time"])["survival"]
    np.testing.assert_allclose(total + survival, 1, rtol=1e-12)


@pytest.mark.analytic
def test_without_censoring_the_incidence_is_a_share_with_its_binomial_error():
    data = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6, 7, 8], "k": [1, 2, 1, 2, 2, 1, 1, 2]})
    row = cumulative_incidence(data, "t", "k").at([6.5]).set_index("cause").loc[1]
    assert row["estimate"] == pytest.approx(3 / 8)
    assert row["standard_error"] == pytest.approx(np.sqrt(3 / 8 * 5 / 8 / 8))
    assert row["n_events"] == 3


@pytest.mark.analytic
def test_without_other_causes_grays_test_ranks_groups_as_the_log_rank_test_does():
    data = own_data("kaplan_meier", "trial")
    gray = cumulative_incidence(data, "time", "event", "arm").gray_test["statistic"][0]
    assert gray == pytest.approx(log_rank(data, "time", "event", "arm").statistic, rel=0.05)


def test_the_last_follow_up_ends_what_is_claimed_and_limits_stay_in_bounds():
    for kind in ("log-log", "log", "plain"):
        table = fitted(confidence=kind).at([0, 1, 20, 99])
        assert table.loc[table["time"] == 99, ["estimate", "ci_lower"]].isna().all(axis=None)
        inside = table[table["time"] < 99].dropna()
        assert ((inside["ci_lower"] >= 0) & (inside["ci_lower"] <= inside["estimate"])).all()
        assert ((inside["ci_upper"] <= 1) & (inside["ci_upper"] >= inside["estimate"])).all()


def test_the_label_of_censoring_must_be_named():
    data = own_data("cumulative_incidence", "trial")
    with pytest.raises(DataError, match="censored="):
        cumulative_incidence(data, "time", "cause", "arm")
    with pytest.raises(DataError, match="event of any cause"):
        cumulative_incidence(data[data["cause"] == "censored"], "time", "cause", "arm", censored="censored")


def test_excluded_rows_are_counted():
    data = own_data("cumulative_incidence", "trial")
    data.loc[:4, "cause"] = None
    result = cumulative_incidence(data, "time", "cause", "arm", censored="censored")
    assert result.rows.excluded == 5
    assert "excluded 5" in repr(result)
    assert "Gray's test" in result._repr_html_().replace("&#x27;", "'")


def test_a_cause_nobody_had_has_incidence_zero_where_it_is_named():
    data = pd.DataFrame({"time": [3.0, 5, 7, 9], "cause": ["none"] * 4, "arm": ["a", "a", "b", "b"]})
    found = cumulative_incidence(data, "time", "cause", "arm", censored="none", causes=["relapse"])
    at = found.at([4.0])
    assert list(at["cause"]) == ["relapse", "relapse"]
    assert at["estimate"].tolist() == [0.0, 0.0]
    assert at["n_at_risk"].tolist() == [1, 2]
    assert np.isnan(found.gray_test["p_value"].iloc[0])
    with pytest.raises(DataError, match="every cause that occurs"):
        cumulative_incidence(
            data.assign(cause=["none", "other"] * 2), "time", "cause", censored="none", causes=["relapse"]
        )
