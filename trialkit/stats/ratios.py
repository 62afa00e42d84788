"""Log-scale tables on the ratio scale: odds, hazard and rate ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def as_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """The table with estimate and limits exponentiated and ``standard_error`` named ``log_standard_error``.

    An intercept is left out: it is an odds, not a ratio of odds. Statistic and p value are those of the
    log scale.
    """
    if "term" in table:
        table = table[table["term"] != "Intercept"].reset_index(drop=True)
    ratios = table.rename(columns={"standard_error": "log_standard_error"})
    for name in ("estimate", "ci_lower", "ci_upper"):
        ratios[name] = np.exp(table[name])
    return ratios
