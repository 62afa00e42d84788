"""Checks of the assumptions of an analysis of covariance: four numbers and four pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import pictures
from trialkit.stats.distributions import FloatArray, chi_square_p_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialkit.stats.linear.ancova import AncovaFit

_SHAPIRO_LARGEST_N = 5000
_NAMED = 3


def checks(fit: AncovaFit) -> pd.DataFrame:
    """One row a check: check statistic p_value note.

    ``shapiro_wilk`` of the residuals (W; up to 5,000 rows, beyond which its p value is not valid);
    ``breusch_pagan`` (studentized, Koenker: n R squared of squared residuals on the fitted values, 1 df);
    ``largest_cook_distance`` and ``largest_leverage``, which have no p value; the note names the row by its
    label in the data. They describe; no method here is chosen by them.

    Equivalent in R: ``shapiro.test(resid(fit))``, ``lmtest::bptest(fit, ~ fitted(fit))``,
    ``max(cooks.distance(fit))``, ``max(hatvalues(fit))``.
    """
    import pandas as pd

    rows: list[tuple[str, float, float, str]] = []
    if 3 <= fit.n <= _SHAPIRO_LARGEST_N:
        from scipy import stats

        shapiro = stats.shapiro(fit.residual_values)
        note = "normal residuals"
        rows.append(("shapiro_wilk", float(shapiro.statistic), float(shapiro.pvalue), note))
    statistic = _breusch_pagan(fit)
    rows.append(("breusch_pagan", statistic, chi_square_p_value(statistic, 1.0), "one residual variance"))
    distance = cook_distance(fit)
    labels = fit.design.index
    where = f"row {labels[int(np.argmax(distance))]}"
    rows.append(("largest_cook_distance", float(distance.max()), float("nan"), where))
    where = f"row {labels[int(np.argmax(fit.leverage))]}; mean {fit.leverage.mean():.4g}"
    rows.append(("largest_leverage", float(fit.leverage.max()), float("nan"), where))
    return pd.DataFrame(rows, columns=["check", "statistic", "p_value", "note"])


def standardized_residuals(fit: AncovaFit) -> FloatArray:
    """Residuals over their standard deviation (internally studentized); NaN where the leverage is one."""
    room = np.where(fit.leverage < 1.0 - 1e-9, 1.0 - fit.leverage, np.nan)
    return np.asarray(fit.residual_values / (fit.sigma * np.sqrt(room)))


def cook_distance(fit: AncovaFit) -> FloatArray:
    """How far the fitted values move when a row is left out; zero where its leverage is one."""
    p = fit.design.X.shape[1]
    room = np.where(fit.leverage < 1.0 - 1e-9, 1.0 - fit.leverage, np.inf)
    return np.asarray(fit.residual_values**2 * fit.leverage / (p * fit.sigma**2 * room**2))


def figure(fit: AncovaFit) -> Figure:
    """The four pictures R draws for a linear model, on one sheet; three rows in each by their label."""
    sheet = pictures.sheet(9.0, 7.5)
    axes = sheet.subplots(2, 2)
    scaled = standardized_residuals(fit)
    names, unit = fit.design.index, fit.design.outcome_name or "outcome"
    size = np.nan_to_num(np.abs(scaled))
    fitted = f"fitted {unit}"
    _points(
        axes[0, 0], fit.fitted_values, fit.residual_values, fitted, f"residual {unit}", "Residuals and fitted"
    )
    axes[0, 0].axhline(0.0, color=pictures.QUIET, linewidth=0.8)
    _name_rows(axes[0, 0], fit.fitted_values, fit.residual_values, size, names)
    _quantiles(axes[0, 1], scaled, names)
    root = np.sqrt(np.abs(scaled))
    _points(axes[1, 0], fit.fitted_values, root, fitted, "root of |standardized residual|", "Spread")
    axes[1, 0].set_ylim(bottom=0.0)
    _name_rows(axes[1, 0], fit.fitted_values, root, size, names)
    _points(axes[1, 1], fit.leverage, scaled, "leverage", "standardized residual", "Influence")
    axes[1, 1].axhline(0.0, color=pictures.QUIET, linewidth=0.8)
    _name_rows(axes[1, 1], fit.leverage, scaled, cook_distance(fit), names)
    _cook_lines(axes[1, 1], fit.design.X.shape[1])
    return sheet


def _points(axes: Axes, x: FloatArray, y: FloatArray, across: str, up: str, title: str) -> None:
    axes.plot(x, y, "o", markersize=3, alpha=0.6, color=pictures.COLOURS[0])
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_title(title, fontsize="medium")
    pictures.open_axes(axes)


def _name_rows(axes: Axes, x: FloatArray, y: FloatArray, size: FloatArray, names: pd.Index[Any]) -> None:
    """The labels of the three rows of the largest ``size``, beside their points."""
    for place in np.argsort(size)[-_NAMED:]:
        if np.isfinite(y[place]):
            axes.annotate(
                str(names[place]),
                (float(x[place]), float(y[place])),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
            )


def _quantiles(axes: Axes, scaled: FloatArray, names: pd.Index[Any]) -> None:
    from scipy import special

    order = np.argsort(np.where(np.isfinite(scaled), scaled, np.inf))[: int(np.isfinite(scaled).sum())]
    known = scaled[order]
    expected: Any = special.ndtri((np.arange(1, len(known) + 1) - 0.375) / (len(known) + 0.25))
    _points(axes, expected, known, "normal quantile", "standardized residual", "Normal Q-Q")
    ends = [float(expected[0]), float(expected[-1])]
    axes.plot(ends, ends, color=pictures.QUIET, linewidth=0.8)
    _name_rows(axes, expected, known, np.abs(known), names[order])


def _cook_lines(axes: Axes, columns: int) -> None:
    """Where Cook's distance is 0.5 and 1, as far as the points reach."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    leverage = np.linspace(max(left, 1e-6), min(right, 0.999), 200)
    for distance in (0.5, 1.0):
        height = np.sqrt(distance * columns * (1.0 - leverage) / leverage)
        for side in (height, -height):
            axes.plot(leverage, side, linestyle="--", color=pictures.COLOURS[1], linewidth=0.8)
        if height[-1] < max(top, -bottom):
            end = (float(leverage[-1]), float(height[-1] if height[-1] < top else -height[-1]))
            axes.annotate(f"Cook {distance:g}", end, ha="right", va="bottom", fontsize="small")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)


def _breusch_pagan(fit: AncovaFit) -> float:
    squares = fit.residual_values**2
    deviations, fitted = squares - squares.mean(), fit.fitted_values - fit.fitted_values.mean()
    total = float(deviations @ deviations) * float(fitted @ fitted)
    return 0.0 if total == 0.0 else fit.n * float(deviations @ fitted) ** 2 / total
