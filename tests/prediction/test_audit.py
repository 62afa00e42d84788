"""The leak audit: silent on an honest pipeline, loud on a planted leak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit.prediction.audit import audit_pipeline
from trialkit.prediction.pipeline import Rows
from trialkit.prediction.plan import Feature, PredictionPlan
from trialkit.prediction.resampling import Replication, cross_validated_risks


def leaking(task: Replication) -> dict[str, np.ndarray]:
    """Features chosen on everybody, cross-validation afterwards: the commonest leak there is."""
    rows, plan = task.rows, task.plan
    strength = {
        name: abs(float(np.corrcoef(column, rows.outcome)[0, 1])) for name, column in rows.values.items()
    }
    best = sorted(strength, key=lambda name: -strength[name])[:5]
    narrowed = replace(plan, features=tuple(f for f in plan.features if f.name in best))
    fewer = Rows({name: rows.values[name] for name in best}, rows.outcome, rows.weights, rows.groups)
    return cross_validated_risks(Replication(fewer, narrowed, task.reliability, task.seed))[0]


@pytest.fixture
def noise(plan: PredictionPlan) -> tuple[pd.DataFrame, PredictionPlan]:
    random = np.random.default_rng(2)
    names = [f"z{i}" for i in range(60)]
    data = pd.DataFrame(random.normal(size=(120, 60)), columns=names)
    data["subject_id"] = [str(i) for i in range(120)]
    data["outcome"] = (np.arange(120) % 2).astype(int)
    features = tuple(Feature(name, name) for name in names)
    return data, replace(plan, features=features, learners=("logistic",), site="", subgroups=(), baseline=())


@pytest.mark.analytic
def test_an_honest_pipeline_is_no_better_than_a_coin_on_shuffled_outcomes(noise) -> None:
    audit = audit_pipeline(*noise, permutations=8)
    assert not audit.leak
    row = audit.table.iloc[0]
    assert abs(row["mean"] - 0.5) < 3.5 * row["standard_error"]


@pytest.mark.analytic
def test_features_chosen_outside_the_folds_are_caught(noise) -> None:
    audit = audit_pipeline(*noise, permutations=8, cross_validate=leaking)
    assert audit.leak
    assert audit.table.iloc[0]["mean"] > 0.6
