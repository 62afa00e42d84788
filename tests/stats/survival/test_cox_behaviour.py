"""Cox regression against a slow implementation, its own algebra, and data it must refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.reference.agreement import own_data
from tests.stats.survival.conftest import invented_trial
from trialkit.stats import (
    ConvergenceError,
    DataError,
    FormulaError,
    NonEstimableError,
    RankDeficiencyError,
    SeparationError,
    cox,
)
from trialkit.stats.survival.monotone import monotone_direction
from trialkit.stats.survival.newton import maximize


def slow_log_likelihood(beta, X, time, event, entry, stratum, ties):
    """The definition, one event time after another."""
    total = 0.0
    for s in np.unique(stratum):
        for moment in np.unique(time[(event == 1) & (stratum == s)]):
            risk = (entry < moment) & (time >= moment) & (stratum == s)
            dead = risk & (time == moment) & (event == 1)
            at_risk, tied = np.exp(X[risk] @ beta).sum(), np.exp(X[dead] @ beta).sum()
            removed = np.arange(dead.sum()) / dead.sum() if ties == "efron" else np.zeros(dead.sum())
            total += (X[dead] @ beta).sum() - np.log(at_risk - removed * tied).sum()
    return total


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("strata", [None, "site"])
@pytest.mark.parametrize("entry", [None, "entry"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_likelihood_written_as_loops_has_its_maximum_and_curvature_where_we_say(
    seed, entry, strata, ties
):
    data = invented_trial(seed, 45)
    fit = cox("arm + base", data, "time", "event", entry=entry, strata=strata, ties=ties)
    X = np.column_stack([data["arm"] == "exercise", data["base"]]).astype(float)
    start = data["entry"].to_numpy() if entry else np.full(len(data), -1.0)
    stratum = data["site"].to_numpy() if strata else np.zeros(len(data))

    def value(beta):
        return slow_log_likelihood(
            beta, X, data["time"].to_numpy(), data["event"].to_numpy(), start, stratum, ties
        )

    best = fit.coefficients["estimate"].to_numpy()
    assert fit.log_likelihood == pytest.approx(value(best), rel=1e-12)
    assert fit.null_log_likelihood == pytest.approx(value(np.zeros(2)), rel=1e-12)
    h = 1e-4
    steps = h * np.eye(2)
    slope = [(value(best + s) - value(best - s)) / (2 * h) for s in steps]
    np.testing.assert_allclose(slope, 0, atol=1e-6)
    curve = [
        [
            (value(best + a + b) - value(best + a - b) - value(best - a + b) + value(best - a - b))
            / (4 * h * h)
            for a in steps
        ]
        for b in steps
    ]
    np.testing.assert_allclose(np.linalg.inv(-np.array(curve)), fit.coefficient_covariance, rtol=1e-4)


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_sandwich_is_nearly_the_jackknife_over_clusters(ties):
    """Leaving out one cluster at a time moves the estimate by about its influence."""
    data = own_data("cox", "trial")
    data["cluster"] = np.arange(len(data)) % 40
    fit = cox("base", data, "time", "event", cluster="cluster", ties=ties)
    left_out = [
        cox("base", data[data["cluster"] != c], "time", "event", ties=ties).coefficients["estimate"][0]
        for c in range(40)
    ]
    jackknife = np.sqrt(((np.array(left_out) - fit.coefficients["estimate"][0]) ** 2).sum())
    assert fit.coefficients["standard_error"][0] == pytest.approx(jackknife, rel=0.08)
    assert fit.coefficients["standard_error"][0] != pytest.approx(
        np.sqrt(fit.naive_covariance[0, 0]), rel=1e-3
    )


@pytest.mark.analytic
def test_three_subjects_give_the_quadratic_one_solves_by_hand():
    """Events of x = 1 then 0, the last x = 1: (e^b / (2e^b + 1)) (1 / (e^b + 1)) is largest at e^2b = 1/2."""
    data = pd.DataFrame({"x": [1.0, 0.0, 1.0], "t": [1, 2, 3], "d": [1, 1, 1]})
    fit = cox("x", data, "t", "d")
    assert fit.hazard_ratios["estimate"][0] == pytest.approx(np.sqrt(0.5), rel=1e-9)


@pytest.mark.analytic
def test_recoding_scaling_and_order_change_only_what_they_must():
    data = own_data("cox", "trial")
    fit = cox("arm + base", data, "time", "event", strata="site")
    changed = data.assign(base=1e4 + data["base"] / 100, time=data["time"] * 7 / 365.25).sample(
        frac=1, random_state=3
    )
    other = cox("arm + base", changed, "time", "event", strata="site", reference="exercise")
    ours, theirs = (f.contrasts("arm", reference="usual").set_index("contrast") for f in (fit, other))
    np.testing.assert_allclose(theirs.loc[ours.index, "estimate"], ours["estimate"], rtol=1e-7)
    np.testing.assert_allclose(other.terms["statistic"], fit.terms["statistic"], rtol=1e-7)
    np.testing.assert_allclose(
        other.proportional_hazards["statistic"], fit.proportional_hazards["statistic"], rtol=1e-6
    )
    assert other.coefficients["estimate"].iloc[-1] == pytest.approx(
        100 * fit.coefficients["estimate"].iloc[-1], rel=1e-6
    )
    assert other.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-12)


@pytest.mark.analytic
def test_cutting_follow_up_into_periods_changes_nothing():
    data = own_data("cox", "trial").assign(start=0.0)
    early = data.assign(event=np.where(data["time"] > 5, 0, data["event"]), time=np.minimum(data["time"], 5))
    late = data[data["time"] > 5].assign(start=5.0)
    whole = cox("arm + base", data, "time", "event")
    cut = cox("arm + base", pd.concat([early, late]), "time", "event", entry="start", cluster="id")
    np.testing.assert_allclose(cut.coefficients["estimate"], whole.coefficients["estimate"], rtol=1e-9)
    robust = cox("arm + base", data, "time", "event", robust=True)
    np.testing.assert_allclose(cut.coefficient_covariance, robust.coefficient_covariance, rtol=1e-8)
    assert cut.rows.subjects_used == len(data)


@pytest.mark.analytic
def test_terms_are_wald_tests_and_a_single_column_term_is_its_z_squared():
    fit = cox("arm + base", own_data("cox", "trial"), "time", "event")
    terms = fit.terms.set_index("term")
    z = fit.coefficients.set_index("term").loc["base", "statistic"]
    assert terms.loc["base", "statistic"] == pytest.approx(z**2)
    assert terms.loc["arm", ["df_num", "distribution"]].tolist() == [2, "chi-square"]


def test_contrasts_are_log_hazard_ratios_test_minus_reference():
    fit = cox("arm + base", own_data("cox", "trial"), "time", "event")
    row = (
        fit.contrasts("arm", alternative="less", null_value=np.log(1.3))
        .set_index("contrast")
        .loc["exercise - control"]
    )
    assert row["estimate"] == pytest.approx(
        fit.coefficients.set_index("term").loc["arm[T.exercise]", "estimate"]
    )
    assert row["df"] == np.inf
    with pytest.raises(NonEstimableError):
        fit.ls_means("arm")


def test_strata_and_excluded_rows_are_accounted_for():
    data = own_data("cox", "trial")
    data.loc[data["site"] == "E", "event"] = 0
    data.loc[:2, "base"] = np.nan
    fit = cox("arm + base", data, "time", "event", strata="site", cluster="id")
    assert (fit.rows.read, fit.rows.excluded, fit.rows.missing) == (160, 3, {"base": 3})
    assert fit.strata.set_index("site")["informative"].to_dict() == dict(
        zip("ABCDE", [True] * 4 + [False], strict=True)
    )
    assert fit.strata["n"].sum() == 157
    assert "5 strata, robust errors over 157 clusters" in repr(fit)


def test_convergence_is_proved_not_presumed():
    fit = cox("arm + base", own_data("cox", "trial"), "time", "event")
    assert fit.optimum.decrement <= 1e-18
    assert fit.optimum.steps <= 8


def separated(kind: str) -> pd.DataFrame:
    data = invented_trial(5, 50, tied=False)
    if kind == "order":
        return data.assign(x=-data["time"])
    if kind == "early":
        first = data.loc[data["event"] == 1, "time"].nsmallest(3).max()
        return data.assign(x=((data["time"] <= first) & (data["event"] == 1)).astype(float))
    if kind == "interaction":
        return data.assign(x=((data["arm"] == "exercise") & (data["event"] == 0)).astype(float))
    return data.assign(x=np.where(data["event"] == 1, 1.0, 0.0))


@pytest.mark.parametrize("entry", [None, "entry"])
@pytest.mark.parametrize("kind", ["order", "early", "interaction", "events"])
def test_a_monotone_likelihood_is_refused_and_the_term_named(kind, entry):
    with pytest.raises(SeparationError, match=r"along .*\bx\b"):
        cox("arm + x + base", separated(kind), "time", "event", entry=entry)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), rare=st.floats(0.05, 0.9))
def test_a_fit_is_returned_exactly_where_linear_programming_finds_no_monotone_direction(seed, rare):
    rng = np.random.default_rng(seed)
    n = 14
    data = pd.DataFrame(
        {
            "x": rng.normal(size=n).round(1),
            "g": rng.integers(0, 2, n).astype(float),
            "t": rng.integers(1, 9, n),
            "d": (rng.uniform(size=n) < rare).astype(int),
        }
    )
    kept = {}

    def remember(likelihood, names, terms):
        kept["likelihood"] = likelihood
        return maximize(likelihood, names, terms)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trialkit.stats.survival.cox.maximize", remember)
        try:
            cox("x + g", data, "t", "d")
            separated_here = False
        except SeparationError:
            separated_here = True
        except (DataError, RankDeficiencyError):
            return
    likelihood = kept["likelihood"]
    score = likelihood.score(likelihood.hazards(np.zeros(2)))
    assert (monotone_direction(likelihood, score) is not None) == separated_here


def test_a_level_without_events_is_refused_before_any_step_and_not_named():
    data = own_data("cox", "trial")
    data.loc[data["arm"] == "usual", "event"] = 0
    with pytest.raises(SeparationError, match="1 of 3 levels of 'arm'") as refusal:
        cox("arm + base", data, "time", "event")
    assert "usual" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "call", "error", "text"),
    [
        ({}, {"time": "tme"}, FormulaError, "unknown column 'tme'"),
        ({}, {"formula": "base + ageing"}, FormulaError, "unknown column 'ageing'"),
        ({}, {"formula": "time ~ base"}, FormulaError, "without a left side"),
        ({}, {"formula": "1"}, FormulaError, "at least one term"),
        ({}, {"formula": "base + {print(1)}"}, FormulaError, "braces"),
        ({"event": 0}, {}, DataError, "at least one event"),
        ({"event": 2}, {}, DataError, "1 = event, 0 = censored"),
        ({"time": 12.0}, {}, DataError, "times that differ"),
        ({"time": "a week"}, {}, DataError, "as a number"),
        ({"base": np.inf}, {}, DataError, "infinite"),
        ({"base": 1.0}, {}, RankDeficiencyError, "base"),
        ({"base": "x"}, {}, DataError, "two levels"),
        ({}, {"ties": "exact"}, DataError, "efron"),
        ({}, {"confidence_level": 95}, DataError, "0.95"),
        ({}, {"reference": "nobody"}, DataError, "exactly one factor"),
    ],
)
def test_data_that_cannot_be_used_are_refused_with_a_reason(change, call, error, text):
    data = own_data("cox", "trial").assign(**change)
    arguments = {"formula": "base + age", "data": data, "time": "time", "event": "event", **call}
    with pytest.raises(error, match=text):
        cox(**arguments)


def test_a_covariate_constant_within_strata_is_named():
    data = own_data("cox", "trial")
    data["size"] = data["site"].map({"A": 1.0, "B": 2.5, "C": 3.0, "D": 4.2, "E": 0.1})
    with pytest.raises(RankDeficiencyError, match="size") as refusal:
        cox("arm + size", data, "time", "event", strata="site")
    assert refusal.value.columns == ("size",)


def test_fewer_rows_than_columns_are_refused():
    data = own_data("cox", "trial").head(3)
    with pytest.raises((DataError, RankDeficiencyError)):
        cox("base + age + id + entry", data, "time", "event")


def test_a_reference_that_fits_two_factors_must_be_given_by_name():
    data = own_data("cox", "trial").assign(twin=lambda d: d["arm"].iloc[::-1].to_numpy())
    with pytest.raises(DataError, match="exactly one factor"):
        cox("arm + twin", data, "time", "event", reference="usual")
    fit = cox("arm + twin", data, "time", "event", reference={"arm": "usual"})
    assert fit.coefficients["term"].tolist()[:2] == ["arm[T.control]", "arm[T.exercise]"]


def test_the_log_transform_of_the_proportional_hazards_test_refuses_time_zero():
    data = own_data("cox", "trial")
    fit = cox("base", data.assign(time=data["time"] - data["time"].min()), "time", "event")
    with pytest.raises(DataError, match="above 0"):
        fit.proportional_hazards_test("log")
    with pytest.raises(DataError, match="transform"):
        fit.proportional_hazards_test("sqrt")


def test_no_optimum_without_separation_says_what_was_tried(monkeypatch):
    monkeypatch.setattr("trialkit.stats.survival.newton.MOST_STEPS", 1)
    with pytest.raises(ConvergenceError, match="after 1 steps"):
        cox("base", own_data("cox", "trial"), "time", "event")


def test_one_cluster_is_refused_and_too_few_leave_the_joint_wald_test_unsaid():
    data = own_data("cox", "trial").assign(one="x", two=lambda d: np.where(d["id"] % 2, "a", "b"))
    with pytest.raises(DataError, match="two or more clusters"):
        cox("base", data, "time", "event", cluster="one")
    fit = cox("base + age", data, "time", "event", cluster="two")
    assert np.isnan(fit.tests.set_index("test").loc["Wald", "statistic"])
    assert "Hazard ratios" in repr(fit)


def test_a_proportional_hazards_test_that_the_event_times_do_not_determine_is_refused():
    data = pd.DataFrame({"x": [0.0, 1, 2, 3, 4, 1], "t": [1, 1, 2, 2, 2, 2], "d": [1, 1, 0, 0, 0, 0]})
    fit = cox("x", data, "t", "d")
    with pytest.raises(DataError, match="more events"):
        fit.proportional_hazards_test("km")


@pytest.mark.parametrize("kind", ["order", "early", "events"])
def test_linear_programming_alone_would_find_a_monotone_likelihood(monkeypatch, kind):
    monkeypatch.setattr("trialkit.stats.survival.newton.is_monotone", lambda likelihood, direction: False)
    with pytest.raises(SeparationError):
        cox("x", separated(kind), "time", "event")


def test_the_arm_is_counted_and_contrasted_without_being_named_twice():
    data = own_data("cox", "trial")
    data.loc[data.index[:7], "base"] = np.nan
    fit = cox("arm + sex + base", data, "time", "event", reference="usual")
    assert fit.contrasts()["contrast"].tolist() == ["control - usual", "exercise - usual"]
    assert fit.rows.by["excluded"].sum() == 7
    assert fit.rows.by["arm"].tolist() == ["control", "exercise", "usual"]
    assert (
        cox("arm + base", data, "time", "event").contrasts()["contrast"].tolist()[0] == "exercise - control"
    )
    with pytest.raises(DataError, match="factor to be named"):
        cox("arm + sex + base", data, "time", "event").contrasts()


@pytest.mark.analytic
def test_hazard_ratios_of_levels_are_contrasts_exponentiated():
    data = invented_trial(8, 120)
    fit = cox("arm * site + base", data, time="time", event="event", reference={"arm": "control"})
    logs, ratios = (table("arm", by="site") for table in (fit.contrasts, fit.hazard_ratio_contrasts))
    for name in ("estimate", "ci_lower", "ci_upper"):
        np.testing.assert_allclose(ratios[name], np.exp(logs[name]), rtol=1e-15)
    assert ratios["contrast"].tolist() == ["exercise - control"] * 2
    assert (ratios["log_standard_error"] == logs["standard_error"]).all()


@pytest.mark.analytic
def test_any_two_settings_compare_as_their_coefficients_say():
    data = invented_trial(8, 120)
    fit = cox("arm * site + rcs(base, 4)", data, time="time", event="event")
    start = pd.DataFrame({"arm": ["control"], "site": ["B"], "base": [0.0]})
    both = pd.concat([start.assign(arm="exercise"), start.assign(base=1.0)]).set_axis(["arm", "base"])
    table = fit.compare(both, start)
    arms = fit.hazard_ratio_contrasts("arm", by="site").set_index("site").loc["B"]
    assert table.loc["arm", "estimate"] == pytest.approx(arms["estimate"], rel=1e-12)
    assert table.loc["arm", "ci_upper"] == pytest.approx(arms["ci_upper"], rel=1e-12)
    back = fit.compare(start, both.iloc[[1]])["estimate"].item()
    assert table.loc["base", "estimate"] == pytest.approx(1 / back, rel=1e-12)
    with pytest.raises(DataError, match="1 or 2 reference rows"):
        fit.compare(both, pd.concat([start] * 3))


def test_a_robust_fit_says_which_of_its_tests_are():
    data = invented_trial(8)
    plain = cox("arm", data, time="time", event="event")
    robust = cox("arm", data, time="time", event="event", robust=True)
    assert "take rows as independent" in repr(robust)
    assert "take rows as independent" not in repr(plain)
