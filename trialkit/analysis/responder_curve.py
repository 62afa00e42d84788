"""The cumulative responder curve: for every improvement, how many reached it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.documents.declared import DeclaredFigure, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import difference_unit, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.vocabulary import Better

ROUNDING = 1e-9  # two changes this close are one
LEFT_OUT, COUNTED, IMPUTED = "left out", "counted as failures", "imputed"
WHO = {
    LEFT_OUT: "Observed changes: who was not observed is not in the curves.",
    COUNTED: "Everybody of the set: who was not observed counts as having reached no improvement.",
    IMPUTED: "Everybody of the set: percentages are means over the imputed data sets.",
}


def improvements(
    context: Context,
    data: pd.DataFrame,
    better: Better | None,
    *,
    failures: pd.Series | None = None,
    unobserved: str = LEFT_OUT,
) -> pd.DataFrame:
    """Of each arm, for every improvement that somebody reached, the percentage that reached it.

    Parameters
    ----------
    data
        One row a subject, with ``arm`` and ``chg``.
    failures
        True for those who count as having reached none, whatever their change; whoever else has no change is
        left out.
    unobserved
        What is said of those without a change: ``left out`` or ``counted as failures``.

    Returns
    -------
    One row an arm and improvement: ``arm improvement n percent unobserved``.
    """
    gained = _gained(data, better)
    if failures is not None:
        gained = gained.mask(failures, -math.inf)
    return _curves(context, data["arm"], gained, (gained,), unobserved)


def pooled_improvements(
    context: Context,
    data: pd.DataFrame,
    better: Better | None,
    sets: Sequence[pd.DataFrame],
    failures: pd.Series | None = None,
) -> pd.DataFrame:
    """As ``improvements``, the percentages being the means over completed data sets (Rubin's estimate).

    The points are the improvements seen and the least and greatest drawn. ``sets`` have a row for each of
    ``data``, in its order, with ``chg``.
    """
    seen, drawn = _gained(data, better), []
    for full in sets:
        gained = seen.fillna(_gained(full, better).set_axis(data.index))
        drawn.append(gained if failures is None else gained.mask(failures, -math.inf))
    return _curves(context, data["arm"], seen, drawn, IMPUTED)


def _gained(data: pd.DataFrame, better: Better | None) -> pd.Series:
    higher = better is not None and better.value == "higher"
    gained: pd.Series = (data["chg"] if higher else -data["chg"]).astype(float)
    return gained


def _curves(
    context: Context, arm_of: pd.Series, seen: pd.Series, sets: Sequence[pd.Series], how: str
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rows = []
    for arm in context.arms:
        mine = arm_of == arm
        reached = [np.sort(one[mine & one.notna()].to_numpy(dtype=float)) for one in sets]
        every = np.concatenate([seen[mine & seen.notna()], *(_ends(one) for one in reached)])
        for value in np.unique(every[np.isfinite(every)]):
            share = 100 * float(np.mean([(one >= value - ROUNDING).mean() for one in reached]))
            rows.append((arm, float(value), len(reached[0]), share, how))
    return pd.DataFrame(rows, columns=["arm", "improvement", "n", "percent", "unobserved"])


def _ends(values: Any) -> list[float]:
    """The least and the greatest improvement; those who reached none stand at minus infinity."""
    finite = values[values > -math.inf]
    return [float(finite[0]), float(finite[-1])] if len(finite) else []


def _who(rows: list[ResultRow], shown: Shown) -> str:
    """Whom the curves are of, with each arm's number."""
    sizes = {str(row["arm"]): row["n"] for row in rows}
    told = ", ".join(f"{shown.label(arm)} {numbers.integer(n)}" for arm, n in sizes.items())
    return f"{WHO[str(rows[0]['unobserved'])]} Subjects: {told}. To the left of 0 subjects got worse."


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.responder_curve import draw_responder_curve

    rows, arms = shown.rows("curve"), {arm: shown.label(arm) for arm in shown.arms}
    curves = {
        arm: [(float(row["improvement"]), float(row["percent"])) for row in rows if row["arm"] == arm]
        for arm in arms
    }
    axis = with_unit("Improvement from baseline", difference_unit(shown.scales.get("unit")))
    names = ", ".join(arms.values())
    alt = f"For every improvement, the percentage of each arm that improved at least so much: {names}."
    return Drawn(draw_responder_curve(curves, arms, axis, (), key, alt), alt, (_who(rows, shown),))


CURVE = DeclaredFigure(
    "responder-curve",
    "curve",
    "{title}: cumulative responder curve",
    "The percentage of each arm that improved by at least so much, for every improvement.",
    draw,
    without="nobody has an improvement from baseline, as where the parameter is asked for only later",
)
