"""Reference-based imputation: against rbmi and base R, and by what must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import (
    LARGEST_GRADIENT,
    ReferenceStoppedEarly,
    agree,
    column,
    own_data,
    own_reference,
)
from trialkit.stats import ancova, impute_reference_based
from trialkit.stats.missing.completed_grid import GridImputations
from trialkit.stats.missing.jackknife import jackknife_error

STRATEGIES = {"mar": "MAR", "j2r": "JR", "cr": "CR", "cir": "CIR", "lmcf": "LMCF"}
ANTIDEPRESSANT = {
    "subject": "PATIENT",
    "visit": "VISIT",
    "outcome": "CHANGE",
    "arm": "THERAPY",
    "reference": "PLACEBO",
    "covariates": ["BASVAL"],
}


def invented(strategy: str) -> tuple[pd.DataFrame, dict]:
    """The trial of the R program, and its events; last mean carried forward leaves out events at week 6."""
    trial = own_data("impute_reference_based", "trial")
    if strategy == "lmcf":
        trial = trial[trial.event_week != 6]
    events = trial.drop_duplicates("subject").set_index("subject").event_week.dropna()
    return trial, events.astype(int).to_dict()


def imputed_trial(strategy: str, **options) -> GridImputations:
    trial, ice = invented(strategy)
    return impute_reference_based(
        trial, "subject", "week", "change", "arm", "control", ["base"], strategy, ice, **options
    )


def week_52(frame: pd.DataFrame):
    return ancova("change ~ arm + base", frame[frame.week == 52], treatment="arm", reference="control")


def visit_differences(frame: pd.DataFrame) -> pd.DataFrame:
    """PLACEBO - DRUG at each visit by least squares; the jackknife needs the estimates alone."""
    first = frame[frame.VISIT == 4]
    design = np.column_stack([np.ones(len(first)), first.THERAPY == "PLACEBO", first.BASVAL]).astype(float)
    outcomes = frame.CHANGE.to_numpy().reshape(-1, 4)
    found = np.linalg.lstsq(design, outcomes, rcond=None)[0][1]
    return pd.DataFrame({"contrast": "PLACEBO - DRUG", "VISIT": [4, 5, 6, 7], "estimate": found})


@pytest.fixture(scope="module")
def rbmi_slopes(shared_data, shared_result) -> np.ndarray:
    """The slopes of visits 5, 6 and 7 on visit 4 in rbmi's fit, to rounding: its imputed values show them.

    Of those seen at visit 4 alone, what is imputed is linear in the baseline and the value at visit 4.
    """
    data = shared_data("antidepressant")
    rows = pd.DataFrame(shared_result("antidepressant", "rbmi_condmean_JR_imputed_values_original_data"))
    imputed = rows.astype({"PATIENT": int, "VISIT": int}).pivot(
        index="PATIENT", columns="VISIT", values="CHANGE"
    )
    alone = data[data.PATIENT.isin(imputed.dropna().index)].set_index("PATIENT")
    placebo = alone[alone.THERAPY == "PLACEBO"]
    assert (placebo.VISIT == 4).all()
    design = np.column_stack([np.ones(len(placebo)), placebo.BASVAL, placebo.CHANGE])
    outcomes = imputed.loc[placebo.index, [5, 6, 7]].to_numpy()
    found = np.linalg.lstsq(design, outcomes, rcond=None)[0]
    np.testing.assert_allclose(design @ found, outcomes, atol=1e-12)
    return found[2]


def early_stop(model, slopes: np.ndarray) -> ReferenceStoppedEarly:
    """rbmi's fit is not at the maximum: with its slopes on visit 4 in place of ours the likelihood is lower.

    It is taken at our other parameters. R's mmrm, run to convergence, and SAS have our covariance.
    """
    from trialkit.stats.mixed.marginal import RepeatedMeasures
    from trialkit.stats.mixed.panel import make_panel
    from trialkit.stats.mixed.structures import make_structure

    panel = make_panel(model._rotation.columns, model.subject, model.visit, 4)
    n, p = model.design.X.shape
    likelihood = RepeatedMeasures((panel,), make_structure("us", 4), n, p, True, model._rotation.log_jacobian)
    ours = model.maximum
    S = ours.covariance
    assert abs(S[0, 1] / S[0, 0] - 16.5157514644812 / 19.6844651655223) < 1e-7
    first = np.append(1.0, slopes)
    moved = S - np.outer(S[0], S[0]) / S[0, 0] + S[0, 0] * np.outer(first, first)
    theirs = likelihood.structure.start(moved)
    return ReferenceStoppedEarly(
        likelihood.value(ours.theta),
        likelihood.value(theirs),
        float(np.linalg.norm(likelihood.state(ours.theta).score)),
    )


@pytest.mark.external_reference
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_conditional_means_and_jackknife_are_those_of_base_r(strategy):
    theirs = own_reference("impute_reference_based", "output")[strategy]
    imputed = imputed_trial(strategy)
    values = pd.DataFrame(theirs["imputed"]).merge(
        imputed.imputed_values(), on=["subject", "week"], validate="one_to_one"
    )
    assert len(values) == len(theirs["imputed"]) == int(imputed.completion.missing.sum())
    method = "impute_reference_based"
    agree(method, "base R", "estimate", values.change_y, values.change_x, scale=1.0)
    fits = imputed.analyse(week_52)
    ours = pd.concat([fits.ls_means(), fits.contrasts()])
    for name in ("estimate", "standard_error", "p_value"):
        agree(method, "base R", name, ours[name], theirs[name])
    for name in ("ci_lower", "ci_upper"):
        agree(method, "base R", "interval", ours[name], theirs[name], scale=ours.standard_error)
    assert np.isinf(ours.df).all()


@pytest.mark.external_reference
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_antidepressant_trial_gives_what_rbmi_gives(
    strategy, antidepressant, stopped, shared_result, rbmi_slopes
):
    assert len(stopped) == 43
    imputed = impute_reference_based(antidepressant, **ANTIDEPRESSANT, strategy=strategy, ice=stopped)
    ours = imputed.analyse(visit_differences)
    rows = shared_result("antidepressant", f"rbmi_condmean_jackknife_{STRATEGIES[strategy]}")
    theirs = [row for row in rows if row["parameter"].startswith("trt")]
    assert ours.contrast.unique().tolist() == ["PLACEBO - DRUG"]
    leave = early_stop(imputed.conditional_means.model, rbmi_slopes)
    assert leave.holds
    assert leave.our_log_likelihood - leave.their_log_likelihood > 1e-8
    assert leave.our_gradient_norm < LARGEST_GRADIENT
    method = "impute_reference_based"
    agree(method, "rbmi", "estimate", ours.estimate, column(theirs, "est"), leave=leave)
    agree(method, "rbmi", "standard_error", ours.standard_error, column(theirs, "se"), leave=leave)
    agree(method, "rbmi", "p_value", ours.p_value, column(theirs, "pval"), leave=leave)
    for name, entry in (("ci_lower", "lci"), ("ci_upper", "uci")):
        scale = ours.standard_error
        agree(method, "rbmi", "interval", ours[name], column(theirs, entry), leave=leave, scale=scale)


@pytest.mark.external_reference
def test_the_values_imputed_by_jump_to_reference_are_those_of_rbmi(
    antidepressant, stopped, shared_result, rbmi_slopes
):
    """To 0.002 of a standard deviation of 6: as near as rbmi's fit is to the maximum (see early_stop)."""
    imputed = impute_reference_based(antidepressant, **ANTIDEPRESSANT, strategy="j2r", ice=stopped)
    rows = pd.DataFrame(shared_result("antidepressant", "rbmi_condmean_JR_imputed_values_original_data"))
    rows = rows.astype({"PATIENT": int, "VISIT": int})
    both = imputed.imputed_values().merge(rows, on=["PATIENT", "VISIT"], validate="one_to_one")
    assert len(both) == len(rows) == 80
    assert early_stop(imputed.conditional_means.model, rbmi_slopes).holds
    np.testing.assert_allclose(both.CHANGE_x, both.CHANGE_y, rtol=0, atol=0.002)
    assert int((~both.after_event).sum()) == 1


