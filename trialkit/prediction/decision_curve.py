"""Net benefit of acting on a risk, beside acting on everybody and on nobody.

Net benefit at risk t: TP / n - FP / n x t / (1 - t). Source: Vickers & Elkin, Med Decis Making
2006;26:565-574. R: ``dcurves::dca(y ~ risk, thresholds =)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from trialkit.prediction.arrays import Floats, Matrix


def net_benefit(outcome: Floats, risk: Floats, weights: Floats, at: float) -> float:
    """Of acting on "risk at least ``at``"; weights count subjects."""
    positive = risk >= at
    total = float(weights.sum())
    tp = float(weights[positive & (outcome == 1)].sum()) / total
    fp = float(weights[positive & (outcome == 0)].sum()) / total
    return tp - fp * at / (1 - at)


def decision_curve(
    outcome: Floats, risks: Mapping[str, Floats | Matrix], weights: Floats, at: Sequence[float]
) -> pd.DataFrame:
    """One row a risk threshold and strategy: ``threshold strategy net_benefit``; strategies are the models,
    ``everybody`` and ``nobody``. Of risks in several passes (a row each) the mean net benefit."""
    rows = []
    everybody = np.ones(len(outcome))
    for threshold in at:
        for name, risk in risks.items():
            passes = [net_benefit(outcome, one, weights, threshold) for one in np.atleast_2d(risk)]
            rows.append((threshold, name, float(np.mean(passes))))
        rows.append((threshold, "everybody", net_benefit(outcome, everybody, weights, threshold)))
        rows.append((threshold, "nobody", 0.0))
    return pd.DataFrame(rows, columns=["threshold", "strategy", "net_benefit"])
