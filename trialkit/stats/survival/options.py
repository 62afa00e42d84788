"""Checks of the arguments that survival method shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from trialkit.stats.distributions import t_quantile
from trialkit.stats.errors import DataError

Floats = npt.NDArray[np.float64]


def require_probability(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise DataError(
            expected="a number between 0 and 1",
            found=repr(value),
            where=name,
            next_step="Give 0.95 for 95 %.",
        )


def require_times(times: Sequence[float]) -> Floats:
    """Landmark times as an array."""
    wanted = np.asarray(times, dtype=float)
    if wanted.ndim != 1 or not np.isfinite(wanted).all() or (wanted < 0).any():
        raise DataError(
            expected="a list of finite times of 0 or more",
            found=repr(times),
            where="times",
            next_step="Correct it.",
        )
    return wanted


def normal_quantile(confidence_level: float) -> float:
    """The z of a two-sided interval: 1.96 at 0.95."""
    return float(t_quantile((1 - confidence_level) / 2, np.array(np.inf)))
