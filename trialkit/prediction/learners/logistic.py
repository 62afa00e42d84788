"""Logistic regression on the selected columns, with a small ridge that keeps separation finite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.prediction.arrays import Floats, Matrix


@dataclass(frozen=True)
class Logistic:
    native: Any

    def frozen(self) -> dict[str, Any]:
        return {
            "kind": "logistic",
            "intercept": float(self.native.intercept_[0]),
            "coefficients": [float(b) for b in self.native.coef_[0]],
        }


def fit(matrix: Matrix, outcome: Floats, weights: Floats, settings: dict[str, float], seed: int) -> Logistic:
    """Penalized likelihood with ridge / 2 |beta|^2 on standardized columns; ridge 0 is plain
    maximum likelihood.

    Equivalent in R: ``glmnet(x, y, family = "binomial", alpha = 0, lambda = ridge / sum(w))``.
    """
    from sklearn.linear_model import LogisticRegression

    ridge = settings["ridge"]
    model = LogisticRegression(
        C=np.inf if ridge == 0 else 1.0 / ridge, solver="newton-cholesky", tol=1e-8, max_iter=200
    )
    return Logistic(model.fit(matrix, outcome, sample_weight=weights))
