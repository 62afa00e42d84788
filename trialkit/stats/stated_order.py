"""Whether the order of a column's categories was stated by somebody, or is only the alphabet's."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from trialkit.stats.errors import DataError
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


def require_stated_order(column: pd.Series[Any], name: str, why: str, what: str = "categories") -> None:
    """Refuse categories in the alphabet's order, as ``astype("category")`` makes them, where order matters.

    ``ordered=True``, another order, or numbers inside the names that rise with it ("week 4", "week 12" in
    that order) show that it is meant.

    Raises
    ------
    DataError
        For three categories or more that nothing but the alphabet has put in order.
    """
    names = alphabets_order(column)
    if not names:
        return
    raise DataError(
        expected=said("{what} in a stated order, since {why}", what=what, why=why),
        found=said("categories in the alphabet's order: {names}", names=", ".join(names)),
        where=said("column {name!r}", name=name),
        next_step="Say pandas.Categorical(values, categories=[first, ..., last], ordered=True).",
    )


def alphabets_order(column: pd.Series[Any]) -> list[str]:
    """Three categories or more that nothing but the alphabet has put in order; empty where one is meant."""
    import pandas as pd

    dtype = column.dtype
    if not isinstance(dtype, pd.CategoricalDtype) or dtype.ordered:
        return []
    names = [str(level) for level in dtype.categories if isinstance(level, str)]
    if len(names) < max(len(dtype.categories), 3) or names != sorted(names) or _numbers_rise(names):
        return []
    return names


def _numbers_rise(names: list[str]) -> bool:
    """Whether each name has one number in it, and these rise from name to name."""
    numbers = [re.findall(r"\d+(?:\.\d+)?", name) for name in names]
    if any(len(found) != 1 for found in numbers):
        return False
    values = [float(found[0]) for found in numbers]
    return all(later > earlier for earlier, later in pairwise(values))
