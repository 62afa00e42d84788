"""A random forest: the mean of its trees' shares of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialkit.prediction.arrays import Floats, Matrix


@dataclass(frozen=True)
class RandomForest:
    native: Any

    def frozen(self) -> dict[str, Any]:
        return {
            "kind": "trees",
            "combine": "mean",
            "base": 0.0,
            "goes_left": "less_or_equal",
            "inputs": "float32",
            "trees": [_tree(tree.tree_) for tree in self.native.estimators_],
        }


def _tree(tree: Any) -> dict[str, list[float]]:
    return {
        "column": [int(c) for c in tree.feature],
        "threshold": [float(t) for t in tree.threshold],
        "left": [int(i) for i in tree.children_left],
        "right": [int(i) for i in tree.children_right],
        "value": [float(v) for v in tree.value[:, 0, 1]],
    }


def fit(
    matrix: Matrix, outcome: Floats, weights: Floats, settings: dict[str, float], seed: int
) -> RandomForest:
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        int(settings["trees"]), min_samples_leaf=int(settings["smallest_leaf"]), n_jobs=1, random_state=seed
    )
    return RandomForest(model.fit(matrix, outcome.astype(int), sample_weight=weights))
