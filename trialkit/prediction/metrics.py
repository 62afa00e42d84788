"""How good risks are: discrimination, classification at a threshold, calibration; every count weighted.

A weight is 1, or the inverse probability of being followed to the horizon. References: pROC (AUC),
``rms::val.prob`` (intercept, slope, ICI as Eavg), Brier 1950.
"""

from __future__ import annotations

import numpy as np

from trialkit.prediction.arrays import Floats
from trialkit.prediction.calibration import calibration_line, smoothed_calibration

DISCRIMINATION = ("auc", "brier")
CLASSIFICATION = ("sensitivity", "specificity", "ppv", "npv", "f1")
CALIBRATION = ("calibration_intercept", "calibration_slope", "observed_expected", "ici")
METRICS = DISCRIMINATION + CLASSIFICATION + CALIBRATION


def performance(outcome: Floats, risk: Floats, weights: Floats, threshold: float) -> dict[str, float]:
    """Every metric by name; NaN where it is not defined (no event, nobody predicted positive)."""
    seen = weights > 0
    y, p, w = outcome[seen], risk[seen], weights[seen]
    intercept, slope = calibration_line(y, p, w)
    expected = float((w * p).sum())
    smoothed = smoothed_calibration(y, p, w)
    return {
        "auc": auc(y, p, w),
        "brier": float(np.average((y - p) ** 2, weights=w)),
        **classified(y, p, w, threshold),
        "calibration_intercept": intercept,
        "calibration_slope": slope,
        "observed_expected": float((w * y).sum()) / expected if expected > 0 else np.nan,
        "ici": float(np.average(np.abs(smoothed - p), weights=w)),
    }


def auc(outcome: Floats, risk: Floats, weights: Floats) -> float:
    """Probability that somebody with the outcome has the higher risk; ties count one half."""
    seen = weights > 0
    y, p, w = outcome[seen], risk[seen], weights[seen]
    cases, controls = float(w[y == 1].sum()), float(w[y == 0].sum())
    if cases == 0 or controls == 0:
        return float("nan")
    _, level = np.unique(p, return_inverse=True)
    of_controls = np.bincount(level, w * (y == 0))
    below = np.cumsum(of_controls) - of_controls
    wins = (w * (y == 1) * (below[level] + 0.5 * of_controls[level])).sum()
    return float(wins / (cases * controls))


def classified(outcome: Floats, risk: Floats, weights: Floats, threshold: float) -> dict[str, float]:
    """Sensitivity, specificity, predictive values and F1 of "risk at least ``threshold``"."""
    positive = risk >= threshold
    tp = float(weights[positive & (outcome == 1)].sum())
    fp = float(weights[positive & (outcome == 0)].sum())
    fn = float(weights[~positive & (outcome == 1)].sum())
    tn = float(weights[~positive & (outcome == 0)].sum())
    return {
        "sensitivity": _share(tp, tp + fn),
        "specificity": _share(tn, tn + fp),
        "ppv": _share(tp, tp + fp),
        "npv": _share(tn, tn + fn),
        "f1": _share(2 * tp, 2 * tp + fp + fn),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def youden_threshold(outcome: Floats, risk: Floats, weights: Floats) -> float:
    """The risk from which on "yes" has the largest sensitivity + specificity - 1; ties take the lowest."""
    levels = np.unique(risk)
    cases = weights * (outcome == 1)
    controls = weights * (outcome == 0)
    order = np.searchsorted(levels, risk)
    lost_cases = np.cumsum(np.bincount(order, cases)) - np.bincount(order, cases)
    spared = np.cumsum(np.bincount(order, controls)) - np.bincount(order, controls)
    index = (1 - lost_cases / cases.sum()) + spared / controls.sum() - 1
    return float(levels[int(np.argmax(index))])
