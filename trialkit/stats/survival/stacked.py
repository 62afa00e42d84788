"""Tables of groups one below the other, made as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def stacked(parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One table of parts with the same columns: arrays, or one value for all rows of the part.

    ``pandas.concat`` of a table a group costs more than what the curves themselves cost.
    """
    import pandas as pd

    rows = [max(len(values) for values in part.values() if isinstance(values, np.ndarray)) for part in parts]
    columns: dict[str, Any] = {}
    for name in parts[0]:
        held = [part[name] for part in parts]
        if isinstance(held[0], np.ndarray):
            columns[name] = np.concatenate(held)
        else:
            columns[name] = repeated(held, rows)
    return pd.DataFrame(columns, copy=False)


def repeated(labels: Sequence[Any], times: int | Sequence[int]) -> np.ndarray[Any, Any]:
    """Each label so many times, as an array of the labels' own kind."""
    values = np.asarray(labels)
    if values.dtype.kind not in "iufb":
        values = np.empty(len(labels), dtype=object)
        values[:] = list(labels)
    return np.repeat(values, times)
