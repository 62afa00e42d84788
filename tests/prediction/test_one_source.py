"""Comparators, groups, curves and pathway are measured by the cross-validation of the corrected numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.prediction.conftest import Told
from trialkit.documents.html import render_html
from trialkit.prediction import metrics
from trialkit.prediction.comparisons import subgroup_performance
from trialkit.prediction.crossed import Crossed, Passes, moved_limits
from trialkit.prediction.decision_curve import decision_curve, net_benefit
from trialkit.prediction.developed import Development
from trialkit.prediction.development import develop_model
from trialkit.prediction.pathway_page import pathway_page
from trialkit.prediction.pipeline import rows_of
from trialkit.prediction.plan import Comparator, Feature, PredictionPlan
from trialkit.prediction.report import development_page
from trialkit.prediction.resampling import Pass
from trialkit.prediction.table import model_table


def test_a_model_beside_a_plainer_one_has_its_corrected_numbers(forest: Development) -> None:
    for row in forest.baseline.to_dict("records"):
        corrected = forest.estimate(forest.chosen, "optimism_corrected", row["metric"])[0]
        assert row["model"] == pytest.approx(corrected, abs=1e-12)
        assert row["difference"] == pytest.approx(row["model"] - row["baseline"], abs=1e-12)
        assert row["ci_lower"] < row["difference"] < row["ci_upper"]


def test_groups_and_curves_are_means_over_the_repeats(forest: Development, data, plan) -> None:
    passes = forest.crossed.risks(forest.chosen)
    assert passes.shape == (5, 200)
    assert np.ptp(passes, axis=0).max() > 0  # five passes, not one five times
    men = (data["sex"] == "male").to_numpy()
    row = forest.subgroups.set_index(["level", "metric"]).loc[("male", "auc")]
    areas = [metrics.auc(forest.outcome[men], risk[men], forest.weights[men]) for risk in passes]
    assert row["estimate"] == pytest.approx(np.mean(areas), abs=1e-12)
    at = forest.decision.set_index(["threshold", "strategy"])["net_benefit"]
    benefits = [net_benefit(forest.outcome, risk, forest.weights, 0.3) for risk in passes]
    assert at[0.3, forest.chosen] == pytest.approx(np.mean(benefits), abs=1e-12)
    curve = next(c for c in forest.calibration if c.name == "cross_validation")
    assert np.array_equal(curve.x, np.sort(passes.ravel()))
    assert np.array_equal(forest.everybody.risk, passes.mean(axis=0))


def test_one_lucky_pass_moves_no_number_to_itself(data, plan: PredictionPlan) -> None:
    """Four honest passes and one that knows the outcome: the mean, not the lucky one."""
    table = model_table(data, plan)
    rows = rows_of(table, plan)
    coin = np.full(rows.n, 0.5)
    risks = np.vstack([coin, coin, coin, coin, rows.outcome])
    found = subgroup_performance(table, rows, risks, plan, np.random.default_rng(1))
    assert found[found["metric"] == "auc"]["estimate"].tolist() == pytest.approx([0.6, 0.6])
    curve = decision_curve(rows.outcome, {"m": risks}, rows.weights, [0.6]).set_index("strategy")
    assert curve.loc["m", "net_benefit"] == pytest.approx(rows.outcome.mean() / 5)


def test_plainer_models_are_held_in_the_same_folds(data, plan: PredictionPlan) -> None:
    """A comparator with all of the model's candidates is the model: every difference is nothing."""
    numbers = tuple(f for f in plan.features if f.kind == "number")
    plan = replace(plan, features=numbers, baseline=(), learners=("logistic",))
    same = Comparator("The same", plan.names)
    made = develop_model(data, replace(plan, comparators=(same,)))
    assert made.baseline[["difference", "ci_lower", "ci_upper"]].abs().to_numpy().max() == 0


def test_a_comparator_may_have_a_feature_that_is_no_candidate(data, plan: PredictionPlan) -> None:
    data["grade"] = np.where(data["outcome"] == 1, 3, 2) * 1.0
    data.loc[data.index % 3 == 0, "grade"] = 2.0
    grade = Feature("grade", "Grade", kind="category", levels=("2", "3"), level_labels=("2", "3"))
    plan = replace(
        plan, learners=("logistic",), beside=(grade,), comparators=(Comparator("Grade alone", ("grade",)),)
    )
    made = develop_model(data, plan)
    told = made.baseline.set_index(["comparator", "metric"])
    assert set(told.index.get_level_values("comparator")) == {"X 0 alone", "Grade alone"}
    assert told.loc[("Grade alone", "auc"), "baseline"] > 0.8 > told.loc[("X 0 alone", "auc"), "baseline"]
    assert "grade" not in made.pipeline.selected
    assert made.sample_size.parameters == 7


def test_every_table_and_figure_says_what_it_is_measured_by(
    forest: Development, logistic: Development
) -> None:
    report, words = render_html(development_page(forest)), "10 folds, repeated 5 times, mean of the repeats"
    assert forest.crossed.words() == words
    for place in ("figure-2", "figure-3", "table-3-1", "table-6", "table-7"):
        part = report[report.index(f'id="{place}"') :]
        assert words in part[: part.index("</figure>" if "figure" in place else "</section>")], place
    assert "one pass" in report  # the plan's own folds
    both = report + render_html(pathway_page(forest))
    said = "Risks: cross-validated, 10 folds, repeated 5 times, each person&#39;s mean of the repeats"
    assert both.replace("&#x27;", "&#39;").replace("person's", "person&#39;s").count(said) == 4
    assert logistic.crossed.words() == "3 folds, once"
    assert "Cross-validated: 3 folds, once." in render_html(development_page(logistic))


@pytest.mark.analytic
def test_limits_hold_the_chance_of_the_draw_and_nothing_between_the_passes() -> None:
    """Passes that differ by a constant have the limits of one pass alone: 1.96 SE of a mean of 400."""
    values = np.random.default_rng(1).normal(size=400)

    def measure(turn: int, drawn) -> dict[str, float]:
        return {"mean": float(values[drawn].mean()) + 100 * turn}

    lower, upper = moved_limits(measure, 5, 400, np.random.default_rng(2), 2000)["mean"]
    expected = 1.96 * values.std() / 20
    assert (lower, upper) == pytest.approx((-expected, expected), rel=0.1)


def test_every_pass_judges_in_its_turn() -> None:
    asked: list[int] = []

    def measure(turn: int, drawn) -> dict[str, float]:
        asked.append(turn)
        return {"one": float(drawn[0])}

    moved_limits(measure, 3, 20, np.random.default_rng(1), 7)
    assert asked == [0, 1, 2, *(0, 1, 2, 0, 1, 2, 0)]


def test_what_the_choice_flatters_is_named_where_there_was_one(
    forest: Development, choice_of_two: Told
) -> None:
    words = "The choice among the learners is made once"
    assert words not in render_html(development_page(forest))
    assert words in render_html(development_page(choice_of_two.made))


def test_the_passes_of_a_plan_follow_its_learners(data, plan: PredictionPlan) -> None:
    rows = rows_of(model_table(data, plan), plan)
    once, repeats = np.random.SeedSequence(1).spawn(2)
    assert Passes.of(replace(plan, learners=("logistic",)), rows, once, repeats) == Passes((once,), 3)
    many = Passes.of(plan, rows, once, repeats)
    assert (len(many.seeds), many.folds) == (5, 10)
    crossed = Crossed((Pass({"m": {"auc": 0.6}}, {}, {}), Pass({"m": {"auc": 0.5}}, {}, {})), 10)
    assert crossed.performance == {"m": {"auc": 0.55}}
