"""Intervals of no width: where the data show no variance, there is no interval to give."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

LIMITS = ("standard_error", "ci_lower", "ci_upper")


def seen(error: float, scale: float = 0.0) -> float:
    """The standard error, or NaN where it is 0 but for rounding on the estimate's ``scale``.

    An estimated variance of 0 (nobody had the event, two readers agree throughout, a score that separates)
    says that none was seen, not that the estimate is known: limits made from it would claim that.
    """
    return error if error > 1e-12 * scale else math.nan


def why_no_interval(*tables: pd.DataFrame) -> tuple[str, ...]:
    """A line for print where an estimate stands without limits."""
    for table in tables:
        if (table["estimate"].notna() & table[list(LIMITS[1:])].isna().all(axis=1)).any():
            return (
                "no interval where the data show no variance: how far off the estimate may be is not known",
            )
    return ()


def why_no_ratio(table: pd.DataFrame) -> tuple[str, ...]:
    """A line for print where a ratio of two risks has no estimate."""
    ratios = table[table["measure"].str.contains("ratio", regex=False)]
    return ("no ratio to a risk of 0",) if ratios["estimate"].isna().any() else ()


def without_width(table: dict[str, Any]) -> dict[str, Any]:
    """Columns of a table, with NaN for error and limits in the rows whose error is 0."""
    unseen = np.asarray(table["standard_error"]) == 0
    return {name: np.where(unseen, np.nan, one) if name in LIMITS else one for name, one in table.items()}
