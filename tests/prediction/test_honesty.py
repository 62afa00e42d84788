"""The corrected estimate against the truth: simulated people whose risks are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.prediction.conftest import Told
from trialkit.prediction import metrics
from trialkit.prediction.crossed import Passes
from trialkit.prediction.developed import Development
from trialkit.prediction.optimism import corrections
from trialkit.prediction.pipeline import fit_pipeline, rows_of
from trialkit.prediction.plan import LEARNERS, Feature, PredictionPlan, Selection, Threshold
from trialkit.prediction.resampling import (
    FOLDS,
    REPEATS,
    Pass,
    Replication,
    bootstrap_replicate,
    cross_validated_risks,
    evaluate,
    judged,
    mean_performance,
    one_pass,
)
from trialkit.prediction.table import model_table

TRUE_SLOPES = np.array([0.9, -0.6, 0.4] + [0.0] * 12)


def people(n: int, random: np.random.Generator) -> pd.DataFrame:
    x = random.normal(size=(n, len(TRUE_SLOPES)))
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
    frame["subject_id"] = [str(i) for i in range(n)]
    frame["outcome"] = (random.random(n) < 1 / (1 + np.exp(-(x @ TRUE_SLOPES)))).astype(int)
    return frame


def _ten_folds(plan: PredictionPlan) -> PredictionPlan:
    return replace(plan, resampling=replace(plan.resampling, folds=FOLDS))


def _crossed(pipeline, rows, plan, seed):
    """Performance of cross-validated risks, as a development gives it."""
    risks, _ = cross_validated_risks(Replication(rows, plan, {}, seed.spawn(1)[0]))
    return judged(risks, rows, np.arange(rows.n), pipeline.thresholds)


@pytest.mark.analytic
@pytest.mark.long
def test_the_corrected_calibration_is_what_fresh_people_get(plan: PredictionPlan) -> None:
    """Logistic regression, sixty developments on 250 people. Fixed beforehand: every metric of calibration
    within 3 Monte Carlo errors or 0.02; the slope on left-out people alone lies below."""
    features = tuple(Feature(f"x{i}", f"x{i}") for i in range(len(TRUE_SLOPES)))
    plan = replace(plan, features=features, learners=("logistic",), site="", subgroups=(), baseline=())
    plan = replace(plan, selection=Selection())
    records = []
    for seed in np.random.SeedSequence(10).spawn(60):
        random = np.random.default_rng(seed)
        rows = rows_of(model_table(people(250, random), plan), plan)
        fresh = rows_of(model_table(people(10_000, random), plan), plan)
        pipeline = fit_pipeline(rows, plan, {}, seed.spawn(1)[0])
        replicates = [bootstrap_replicate(Replication(rows, plan, {}, s)) for s in seed.spawn(20)]
        table = corrections(evaluate(pipeline, rows), replicates, _crossed(pipeline, rows, plan, seed))
        truth = pd.Series(evaluate(pipeline, fresh)["logistic"])
        table = table.set_index("metric")
        records.append({m: table.loc[m, "corrected"] - truth[m] for m in metrics.CALIBRATION})
        records[-1]["left_out"] = table.loc["calibration_slope", "left_out"] - truth["calibration_slope"]
    bias, error = pd.DataFrame(records).mean(), pd.DataFrame(records).sem()
    for metric in metrics.CALIBRATION:
        assert abs(bias[metric]) < max(3 * error[metric], 0.02), metric
    assert bias["left_out"] < -3 * error["left_out"]


@pytest.mark.analytic
@pytest.mark.long
def test_the_corrected_numbers_of_all_five_learners_are_what_fresh_people_get(plan: PredictionPlan) -> None:
    """Forty developments on 250 people, each judged on 10,000 it never saw; one repeat of ten folds, since
    more change the spread alone. Fixed beforehand: AUC, Brier score, calibration in the large and O/E within
    3 Monte Carlo errors, the slope within 3 or 0.1; Harrell's correction of trees lies above by far."""
    features = tuple(Feature(f"x{i}", f"x{i}") for i in range(len(TRUE_SLOPES)))
    plan = replace(plan, features=features, learners=LEARNERS, site="", subgroups=(), baseline=())
    plan = replace(plan, selection=Selection(), settings={}, threshold=Threshold(rule="fixed", risk=0.5))
    gaps: dict[tuple[str, str], list[float]] = {}
    for seed in np.random.SeedSequence(9).spawn(40):
        random = np.random.default_rng(seed)
        rows = rows_of(model_table(people(250, random), plan), plan)
        fresh = rows_of(model_table(people(10_000, random), plan), plan)
        pipeline = fit_pipeline(rows, plan, {}, seed.spawn(1)[0])
        crossed = one_pass(Replication(rows, _ten_folds(plan), {}, seed.spawn(1)[0])).performance
        replicates = [bootstrap_replicate(Replication(rows, plan, {}, s)) for s in seed.spawn(4)]
        apparent, truth = evaluate(pipeline, rows), evaluate(pipeline, fresh)
        for row in corrections(apparent, replicates, crossed).to_dict("records"):
            name, metric = row["model"], row["metric"]
            for kind in ("corrected", "harrell"):
                gaps.setdefault((kind, f"{name} {metric}"), []).append(row[kind] - truth[name][metric])
    bias = {key: (float(np.mean(g)), float(np.std(g, ddof=1) / np.sqrt(len(g)))) for key, g in gaps.items()}
    print({key: bias["corrected", key] for kind, key in bias if kind == "corrected"})
    for name in LEARNERS:
        for metric in ("auc", "brier", "calibration_intercept", "observed_expected", "calibration_slope"):
            mean, error = bias["corrected", f"{name} {metric}"]
            at_most = 3 * error if metric != "calibration_slope" else max(3 * error, 0.1)
            assert abs(mean) < at_most, (name, metric)
    for name in ("random_forest", "xgboost", "lightgbm"):
        assert bias["harrell", f"{name} auc"][0] > 0.1


