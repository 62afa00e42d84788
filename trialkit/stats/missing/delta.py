"""By how much imputed values are made worse: the delta of a tipping-point analysis."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Literal, get_args

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.wording import said, written

Worse = Literal["higher", "lower"]
WORSE: tuple[Worse, ...] = get_args(Worse)
Delta = float | Mapping[Hashable, float]


def shifts_by_arm(
    delta: Delta | None, worse: Worse | None, arms: tuple[Hashable, ...], reference: Hashable
) -> FloatArray:
    """What is added to values missing after an event, for each arm.

    Where ``worse`` says which direction is worse, positive deltas make values worse; without it they are
    added as they are. A single number is for every arm but the reference; a mapping says it arm by arm.

    Raises
    ------
    DataError
        A delta that is not a finite number, an unknown arm or direction.
    """
    if worse is not None:
        check_choice("worse", worse, WORSE)
    if delta is None:
        return np.zeros(len(arms))
    if isinstance(delta, Mapping):
        unknown = [label for label in delta if label not in arms]
        if unknown:
            raise DataError(
                expected="deltas of arms in the data",
                found=said("{n_unknown} that are not", n_unknown=len(unknown)),
                where="delta",
            )
        given = [delta.get(label, 0.0) for label in arms]
    else:
        given = [0.0 if label == reference else delta for label in arms]
    if not all(_is_finite_number(value) for value in given):
        raise DataError(
            expected="finite numbers",
            found=written(delta),
            where="delta",
            next_step="Give one number, or a mapping of arm to number, in units of the outcome.",
        )
    shifts = np.array(given, dtype=float)
    return -shifts if worse == "lower" else shifts


def _is_finite_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return bool(np.isfinite(value))
