"""Pictures of a ROC curve, and of calibration by groups of prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialkit.numbers import plain
from trialkit.stats import display, pictures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialkit.stats.diagnostic.calibration import Calibration
    from trialkit.stats.diagnostic.roc import Roc


def roc_figure(result: Roc) -> Figure:
    """Sensitivity against 1 - specificity, the cutoff marked, the area with its interval in words."""
    sheet = pictures.sheet(4.6, 4.6)
    axes = sheet.subplots()
    _square(axes)
    curve = result.curve
    axes.plot(1 - curve["specificity"], curve["sensitivity"], color=pictures.COLOURS[0])
    at = (1 - result.specificity, result.sensitivity)
    axes.plot(*at, "o", color=pictures.COLOURS[1])
    sign = ">" if result.direction == "higher" else "<"
    axes.annotate(
        f"{sign} {display.number(result.cutoff)}",
        at,
        xytext=(8, -10),
        textcoords="offset points",
        color=pictures.COLOURS[1],
    )
    area = f"AUC {plain(result.auc, 3)} ({plain(result.ci_lower, 3)} to {plain(result.ci_upper, 3)})"
    axes.text(0.98, 0.04, area, ha="right", transform=axes.transAxes)
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("sensitivity")
    axes.set_title(result.label, fontsize="medium")
    return sheet


def calibration_figure(result: Calibration) -> Figure:
    """Observed share with Wilson's interval against mean prediction, group by group; sizes below."""
    groups = result.groups
    sheet = pictures.sheet(4.6, 5.2)
    axes, below = sheet.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [1.0, 0.16]})
    _square(axes)
    x, share = groups["predicted"].to_numpy(), groups["observed"].to_numpy()
    reach = np.abs(groups[["ci_lower", "ci_upper"]].to_numpy().T - share)
    axes.errorbar(x, share, yerr=reach, fmt="o", color=pictures.COLOURS[0], linewidth=1.2, markersize=5)
    axes.set_ylabel("observed share")
    pictures.open_axes(below)
    below.vlines(x, 0, groups["n"], color=pictures.QUIET, linewidth=4)
    below.set_ylim(bottom=0)
    below.set_ylabel("n")
    below.set_xlabel("predicted probability")
    return sheet


def _square(axes: Axes) -> None:
    """The unit square with its diagonal."""
    pictures.open_axes(axes)
    axes.plot([0, 1], [0, 1], color=pictures.QUIET, linewidth=0.8)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
