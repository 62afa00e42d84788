"""A multilayer perceptron with one hidden layer."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from trialkit.prediction.arrays import Floats, Matrix


@dataclass(frozen=True)
class Perceptron:
    native: Any

    def frozen(self) -> dict[str, Any]:
        return {
            "kind": "mlp",
            "activation": "tanh",
            "layers": [
                {"weights": [[float(w) for w in row] for row in weights], "bias": [float(b) for b in bias]}
                for weights, bias in zip(self.native.coefs_, self.native.intercepts_, strict=True)
            ],
        }


def fit(
    matrix: Matrix, outcome: Floats, weights: Floats, settings: dict[str, float], seed: int
) -> Perceptron:
    """L-BFGS with a ridge; ``iterations`` is a budget, part of the model."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (int(settings["hidden"]),),
        activation="tanh",
        solver="lbfgs",
        alpha=settings["ridge"],
        max_iter=int(settings["iterations"]),
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Perceptron(model.fit(matrix, outcome.astype(int), sample_weight=weights))
