"""LightGBM: trees grown leaf by leaf, adding up on the log-odds scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialkit.prediction.arrays import Floats, Matrix


@dataclass(frozen=True)
class LightGBM:
    native: Any

    def frozen(self) -> dict[str, Any]:
        model = self.native.booster_.dump_model()
        return {
            "kind": "trees",
            "combine": "log_odds",
            "base": 0.0,
            "goes_left": "less_or_equal",
            "inputs": "float64",
            "trees": [_tree(tree["tree_structure"]) for tree in model["tree_info"]],
        }


def _tree(root: dict[str, Any]) -> dict[str, list[float]]:
    flat: dict[str, list[float]] = {"column": [], "threshold": [], "left": [], "right": [], "value": []}

    def add(node: dict[str, Any]) -> int:
        index = len(flat["column"])
        leaf = "leaf_value" in node
        flat["column"].append(-1 if leaf else int(node["split_feature"]))
        flat["threshold"].append(0.0 if leaf else float(node["threshold"]))
        flat["value"].append(float(node["leaf_value"]) if leaf else 0.0)
        flat["left"].append(-1)
        flat["right"].append(-1)
        if not leaf:
            flat["left"][index] = add(node["left_child"])
            flat["right"][index] = add(node["right_child"])
        return index

    add(root)
    return flat


def fit(matrix: Matrix, outcome: Floats, weights: Floats, settings: dict[str, float], seed: int) -> LightGBM:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(
        n_estimators=int(settings["rounds"]),
        num_leaves=int(settings["leaves"]),
        learning_rate=settings["rate"],
        min_child_samples=int(settings["smallest_leaf"]),
        n_jobs=1,
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    return LightGBM(model.fit(matrix, outcome.astype(int), sample_weight=weights))
