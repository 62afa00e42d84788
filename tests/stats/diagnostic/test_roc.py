"""ROC curves."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.reference.agreement import agree, column, own_data, own_reference
from trialkit.stats import DataError, calibration, compare_rocs, logistic, roc
from trialkit.stats.diagnostic.cutoffs import resampled_cutoffs

R = "pROC"


def compare_with_coords(result, best):
    """All cutoffs tied for Youden's index, and what each gets right."""
    ours = result.cutoffs.sort_values("threshold").reset_index(drop=True)
    theirs = pd.DataFrame(best).sort_values("threshold").reset_index(drop=True)
    assert len(ours) == len(theirs)
    agree("roc", R, "estimate", ours["threshold"], theirs["threshold"])
    for name in ("tp", "fp", "tn", "fn"):
        agree("roc", R, "count", ours[name], theirs[name])
    shown = theirs[np.isclose(theirs["threshold"], result.cutoff)].iloc[0]
    for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy"):
        agree("roc", R, "estimate", getattr(result, name), shown[name])


def compare_with_shared(result, expected):
    agree("roc", R, "estimate", result.auc, expected["auc"])
    agree("roc", R, "standard_error", result.standard_error, expected["auc_se_delong"])
    agree("roc", R, "interval", [result.ci_lower, result.ci_upper], expected["ci_delong"])
    assert (result.positives, result.negatives) == (expected["n_cases"], expected["n_controls"])
    assert result.direction == {"<": "higher", ">": "lower"}[expected["direction"]]
    compare_with_coords(result, expected["youden"])


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("case", "data", "direction"),
    [("fat_fraction", "trial", "higher"), ("muscle_area", "trial", "lower"), ("tied", "tied", "higher")],
)
def test_area_interval_and_cutoffs_are_those_of_proc(case, data, direction):
    expected = own_reference("roc", "output")[case]
    frame = own_data("roc", data)
    score = "score" if case == "tied" else case
    result = roc(frame, "recurred", score, direction=direction)
    agree("roc", R, "estimate", result.auc, expected["auc"])
    agree("roc", R, "standard_error", result.standard_error, expected["standard_error"])
    agree("roc", R, "interval", [result.ci_lower, result.ci_upper], expected["ci"])
    wide = roc(frame, "recurred", score, direction=direction, confidence_level=0.9)
    agree("roc", R, "interval", [wide.ci_lower, wide.ci_upper], expected["ci90"])
    compare_with_coords(result, expected["youden"])
    points = expected["points"][1:-1]
    inside = result.curve.iloc[1:-1]
    for name in ("threshold", "sensitivity", "specificity"):
        agree("roc", R, "estimate", np.sort(inside[name]), np.sort(column(points, name)))


@pytest.mark.external_reference
@pytest.mark.parametrize("score", ["s100b", "ndka", "wfns", "age"])
def test_the_haemorrhage_cohort_gives_what_r_gave(shared_data, shared_result, score):
    entry = "roc_wfns_n" if score == "wfns" else f"roc_{score}"
    result = roc(shared_data("aSAH"), "outcome", score, positive="Poor")
    compare_with_shared(result, shared_result("aSAH", entry))


@pytest.fixture
def headache(shared_data):
    data = shared_data("acupuncture").dropna(subset="pk5")
    return data.assign(responder=((100 * (data["pk1"] - data["pk5"]) / data["pk1"]) >= 35).astype(int))


@pytest.mark.external_reference
@pytest.mark.parametrize(("score", "entry"), [("pk1", "baseline"), ("chronicity", "chronicity")])
def test_the_headache_trial_gives_what_r_gave(headache, shared_result, score, entry):
    result = roc(headache, "responder", score, direction="auto")
    compare_with_shared(result, shared_result("acupuncture", f"roc_{entry}_for_responder"))
    assert "The data chose the direction" in repr(result)


@pytest.mark.external_reference
@pytest.mark.parametrize(("score", "entry"), [("preOp_age", "age"), ("preOp_calcBMI", "bmi")])
def test_the_gargle_trial_gives_what_r_gave(shared_data, shared_result, score, entry):
    data = shared_data("licorice_gargle")
    data["any"] = (
        (data["pacu30min_swallowPain"] > 0).astype(float).where(data["pacu30min_swallowPain"].notna())
    )
    result = roc(data, "any", score, direction="auto")
    compare_with_shared(result, shared_result("licorice_gargle", f"roc_{entry}_swallow"))
    assert result.rows.excluded == 2


