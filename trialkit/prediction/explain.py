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

from trialkit.prediction.arrays import Matrix
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


def lime_stability(
    learner: Learner,
    columns: tuple[str, ...],
    matrix: Matrix,
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5),
    row: int = 0,
) -> pd.DataFrame:
    """LIME's weights of one subject over several seeds: ``column mean smallest largest changes_sign``.

    A weight that changes its sign with the seed explains nothing.
    """
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
    table = pd.DataFrame(
        {
            "column": columns,
            "mean": weights.mean(axis=0),
            "smallest": weights.min(axis=0),
            "largest": weights.max(axis=0),
            "changes_sign": (weights.min(axis=0) < 0) & (weights.max(axis=0) > 0),
        }
    )
    order = table["mean"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