@pytest.mark.external_reference
def test_posterior_draws_pool_to_what_rbmi_gives_within_monte_carlo_error(
    antidepressant, stopped, shared_result
):
    """Two samples of draws: the estimates differ by sqrt(B (1/200 + 1/500)), B the between variance."""
    imputed = impute_reference_based(
        antidepressant, **ANTIDEPRESSANT, strategy="j2r", ice=stopped, method="bayes", n=200, seed=20
    )

    def last_visit(frame):
        return ancova("CHANGE ~ THERAPY + BASVAL", frame[frame.VISIT == 7], treatment="THERAPY")

    ours = imputed.analyse(last_visit).contrasts().iloc[0]
    rows = shared_result("antidepressant", "rbmi_approxbayes_JR_rubin_500")
    theirs = next(row for row in rows if row["parameter"] == "trt_7")
    error = np.sqrt(ours.between_variance * (1 / 200 + 1 / 500))
    assert abs(ours.estimate - theirs["est"]) < 3.5 * error
    assert ours.standard_error == pytest.approx(theirs["se"], rel=0.04)
    # the expectation of the draws is the conditional mean, whose difference is 2.1255
    assert abs(ours.estimate - 2.1255) < 3.5 * np.sqrt(ours.between_variance / 200) + 0.03