@pytest.mark.external_reference
def test_the_colon_trial_gives_what_r_gave(shared_data, shared_result):
    data = shared_data("colon").query("etype == 2")
    died = np.where(data["time"] >= 1826, 0.0, np.where(data["status"] == 1, 1.0, np.nan))
    result = roc(data.assign(died=died), "died", "nodes")
    compare_with_shared(result, shared_result("colon", "roc_nodes_death5y"))


@pytest.mark.external_reference
def test_the_streptomycin_trial_gives_what_r_gave(shared_data, shared_result):
    """The model is quasi-separated, which ours refuses; R stops on the way to infinity, and so does this."""
    import statsmodels.formula.api as smf
    from statsmodels.genmod.families import Binomial

    data = shared_data("strep_tb").assign(imp=lambda d: d["improved"].astype(int))
    formula = "imp ~ arm + baseline_condition + gender + baseline_cavitation"
    fit = smf.glm(formula, data, family=Binomial()).fit(maxiter=25, tol=1e-8)
    result = roc(data.assign(fitted=np.round(fit.fittedvalues, 12)), "imp", "fitted")
    compare_with_shared(result, shared_result("strep_tb", "roc_fitted"))


@pytest.mark.external_reference
def test_fitted_probabilities_of_the_headache_trial_give_what_r_gave(headache, shared_result):
    fit = logistic("responder ~ group + pk1 + age + chronicity", headache)
    result = roc(headache.assign(fitted=fit.fitted), "responder", "fitted")
    compare_with_shared(result, shared_result("acupuncture", "roc_logistic_fitted"))


@pytest.mark.external_reference
@pytest.mark.parametrize(("second", "entry"), [("ndka", "ndka"), ("wfns", "wfns")])
def test_two_markers_of_one_cohort_compare_as_in_r(shared_data, shared_result, second, entry):
    expected = shared_result("aSAH", f"roc_s100b_vs_{entry}_delong")
    row = compare_rocs(shared_data("aSAH"), "outcome", "s100b", second, positive="Poor").contrast.iloc[0]
    agree("roc", R, "statistic", row["statistic"], expected["statistic"])
    agree("roc", R, "p_value", row["p_value"], expected["p"])
    agree("roc", R, "interval", [row["ci_lower"], row["ci_upper"]], expected["conf_int"])


@pytest.mark.external_reference
def test_markers_that_point_in_different_directions_compare_as_in_r():
    expected = own_reference("roc", "output")["fat_against_muscle"]
    result = compare_rocs(
        own_data("roc", "trial"), "recurred", "fat_fraction", "muscle_area", direction=("higher", "lower")
    )
    row = result.contrast.iloc[0]
    agree("roc", R, "statistic", row["statistic"], expected["statistic"])
    agree("roc", R, "p_value", row["p_value"], expected["p_value"])
    agree("roc", R, "interval", [row["ci_lower"], row["ci_upper"]], expected["ci"])
    agree("roc", R, "estimate", result.correlation, expected["correlation"])


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=12), st.lists(st.integers(0, 6), min_size=2, max_size=12)
)
def test_area_and_error_are_those_of_counting_every_pair(positives, negatives):
    if len(set(positives + negatives)) == 1:
        return
    data = pd.DataFrame({"y": [1] * len(positives) + [0] * len(negatives), "x": positives + negatives})
    result = roc(data, "y", "x")
    wins = np.array([[(p > n) + (p == n) / 2 for n in negatives] for p in positives])
    variance = wins.mean(axis=1).var(ddof=1) / len(positives) + wins.mean(axis=0).var(ddof=1) / len(negatives)
    assert result.auc == pytest.approx(wins.mean(), rel=1e-12)
    expected = math.sqrt(variance) or math.nan  # a variance of 0 is one that was not seen
    assert result.standard_error == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
    best = max(
        sum(p > c for p in positives) / len(positives) - sum(n > c for n in negatives) / len(negatives)
        for c in [-1, *range(7)]
    )
    assert result.sensitivity + result.specificity - 1 == pytest.approx(best, abs=1e-12)


