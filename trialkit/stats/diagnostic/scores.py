"""Scores of those with and without the outcome, read from a data frame."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.complete_rows import complete_rows, numbers_in
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.events import require_zero_and_one
from trialkit.stats.groups import groups_of
from trialkit.stats.rows import Rows
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["higher", "lower"]
DirectionChoice = Literal["higher", "lower", "auto"]
DIRECTIONS: tuple[DirectionChoice, ...] = get_args(DirectionChoice)


@dataclass(frozen=True)
class Scores:
    """Scores by column, and who has the outcome."""

    values: dict[str, FloatArray]
    is_positive: BoolArray
    rows: Rows

    def positives(self, score: str) -> FloatArray:
        return self.values[score][self.is_positive]

    def negatives(self, score: str) -> FloatArray:
        return self.values[score][~self.is_positive]


def read_scores(
    data: pd.DataFrame, outcome: str, scores: Sequence[str], positive: Hashable, where: str
) -> Scores:
    """Read outcome and scores; a row with a gap in any of them is left out and counted.

    Raises
    ------
    DataError
        An outcome with other than two values, ``positive`` not one of them, a score that is not numeric.
    """
    if outcome in scores:
        raise DataError(
            expected="a score other than the outcome itself", found=written(outcome), where="arguments"
        )
    frame, rows = complete_rows(data, (outcome, *scores), where)
    return Scores(
        {name: numbers_in(frame, name) for name in scores}, _is_positive(frame[outcome], positive), rows
    )


def _is_positive(outcome: pd.Series[Any], positive: Hashable) -> BoolArray:
    codes, labels = groups_of(outcome)
    found = list(labels)
    if not isinstance(positive, Hashable) or positive not in found:
        raise DataError(
            expected=said("rows with the outcome {positive!r}", positive=positive),
            found=said("the values {found}", found=", ".join(map(repr, found[:5]))),
            where=said("outcome {name!r}", name=outcome.name),
            next_step="Say which value means that the outcome happened: positive=...",
        )
    if len(found) != 2:
        raise DataError(
            expected="two different outcomes among the rows used",
            found=written(len(found)),
            where=said("outcome {name!r}", name=outcome.name),
            next_step="Recode it to two values.",
        )
    if positive == 1 and all(isinstance(value, int | float) for value in found):
        require_zero_and_one(found, str(outcome.name))
    return np.asarray(codes == found.index(positive), dtype=bool)


def settle_direction(choice: DirectionChoice, positives: FloatArray, negatives: FloatArray) -> Direction:
    """The direction asked for; with "auto", "higher" unless the positives' median is the lower one."""
    if choice != "auto":
        return choice
    return "lower" if np.median(positives) < np.median(negatives) else "higher"


def require_spread(positives: FloatArray, negatives: FloatArray, score: str) -> None:
    """What an area under the curve with a standard error needs."""
    if min(len(positives), len(negatives)) < 2:
        raise DataError(
            expected="at least two subjects with the outcome and two without",
            found=said(
                "{n_positives} and {n_negatives}", n_positives=len(positives), n_negatives=len(negatives)
            ),
            next_step="An area under the curve of so few has no standard error.",
        )
    if len(np.unique(np.concatenate([positives, negatives]))) == 1:
        raise DataError(
            expected="scores that differ",
            found="the same score in every row",
            where=said("column {score!r}", score=score),
        )
