"""The choice among learners: the simplest that cannot be told from the best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.prediction.conftest import Told, said_before_the_first_fit
from trialkit.documents.html import render_html
from trialkit.prediction.calculator import calculator_page
from trialkit.prediction.calculator.card_rows import card_rows
from trialkit.prediction.card import NO_GAIN, model_card
from trialkit.prediction.choice import simplest_of_the_best
from trialkit.prediction.developed import Development
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.report import development_page
from trialkit.prediction.resampling import Pass
from trialkit.prediction.table import model_table

SPREAD = np.array([-0.06, -0.02, 0.02, 0.06])
ERROR = float(np.std([*SPREAD, *SPREAD], ddof=1)) / 2
"""Standard error of two repeats of four folds: about 0.024, of one repeat's folds."""


@pytest.mark.parametrize(
    ("means", "chosen"),
    [
        ({"logistic": 0.610, "xgboost": 0.633}, "logistic"),
        ({"logistic": 0.608, "xgboost": 0.633}, "xgboost"),
        ({"logistic": 0.5, "xgboost": 0.7, "random_forest": 0.69}, "random_forest"),
        ({"xgboost": 0.71, "lightgbm": 0.70, "mlp": 0.705}, "lightgbm"),
        ({"logistic": 0.7, "mlp": 0.5}, "logistic"),
        ({"mlp": 0.5}, "mlp"),
    ],
)
def test_the_simplest_within_one_standard_error_of_the_best_is_chosen(means, chosen: str) -> None:
    assert 0.023 < ERROR < 0.025
    made = simplest_of_the_best([{name: mean + SPREAD for name, mean in means.items()}] * 2)
    assert made.learner == chosen
    assert made.table["standard_error"].iloc[0] == pytest.approx(ERROR)
    assert made.best == max(means, key=lambda name: means[name])
    assert (made.folds, made.repeats) == (4, 2)


def test_a_fold_with_one_outcome_takes_no_part() -> None:
    made = simplest_of_the_best(
        [{"logistic": np.array([0.5, np.nan, 0.7]), "mlp": np.array([0.6, 0.6, 0.6])}]
    )
    assert made.table.set_index("model")["auc"].to_dict() == pytest.approx({"logistic": 0.6, "mlp": 0.6})
    assert made.learner == "logistic"


def test_a_development_chooses_by_ten_folds_five_times_and_says_so(
    choice_of_two: Told, passes_again: list[Pass]
) -> None:
    made = choice_of_two.made
    again = simplest_of_the_best([crossed.areas for crossed in passes_again])
    assert made.choice.table.equals(again.table)
    assert made.chosen == again.learner == "logistic"
    assert (again.folds, again.repeats) == (10, 5)
    assert f"Chosen: logistic, {again.words()}." in choice_of_two.lines
    assert again.words() in render_html(development_page(made))
    for language, words in (("en", again.words()), ("zh", again.words_zh())):
        assert any(words in text for _, text in card_rows(made.model, made.card, language))


@pytest.mark.parametrize(("above", "no_gain"), [(0.0, True), (0.01, True), (-0.001, False)])
def test_a_model_no_better_than_the_prevalence_says_so_on_every_page(
    logistic: Development, data, above: float, no_gain: bool
) -> None:
    made = logistic
    share = data["outcome"].mean()
    performance = made.performance.copy()
    brier = (performance["resampling"] == "optimism_corrected") & (performance["metric"] == "brier")
    performance.loc[brier, "estimate"] = (
        made.sample_size.prevalence * (1 - made.sample_size.prevalence) + above
    )
    assert made.sample_size.prevalence == pytest.approx(share)
    made = replace(made, performance=performance)
    card = model_card(made)
    assert (NO_GAIN in card["contradictions"]) is no_gain
    assert len(card["contradictions"]) == len(card["contradictions_zh"])
    assert any("患病率" in text for text in card["contradictions_zh"]) is no_gain
    assert ('data-word="no_gain"' in calculator_page(made.model, card)) is no_gain
    assert (NO_GAIN in render_html(development_page(made))) is no_gain


def test_an_ici_is_never_below_zero_and_the_folds_own(choice_of_two: Told) -> None:
    made = choice_of_two.made
    ici = made.performance[made.performance["metric"] == "ici"].set_index(["model", "resampling"])
    looked = ici.drop(index="split_test", level="resampling")
    assert (looked[["estimate", "ci_lower", "ci_upper"]] >= 0).all(axis=None)
    for learner in made.plan.learners:
        columns = ["estimate", "ci_lower", "ci_upper"]
        harrell, corrected = ici.loc[(learner, "optimism_harrell")], ici.loc[(learner, "optimism_corrected")]
        assert harrell[columns].equals(corrected[columns])


@pytest.mark.filterwarnings("error")
def test_nobody_with_an_outcome_is_said_before_any_feature(data, plan: PredictionPlan) -> None:
    data["outcome"] = np.nan
    for frame in (data, data.head(0)):
        with pytest.raises(PredictionError, match="subjects with a known outcome") as raised:
            model_table(frame, plan)
        assert "outcome" in str(raised.value)


def test_what_is_odd_in_the_data_is_said_before_the_first_fit(data, plan: PredictionPlan) -> None:
    data["x0"] = data["x0"].where(data.index > 3)
    lines = said_before_the_first_fit(data, replace(plan, learners=("logistic",)))
    assert "Data: X 0: 4 of 200 missing." in lines