@pytest.mark.analytic
def test_turning_the_score_round_turns_the_direction_round():
    data = own_data("roc", "trial")
    up = roc(data, "recurred", "fat_fraction")
    down = roc(data.assign(fat_fraction=-data["fat_fraction"]), "recurred", "fat_fraction", direction="lower")
    assert down.auc == up.auc
    assert down.cutoff == -up.cutoff
    assert roc(data, "recurred", "fat_fraction", direction="lower").auc == pytest.approx(
        1 - up.auc, rel=1e-12
    )


@pytest.mark.analytic
def test_f1_is_the_harmonic_mean_of_sensitivity_and_ppv():
    result = roc(own_data("roc", "trial"), "recurred", "fat_fraction")
    assert result.f1 == pytest.approx(2 / (1 / result.sensitivity + 1 / result.ppv), rel=1e-12)


def test_tied_cutoffs_are_all_reported_and_the_most_sensitive_is_used():
    result = roc(own_data("roc", "tied"), "recurred", "score")
    assert len(result.cutoffs) > 1
    assert result.cutoff == result.cutoffs["threshold"].min()
    assert result.sensitivity == result.cutoffs["sensitivity"].max()
    assert "share the largest Youden index" in repr(result)


@pytest.mark.independent_reimplementation
def test_the_bootstrap_of_the_cutoff_has_the_distribution_of_all_resamples():
    """Two with and two without the outcome have 4 x 4 equally likely resamples: each can be looked at."""
    data = pd.DataFrame({"y": [1, 1, 0, 0], "x": [3.0, 8.0, 1.0, 4.0]})
    cutoffs = []
    for a, b in itertools.product(
        itertools.product([3.0, 8.0], repeat=2), itertools.product([1.0, 4.0], repeat=2)
    ):
        cutoffs.append(roc(data.assign(x=[*a, *b]), "y", "x").cutoff)
    drawn = resampled_cutoffs(np.array([3.0, 8.0]), np.array([1.0, 4.0]), 4000, seed=5)
    assert set(drawn) == set(cutoffs)
    for cutoff in set(cutoffs):
        assert (drawn == cutoff).mean() == pytest.approx(cutoffs.count(cutoff) / 16, abs=0.03)
    exact = np.quantile(cutoffs, [0.1, 0.9], method="inverted_cdf")
    result = roc(data, "y", "x", confidence_level=0.8, resamples=4000, seed=5)
    assert [result.cutoff_ci_lower, result.cutoff_ci_upper] == exact.tolist()
    again = roc(data, "y", "x", confidence_level=0.8, resamples=4000, seed=5)
    assert again.cutoff_ci_lower == result.cutoff_ci_lower


@pytest.mark.external_reference
@pytest.mark.parametrize(("score", "direction"), [("fat_fraction", "higher"), ("muscle_area", "lower")])
def test_a_cutoff_chosen_beforehand_gets_right_what_it_gets_in_proc(score, direction):
    """Some cutoffs are observed scores: those at the cutoff count as beyond it, as in pROC."""
    expected = own_reference("roc", "output")[f"at_{score}"]
    result = roc(own_data("roc", "trial"), "recurred", score, direction=direction)
    table = result.at([row["threshold"] for row in expected])
    assert table["cutoff"].unique().tolist() == [row["threshold"] for row in expected]
    for theirs, (_, ours) in zip(expected, table.groupby("cutoff", sort=False), strict=True):
        ours = ours.set_index("measure")
        for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy"):
            agree("roc", R, "estimate", ours.loc[name, "estimate"], theirs[name])
        agree("roc", R, "count", ours.loc["sensitivity", ["count", "of"]].astype(float),
              [theirs["tp"], theirs["tp"] + theirs["fn"]])  # fmt: skip


@pytest.mark.analytic
def test_at_the_youden_cutoff_both_tables_are_one():
    result = roc(own_data("roc", "trial"), "recurred", "muscle_area", direction="lower")
    pd.testing.assert_frame_equal(result.at(result.cutoff).drop(columns="cutoff"), result.at_cutoff)
    assert result.at(np.inf).set_index("measure").loc["sensitivity", "estimate"] == 1  # all are below it
    assert np.isnan(result.at(-np.inf).set_index("measure").loc["ppv", "estimate"])


