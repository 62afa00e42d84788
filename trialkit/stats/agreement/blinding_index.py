"""Whether guesses of the arm tell that a blinding held: James's and Bang's indices."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import FloatArray, normal_quantile, t_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.groups import groups_of
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import LIMITS, seen, why_no_interval
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class BlindingIndex(Printed):
    """Indices of blinding.

    Attributes
    ----------
    james
        One row: estimate standard_error ci_lower ci_upper. 1: nobody could tell; 0.5: guesses as by chance;
        0: all told rightly. An upper limit below 0.5 speaks of unblinding.
    bang
        One row an arm: estimate standard_error statistic p_value (one-sided, more right guesses than by
        chance) ci_lower ci_upper. 0: as by chance; 1: all right; -1: all wrong.
    counts
        One row an arm, one column a guess.
    """

    arm: str
    columns: tuple[Hashable, ...]  # the two arms, and what stands for those unsure
    counted: FloatArray  # arm x guess
    confidence_level: float
    rows: Rows

    @cached_property
    def james(self) -> pd.DataFrame:
        return row_table([_james(self.counted, normal_quantile(self.confidence_level))])

    @cached_property
    def bang(self) -> pd.DataFrame:
        z = normal_quantile(self.confidence_level)
        arms = enumerate(self.columns[:2])
        return row_table([{self.arm: label, **_bang(self.counted[row], row, z)} for row, label in arms])

    @cached_property
    def counts(self) -> pd.DataFrame:
        import pandas as pd

        guesses = dict(zip(map(str, self.columns), self.counted.T.astype(int), strict=True))
        return pd.DataFrame({self.arm: list(self.columns[:2]), **guesses})

    def _shown(self) -> display.Shown:
        tables = (("James's index", self.james), ("Bang's index", self.bang), ("Guesses", self.counts))
        level = f"{100 * self.confidence_level:g}% intervals"
        lines = (level, *why_no_interval(self.james, self.bang), self.rows.sentence())
        return display.Shown("Blinding", tables, lines)


def blinding_index(
    data: pd.DataFrame, arm: str, guess: str, unsure: Hashable = "unknown", confidence_level: float = 0.95
) -> BlindingIndex:
    """James's and Bang's index of two arms from one guess a person.

    Parameters
    ----------
    data
        One row a person asked; rows with a gap are left out and counted.
    arm
        Column of the arm, two values.
    guess
        Column of the arm guessed: the same values, or ``unsure``.
    unsure
        The value of ``guess`` of those who say that they do not know.
    confidence_level
        Of the two-sided Wald intervals.

    Returns
    -------
    BlindingIndex
        ``james``, ``bang``, ``counts``, ``rows``.

    Raises
    ------
    DataError
        Not exactly two arms, a guess that is neither an arm nor ``unsure``.

    Degenerate cases
    ----------------
    Everybody unsure: James's index is 1, Bang's 0, without an interval (NaN). Everybody of an arm right:
    Bang's index is 1, without an interval.

    Equivalent in R: ``BI::BI(table)``. In Stata: ``blinding``.

    References
    ----------
    James et al. (1996), Statistics in Medicine 15:1421-1434. Bang, Ni & Davis (2004), Controlled Clinical
    Trials 25:143-156, equations 1 and 2.
    """
    check_confidence_level(confidence_level)
    if arm == guess:
        raise DataError(
            expected="arm and guess each in a column of its own", found=written(arm), where="arguments"
        )
    frame, rows = complete_rows(data, (arm, guess), "blinding_index", count_by=(arm,))
    arms = list(groups_of(frame[arm])[1])
    if len(arms) != 2:
        raise DataError(expected="two arms", found=str(len(arms)), where=said("column {name!r}", name=arm))
    given = frame[guess].to_numpy(dtype=object)
    strange = sum(value not in (*arms, unsure) for value in given)
    if strange or unsure in arms:
        raise DataError(
            expected="guesses that are one of the arms, or the value for those who do not know",
            found=said("{count} other(s)", count=strange),
            where=said("column {name!r}", name=guess),
            next_step="Say unsure='...' for those who do not know, and recode the others.",
        )
    allocated = frame[arm].to_numpy(dtype=object)
    columns = [*arms, unsure]
    counts = np.array([[np.sum((allocated == a) & (given == g)) for g in columns] for a in arms], dtype=float)
    return BlindingIndex(arm, tuple(columns), counts, confidence_level, rows)


def _bang(counts: FloatArray, own: int, z: float) -> dict[str, float]:
    """Right guesses minus wrong ones, as a share of all of the arm (those unsure included)."""
    n = counts.sum()
    right, wrong = counts[own] / n, counts[1 - own] / n
    estimate = right - wrong
    error = math.sqrt(max(right + wrong - estimate**2, 0.0) / n)
    known = error if error > 1e-12 else math.nan
    statistic = estimate / known
    p = t_p_value(np.array(statistic), np.array(np.inf), "greater") if error > 1e-12 else math.nan
    return {
        "estimate": float(estimate),
        "standard_error": known,
        "statistic": float(statistic),
        "p_value": float(p),
        "ci_lower": max(float(estimate - z * known), -1.0) if error > 1e-12 else math.nan,
        "ci_upper": min(float(estimate + z * known), 1.0) if error > 1e-12 else math.nan,
    }


def _james(counts: FloatArray, z: float) -> dict[str, float]:
    """(1 + p_unsure + (1 - p_unsure) kappa) / 2, kappa the chance-corrected share of wrong guesses.

    The error is by the delta method of multinomial shares, its slopes central differences.
    """
    estimate, gradient = _james_value(counts), np.zeros(counts.shape)
    n = counts.sum()
    if not np.isfinite(estimate):
        alone = 1.0 if counts[:, 2].sum() == n else math.nan
        return {"estimate": alone, **dict.fromkeys(LIMITS, math.nan)}
    shares = counts / n
    for place in np.ndindex(*counts.shape):
        step = 1e-6
        up, down = shares.copy(), shares.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (_james_value(up) - _james_value(down)) / (2.0 * step)
    centre = float((shares * gradient).sum())
    error = math.sqrt(max(float((shares * (gradient - centre) ** 2).sum()), 0.0) / n)
    if math.isnan(seen(error, 1.0)):
        return {"estimate": estimate, **dict.fromkeys(LIMITS, math.nan)}
    return {
        "estimate": estimate,
        "standard_error": error,
        "ci_lower": max(estimate - z * error, 0.0),
        "ci_upper": min(estimate + z * error, 1.0),
    }


def _james_value(counts: FloatArray) -> float:
    total = counts.sum()
    unsure = counts[:, 2].sum() / total
    if unsure >= 1.0:
        return math.nan
    guesses = counts[:, :2] / (total * (1.0 - unsure))
    wrong = guesses[0, 1] + guesses[1, 0]
    by_arm, by_guess = guesses.sum(axis=1), guesses.sum(axis=0)
    by_chance = by_arm[0] * by_guess[1] + by_arm[1] * by_guess[0]
    kappa = (wrong - by_chance) / by_chance if by_chance > 0 else math.nan
    return float((1.0 + unsure + (1.0 - unsure) * kappa) / 2.0)
