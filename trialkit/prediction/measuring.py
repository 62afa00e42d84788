"""Estimates with intervals, one line a model, resampling and metric; and the pictures' numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.calibration import smoothed_calibration
from trialkit.prediction.developed import Curve
from trialkit.prediction.pipeline import FittedPipeline, Rows
from trialkit.prediction.resampling import resampled_intervals
from trialkit.prediction.stability import Stability

COLUMNS = ["model", "resampling", "metric", "estimate", "ci_lower", "ci_upper"]


def with_intervals(
    resampling: str,
    rows: Rows,
    risks: Mapping[str, Floats],
    thresholds: Mapping[str, float],
    random: np.random.Generator,
) -> pd.DataFrame:
    records = []
    for name, risk in risks.items():
        estimates = metrics.performance(rows.outcome, risk, rows.weights, thresholds[name])
        limits = resampled_intervals(rows.outcome, risk, rows.weights, thresholds[name], random)
        records += [(name, resampling, metric, value, *limits[metric]) for metric, value in estimates.items()]
    return pd.DataFrame(records, columns=COLUMNS)


def corrected_table(
    rows: Rows,
    pipeline: FittedPipeline,
    corrected: pd.DataFrame,
    cross_validated: dict[str, Floats],
    random: np.random.Generator,
) -> pd.DataFrame:
    """Apparent performance, and the same under each correction.

    The intervals' width is that of cross-validated risks: a learner that memorizes its subjects gives
    apparent ones that hardly vary, however its subjects are drawn.
    """
    records = []
    for name, risk in cross_validated.items():
        threshold = pipeline.thresholds[name]
        centre = metrics.performance(rows.outcome, risk, rows.weights, threshold)
        limits = resampled_intervals(rows.outcome, risk, rows.weights, threshold, random)
        for row in corrected[corrected["model"] == name].to_dict("records"):
            metric = str(row["metric"])
            below, above = (limit - centre[metric] for limit in limits[metric])
            for resampling, column in (
                ("apparent", "apparent"),
                ("optimism_harrell", "harrell"),
                ("optimism_corrected", "corrected"),
            ):
                value = float(row[column])
                records.append(
                    (name, resampling, metric, value, *_within(metric, value + below, value + above))
                )
    return pd.DataFrame(records, columns=COLUMNS)


def _within(metric: str, lower: float, upper: float) -> tuple[float, float]:
    """Limits of a share stay within 0 and 1, those of a distance or ratio above 0."""
    if metric in ("ici", "observed_expected"):
        return max(lower, 0.0), max(upper, 0.0)
    if metric in metrics.CALIBRATION:
        return lower, upper
    return float(np.clip(lower, 0.0, 1.0)), float(np.clip(upper, 0.0, 1.0))


def selection_table(pipeline: FittedPipeline, stability: Stability) -> pd.DataFrame:
    selected = set(pipeline.selected)
    dropped = dict(pipeline.prepared.dropped)
    records = [
        (name, share, name in selected, dropped.get(name, "")) for name, share in stability.frequency.items()
    ]
    table = pd.DataFrame(records, columns=["column", "frequency", "selected", "dropped"])
    return table.sort_values(["frequency", "column"], ascending=[False, True], ignore_index=True)


def calibration_curves(
    rows: Rows,
    pipeline: FittedPipeline,
    chosen: str,
    risks: dict[str, Floats],
) -> tuple[Curve, ...]:
    curves = []
    seen = rows.weights > 0
    for name, risk in (
        ("apparent", pipeline.risks(rows.values)[chosen]),
        ("cross_validation", risks[chosen]),
    ):
        p = risk[seen]
        smooth = smoothed_calibration(rows.outcome[seen], p, rows.weights[seen])
        order = np.argsort(p, kind="stable")
        curves.append(Curve(name, p[order], smooth[order]))
    return tuple(curves)