@pytest.mark.independent_reimplementation
def test_the_interval_of_f1_is_wilsons_of_the_share_of_true_positives_among_all_but_true_negatives():
    from statsmodels.stats.proportion import proportion_confint

    result = roc(own_data("roc", "trial"), "recurred", "fat_fraction")
    point = result.cutoffs.iloc[0]
    share = proportion_confint(point["tp"], point["tp"] + point["fp"] + point["fn"], method="wilson")
    f1 = result.at_cutoff.set_index("measure").loc["f1"]
    carried = [2 * end / (1 + end) for end in share]
    assert f1[["ci_lower", "ci_upper"]].tolist() == pytest.approx(carried, rel=1e-12)
    assert f1["ci_lower"] < f1["estimate"] < f1["ci_upper"]


@pytest.mark.parametrize("cutoffs", ["45", [None], [[1.0]], [float("nan")]])
def test_a_cutoff_is_a_number(cutoffs):
    with pytest.raises(DataError, match="cutoffs as numbers"):
        roc(own_data("roc", "trial"), "recurred", "fat_fraction").at(cutoffs)


def test_a_score_without_fault_has_no_interval():
    result = roc(pd.DataFrame({"y": [1, 1, 0, 0], "x": [3, 4, 1, 2]}), "y", "x")
    assert result.auc == 1
    assert all(math.isnan(one) for one in (result.standard_error, result.ci_lower, result.ci_upper))
    assert result.cutoff == 2.5


@pytest.mark.parametrize(
    ("change", "arguments", "text"),
    [
        ({}, {"positive": 2}, "rows with the outcome 2"),
        ({"y": [0, 1, 2, 1]}, {}, "two different outcomes"),
        ({"y": [1, 1, 1, 1]}, {}, "two different outcomes"),
        ({"y": [1, 0, 0, 0]}, {}, "at least two subjects"),
        ({"x": [1, 1, 1, 1]}, {}, "scores that differ"),
        ({"x": list("abcd")}, {}, "numbers"),
        ({"x": [1, 2, np.inf, 3]}, {}, "finite"),
        ({}, {"direction": ">"}, "direction"),
        ({}, {"resamples": 10}, "a seed"),
        ({}, {"resamples": 10, "seed": -1}, "0 or more"),
        ({}, {"resamples": -10, "seed": 1}, "0 or more"),
        ({}, {"resamples": 0.5, "seed": 1}, "0 or more"),
        ({}, {"score": "y"}, "other than the outcome"),
        ({}, {"score": ["x"]}, "name of one column"),
        ({}, {"positive": [1]}, "rows with the outcome"),
    ],
)
def test_data_without_a_roc_curve_are_refused(change, arguments, text):
    data = pd.DataFrame({"y": [1, 0, 1, 0], "x": [1.0, 2.0, 3.0, 4.0]} | change)
    with pytest.raises(DataError, match=text):
        roc(data, **{"outcome": "y", "score": "x", **arguments})


@pytest.mark.parametrize("direction", [("higher",), 1, None])
def test_directions_are_one_or_one_a_score(direction):
    with pytest.raises(DataError, match="one for each score"):
        compare_rocs(own_data("roc", "trial"), "recurred", "fat_fraction", "muscle_area", direction=direction)


def test_a_score_is_not_compared_with_itself():
    data = own_data("roc", "trial").assign(double=lambda d: 2 * d["fat_fraction"])
    with pytest.raises(DataError, match="nothing to test"):
        compare_rocs(data, "recurred", "fat_fraction", "double")


def test_an_outcome_of_1_and_2_is_refused_as_everywhere_else():
    """1 = yes, 2 = no would be read upside down by who means the other; which it is has to be said."""
    data = pd.DataFrame({"y": [1, 1, 1, 2, 2, 2] * 4, "x": [0.1, 0.2, 0.35, 0.3, 0.6, 0.9] * 4})
    for method in (lambda: roc(data, "y", "x"), lambda: calibration(data, "y", "x")):
        with pytest.raises(DataError, match="the values 1, 2"):
            method()
    assert roc(data, "y", "x", positive=2).auc > 0.8
