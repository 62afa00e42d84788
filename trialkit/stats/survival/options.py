"""Checks of the arguments that survival method shares."""

from __future__ import annotations

import numpy as np

from trialkit.stats.distributions import t_quantile
from trialkit.stats.errors import DataError


def require_probability(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise DataError(
            expected="a number between 0 and 1",
            found=repr(value),
            where=name,
            next_step="Give 0.95 for 95 %.",
        )


def normal_quantile(confidence_level: float) -> float:
    """The z of a two-sided interval: 1.96 at 0.95."""
    return float(t_quantile((1 - confidence_level) / 2, np.array(np.inf)))
