"""Estimates with intervals, one line a model, resampling and metric; and the pictures' numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats, Ints, Matrix
from trialkit.prediction.calibration import smoothed_calibration
from trialkit.prediction.crossed import Crossed, moved_limits
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
    areas: Mapping[str, Floats] | None = None,
) -> pd.DataFrame:
    """``areas``: of cross-validated risks the AUC of each fold; their mean is the estimate, and the interval
    moves there."""
    records = []
    for name, risk in risks.items():
        estimates = metrics.performance(rows.outcome, risk, rows.weights, thresholds[name])
        limits = resampled_intervals(rows.outcome, risk, rows.weights, thresholds[name], random)
        if areas is not None:
            by_fold = float(np.nanmean(areas[name]))
            gap = by_fold - estimates["auc"]
            estimates["auc"] = by_fold
            limits["auc"] = _within("auc", *(limit + gap for limit in limits["auc"]))
        records += [(name, resampling, metric, value, *limits[metric]) for metric, value in estimates.items()]
    return pd.DataFrame(records, columns=COLUMNS)


def corrected_table(
    rows: Rows,
    pipeline: FittedPipeline,
    corrected: pd.DataFrame,
    crossed: Crossed,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Apparent performance, and the same under each correction.

    The intervals' width is that of cross-validated risks: a learner that memorizes its subjects gives
    apparent ones that hardly vary, however its subjects are drawn.
    """
    records = []
    for name in pipeline.thresholds:
        reach = _reach(rows, crossed.risks(name), pipeline.thresholds[name], random)
        for row in corrected[corrected["model"] == name].to_dict("records"):
            metric = str(row["metric"])
            below, above = reach[metric]
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


def _reach(
    rows: Rows, risks: Matrix, threshold: float, random: np.random.Generator
) -> dict[str, tuple[float, float]]:
    def measure(turn: int, drawn: Ints) -> dict[str, float]:
        return metrics.performance(rows.outcome[drawn], risks[turn][drawn], rows.weights[drawn], threshold)

    return moved_limits(measure, len(risks), rows.n, random, 200)


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
    rows: Rows, pipeline: FittedPipeline, chosen: str, crossed: Crossed
) -> tuple[Curve, ...]:
    """Apparent, and of all passes of the folds together, a pass a share of each person."""
    seen = rows.weights > 0
    passes = crossed.risks(chosen)[:, seen]
    curves = []
    for name, risks in (
        ("apparent", pipeline.risks(rows.values)[chosen][None, seen]),
        ("cross_validation", passes),
    ):
        p, times = risks.ravel(), len(risks)
        outcome, weights = (np.tile(column[seen], times) for column in (rows.outcome, rows.weights))
        smooth = smoothed_calibration(outcome, p, weights / times)
        order = np.argsort(p, kind="stable")
        curves.append(Curve(name, p[order], smooth[order]))
    return tuple(curves)
