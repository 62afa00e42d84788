"""Columns read as groups: which there are, in their order, and the group of each row."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from trialkit.stats.columns import BoolArray, moved_codes, sorted_codes
from trialkit.stats.errors import DataError
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.columns import Columns

Integers = npt.NDArray[np.int64]


def groups_of(series: pd.Series[Any]) -> tuple[Integers, tuple[Any, ...]]:
    """The values present, in category order where there is one, else sorted; and each row's place among them.

    A row without a value has -1. What ``pandas.Categorical(series).remove_unused_categories()`` says, without
    the objects it makes on the way.
    """
    import pandas as pd

    found = sorted_codes(series)
    if found is not None:
        return found
    categories = pd.Categorical(series)
    codes = categories.codes.astype(np.int64)
    used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(categories.categories)))
    return moved_codes(codes, used), tuple(categories.categories[used])


@dataclass(frozen=True)
class TwoGroups:
    """Who is in the test group; the others are in the reference group."""

    test: Hashable
    in_test: BoolArray


def two_groups(series: pd.Series[Any], by: str, reference: Hashable) -> TwoGroups:
    """The two groups of complete rows.

    Raises
    ------
    DataError
        Another number of groups, or ``reference`` none of them.
    """
    codes, levels = groups_of(series)
    if len(levels) != 2 or reference not in levels:
        raise DataError(
            expected=said(
                "two groups in {by!r}, one of them the reference {reference!r}", by=by, reference=reference
            ),
            found=said("{n_levels} with an outcome", n_levels=len(levels))
            if reference in levels
            else "no such group",
            where=said("column {by!r}", by=by),
            next_step="Check the column and the reference level.",
        )
    test = 1 - levels.index(reference)
    return TwoGroups(levels[test], codes == test)


@dataclass(frozen=True)
class Strata:
    """The strata that rows are in: combinations of the values of some columns; one where there are none."""

    codes: Integers
    count: int
    _labels: Mapping[str, tuple[tuple[Any, ...], bool, Integers]]

    @cached_property
    def labels(self) -> pd.DataFrame:
        """One row a stratum, one column a factor. Made when it is read."""
        import pandas as pd

        if not self._labels:
            return pd.DataFrame(index=range(self.count))
        return pd.DataFrame(
            {
                name: pd.Categorical.from_codes(
                    list(places), dtype=pd.CategoricalDtype(list(values), ordered=ordered)
                )
                for name, (values, ordered, places) in self._labels.items()
            }
        )


def strata_of(kept: Columns, columns: Sequence[str], rows: int) -> Strata:
    """The strata of complete rows, sorted by the first column, within it by the second, and so on."""
    import pandas as pd

    if not columns:
        return Strata(np.zeros(rows, dtype=np.int64), 1, {})
    read = {column: groups_of(kept[column]) for column in columns}
    combined = np.zeros(rows, dtype=np.int64)
    for codes, values in read.values():
        combined = combined * len(values) + codes
    left, strata = np.unique(combined, return_inverse=True)
    found = {}
    count = len(left)
    for name, (_, values) in reversed(read.items()):
        dtype = kept[name].dtype
        ordered = isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)
        found[name] = (values, ordered, left % len(values))
        left = left // len(values)
    return Strata(np.asarray(strata, dtype=np.int64), count, {name: found[name] for name in read})