@pytest.mark.analytic
def test_the_jackknife_error_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(3).normal(size=25)
    left_out = np.array([[np.delete(values, i).mean()] for i in range(25)])
    np.testing.assert_allclose(jackknife_error(left_out), values.std(ddof=1) / 5, rtol=1e-12)


@pytest.mark.analytic
def test_observed_values_are_never_changed_and_only_missing_ones_imputed(long_trial, names):
    imputed = impute_reference_based(long_trial, **names, ice=dict.fromkeys(range(8), 26))
    frame = imputed[0]
    known = long_trial.odi.notna().to_numpy()
    np.testing.assert_array_equal(frame.odi[known], long_trial.odi[known])
    assert frame.odi.notna().all()
    counts = imputed.counts
    assert counts.observed.sum() == known.sum() == 171
    assert counts.missing_at_random.sum() == 1
    assert counts.missing_after_event.sum() == 8
    values = imputed.imputed_values()
    assert values.set_index("id").loc[8, "strategy"] == "mar"
    assert "8 values missing after an event (j2r), 1 at random" in repr(imputed)


@pytest.mark.analytic
def test_strategies_do_not_move_the_reference_arm_but_by_its_own_event(long_trial, names):
    """In the reference arm jump, copy and increments all mean its own mean: MAR."""
    ice = dict.fromkeys(range(0, 8, 2), 26)
    found = {
        name: impute_reference_based(long_trial, **names, strategy=name, ice=ice).imputed_values().odi
        for name in ("j2r", "cr", "cir")
    }
    np.testing.assert_allclose(found["j2r"], found["cr"], rtol=1e-12)
    np.testing.assert_allclose(found["j2r"], found["cir"], rtol=1e-12)


@pytest.mark.analytic
def test_a_strategy_may_differ_between_subjects(long_trial, names):
    ice = dict.fromkeys(range(8), 26)
    chosen = {subject: "j2r" if subject < 4 else "mar" for subject in range(8)}
    mixed = impute_reference_based(long_trial, **names, strategy=chosen, ice=ice).imputed_values()
    assert mixed.set_index("id").strategy.to_dict() == {**chosen, 8: "mar"}
    from_a_table = impute_reference_based(
        long_trial, **names, strategy=pd.Series(chosen), ice=pd.Series(ice)
    ).imputed_values()
    pd.testing.assert_frame_equal(from_a_table, mixed)


@pytest.mark.analytic
def test_values_observed_after_an_event_condition_but_do_not_teach(long_trial, names):
    """Raising what a subject shows after the event moves that subject's other values, no one else's."""
    trial = long_trial.copy()
    trial.loc[(trial.id == 1) & (trial.week == 12), "odi"] = np.nan
    trial.loc[(trial.id == 1) & (trial.week == 26), "odi"] = 20.0
    raised = trial.assign(odi=trial.odi.where((trial.id != 1) | (trial.week != 26), 30.0))
    ice = {**dict.fromkeys(range(8), 26), 1: 12}
    before, after = (
        impute_reference_based(d, **names, ice=ice).imputed_values().set_index(["id", "week"]).odi
        for d in (trial, raised)
    )
    moved = (after - before).abs()
    assert moved.loc[(1, 12)] > 1
    assert moved.drop((1, 12)).max() < 1e-9


