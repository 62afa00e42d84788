"""Intervals of no width: where the data show no variance, there is no interval to give."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LIMITS = ("standard_error", "ci_lower", "ci_upper")


def seen(error: float, scale: float = 0.0) -> float:
    """The standard error, or NaN where it is 0 but for rounding on the estimate's ``scale``.

    An estimated variance of 0 (nobody had the event, two readers agree throughout, a score that separates)
    says that none was seen, not that the estimate is known: limits made from it would claim that.
    """
    return error if error > 1e-12 * scale else math.nan


def without_width(table: dict[str, Any]) -> dict[str, Any]:
    """Columns of a table, with NaN for error and limits in the rows whose error is 0."""
    unseen = np.asarray(table["standard_error"]) == 0
    return {name: np.where(unseen, np.nan, one) if name in LIMITS else one for name, one in table.items()}
