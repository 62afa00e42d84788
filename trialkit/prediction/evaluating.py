"""A frozen model's risk from plain numbers: the same arithmetic here and in the calculator's page."""

from __future__ import annotations

from typing import Any

import numpy as np

from trialkit.prediction.arrays import Floats, Matrix


def frozen_risk(model: dict[str, Any], matrix: Matrix) -> Floats:
    """Probability, one a row of standardized columns."""
    return _KINDS[model["kind"]](model, matrix)


def _sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + small), small / (1.0 + small))


def _logistic(model: dict[str, Any], matrix: Matrix) -> Floats:
    return _sigmoid(model["intercept"] + matrix @ np.asarray(model["coefficients"]))


def _mlp(model: dict[str, Any], matrix: Matrix) -> Floats:
    layer = matrix
    *hidden, last = model["layers"]
    for part in hidden:
        layer = np.tanh(layer @ np.asarray(part["weights"]) + np.asarray(part["bias"]))
    return _sigmoid((layer @ np.asarray(last["weights"]) + np.asarray(last["bias"]))[:, 0])


def _trees(model: dict[str, Any], matrix: Matrix) -> Floats:
    # The libraries round inputs to single precision before they compare; so must whoever repeats them.
    inputs = matrix.astype(np.float32).astype(float) if model["inputs"] == "float32" else matrix
    total = np.zeros(len(matrix))
    for tree in model["trees"]:
        total += _leaf_values(tree, inputs, strict=model["goes_left"] == "less")
    if model["combine"] == "mean":
        return total / len(model["trees"])
    return _sigmoid(model["base"] + total)


def _leaf_values(tree: dict[str, Any], inputs: Matrix, strict: bool) -> Floats:
    column, threshold = np.asarray(tree["column"]), np.asarray(tree["threshold"])
    left, right, value = np.asarray(tree["left"]), np.asarray(tree["right"]), np.asarray(tree["value"])
    node = np.zeros(len(inputs), dtype=int)
    rows = np.arange(len(inputs))
    while (inner := left[node] != -1).any():
        at = node[inner]
        x = inputs[rows[inner], column[at]]
        goes_left = x < threshold[at] if strict else x <= threshold[at]
        node[inner] = np.where(goes_left, left[at], right[at])
    return np.asarray(value[node], dtype=float)


_KINDS = {"logistic": _logistic, "mlp": _mlp, "trees": _trees}
