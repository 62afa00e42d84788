"""Which values are missing together: counts by variable, and patterns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import BoolArray, absent, require_columns
from trialkit.stats.errors import DataError
from trialkit.stats.groups import groups_of
from trialkit.stats.missing.wide_columns import require_list
from trialkit.stats.row_table import row_table
from trialkit.stats.showing import Printed
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False, eq=False)
class Missingness(Printed):
    """What is missing, and with what.

    Attributes
    ----------
    variables
        One row a variable (and ``by`` level): n, missing, share_missing.
    patterns
        One row a pattern (and ``by`` level), the most frequent first: one column a variable (True where
        observed), n, share, monotone. A pattern is monotone when nothing is observed after the first value
        that is missing, in the order of the variables given.
    monotone
        Whether all patterns are.
    """

    counted: Sequence[Mapping[str, Any]]  # rows of the variables
    found: Sequence[Mapping[str, Any]]  # rows of the patterns

    @cached_property
    def variables(self) -> pd.DataFrame:
        return row_table(self.counted)

    @cached_property
    def patterns(self) -> pd.DataFrame:
        return row_table(self.found)

    @property
    def monotone(self) -> bool:
        return all(pattern["monotone"] for pattern in self.found)

    def plot(self) -> Figure:
        """A row a pattern, a column a variable: filled where observed; beside it how many subjects have it.

        With ``by``, a panel a level.
        """
        from trialkit.stats.missing import patterns_picture

        return patterns_picture.figure(self.patterns, tuple(dict.fromkeys(self.variables["variable"])))

    def _shown(self) -> display.Shown:
        line = "monotone" if self.monotone else "not monotone: some values are missing between observed ones"
        return display.Shown(
            "Missing values", (("Variables", self.variables), ("Patterns", self.patterns)), (line,)
        )


def missingness(data: pd.DataFrame, variables: Sequence[str], by: str | None = None) -> Missingness:
    """Count missing values by variable and by pattern.

    Parameters
    ----------
    data
        One row a subject.
    variables
        Columns in the order in which they are measured.
    by
        Column to count within (the arm); it must have no missing value.

    Returns
    -------
    Missingness
        ``variables``, ``patterns``, ``monotone``, ``plot()``.

    Raises
    ------
    FormulaError
        An unknown column.
    DataError
        No row, no variable, or a missing value in ``by``.

    Degenerate cases: with nothing missing there is one pattern, and it is monotone.

    Equivalent in R: ``mice::md.pattern``. In SAS: the table of PROC MI with ``NIMPUTE=0``.
    """
    require_list(variables)
    require_columns(data, (*variables, *([by] if by is not None else [])), "missingness")
    names = list(dict.fromkeys(variables))
    if not names or not len(data):
        raise DataError(
            expected="at least one row and one variable",
            found=said("{n_data} rows, {names}", n_data=len(data), names=names),
        )
    if by is not None and absent(data[by]).any():
        raise DataError(
            expected="a value in every row", found="missing values", where=said("column {by!r}", by=by)
        )
    observed = np.column_stack([~absent(data[name]) for name in names])
    counted, found = [], []
    for label, part in _groups(data, observed, by):
        counted += _counted(label, names, part)
        found += _patterns(label, names, part)
    return Missingness(counted, found)


def _groups(
    data: pd.DataFrame, observed: BoolArray, by: str | None
) -> list[tuple[dict[str, Any], BoolArray]]:
    """Of each group its level, under the name of the column, and which values are there."""
    if by is None:
        return [({}, observed)]
    codes, levels = groups_of(data[by])
    return [({by: level}, observed[codes == code]) for code, level in enumerate(levels)]


def _counted(label: dict[str, Any], names: list[str], observed: BoolArray) -> list[dict[str, Any]]:
    n = len(observed)
    missing = (~observed).sum(axis=0).tolist()
    return [
        {**label, "variable": name, "n": n, "missing": count, "share_missing": count / n}
        for name, count in zip(names, missing, strict=True)
    ]


def _patterns(label: dict[str, Any], names: list[str], observed: BoolArray) -> list[dict[str, Any]]:
    n, width, flags = len(observed), len(names), observed.tobytes()
    counts = Counter(flags[start : start + width] for start in range(0, n * width, width))
    return [
        {
            **label,
            **dict(zip(names, map(bool, pattern), strict=True)),
            "n": count,
            "share": count / n,
            "monotone": all(later <= earlier for earlier, later in pairwise(pattern)),
        }
        for pattern, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
