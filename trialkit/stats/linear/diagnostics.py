"""Checks of the assumptions of an analysis of covariance: four numbers and four pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.distributions import FloatArray, chi_square_p_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialkit.stats.linear.ancova import AncovaFit

_SHAPIRO_LARGEST_N = 5000


def checks(fit: AncovaFit) -> pd.DataFrame:
    """One row a check: check statistic p_value note.

    ``shapiro_wilk`` of the residuals (W; up to 5,000 rows, beyond which its p value is not valid);
    ``breusch_pagan`` (studentized, Koenker: n R squared of squared residuals on the fitted values, 1 df);
    ``largest_cook_distance`` and ``largest_leverage``, which have no p value. They describe; no method here
    is chosen by them.

    Equivalent in R: ``shapiro.test(resid(fit))``, ``lmtest::bptest(fit, ~ fitted(fit))``,
    ``max(cooks.distance(fit))``, ``max(hatvalues(fit))``.
    """
    import pandas as pd

    rows: list[tuple[str, float, float, str]] = []
    if 3 <= fit.n <= _SHAPIRO_LARGEST_N:
        from scipy import stats

        shapiro = stats.shapiro(fit.residuals)
        note = "normal residuals"
        rows.append(("shapiro_wilk", float(shapiro.statistic), float(shapiro.pvalue), note))
    statistic = _breusch_pagan(fit)
    rows.append(("breusch_pagan", statistic, chi_square_p_value(statistic, 1.0), "one residual variance"))
    distance = cook_distance(fit)
    where = f"row {int(np.argmax(distance)) + 1} of the rows used"
    rows.append(("largest_cook_distance", float(distance.max()), float("nan"), where))
    where = f"row {int(np.argmax(fit.leverage)) + 1} of the rows used; mean {fit.leverage.mean():.4g}"
    rows.append(("largest_leverage", float(fit.leverage.max()), float("nan"), where))
    return pd.DataFrame(rows, columns=["check", "statistic", "p_value", "note"])


def standardized_residuals(fit: AncovaFit) -> FloatArray:
    """Residuals over their standard deviation (internally studentized); NaN where the leverage is one."""
    room = np.where(fit.leverage < 1.0 - 1e-9, 1.0 - fit.leverage, np.nan)
    return np.asarray(fit.residuals / (fit.sigma * np.sqrt(room)))


def cook_distance(fit: AncovaFit) -> FloatArray:
    """How far the fitted values move when a row is left out; zero where its leverage is one."""
    p = fit.design.X.shape[1]
    room = np.where(fit.leverage < 1.0 - 1e-9, 1.0 - fit.leverage, np.inf)
    return np.asarray(fit.residuals**2 * fit.leverage / (p * fit.sigma**2 * room**2))


def figure(fit: AncovaFit) -> Figure:
    """The four pictures R draws for a linear model, on one sheet."""
    from matplotlib.figure import Figure

    sheet = Figure(figsize=(9.0, 7.5), layout="constrained")
    axes = sheet.subplots(2, 2)
    scaled = standardized_residuals(fit)
    unit = fit.design.outcome_name or "outcome"
    _points(
        axes[0, 0], fit.fitted, fit.residuals, f"fitted {unit}", f"residual {unit}", "Residuals and fitted"
    )
    _quantiles(axes[0, 1], scaled)
    root = np.sqrt(np.abs(scaled))
    _points(axes[1, 0], fit.fitted, root, f"fitted {unit}", "root of |standardized residual|", "Spread")
    _points(axes[1, 1], fit.leverage, scaled, "leverage", "standardized residual", "Influence")
    return sheet


def _points(axes: Axes, x: FloatArray, y: FloatArray, across: str, up: str, title: str) -> None:
    axes.plot(x, y, "o", markersize=3, alpha=0.6)
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_title(title)


def _quantiles(axes: Axes, scaled: FloatArray) -> None:
    from scipy import special

    known: Any = np.sort(scaled[np.isfinite(scaled)])
    expected = special.ndtri((np.arange(1, len(known) + 1) - 0.375) / (len(known) + 0.25))
    axes.plot(expected, known, "o", markersize=3, alpha=0.6)
    ends = [float(expected[0]), float(expected[-1])]
    axes.plot(ends, ends, color="0.6", linewidth=0.8)
    axes.set_xlabel("normal quantile")
    axes.set_ylabel("standardized residual")
    axes.set_title("Normal Q-Q")


def _breusch_pagan(fit: AncovaFit) -> float:
    squares = fit.residuals**2
    deviations, fitted = squares - squares.mean(), fit.fitted - fit.fitted.mean()
    total = float(deviations @ deviations) * float(fitted @ fitted)
    return 0.0 if total == 0.0 else fit.n * float(deviations @ fitted) ** 2 / total
