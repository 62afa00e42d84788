"""The cumulative responder curve: for every improvement, how many reached it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.documents.declared import DeclaredFigure, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.wording import difference_unit, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.vocabulary import Better

ROUNDING = 1e-9  # two changes this close are one


def improvements(context: Context, data: pd.DataFrame, better: Better | None) -> pd.DataFrame:
    """Of each arm, for every improvement that somebody reached, the percentage that reached it."""
    import numpy as np
    import pandas as pd

    gained = data["chg"] if better is not None and better.value == "higher" else -data["chg"]
    rows = []
    for arm in context.arms:
        reached = np.sort(gained[(data["arm"] == arm) & gained.notna()].to_numpy(dtype=float))
        for value in np.unique(reached):
            share = 100 * float((reached >= value - ROUNDING).mean())
            rows.append({"arm": arm, "improvement": float(value), "n": len(reached), "percent": share})
    return pd.DataFrame(rows, columns=["arm", "improvement", "n", "percent"])


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
    foot = ("Observed changes; to the left of 0 subjects got worse.",)
    return Drawn(draw_responder_curve(curves, arms, axis, (), key, alt), alt, foot)


CURVE = DeclaredFigure(
    "responder-curve",
    "curve",
    "{title}: cumulative responder curve",
    "The percentage of each arm that improved by at least so much, for every improvement.",
    draw,
)
