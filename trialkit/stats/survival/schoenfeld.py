"""Scaled Schoenfeld residuals: what each coefficient would have to be at each event, and their picture.

At an event the covariates of the subject less their mean over the risk set (averaged over the steps of
Efron's removal) is its Schoenfeld residual r. With V the average covariance of the covariates over the risk
sets, b + V^-1 r estimates the coefficient at that time (Grambsch and Therneau 1994).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.numbers import plain
from trialkit.stats import pictures
from trialkit.stats.distributions import normal_quantile
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import Hazards, PartialLikelihood
from trialkit.stats.survival.proportional_hazards import transformed
from trialkit.stats.transforms import spline_basis

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialkit.stats.survival.cox_fit import CoxFit
    from trialkit.stats.survival.proportional_hazards import TimeTransform

TICKS = 7


def scaled_residuals(fit: CoxFit) -> pd.DataFrame:
    """One row an event in order of time: ``time``, then one column a coefficient, on its scale.

    NaN in a stratum whose rows at risk are all alike in that covariate: it says nothing there.

    Equivalent in R (survival 3.0 or newer): ``cox.zph(fit, terms = FALSE)$y``.
    """
    import pandas as pd

    sets = fit.likelihood.sets
    residuals = _residuals(fit.likelihood, fit.optimum.hazards)
    stratum = fit.in_strata.codes[sets.row][sets.event_rows]
    events = _informative_events(fit)
    shared = sum(np.minimum.outer(count, count) for count in events.values())
    average = fit.optimum.information / np.where(shared == 0, 1.0, shared)
    scaled = np.full_like(residuals, np.nan)
    for code, count in events.items():
        rows, used = np.flatnonzero(stratum == code), np.flatnonzero(count)
        inverse = np.linalg.inv(average[np.ix_(used, used)])
        scaled[np.ix_(rows, used)] = residuals[np.ix_(rows, used)] @ inverse
    values = (scaled + fit.optimum.coefficients) / fit.scale
    table = pd.DataFrame(values, columns=list(fit.design.column_names))
    table.insert(0, "time", sets.cell_time[sets.cell_of_event])
    return table.sort_values("time", kind="stable").reset_index(drop=True)


def _residuals(likelihood: PartialLikelihood, hazards: Hazards) -> Floats:
    """Schoenfeld residuals of the scaled covariates, one row an event."""
    sets = likelihood.sets
    over_risk, over_events = likelihood.sums(hazards)
    weighted = over_risk * hazards.inverse[:, None] - over_events * hazards.removed[:, None]
    mean = (hazards.total / sets.deaths)[:, None] * weighted
    return np.asarray(likelihood.design[sets.event_rows] - mean[sets.cell_of_event])


def _informative_events(fit: CoxFit) -> dict[int, Floats]:
    """By stratum with events: how many of them say something about each coefficient (all or none)."""
    sets, design = fit.likelihood.sets, fit.likelihood.design
    stratum = fit.in_strata.codes[sets.row]
    found = {}
    for code in np.unique(stratum):
        rows = stratum == code
        events = float(sets.event[rows].sum())
        found[int(code)] = np.where(np.ptp(design[rows], axis=0) > 0, events, 0.0)
    return found


def figure(fit: CoxFit, transform: TimeTransform) -> Figure:
    """A panel a coefficient: residuals, a natural spline through them with its pointwise band, the estimate.

    The band takes the residuals to have the variance V^-1, as ``plot.cox.zph`` does. The p value is that of
    the term, by ``proportional_hazards_test``.
    """
    table = scaled_residuals(fit)
    time = table["time"].to_numpy()
    g = transformed(time, fit.pooled_survival, transform)
    p_values = fit.proportional_hazards_test(transform).set_index("term")["p_value"]
    names = fit.design.column_names
    terms = {column: term for term, columns in fit.design.term_columns.items() for column in columns}
    across = min(len(names), 3)
    down = math.ceil(len(names) / across)
    sheet = pictures.sheet(1.2 + 3.4 * across, 3.1 * down)
    panels = sheet.subplots(down, across, squeeze=False).ravel()
    z = normal_quantile(fit.confidence_level)
    for place, (name, axes) in enumerate(zip(names, panels, strict=False)):
        variance = fit.naive_covariance[place, place] * fit.n_events
        _panel(axes, g, table[name].to_numpy(), z * math.sqrt(variance))
        axes.axhline(fit.inference.coefficients[place], color=pictures.QUIET, linewidth=0.8)
        axes.set_title(f"{name}   p = {plain(p_values[terms[place]], 3)}", fontsize="medium")
        _time_axis(axes, time, g)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for row in range(down):
        panels[row * across].set_ylabel("coefficient at that time")
    return sheet


def _panel(axes: Axes, g: Floats, value: Floats, half_width: float) -> None:
    pictures.open_axes(axes)
    known = ~np.isnan(value)
    axes.plot(g[known], value[known], "o", markersize=3, alpha=0.5, color=pictures.QUIET)
    knots = np.quantile(g[known], [0, 1 / 3, 2 / 3, 1])
    if (np.diff(knots) <= 0).any():
        return  # too few event times for a curve

    def basis(x: Floats) -> Any:
        return np.column_stack([np.ones_like(x), spline_basis(x, tuple(knots.tolist()))])

    line = np.linspace(knots[0], knots[-1], 120)
    at_events, at_line = basis(g[known]), basis(line)
    solution = np.linalg.lstsq(at_events, value[known], rcond=None)[0]
    root = np.linalg.pinv(at_events)
    spread = half_width * np.sqrt(((at_line @ root) ** 2).sum(axis=1))
    smooth = at_line @ solution
    axes.fill_between(
        line, smooth - spread, smooth + spread, alpha=0.18, color=pictures.COLOURS[0], linewidth=0
    )
    axes.plot(line, smooth, color=pictures.COLOURS[0])


def _time_axis(axes: Axes, time: Floats, g: Floats) -> None:
    """Times written where the transform puts them, as many as fit."""
    distinct, first = np.unique(time, return_index=True)
    places = g[first]
    wanted = np.linspace(places[0], places[-1], TICKS)
    chosen = np.unique(np.abs(places[:, None] - wanted).argmin(axis=0))
    axes.set_xticks(places[chosen], [f"{value:g}" for value in distinct[chosen]])
    axes.set_xlabel("time")
