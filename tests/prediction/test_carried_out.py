"""Pages say what was carried out of a plan, and what the leak audit would have caught."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit.documents.html import render_html
from trialkit.prediction.audit import Audit
from trialkit.prediction.calculator import calculator_page
from trialkit.prediction.calculator.card_rows import card_rows
from trialkit.prediction.card import carried_out
from trialkit.prediction.finished import developed
from trialkit.prediction.plan import PredictionPlan, Resampling
from trialkit.prediction.report import development_page
from trialkit.prediction.tripod import tripod_rows


def test_a_plan_cut_short_is_called_so_on_every_page(data, plan: PredictionPlan) -> None:
    data.loc[:19, "outcome"] = np.nan
    whole = replace(plan, resampling=Resampling(bootstraps=100, folds=3))
    made = developed(data, whole.shortened(2, ("logistic",)), opening=None)
    words = "Cut short: 2 of 100 samples, 1 of 5 learners."
    zh = "计划被缩减：100 个样本中的 2 个，5 种学习器中的 1 种。"
    assert words in render_html(development_page(made))
    rows = card_rows(made.model, made.card)
    assert [value for _, value in rows].count(words) == 1
    assert dict(rows)["ICI"].endswith("cross-validated")
    assert zh in dict(card_rows(made.model, made.card, "zh")).values()
    assert words in calculator_page(made.model, made.card)
    assert zh in calculator_page(made.model, made.card)
    assert words in made.card["contradictions"]
    assert len(made.card["contradictions"]) == len(made.card["contradictions_zh"])
    flow = dict(tripod_rows(made))["20 Flow of participants"]
    assert flow == "200 people, 20 without outcome left out, 180 in the development; Table 1"


def test_a_plan_carried_out_whole_is_not_called_cut_short(plan: PredictionPlan) -> None:
    whole = replace(plan, resampling=Resampling(bootstraps=100))
    for same in (whole, whole.shortened(None), whole.shortened(100), whole.shortened(100, whole.learners)):
        assert not same.cut_short
        assert carried_out(same) == "Carried out: 100 bootstrap samples, 5 learners."
    assert whole.shortened(50).shortened(20).stated == (100, 5)
    assert whole.shortened(100, ("logistic",)).cut_short


@pytest.mark.parametrize(
    ("planted", "error", "caught"), [(0.6, 0.03, True), (0.6, 0.034, False), (0.55, math.nan, False)]
)
def test_an_audit_says_whether_it_would_catch_the_planted_leak(
    planted: float, error: float, caught: bool
) -> None:
    audit = Audit(pd.DataFrame({"leak": [False]}), 10, planted, error)
    assert audit.would_catch is caught
    assert ("too weak here to be caught" in audit.verdict()) is not caught