@pytest.mark.analytic
@pytest.mark.parametrize(("worse", "sign"), [("higher", 1), ("lower", -1)])
def test_delta_worsens_only_values_missing_after_an_event_in_arms_but_the_reference(
    long_trial, names, worse, sign
):
    ice = dict.fromkeys(range(8), 26)
    plain = impute_reference_based(long_trial, **names, ice=ice)
    shifted = impute_reference_based(long_trial, **names, ice=ice, delta=3, worse=worse)
    moved = (shifted[0].odi - plain[0].odi).round(12)
    exercise = long_trial.arm == "exercise"
    expected = sign * 3.0 * (exercise & (long_trial.id < 8) & (long_trial.week == 26))
    np.testing.assert_array_equal(moved, expected.to_numpy())
    as_given = impute_reference_based(long_trial, **names, ice=ice, delta=sign * 3)
    np.testing.assert_array_equal(as_given[0].odi, shifted[0].odi)
    assert f"{sign * 3:+g} (exercise)" in repr(as_given)
    again = plain.with_delta({"control": 1, "exercise": 2}, worse)
    moved = (again[0].odi - plain[0].odi).round(12)
    assert sorted(moved.unique()) == sorted([0.0, sign * 1.0, sign * 2.0])


@pytest.mark.analytic
def test_the_same_seed_gives_the_same_draws_and_more_draws_begin_with_them(long_trial, names):
    ice = dict.fromkeys(range(8), 26)
    options = {**names, "ice": ice, "method": "bayes", "seed": 5}
    few, many = (impute_reference_based(long_trial, **options, n=n) for n in (3, 60))
    other = impute_reference_based(long_trial, **{**options, "seed": 6}, n=3)
    for i in range(3):
        pd.testing.assert_frame_equal(few[i], many[i])
    assert len(many) == sum(1 for _ in many) == 60
    assert not few[0].odi.equals(other[0].odi)


@pytest.mark.analytic
@pytest.mark.parametrize("absent", ["row", "value"])
def test_a_visit_without_a_row_is_a_visit_without_a_value(long_trial, names, absent):
    ice = dict.fromkeys(range(8), 26)
    data = long_trial.dropna(subset="odi") if absent == "row" else long_trial
    data = data.assign(sex="f", seen=1.0)
    imputed = impute_reference_based(data, **names, ice=ice)
    frame = imputed[0].sort_values(["id", "week"], ignore_index=True)
    whole = impute_reference_based(long_trial, **names, ice=ice)[0]
    np.testing.assert_allclose(frame.odi, whole.odi, rtol=1e-9)
    assert frame[["base", "arm", "week", "sex"]].notna().all().all()


@pytest.mark.analytic
def test_the_order_of_rows_and_the_type_of_the_visit_do_not_matter(long_trial, names):
    ice = dict.fromkeys(range(8), 26)
    plain = impute_reference_based(long_trial, **names, ice=ice).imputed_values()
    shuffled = long_trial.sample(frac=1, random_state=1).assign(
        arm=lambda d: pd.Categorical(d.arm, categories=["exercise", "control"])
    )
    found = impute_reference_based(shuffled, **names, ice=ice).imputed_values()
    both = plain.merge(found, on=["id", "week"], validate="one_to_one")
    np.testing.assert_allclose(both.odi_x, both.odi_y, rtol=1e-9)
    text = long_trial.assign(week=pd.Categorical("w" + long_trial.week.astype(str), ["w6", "w12", "w26"]))
    ice = dict.fromkeys(range(8), "w26")
    named = impute_reference_based(text, **names, ice=ice).imputed_values()
    np.testing.assert_allclose(named.odi, plain.odi, rtol=1e-9)


@pytest.mark.analytic
def test_with_nothing_missing_the_data_come_back(long_trial, names):
    full = long_trial.assign(odi=long_trial.odi.fillna(20.0))
    for options in ({}, {"method": "bayes", "n": 2, "seed": 1}):
        imputed = impute_reference_based(full, **names, **options)
        np.testing.assert_array_equal(imputed[0].odi, full.odi)
        assert imputed.imputed_values().empty
