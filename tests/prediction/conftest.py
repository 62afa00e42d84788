"""A small table with a known truth, and a plan for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from trialkit.prediction.developed import Development
from trialkit.prediction.development import Seeds, develop_model
from trialkit.prediction.finished import developed
from trialkit.prediction.pipeline import rows_of
from trialkit.prediction.plan import Feature, Outcome, PredictionPlan, Resampling, Selection, Stratum
from trialkit.prediction.resampling import Pass, Replication, one_pass
from trialkit.prediction.seeds import children
from trialkit.prediction.table import model_table


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
        selection=Selection(folds=3, penalties=8),
        resampling=Resampling(bootstraps=3, folds=3),
        settings={
            "random_forest": {"trees": 10},
            "xgboost": {"rounds": 10},
            "lightgbm": {"rounds": 10},
            "mlp": {"iterations": 20},
        },
    )


@pytest.fixture(scope="session")
def forest() -> Development:
    """A development that chose a forest, since no logistic regression was there; with a pathway."""
    strata = (Stratum("Low", 0.0, "Visit", 12), Stratum("High", 0.5, "Visit", 4, expected_change=0.1))
    plan = replace(small_plan(), learners=("random_forest",), pathway=strata)
    return developed(small_data(), plan)


@pytest.fixture(scope="session")
def logistic() -> Development:
    """A development of logistic regression alone; the test set stayed closed. Read it; do not change it."""
    return developed(small_data(), replace(small_plan(), learners=("logistic",)))


@dataclass(frozen=True)
class Told:
    """A development, and what it said meanwhile."""

    made: Development
    lines: tuple[str, ...]


@pytest.fixture(scope="session")
def choice_of_two() -> Told:
    """Logistic regression and a forest, which memorizes: ten folds five times. Read it; do not change it."""
    lines: list[str] = []
    plan = replace(small_plan(), learners=("logistic", "random_forest"))
    made = developed(small_data(), plan, say=lines.append)
    return Told(made, tuple(lines))


@pytest.fixture(scope="session")
def passes_again(choice_of_two: Told) -> list[Pass]:
    """The five repeats of that development's ten folds, computed once more from its plan alone."""
    plan = choice_of_two.made.plan
    rows = rows_of(model_table(small_data(), plan), plan)
    by_ten = replace(plan, resampling=replace(plan.resampling, folds=10))
    thresholds = choice_of_two.made.pipeline.thresholds
    seeds = children(Seeds.of(plan.seed).repeats, 5)
    return [one_pass(Replication(rows, by_ten, {}, seed, thresholds)) for seed in seeds]


class _Enough(Exception):
    """What was wanted of a development has been said."""


def said_before_the_first_fit(data: pd.DataFrame, plan: PredictionPlan) -> list[str]:
    """What a development says of size and data; it is ended where its first fit would begin."""
    lines: list[str] = []

    def say(line: str) -> None:
        if line.startswith("Cross-validation"):
            raise _Enough
        lines.append(line)

    with pytest.raises(_Enough):
        develop_model(data, plan, say=say)
    return lines
