"""Wald tables of differences between groups that were estimated separately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.distributions import t_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.options import normal_quantile

if TYPE_CHECKING:
    import pandas as pd


def position_of(reference: Any, labels: Sequence[Any]) -> int:
    """Where the reference stands among the groups; the first group where none is named."""
    if reference is None:
        return 0
    if reference not in labels:
        raise DataError(
            expected="a reference that is one of the groups",
            found="one that is not among them",
            where="reference",
            next_step="Check its spelling and type.",
        )
    return list(labels).index(reference)


def difference_table(
    contrasts: Sequence[str], estimate: Floats, error: Floats, confidence_level: float, *, ratio: bool = False
) -> pd.DataFrame:
    """contrast estimate standard_error df statistic p_value ci_lower ci_upper null_value alternative.

    With ``ratio`` the estimates given are logarithms: they and the limits come back as ratios, the error as
    ``log_standard_error``.
    """
    import pandas as pd

    z = normal_quantile(confidence_level)
    scale = np.exp if ratio else np.positive
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    return pd.DataFrame(
        {
            "contrast": list(contrasts),
            "estimate": scale(estimate),
            "log_standard_error" if ratio else "standard_error": error,
            "df": np.inf,
            "statistic": statistic,
            "p_value": t_two_sided_p(statistic, np.array(np.inf)),
            "ci_lower": scale(estimate - z * error),
            "ci_upper": scale(estimate + z * error),
            "null_value": 1.0 if ratio else 0.0,
            "alternative": "two-sided",
        }
    )