def test_a_memorizing_learner_is_corrected_by_ten_repeated_folds_others_by_632(
    choice_of_two: Told, passes_again: list[Pass]
) -> None:
    made = choice_of_two.made
    crossed = mean_performance([one.performance for one in passes_again])
    for metric, value in crossed["random_forest"].items():
        assert made.estimate("random_forest", "optimism_corrected", metric)[0] == pytest.approx(value)
    table = made.optimism.set_index(["model", "metric"])
    apparent, outside, corrected = table.loc[("logistic", "auc"), ["apparent", "left_out", "corrected"]]
    share = 0.632 / (1 - 0.368 * max(0.0, (apparent - outside) / (apparent - 0.5)))
    assert corrected == pytest.approx((1 - share) * apparent + share * outside)


def test_fewer_events_than_ten_make_fewer_folds(data, plan: PredictionPlan) -> None:
    plan = replace(plan, learners=("logistic",), selection=replace(plan.selection, folds=2))
    few = pd.concat([data[data["outcome"] == 1].head(6), data[data["outcome"] == 0].head(60)])
    rows = rows_of(model_table(few.reset_index(drop=True), plan), plan)
    seeds = np.random.SeedSequence(1).spawn(2)
    passes = Passes.of(replace(plan, learners=("logistic", "random_forest")), rows, *seeds)
    assert (passes.folds, len(passes.seeds)) == (6, REPEATS)
    once = Passes(passes.seeds[:1], passes.folds).cross(rows, plan, {}, {})
    assert 0 <= once.performance["logistic"]["auc"] <= 1


def test_lime_explains_the_lowest_the_middle_and_the_highest_risk(data, plan: PredictionPlan) -> None:
    """The strongest true slope comes first, and holds its sign over the seeds for all three."""
    from trialkit.prediction.explain import lime_stability

    rows = rows_of(model_table(data, replace(plan, learners=("logistic",))), plan)
    pipeline = fit_pipeline(rows, replace(plan, learners=("logistic",)), {}, np.random.SeedSequence(1))
    risk = pipeline.risks(rows.values)["logistic"]
    found = lime_stability(
        pipeline.learners["logistic"], pipeline.selected, pipeline.prepared.matrix(rows.values), risk
    )
    people = found.drop_duplicates("person").set_index("person")["risk"]
    assert people["lowest"] == risk.min()
    assert people["middle"] == np.sort(risk)[len(risk) // 2]
    assert people["highest"] == risk.max()
    assert len(found) == 3 * len(pipeline.selected)
    strongest = found.head(3)
    assert set(strongest["column"]) <= {"x0", "x1"}
    assert not strongest["changes_sign"].any()
    assert (found["smallest"] <= found["mean"]).all()
    assert (found["mean"] <= found["largest"]).all()


@pytest.mark.parametrize(("lower", "no_better"), [(0.5, True), (0.42, True), (0.501, False)])
def test_a_model_that_may_tell_nobody_apart_says_so_on_every_page(
    logistic: Development, lower: float, no_better: bool
) -> None:
    from trialkit.documents.html import render_html
    from trialkit.prediction.calculator import calculator_page
    from trialkit.prediction.card import NO_BETTER, model_card
    from trialkit.prediction.report import development_page

    made = logistic
    performance = made.performance.copy()
    corrected = (performance["resampling"] == "optimism_corrected") & (performance["metric"] == "auc")
    performance.loc[corrected, "ci_lower"] = lower
    made = replace(made, performance=performance)
    card = model_card(made)
    assert made.no_better_than_chance is no_better
    assert (NO_BETTER in card["contradictions"]) is no_better
    assert len(card["contradictions"]) == len(card["contradictions_zh"])
    assert ('data-word="no_better_head"' in calculator_page(made.model, card)) is no_better
    assert (NO_BETTER in render_html(development_page(made))) is no_better
