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
    import pandas as pd

    columns = {str(name): table[name].to_numpy() for name in table.columns}
    if "term" in columns:
        kept = columns["term"] != "Intercept"
        columns = {name: values[kept] for name, values in columns.items()}
    ratios = {
        "log_standard_error" if name == "standard_error" else name: np.exp(values)
        if name in ("estimate", "ci_lower", "ci_upper")
        else values
        for name, values in columns.items()
    }
    return pd.DataFrame(ratios)
