"""How much worse values missing after an event would have to be for the conclusion to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.missing.completed_grid import GridImputations
from trialkit.stats.missing.delta import Worse
from trialkit.stats.missing.pool import Analysis, label_columns
from trialkit.stats.showing import Printed
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False, eq=False)
class TippingPoint(Printed):
    """A treatment difference over a range of deltas.

    Attributes
    ----------
    table
        One row a delta: delta, the pooled estimate's columns, concluded (p value below ``alpha``, on
        the side of the first delta).
    tipping_delta
        The smallest delta at which the conclusion no longer holds; None where it holds for all tried, and
        where it does not hold even for the first.
    alpha
        Level of the p value.
    """

    table: pd.DataFrame
    tipping_delta: float | None
    alpha: float
    imputed: GridImputations = field(repr=False)

    def plot(self) -> Figure:
        """The difference with its interval over the deltas; where it tips is marked."""
        from trialkit.stats import pictures

        sheet = pictures.sheet(6.0, 4.0)
        axes = sheet.subplots()
        pictures.open_axes(axes)
        null = self.table["null_value"].iloc[0] if "null_value" in self.table else 0.0
        axes.axhline(float(null), color=pictures.QUIET, linewidth=0.8)
        delta = self.table["delta"].to_numpy()
        limits = self.table["ci_lower"].to_numpy(), self.table["ci_upper"].to_numpy()
        axes.fill_between(delta, *limits, color=pictures.COLOURS[0], alpha=0.15, linewidth=0)
        axes.plot(delta, self.table["estimate"], "o-", color=pictures.COLOURS[0], markersize=4)
        if self.tipping_delta is not None:
            axes.axvline(self.tipping_delta, color=pictures.COLOURS[1], linestyle="--", linewidth=1.1)
        axes.set_title(self._sentence(), loc="left", fontsize="medium")
        axes.set_xlabel("delta added to values missing after an event (positive is worse)")
        axes.set_ylabel(self.table["contrast"].iloc[0] if "contrast" in self.table else "difference")
        return sheet

    def _sentence(self) -> str:
        if self.tipping_delta is not None:
            return f"the conclusion no longer holds from delta {self.tipping_delta:g} on"
        held = bool(self.table["concluded"].iloc[0])
        return "the conclusion holds for every delta tried" if held else "there is no conclusion to tip"

    def _shown(self) -> display.Shown:
        return display.Shown("Tipping point", (("By delta", self.table),), (self._sentence(),))


def tipping_point(
    imputed: GridImputations,
    analysis: Analysis,
    deltas: Sequence[float],
    worse: Worse,
    alpha: float = 0.05,
) -> TippingPoint:
    """Repeat an analysis with values missing after an event made worse by each delta in turn.

    Parameters
    ----------
    imputed
        From ``impute_reference_based``, usually with ``strategy="mar"``. Its draws and fits are used again.
    analysis
        Takes a completed data set; returns one treatment difference: a one-row table, or a fit with one
        contrast.
    deltas
        Increasing, in units of the outcome; added in every arm but the reference. Positive is worse.
    worse
        ``"higher"`` or ``"lower"``: the direction in which the outcome is worse.
    alpha
        The conclusion holds while the p value is below it. Choose it to go with the analysis' alternative.

    Returns
    -------
    TippingPoint
        ``table``, ``tipping_delta`` and ``plot()``.

    Raises
    ------
    DataError
        Deltas that do not increase, an analysis that returns several rows, no value missing after an event
        outside the reference arm.

    Degenerate cases: a conclusion that does not hold at the first delta cannot tip; ``tipping_delta`` is
    None.

    Equivalent in R: ``rbmi`` with a ``delta_template`` for each delta. In SAS: ``PROC MI; MNAR ADJUST(... /
    SHIFT=)`` run for each.

    References: Cro et al. (2020), Statistics in Medicine 39:2815-2842, section 4.
    """
    import pandas as pd

    steps = [float(delta) for delta in deltas]
    if not steps or any(b <= a for a, b in pairwise(steps)):
        raise DataError(expected="increasing deltas", found=", ".join(map(str, steps)) or "none")
    _require_values_to_shift(imputed)
    if not 0 < alpha < 1:
        raise DataError(expected="alpha between 0 and 1", found=written(alpha))
    lines = [_difference(imputed.with_delta(delta, worse), analysis) for delta in steps]
    table = pd.concat(lines, ignore_index=True)
    table.insert(0, "delta", steps)
    same_side = np.sign(table["statistic"]) == np.sign(table["statistic"].iloc[0])
    table["concluded"] = (table["p_value"] < alpha) & same_side
    held = table["concluded"].to_numpy(dtype=bool)
    lost = np.flatnonzero(~held)
    tipped = steps[int(lost[0])] if held[0] and len(lost) else None
    return TippingPoint(table, tipped, alpha, imputed)


def _require_values_to_shift(imputed: GridImputations) -> None:
    """Delta goes to values missing after an event in every arm but the reference: some must be there."""
    missing = imputed.completion.after_event.any(axis=1)
    if not missing.any():
        raise DataError(
            expected="values missing after an event, for delta to be added to",
            found="none",
            next_step="Say which subjects had an event, with ice={subject: first_affected_visit}.",
        )
    shifted = np.array([label != imputed.reference for label in imputed.grid.arms])[imputed.grid.arm]
    if not (missing & shifted).any():
        raise DataError(
            expected="values missing after an event in arms other than the reference",
            found="none: every such value is in the reference arm",
            next_step="Name another reference, or add deltas by arm with with_delta({...}, worse=...).",
        )


def _difference(imputed: GridImputations, analysis: Analysis) -> pd.DataFrame:
    import pandas as pd

    def one_row(frame: pd.DataFrame) -> pd.DataFrame:
        result = analysis(frame)
        table = result.contrasts() if isinstance(result, ModelFit) else result
        label_columns(table)
        if len(table) != 1:
            raise DataError(
                expected="an analysis that gives one difference",
                found=said("{n_table} rows", n_table=len(table)),
                next_step="Keep the row of the primary visit and contrast.",
            )
        return table.reset_index(drop=True)

    pooled = imputed.analyse(one_row)
    assert isinstance(pooled, pd.DataFrame)
    return pooled
