"""A small table with a known truth, and a plan for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit.prediction.developed import Development
from trialkit.prediction.finished import developed
from trialkit.prediction.plan import Feature, Outcome, PredictionPlan, Resampling, Stratum


@pytest.fixture
def data() -> pd.DataFrame:
    return small_data()


def small_data() -> pd.DataFrame:
    random = np.random.default_rng(11)
    n = 200
    x = random.normal(size=(n, 6))
    outcome = (random.random(n) < 1 / (1 + np.exp(-(x[:, 0] - 0.8 * x[:, 1])))).astype(int)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(6)])
    frame.insert(0, "subject_id", [f"{i:04d}" for i in range(n)])
    frame["site"] = random.choice(["A", "B", "C"], n)
    frame["sex"] = random.choice(["female", "male"], n)
    frame["outcome"] = outcome
    return frame


@pytest.fixture
def plan() -> PredictionPlan:
    return small_plan()


def small_plan() -> PredictionPlan:
    return PredictionPlan(
        id="test",
        title="A test",
        version="1",
        seed=5,
        outcome=Outcome("response", column="outcome", better=True),
        features=(
            *(Feature(f"x{i}", f"X {i}") for i in range(6)),
            Feature(
                "sex", "Sex", kind="category", levels=("female", "male"), level_labels=("Female", "Male")
            ),
        ),
        site="site",
        subgroups=("sex",),
        baseline=("x0",),
        resampling=Resampling(bootstraps=3, folds=3),
        settings={"random_forest": {"trees": 10}, "xgboost": {"rounds": 10}, "lightgbm": {"rounds": 10}},
    )


@pytest.fixture(scope="session")
def forest() -> Development:
    """A development that chose a forest, since no logistic regression was there; with a pathway."""
    strata = (Stratum("Low", 0.0, "Visit", 12), Stratum("High", 0.5, "Visit", 4, expected_change=0.1))
    plan = replace(small_plan(), learners=("random_forest",), pathway=strata)
    return developed(small_data(), plan)
