"""What moves a model's answers: SHAP, and LIME with how little its weights hold still. Never a cause.

SHAP of logistic regression is exact (coefficient x distance from the mean, log-odds); of trees by
``shap.TreeExplainer`` (a forest's add up to a probability, boosting's to log-odds); of the perceptron by
permutation on few rows (probability). Units differ and never share an axis.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.prediction.arrays import Floats, Matrix
from trialkit.prediction.learners import SHAP_UNIT, Learner

_PERCEPTRON_ROWS = 60
_BACKGROUND = 40


@dataclass(frozen=True)
class Explanation:
    """``contributions``: rows are subjects, columns the model's; ``values`` the standardized columns."""

    learner: str
    unit: str
    columns: tuple[str, ...]
    contributions: Matrix
    values: Matrix

    @property
    def importance(self) -> pd.DataFrame:
        """``column mean_absolute``, largest first."""
        table = pd.DataFrame(
            {"column": self.columns, "mean_absolute": np.abs(self.contributions).mean(axis=0)}
        )
        return table.sort_values(["mean_absolute", "column"], ascending=[False, True], ignore_index=True)


def shap_values(
    name: str, learner: Learner, columns: tuple[str, ...], matrix: Matrix, seed: int
) -> Explanation:
    """Contributions of each column for each row of ``matrix`` (the perceptron: for the first sixty)."""
    if name == "logistic":
        contributions = (matrix - matrix.mean(axis=0)) * learner.native.coef_[0]
    elif name == "mlp":
        contributions, matrix = _by_permutation(learner, matrix, seed)
    else:
        contributions = _of_trees(learner, matrix)
    return Explanation(name, SHAP_UNIT[name], columns, contributions, matrix)


def _of_trees(learner: Learner, matrix: Matrix) -> Matrix:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap warns of its own dependencies
        import shap

        values = np.asarray(shap.TreeExplainer(learner.native).shap_values(matrix))
    return values[..., 1] if values.ndim == 3 else values


def _by_permutation(learner: Learner, matrix: Matrix, seed: int) -> tuple[Matrix, Matrix]:
    rows = matrix[:_PERCEPTRON_ROWS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        explainer = shap.PermutationExplainer(
            lambda x: learner.native.predict_proba(x)[:, 1], matrix[:_BACKGROUND], seed=seed
        )
        values = explainer(rows, max_evals=max(2 * matrix.shape[1] + 1, 100), silent=True).values
    return np.asarray(values, dtype=float), rows


PERSONS = ("lowest", "middle", "highest")
"""Whose answers LIME explains: by the model's own risk."""


def lime_stability(
    learner: Learner,
    columns: tuple[str, ...],
    matrix: Matrix,
    risk: Floats,
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5),
) -> pd.DataFrame:
    """LIME's weights over several seeds of the people of lowest, middle and highest ``risk``.

    ``person risk column mean smallest largest changes_sign``; columns in the order of their largest mean
    weight among the three. A weight that changes its sign with the seed explains nothing.
    """
    order = np.argsort(risk, kind="stable")
    chosen = (order[0], order[len(order) // 2], order[-1])
    tables = [
        _of_person(learner, columns, matrix, int(row), seeds).assign(person=person, risk=float(risk[row]))
        for person, row in zip(PERSONS, chosen, strict=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    weight = table["mean"].abs().groupby(table["column"]).transform("max")
    order_of = table.assign(weight=-weight, place=table.index)
    sorted_ = order_of.sort_values(["weight", "column", "place"], kind="stable", ignore_index=True)
    return sorted_[["person", "risk", "column", "mean", "smallest", "largest", "changes_sign"]]


def _of_person(
    learner: Learner, columns: tuple[str, ...], matrix: Matrix, row: int, seeds: tuple[int, ...]
) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lime.lime_tabular import LimeTabularExplainer

    weights = np.zeros((len(seeds), len(columns)))
    for i, seed in enumerate(seeds):
        explainer = LimeTabularExplainer(
            matrix, feature_names=list(columns), discretize_continuous=False, random_state=seed
        )
        found = explainer.explain_instance(
            matrix[row], learner.native.predict_proba, num_features=len(columns), num_samples=1000
        )
        for index, weight in found.as_map()[1]:
            weights[i, index] = weight
    smallest, largest = weights.min(axis=0), weights.max(axis=0)
    return pd.DataFrame(
        {
            "column": columns,
            "mean": weights.mean(axis=0),
            "smallest": smallest,
            "largest": largest,
            "changes_sign": (smallest < 0) & (largest > 0),
        }
    )
