"""Checks of the arguments that survival method shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.wording import written

Floats = npt.NDArray[np.float64]


def require_probability(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise DataError(
            expected="a number between 0 and 1",
            found=written(value),
            where=name,
            next_step="Give 0.95 for 95 %.",
        )


def require_times(times: float | Sequence[float]) -> Floats:
    """Landmark times, one or several, as an array."""
    wanted = np.atleast_1d(np.asarray(times))
    numeric = wanted.dtype.kind in "iuf" and wanted.ndim == 1
    if not numeric or not np.isfinite(wanted).all() or (wanted < 0).any():
        raise DataError(
            expected="finite times of 0 or more, one number or a list",
            found=written(times),
            where="times",
            next_step="Give them as numbers, in the unit of the data.",
        )
    return wanted.astype(np.float64)


def require_weight(rho: float) -> None:
    """The power of a weight that falls with time: early differences count more, or all alike."""
    check_numbers(rho=rho)
    if not 0 <= rho < float("inf"):
        raise DataError(
            expected="rho of 0 or more",
            found=written(rho),
            where="rho",
            next_step="0 weights every event alike; 1 is Peto and Peto's Wilcoxon test.",
        )
