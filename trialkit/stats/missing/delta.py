"""By how much imputed values are made worse: the delta of a tipping-point analysis."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Literal

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice

Worse = Literal["higher", "lower"]
WORSE: tuple[Worse, ...] = ("higher", "lower")
Delta = float | Mapping[Hashable, float]


def shifts_by_arm(
    delta: Delta | None, worse: Worse | None, arms: tuple[Hashable, ...], reference: Hashable
) -> FloatArray:
    """What is added to values missing after an event, for each arm; positive deltas make them worse.

    A single number is for every arm but the reference; a mapping says it arm by arm.

    Raises
    ------
    DataError
        No word on which direction is worse, a delta that is not finite, an unknown arm.
    """
    shifts = np.zeros(len(arms))
    if delta is None:
        return shifts
    if worse is None:
        raise DataError(
            expected="worse='higher' or 'lower': the direction in which the outcome is worse",
            found="a delta without it",
            next_step="Say worse='higher' for pain or disability, 'lower' for function.",
        )
    check_choice("worse", worse, WORSE)
    if isinstance(delta, Mapping):
        unknown = [label for label in delta if label not in arms]
        if unknown:
            raise DataError(
                expected="deltas of arms in the data", found=f"{len(unknown)} that are not", where="delta"
            )
        shifts = np.array([float(delta.get(label, 0.0)) for label in arms])
    else:
        shifts = np.array([0.0 if label == reference else float(delta) for label in arms])
    if not np.isfinite(shifts).all():
        raise DataError(expected="finite deltas", found=repr(delta), where="delta")
    return shifts if worse == "higher" else -shifts
