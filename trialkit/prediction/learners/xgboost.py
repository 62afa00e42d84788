"""XGBoost: trees whose leaves add up on the log-odds scale."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.prediction.arrays import Floats, Matrix


@dataclass(frozen=True)
class XGBoost:
    native: Any

    def frozen(self) -> dict[str, Any]:
        model = json.loads(bytes(self.native.get_booster().save_raw("json")))["learner"]
        base = float(str(model["learner_model_param"]["base_score"]).strip("[]"))
        return {
            "kind": "trees",
            "combine": "log_odds",
            "base": float(np.log(base / (1.0 - base))),
            "goes_left": "less",
            "inputs": "float32",
            "trees": [_tree(tree) for tree in model["gradient_booster"]["model"]["trees"]],
        }


def _tree(tree: dict[str, Any]) -> dict[str, Any]:
    """In the file a leaf keeps its value where an inner node keeps its condition."""
    conditions = [float(np.float32(c)) for c in tree["split_conditions"]]
    left = [int(i) for i in tree["left_children"]]
    return {
        "column": [int(c) for c in tree["split_indices"]],
        "threshold": conditions,
        "left": left,
        "right": [int(i) for i in tree["right_children"]],
        "value": [c if i == -1 else 0.0 for c, i in zip(conditions, left, strict=True)],
    }


def fit(matrix: Matrix, outcome: Floats, weights: Floats, settings: dict[str, float], seed: int) -> XGBoost:
    from xgboost import XGBClassifier

    model = XGBClassifier(
        n_estimators=int(settings["rounds"]),
        max_depth=int(settings["depth"]),
        learning_rate=settings["rate"],
        reg_lambda=settings["ridge"],
        n_jobs=1,
        random_state=seed,
        verbosity=0,
    )
    return XGBoost(model.fit(matrix, outcome.astype(int), sample_weight=weights))
