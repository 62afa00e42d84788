"""A model that is not to be used as it is: said on report, card, calculator and pathway alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from tests.prediction.conftest import small_data
from trialkit.cli.root import root
from trialkit.documents.html import render_html
from trialkit.prediction.audit import Audit
from trialkit.prediction.audit_file import write_audit
from trialkit.prediction.calculator import calculator_page
from trialkit.prediction.calculator.card_rows import card_rows
from trialkit.prediction.card import LEAKS, NO_BETTER, NO_GAIN, TOO_EXTREME, cautions, model_card
from trialkit.prediction.card_page import card_page
from trialkit.prediction.developed import Development
from trialkit.prediction.files import write_development
from trialkit.prediction.missing_outcome import inverse_probabilities, missing_outcome
from trialkit.prediction.model_file import model_document
from trialkit.prediction.pathway_page import pathway_page
from trialkit.prediction.report import development_page
from trialkit.prediction.tripod import tripod_rows

HOLDS = "Nothing contradicts the pathway."
ONLY_THE_STRATA = "Its strata hold; the model that fills them does not."


def _with(made: Development, metric: str, **numbers: float) -> Development:
    """The same with other corrected numbers of the chosen model."""
    table = made.performance.copy()
    at = (table["resampling"] == "optimism_corrected") & (table["metric"] == metric)
    for column, value in numbers.items():
        table.loc[at, column] = value
    made = replace(made, performance=table)
    model = {**made.model, "cautions": [caution.text for caution in cautions(made)]}
    return replace(made, card=model_card(made), model=model)


@pytest.fixture
def good(forest: Development) -> Development:
    """Nothing to say against it."""
    made = _with(forest, "auc", estimate=0.8, ci_lower=0.7)
    made = _with(made, "calibration_slope", estimate=0.95, ci_upper=1.0)
    made = replace(made, baseline=made.baseline.assign(ci_upper=0.1))
    return _with(made, "brier", estimate=0.2)


@pytest.mark.parametrize(
    ("metric", "numbers", "words"),
    [
        ("auc", {"ci_lower": 0.5}, NO_BETTER),
        ("auc", {"ci_lower": float("nan")}, NO_BETTER),
        ("brier", {"estimate": 0.251}, NO_GAIN),
        ("calibration_slope", {"ci_upper": 0.99}, TOO_EXTREME),
        ("auc", {}, ""),
        ("calibration_slope", {"ci_upper": 1.0}, ""),
        ("calibration_slope", {"ci_upper": float("nan")}, ""),
    ],
)
def test_every_page_of_a_model_says_why_it_is_not_to_be_used(
    metric: str, numbers: dict[str, float], words: str, good: Development
) -> None:
    made = _with(good, metric, **numbers)
    assert [c.text for c in cautions(made)] == [words] * bool(words)
    pages = {
        "report": render_html(development_page(made)),
        "card": render_html(card_page(made)),
        "pathway": render_html(pathway_page(made)),
        "calculator": calculator_page(made.model, made.card),
    }
    for said in (NO_BETTER, NO_GAIN, TOO_EXTREME):
        assert {said in text for text in pages.values()} == {said == words}
    for page in ("report", "pathway"):
        assert (HOLDS in pages[page]) is (words == "")
        assert (ONLY_THE_STRATA in pages[page]) is (words != "")
    zh = [c.text_zh for c in cautions(made)]
    assert made.card["contradictions_zh"][: len(zh)] == zh
    told = 'data-word="too_extreme"' in pages["calculator"]
    assert told is (words == TOO_EXTREME)


def test_a_pipeline_that_leaks_is_not_to_be_used(good: Development, tmp_path: Path) -> None:
    """The audit beside the model: its card and calculator are written with it."""
    table = pd.DataFrame({"model": ["random_forest"], "mean": [0.7], "lower": [0.6], "upper": [0.8]})
    ours = (good.plan.sha256, good.data_sha256)
    for leak in (False, True):
        write_audit(tmp_path, Audit(table.assign(leak=leak), 5, 0.6, 0.01, *ours))
        write_development(tmp_path, good, small_data(), pdf=False)
        for page in ("report/index.html", "model_card.html", "pathway.html"):
            assert (LEAKS in (tmp_path / page).read_text(encoding="utf-8")) is leak, page
        assert ('data-word="leaks"' in (tmp_path / "calculator.html").read_text(encoding="utf-8")) is leak


@pytest.mark.parametrize(("ci_upper", "told"), [(0.9, True), (1.1, False)])
def test_applying_a_model_says_why_it_is_not_to_be_used(
    ci_upper: float, told: bool, good: Development, tmp_path: Path
) -> None:
    made = _with(good, "calibration_slope", ci_upper=ci_upper)
    (tmp_path / "model.json").write_text(json.dumps(model_document(made, small_data())))
    small_data().to_csv(tmp_path / "data.csv", index=False)
    words = ["predict", "apply", "model.json", "data.csv", "--out", "risks.csv"]
    paths = [str(tmp_path / word) if "." in word else word for word in words]
    said = CliRunner().invoke(root, paths)
    assert said.exit_code == 0, said.output
    assert (f"Risks too extreme: {TOO_EXTREME}" in said.output) is told


def test_a_plainer_model_that_is_better_is_said_to_be(good: Development) -> None:
    table = good.baseline.assign(ci_upper=-0.001)
    made = replace(good, baseline=table)
    made = replace(made, card=model_card(made))
    assert made.better_plainer == ("X 0 alone",)
    for text in (
        render_html(development_page(made)),
        render_html(card_page(made)),
        render_html(pathway_page(made)),
        calculator_page(made.model, made.card),
        made.card["contradictions"][0],
    ):
        assert "X 0 alone: cross-validated AUC above" in text
    assert "仅X 0" in made.card["contradictions_zh"][0]
    assert "更简单的模型（仅X 0）更好" in calculator_page(made.model, made.card)
    brier_alone = good.baseline.assign(ci_upper=np.where(table["metric"] == "brier", -0.1, 0.1))
    assert replace(good, baseline=brier_alone).better_plainer == ()


def test_the_brier_score_of_the_prevalence_stands_beside_each(good: Development) -> None:
    share = good.events / good.known
    expected = f"{share * (1 - share):.3f}"
    report, card = render_html(development_page(good)), render_html(card_page(good))
    assert report.count(f"Brier score (p (1 − p): {expected})") == 6
    assert f"{expected} if everybody is told the prevalence" in card
    rows = dict(card_rows(good.model, good.card, "zh"))
    assert f"若对所有人一律给出患病率则为 {expected}" in rows["Brier 分数"]


@pytest.mark.analytic
def test_weights_bring_back_those_without_an_outcome(data, plan) -> None:
    """Half of one group lack an outcome: the others of it count twice as much, relative to the rest."""
    from trialkit.prediction.crossed import Passes
    from trialkit.prediction.pipeline import rows_of
    from trialkit.prediction.table import model_table

    plan = replace(plan, baseline=("sex",), learners=("logistic",))
    men = np.flatnonzero(data["sex"] == "male")
    data.loc[men[::2], "outcome"] = np.nan
    table = model_table(data, plan)
    told_by = replace(plan, features=(plan.feature("sex"),))
    weights = inverse_probabilities(table, told_by)
    male = table.values["sex"].to_numpy() == 1
    assert weights[male].mean() / weights[~male].mean() == pytest.approx(
        2, rel=0.05
    )  # a ridge shrinks a little
    assert np.average(male, weights=weights) == pytest.approx((data["sex"] == "male").mean(), abs=0.01)
    rows = rows_of(table, plan)
    passes = Passes((np.random.SeedSequence(1),), 3)
    crossed = passes.cross(rows, plan, {}, {"logistic": 0.5})
    thresholds = {"logistic": 0.5}
    found = missing_outcome(table, rows, plan, {}, crossed, passes, "logistic", thresholds)
    who = found.who.set_index("level")
    assert who.loc["male", "without"] == 1.0
    assert found.weighed["as_is"].iloc[0] == crossed.performance["logistic"]["auc"]
    assert (found.weighed["as_is"] != found.weighed["weighed"]).all()
    assert found.greatest == pytest.approx(weights.max())


@pytest.mark.parametrize(("without", "tables"), [(0, (False, False)), (4, (True, False)), (5, (True, True))])
def test_few_without_an_outcome_are_shown_and_not_weighed_for(without, tables, logistic, data, plan) -> None:
    from trialkit.prediction.development import develop_model

    data.loc[data.index < without, "outcome"] = np.nan
    made = develop_model(data, replace(plan, learners=("logistic",))) if without else logistic
    assert (len(made.missing.who) > 0, len(made.missing.weighed) > 0) == tables
    text = render_html(development_page(made))
    assert ("Who had no outcome" in text, "inverse probability of a known outcome" in text) == tables
    assert ("a limitation" in dict(tripod_rows(made))["11 Missing data"]) is bool(without)
    assert (f"{without} people without an outcome" in dict(tripod_rows(made))["26 Limitations"]) is bool(
        without
    )
