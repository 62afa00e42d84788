"""Whether a risk of 30 % comes true in 30 of 100: line, smooth curve, both weighted.

The line: logit of the outcome on the logit of the risk; slope 1 and intercept 0 are perfect; the intercept is
calibration-in-the-large, with the slope held at 1. Source: Van Calster et al., J Clin Epidemiol
2016;74:167-176. R: ``glm(y ~ lp, binomial)``, ``glm(y ~ offset(lp), binomial)``; the curve
``lowess(p, y, iter = 0)``; ICI: Austin & Steyerberg, Stat Med 2019;38:4051-4065.
"""

from __future__ import annotations

import numpy as np

from trialkit.prediction.arrays import Floats

_SMALLEST = 1e-6


def logit(risk: Floats) -> Floats:
    """Log-odds; risks of 0 and 1 count as one in a million and its complement."""
    clipped = np.clip(risk, _SMALLEST, 1.0 - _SMALLEST)
    return np.asarray(np.log(clipped / (1.0 - clipped)), dtype=float)


def calibration_line(outcome: Floats, risk: Floats, weights: Floats) -> tuple[float, float]:
    """Intercept (slope held at 1) and slope; NaN where all risks are equal, an outcome is absent, or the
    fit runs away (risks separate the outcomes)."""
    lp = logit(risk)
    if outcome.min() == outcome.max():
        return float("nan"), float("nan")
    intercept = _newton(np.ones((len(lp), 1)), outcome, weights, lp)
    slope = np.full(2, np.nan)
    if np.ptp(lp) > 0:
        slope = _newton(np.column_stack([np.ones(len(lp)), lp]), outcome, weights, np.zeros(len(lp)))
    return float(intercept[0]), float(slope[1])


def _newton(design: np.ndarray, outcome: Floats, weights: Floats, offset: Floats) -> Floats:
    """Maximum likelihood of a logistic model; NaN where it does not settle."""
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        mean = 1.0 / (1.0 + np.exp(-np.clip(design @ beta + offset, -40, 40)))
        gradient = design.T @ (weights * (outcome - mean))
        information = (design * (weights * mean * (1 - mean))[:, None]).T @ design
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-10:
            return np.asarray(beta, dtype=float)
    return np.full(design.shape[1], np.nan)


_KNOTS = 50


def smoothed_calibration(outcome: Floats, risk: Floats, weights: Floats, share: float = 2 / 3) -> Floats:
    """Observed proportion at each risk by local linear regression: tricube, nearest ``share``, within 0 to 1.

    Fitted at the distinct risks, or at 50 of their quantiles with straight lines between (as ``lowess`` does
    with ``delta``); the same subjects and weights give the same curve in any order.
    """
    at = np.unique(risk)
    if len(at) > _KNOTS:
        at = np.unique(np.quantile(risk, np.linspace(0, 1, _KNOTS)))
    distance = np.abs(at[:, None] - risk[None, :])
    nearest = min(len(risk), max(3, int(np.ceil(share * len(risk) - 1e-9)))) - 1
    reach = np.partition(distance, nearest, axis=1)[:, nearest]
    scaled = distance / np.where(reach > 0, reach, 1.0)[:, None]
    kernel = (1 - np.minimum(scaled, 1) ** 3) ** 3 * weights[None, :]
    kernel[reach == 0] = (distance[reach == 0] == 0) * weights[None, :]
    total = kernel.sum(axis=1)
    mean_x, mean_y = kernel @ risk / total, kernel @ outcome / total
    spread = kernel @ risk**2 / total - mean_x**2
    product = kernel @ (risk * outcome) / total - mean_x * mean_y
    slope = np.divide(product, spread, out=np.zeros_like(product), where=spread > 1e-12)
    fitted = np.clip(mean_y + slope * (at - mean_x), 0.0, 1.0)
    return np.asarray(np.interp(risk, at, fitted), dtype=float)
