"""The protocol's five learners, each a file: fit with one thread, predict, and freeze as plain numbers."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from trialkit.prediction.arrays import Floats, Matrix

DEFAULTS: dict[str, dict[str, float]] = {
    "logistic": {"ridge": 1.0},
    "random_forest": {"trees": 100, "smallest_leaf": 5},
    "xgboost": {"rounds": 100, "depth": 3, "rate": 0.05, "ridge": 1.0},
    "lightgbm": {"rounds": 100, "leaves": 7, "rate": 0.05, "smallest_leaf": 10},
    "mlp": {"hidden": 8, "ridge": 1.0, "iterations": 300},
}
"""Settings of each learner; a plan's ``[learners.NAME]`` overrides them."""

LABELS: dict[str, str] = {
    "logistic": "Logistic regression",
    "random_forest": "Random forest",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "mlp": "Multilayer perceptron",
}

LABELS_ZH: dict[str, str] = {
    "logistic": "逻辑回归",
    "random_forest": "随机森林",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "mlp": "多层感知机",
}

SHAP_UNIT: dict[str, str] = {
    "logistic": "log-odds",
    "random_forest": "probability",
    "xgboost": "log-odds",
    "lightgbm": "log-odds",
    "mlp": "probability",
}
"""What the contributions of a learner add up to: never two units on one axis."""


MEMORIZES = frozenset({"random_forest", "xgboost", "lightgbm", "mlp"})
"""Learners that can tell their own subjects apart, so that an apparent value of theirs says nothing."""


class Learner(Protocol):
    """A fitted model: ``native`` is the library's, for explanations; ``frozen`` is what the file keeps."""

    native: Any

    def frozen(self) -> dict[str, Any]: ...


def fit_learner(
    name: str, matrix: Matrix, outcome: Floats, weights: Floats, settings: dict[str, float], seed: int
) -> Learner:
    """Fit one learner on rows with weight, by name."""
    module = importlib.import_module(f"trialkit.prediction.learners.{name}")
    seen = weights > 0
    learner: Learner = module.fit(
        matrix[seen], outcome[seen], weights[seen], {**DEFAULTS[name], **settings}, seed
    )
    return learner
