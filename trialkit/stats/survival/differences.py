"""Wald tables of differences between groups that were estimated separately."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.distributions import normal_quantile, t_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.survival.observations import Floats

if TYPE_CHECKING:
    import pandas as pd


def position_of(reference: Any, labels: Sequence[Any]) -> int:
    """Where the reference stands among the groups; the first group where none is named."""
    if reference is None:
        return 0
    if not isinstance(reference, Hashable) or reference not in labels:
        raise DataError(
            expected="a reference that is one of the groups",
            found="one that is not among them",
            where="reference",
            next_step="Check its spelling and type.",
        )
    return list(labels).index(reference)


def differences_at(
    table: pd.DataFrame, measure: str, labels: Sequence[Any], reference: Any, confidence_level: float
) -> pd.DataFrame:
    """Differences of a measure between groups at each time: ``table`` has a row a group and time, in that
    order."""
    import pandas as pd

    base = position_of(reference, labels)
    others = [place for place in range(len(labels)) if place != base]
    if not others:
        raise DataError(
            expected="two or more groups", found="one", next_step="Name a column of groups in by=."
        )
    value, error, time = (
        table[name].to_numpy().reshape(len(labels), -1) for name in (measure, "standard_error", "time")
    )
    error = np.where(value == 0, 0.0, error)  # no event yet: the table shows none, Greenwood's sum is 0
    parts = []
    for place in others:
        names = [f"{labels[place]} - {labels[base]}"] * value.shape[1]
        part = difference_table(
            names, value[place] - value[base], np.hypot(error[place], error[base]), confidence_level
        )
        part.insert(1, "time", time[place])
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def difference_table(
    contrasts: Sequence[str], estimate: Floats, error: Floats, confidence_level: float, *, ratio: bool = False
) -> pd.DataFrame:
    """contrast estimate standard_error df statistic p_value ci_lower ci_upper null_value alternative.

    With ``ratio`` the estimates given are logarithms: they and the limits come back as ratios, the error as
    ``log_standard_error``. A difference whose error is 0 has neither test nor interval: these are NaN.
    """
    import pandas as pd

    z = normal_quantile(confidence_level)
    scale = np.exp if ratio else np.positive
    known = np.where(error > 0, error, np.nan)
    statistic = np.asarray(estimate / known)
    return pd.DataFrame(
        {
            "contrast": list(contrasts),
            "estimate": scale(estimate),
            "log_standard_error" if ratio else "standard_error": error,
            "df": np.inf,
            "statistic": statistic,
            "p_value": t_two_sided_p(statistic, np.array(np.inf)),
            "ci_lower": scale(estimate - z * known),
            "ci_upper": scale(estimate + z * known),
            "null_value": 1.0 if ratio else 0.0,
            "alternative": "two-sided",
        }
    )
