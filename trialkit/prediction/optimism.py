"""From what a pipeline says of itself to what it will do: two corrections, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trialkit.prediction.learners import MEMORIZES
from trialkit.prediction.resampling import Performance, Replicate

COLUMNS = [
    "model",
    "metric",
    "apparent",
    "in_sample",
    "on_original",
    "left_out",
    "harrell",
    "corrected",
    "undefined",
]


def corrections(
    apparent: Performance, replicates: Sequence[Replicate], cross_validated: Performance
) -> pd.DataFrame:
    """One row a model and metric: :data:`COLUMNS`. ``undefined`` counts samples in which the metric has no
    value; they take no part in the means. ``corrected`` is cross-validated where left-out subjects mislead:
    the ICI (under ``harrell`` too), which small parts make larger, and all of a learner that memorizes
    its subjects."""
    records = []
    for name, estimates in apparent.items():
        share = _weight_of_left_out(estimates["auc"], _mean(replicates, "left_out", name, "auc"))
        for metric, value in estimates.items():
            inside, original, outside = (
                _mean(replicates, where, name, metric) for where in ("in_sample", "on_original", "left_out")
            )
            harrell = value - (inside - original)
            corrected = (1 - share) * value + share * outside
            if metric == "ici" or name in MEMORIZES:
                corrected = cross_validated[name][metric]
            if metric == "ici":  # a distance: less its optimism it may fall below 0, which no distance does
                harrell = corrected
            undefined = sum(not np.isfinite(r.left_out[name][metric]) for r in replicates)
            records.append(
                (
                    name,
                    metric,
                    value,
                    inside,
                    original,
                    outside,
                    harrell,
                    corrected,
                    undefined,
                )
            )
    return pd.DataFrame(records, columns=COLUMNS)


def _weight_of_left_out(apparent_auc: float, left_out_auc: float) -> float:
    """.632 / (1 - .368 R), R the relative overfitting rate of the AUC: 0 honest, 1 no better than chance."""
    no_information = 0.5
    left_out = max(left_out_auc, no_information)
    gap = apparent_auc - no_information
    rate = min(max((apparent_auc - left_out) / gap, 0.0), 1.0) if gap > 0 else 0.0
    return 0.632 / (1 - 0.368 * rate)


def _mean(replicates: Sequence[Replicate], where: str, name: str, metric: str) -> float:
    values = np.array([getattr(r, where)[name][metric] for r in replicates])
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
