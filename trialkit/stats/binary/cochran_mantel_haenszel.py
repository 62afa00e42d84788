"""The general Cochran-Mantel-Haenszel tests of groups by categories over strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import IntArray, read_column, require_free_names
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.observations import stratum_codes
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Scores = Literal["table", "modified-ridit", "ridit", "rank"]
SCORES: tuple[Scores, ...] = get_args(Scores)
CORRELATION, MEANS, GENERAL = "nonzero correlation", "row mean scores differ", "general association"


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

    tests: pd.DataFrame
    counts: pd.DataFrame
    strata: pd.DataFrame
    scores: Scores
    rows: Rows

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
        Column of categories: numbers, ordered categories, true/false or text (text has no order).
    by
        Column of two or more groups; numbers and categories are ordered.
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
    import pandas as pd

    check_choice("scores", scores, SCORES)
    strata_columns = [] if strata is None else [strata] if isinstance(strata, str) else list(strata)
    columns = (outcome, by, *strata_columns)
    if len(set(columns)) < len(columns):
        raise DataError(
            expected="outcome, groups and strata each in a column of its own",
            found=", ".join(map(repr, columns)),
        )
    require_free_names([by, *strata_columns], ("n", "informative"))
    frame, rows = complete_rows(data, columns, "cochran_mantel_haenszel", count_by=(by,))
    read = {name: read_column(frame[name], name, as_factor=True) for name in (outcome, by)}
    (categories, y), (groups, g) = (
        _present(read[name].levels or (), read[name].codes, name) for name in read
    )
    codes, labels = stratum_codes(frame, strata_columns)
    tables = np.zeros((len(labels), len(groups), len(categories)))
    np.add.at(tables, (codes, g, y), 1.0)
    informative = ((tables.sum(axis=2) > 0).sum(axis=1) > 1) & ((tables.sum(axis=1) > 0).sum(axis=1) > 1)
    if not informative.any():
        raise DataError(
            expected="a stratum with two groups and two categories",
            found="none",
            next_step="Use fewer strata.",
        )
    ordered = {
        name: read[name].ordered_levels or len(found) == 2
        for name, found in ((outcome, categories), (by, groups))
    }
    tests = _tests(tables[informative], _numbers(groups), _numbers(categories), scores)
    if not ordered[outcome]:
        tests[MEANS] = (np.nan, np.nan)
    if not (ordered[outcome] and ordered[by]):
        tests[CORRELATION] = (np.nan, np.nan)
    index = pd.MultiIndex.from_product([range(len(labels)), groups], names=["stratum", by])
    counts = pd.DataFrame(
        tables.reshape(-1, len(categories)).astype(int), index=index, columns=list(categories)
    )
    described = labels.assign(n=tables.sum(axis=(1, 2)).astype(int), informative=informative)
    return CochranMantelHaenszel(_table(tests), counts.reset_index(), described, scores, rows)


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


def _scores(table: FloatArray, numbers: FloatArray, kind: Scores) -> FloatArray:
    """Scores of the columns of one stratum."""
    if kind == "table":
        return numbers
    margin = table.sum(axis=0)
    ranks = np.cumsum(margin) - (margin - 1.0) / 2.0
    n = margin.sum()
    return np.asarray(ranks / {"rank": 1.0, "ridit": n, "modified-ridit": n + 1.0}[kind])


def _tests(
    tables: FloatArray, rows: FloatArray, columns: FloatArray, kind: Scores
) -> dict[str, tuple[float, float]]:
    """Statistic and df by alternative: quadratic forms of mapped observed minus expected counts."""
    r, c = tables.shape[1:]
    maps: dict[str, list[FloatArray]] = {CORRELATION: [], MEANS: [], GENERAL: []}
    for table in tables:
        across, down = _scores(table, columns, kind), _scores(table.T, rows, kind)
        maps[CORRELATION].append(np.asarray(np.kron(down, across)[None, :]))
        maps[MEANS].append(np.asarray(np.kron(np.eye(r)[:-1], across), dtype=float))
        maps[GENERAL].append(np.asarray(np.kron(np.eye(r)[:-1], np.eye(c)[:-1]), dtype=float))
    found = {}
    for name, linear in maps.items():
        total, covariance = 0.0, 0.0
        for table, A in zip(tables, linear, strict=True):
            n, left, right = table.sum(), table.sum(axis=1), table.sum(axis=0)
            expected = np.outer(left, right) / n
            p, q = left / n, right / n
            spread = np.kron(np.diag(p) - np.outer(p, p), np.diag(q) - np.outer(q, q)) * n**2 / (n - 1.0)
            total = total + A @ (table - expected).ravel()
            covariance = covariance + A @ spread @ A.T
        found[name] = _quadratic(np.atleast_1d(total), np.atleast_2d(covariance))
    return found


def _quadratic(total: FloatArray, covariance: FloatArray) -> tuple[float, float]:
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    return float(total @ np.linalg.pinv(covariance, hermitian=True) @ total), float(rank)


def _table(tests: dict[str, tuple[float, float]]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "alternative": name,
            "statistic": statistic,
            "df": df,
            "p_value": chi_square_p_value(statistic, df) if np.isfinite(statistic) else np.nan,
            "note": "" if np.isfinite(statistic) else "text has no order: give ordered categories or numbers",
        }
        for name, (statistic, df) in tests.items()
    ]
    return pd.DataFrame(rows)
