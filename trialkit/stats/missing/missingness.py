"""Which values are missing together: counts by variable, and patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_columns
from trialkit.stats.errors import DataError
from trialkit.stats.missing.wide_columns import require_list
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

    variables: pd.DataFrame
    patterns: pd.DataFrame
    monotone: bool

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
    import pandas as pd

    require_list(variables)
    require_columns(data, (*variables, *([by] if by is not None else [])), "missingness")
    names = list(dict.fromkeys(variables))
    if not names or not len(data):
        raise DataError(
            expected="at least one row and one variable",
            found=said("{n_data} rows, {names}", n_data=len(data), names=names),
        )
    if by is not None and data[by].isna().any():
        raise DataError(
            expected="a value in every row", found="missing values", where=said("column {by!r}", by=by)
        )
    observed = data[names].notna()
    groups = [(None, observed)] if by is None else list(observed.groupby(data[by], observed=True, sort=True))
    counts, patterns = [], []
    for level, part in groups:
        label = {} if by is None else {by: level}
        counts += [_count(label, name, part[name]) for name in names]
        patterns += _patterns(label, part)
    table = pd.DataFrame(patterns)
    return Missingness(pd.DataFrame(counts), table, bool(table["monotone"].all()))


def _count(label: dict[str, object], name: str, observed: pd.Series[bool]) -> dict[str, object]:
    missing = int((~observed).sum())
    return {
        **label,
        "variable": name,
        "n": len(observed),
        "missing": missing,
        "share_missing": missing / len(observed),
    }


def _patterns(label: dict[str, object], observed: pd.DataFrame) -> list[dict[str, object]]:
    found, counts = np.unique(observed.to_numpy(dtype=bool), axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [
        {
            **label,
            **dict(zip(observed.columns, found[i].tolist(), strict=True)),
            "n": int(counts[i]),
            "share": float(counts[i] / len(observed)),
            "monotone": bool((np.diff(found[i].astype(int)) <= 0).all()),
        }
        for i in order
    ]
