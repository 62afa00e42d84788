"""The general Cochran-Mantel-Haenszel tests of groups by categories over strata."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import BoolArray, IntArray, read_column, require_free_names
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Strata, strata_of
from trialkit.stats.inference import check_choice
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.stated_order import alphabets_order
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Scores = Literal["table", "modified-ridit", "ridit", "rank"]
SCORES: tuple[Scores, ...] = get_args(Scores)
CORRELATION, MEANS, GENERAL = "nonzero correlation", "row mean scores differ", "general association"


@dataclass(frozen=True)
class _Crossed:
    """Counts, strata x groups x categories, and which strata say anything."""

    tables: FloatArray
    informative: BoolArray
    strata: Strata
    groups: list[object]
    categories: list[object]
    ordered_categories: bool
    ordered_groups: bool


@dataclass(frozen=True, repr=False, eq=False)
class CochranMantelHaenszel(Printed):
    """Tests of association within strata.

    Attributes
    ----------
    tests
        alternative statistic df p_value: "nonzero correlation" (both ordered), "row mean scores differ" (the
        outcome ordered), "general association" (neither). NaN, with a note, where an order it needs is not
        there.
    counts
        One row a stratum and group, one column a category.
    strata
        One row a stratum: its labels, n, and whether it says anything (two groups and two categories).
    """

    scores: Scores
    rows: Rows
    by: str
    crossed: _Crossed = field(repr=False)

    @cached_property
    def tests(self) -> pd.DataFrame:
        return _table(self.crossed, self.scores)

    @cached_property
    def counts(self) -> pd.DataFrame:
        import pandas as pd

        c = self.crossed
        index = pd.MultiIndex.from_product([range(c.strata.count), c.groups], names=["stratum", self.by])
        counts = c.tables.reshape(-1, len(c.categories)).astype(int)
        return pd.DataFrame(counts, index=index, columns=list(c.categories)).reset_index()

    @cached_property
    def strata(self) -> pd.DataFrame:
        c = self.crossed
        return c.strata.labels.assign(n=c.tables.sum(axis=(1, 2)).astype(int), informative=c.informative)

    def _shown(self) -> display.Shown:
        silent = int((~self.strata["informative"]).sum())
        lines = [f"{self.scores} scores", self.rows.sentence()]
        if silent:
            lines.insert(1, f"{silent} strata with one group or one category contribute nothing")
        return display.Shown("Cochran-Mantel-Haenszel", (("Tests", self.tests),), tuple(lines))


def cochran_mantel_haenszel(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    strata: str | Sequence[str] | None = None,
    scores: Scores = "table",
) -> CochranMantelHaenszel:
    """Test two or more groups by two or more categories, within strata.

    Parameters
    ----------
    data
        One row a subject; rows with a gap are left out and counted.
    outcome
        Column of categories: numbers, ordered categories, true/false or text (text has no order, nor have
        three categories that only the alphabet put in one, as ``astype("category")`` does).
    by
        Column of two or more groups; numbers and categories are ordered, likewise.
    strata
        Column or columns; None: one stratum.
    scores
        Of ordered categories: ``"table"`` (numbers themselves, else 1, 2, ...), or midranks within each
        stratum: ``"modified-ridit"`` over n + 1 (as van Elteren), ``"ridit"`` over n, ``"rank"`` as they are.

    Returns
    -------
    CochranMantelHaenszel
        ``tests``, ``counts``, ``strata``, ``rows``.

    Raises
    ------
    DataError
        One group or one category, or no stratum with two of each.

    Degenerate cases
    ----------------
    A stratum with one group or one category contributes nothing and is listed so. With two groups and two
    categories the three tests are one: that of ``mantel_haenszel`` without continuity correction.

    Equivalent in R: ``mantelhaen.test(table(by, outcome, strata), correct = FALSE)`` (general association),
    ``vcdExtra::CMHtest(types = c("cor", "rmeans", "general"), overall = TRUE)``. In SAS: ``PROC FREQ; TABLES
    s*arm*y / CMH SCORES=TABLE``.

    References
    ----------
    Landis, Heyman & Koch (1978), International Statistical Review 46:237-254, equations 2.5 to 2.9.
    """
    check_choice("scores", scores, SCORES)
    strata_columns = [] if strata is None else [strata] if isinstance(strata, str) else list(strata)
    columns = (outcome, by, *strata_columns)
    if len(set(columns)) < len(columns):
        raise DataError(
            expected="outcome, groups and strata each in a column of its own",
            found=", ".join(map(repr, columns)),
        )
    require_free_names([by, *strata_columns], ("n", "informative"))
    require_free_names([by], ("stratum",))
    kept, rows = complete_rows(data, columns, "cochran_mantel_haenszel", count_by=(by,))
    read = {name: read_column(kept[name], name, as_factor=True) for name in (outcome, by)}
    (categories, y), (groups, g) = (
        _present(read[name].levels or (), read[name].codes, name) for name in read
    )
    found = strata_of(kept, strata_columns, rows.used)
    shape = (found.count, len(groups), len(categories))
    cells = (found.codes * shape[1] + g) * shape[2] + y
    tables = np.bincount(cells, minlength=math.prod(shape)).reshape(shape).astype(float)
    informative = ((tables.sum(axis=2) > 0).sum(axis=1) > 1) & ((tables.sum(axis=1) > 0).sum(axis=1) > 1)
    if not informative.any():
        raise DataError(
            expected="a stratum with two groups and two categories",
            found="none",
            next_step="Use fewer strata.",
        )
    ordered = [
        len(levels) == 2 or (read[name].ordered_levels and not alphabets_order(kept[name]))
        for name, levels in ((outcome, categories), (by, groups))
    ]
    crossed = _Crossed(tables, informative, found, groups, categories, ordered[0], ordered[1])
    return CochranMantelHaenszel(scores, rows, by, crossed)


def _present(levels: Sequence[object], codes: IntArray | None, name: str) -> tuple[list[object], IntArray]:
    """Levels that occur, and the code of each row among them."""
    assert codes is not None
    seen, position = np.unique(codes, return_inverse=True)
    if len(seen) < 2:
        raise DataError(
            expected="two or more values among the rows used",
            found="one",
            where=said("column {name!r}", name=name),
        )
    return [levels[int(code)] for code in seen], np.asarray(position, dtype=np.intp)


def _numbers(levels: Sequence[object]) -> FloatArray:
    if all(isinstance(level, int | float) and not isinstance(level, bool) for level in levels):
        return np.array(levels, dtype=float)
    return np.arange(1.0, len(levels) + 1)


def _scores(margins: FloatArray, numbers: FloatArray, kind: Scores) -> FloatArray:
    """Scores of the categories in each stratum, from their counts: strata x categories."""
    if kind == "table":
        return np.broadcast_to(numbers, margins.shape)
    ranks = np.cumsum(margins, axis=1) - (margins - 1.0) / 2.0
    n = margins.sum(axis=1, keepdims=True)
    return np.asarray(ranks / {"rank": np.ones_like(n), "ridit": n, "modified-ridit": n + 1.0}[kind])


def _tests(crossed: _Crossed, kind: Scores) -> dict[str, tuple[float, float]]:
    """Statistic and df by alternative: quadratic forms of mapped observed minus expected counts.

    The covariance of a stratum's counts is a Kronecker product of that of its rows and of its columns
    (Landis, Heyman and Koch's 2.4); every map is one too, so that rows and columns are mapped each alone.
    """
    tables = crossed.tables[crossed.informative]
    left, right = tables.sum(axis=2), tables.sum(axis=1)
    n = left.sum(axis=1)[:, None, None]
    apart = tables - left[:, :, None] * right[:, None, :] / n
    factor = (n**2 / (n - 1.0))[:, 0, 0]
    all_but_last = [np.broadcast_to(np.eye(k)[:-1], (len(tables), k - 1, k)) for k in tables.shape[1:]]
    down = _scores(left, _numbers(crossed.groups), kind)[:, None, :]
    across = _scores(right, _numbers(crossed.categories), kind)[:, None, :]
    maps = {
        CORRELATION: (down, across),
        MEANS: (all_but_last[0], across),
        GENERAL: (all_but_last[0], all_but_last[1]),
    }
    spreads = (_multinomial(left), _multinomial(right))
    found = {}
    for name, sides in maps.items():
        rows, columns = (
            side @ spread @ side.transpose(0, 2, 1) for side, spread in zip(sides, spreads, strict=True)
        )
        total = (sides[0] @ apart @ sides[1].transpose(0, 2, 1)).sum(axis=0).ravel()
        covariance = np.einsum("s,sij,skl->ikjl", factor, rows, columns).reshape(len(total), -1)
        found[name] = _quadratic(total, covariance)
    return found


def _multinomial(counts: FloatArray) -> FloatArray:
    """Covariance of one draw by the shares of each stratum: strata x categories x categories."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(np.eye(counts.shape[1]) * shares[:, :, None] - shares[:, :, None] * shares[:, None, :])


def _quadratic(total: FloatArray, covariance: FloatArray) -> tuple[float, float]:
    """The form with the generalized inverse, and the rank: one decomposition for both."""
    size, directions = np.linalg.eigh(covariance)
    kept = np.abs(size) > np.abs(size).max() * len(size) * np.finfo(float).eps
    along = (total @ directions)[kept]
    return float((along**2 / size[kept]).sum()), float(kept.sum())


def _table(crossed: _Crossed, scores: Scores) -> pd.DataFrame:
    tests = _tests(crossed, scores)
    if not crossed.ordered_categories:
        tests[MEANS] = (np.nan, np.nan)
    if not (crossed.ordered_categories and crossed.ordered_groups):
        tests[CORRELATION] = (np.nan, np.nan)
    return row_table(
        [
            {
                "alternative": name,
                "statistic": statistic,
                "df": df,
                "p_value": chi_square_p_value(statistic, df) if np.isfinite(statistic) else np.nan,
                "note": ""
                if np.isfinite(statistic)
                else "text and the alphabet have no order: give ordered categories or numbers",
            }
            for name, (statistic, df) in tests.items()
        ]
    )
