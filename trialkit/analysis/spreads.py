"""Standard deviations that differ widely between groups, where a test pools them as if they were one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context

if TYPE_CHECKING:
    import pandas as pd

WIDELY = 2.0
"""Largest over smallest SD from which it is said: a pooled t test at 5 % of groups of 50 and 100 is then one
at 11 % where the smaller group varies more, and at 2 % where the larger one does."""


def ratio(sds: Sequence[float]) -> float | None:
    """Largest over smallest SD; None where one is missing or 0."""
    known = [float(sd) for sd in sds if not numbers.is_missing(sd)]
    return max(known) / min(known) if len(known) == len(sds) > 1 and min(known) > 0 else None


def differ_widely(sds: Sequence[float]) -> bool:
    found = ratio(sds)
    return found is not None and found >= WIDELY


def sds_words(sds: Sequence[float]) -> str:
    """``15.3 and 6.4``, with the decimals the smallest needs."""
    decimals = numbers.decimals_for_spread(min(sds))
    return " and ".join(numbers.fixed(sd, decimals) for sd in sds)


def spread_notes(context: Context, data: pd.DataFrame, column: str) -> tuple[str, ...]:
    """A sentence where the arms' SDs of an outcome differ widely and a model takes them for equal."""
    by_arm: Mapping[Any, Any] = data.groupby("arm", observed=True)[column].std().to_dict()
    sds = [by_arm[arm] for arm in context.arms if arm in by_arm]
    if len(sds) < len(context.arms) or not differ_widely(sds):
        return ()
    return (
        f"The SDs of the outcome differ widely between the arms ({sds_words(sds)}), and the model takes them "
        "for equal: its intervals and p are approximate; errors robust to unequal variances (HC3) are not.",
    )
