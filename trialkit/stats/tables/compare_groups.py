"""The comparison table of groups: each variable described by group, tested where asked, with the reason."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.numbers import plain
from trialkit.stats import display
from trialkit.stats.columns import CodedColumn, read_column, require_columns, require_free_names
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.groups import groups_of
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.rows import Rows, count_rows
from trialkit.stats.showing import Printed
from trialkit.stats.tables.blanks import blank_where_missing
from trialkit.stats.tables.choice import Choice, Tests, check_tests, choose_for_counts, choose_for_numbers
from trialkit.stats.tables.group_tests import GroupTest, run_test
from trialkit.stats.tables.standardized_difference import largest_pairwise
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


OWN_COLUMNS = (
    *("variable", "level", "n", "missing", "mean", "sd", "median", "q1", "q3", "minimum", "maximum", "count"),
    *("share", "test", "why", "statistic", "df", "df_den", "p_value", "standardized_difference"),
)
"""Of the tables; the column of groups has its own name beside them."""


@dataclass(frozen=True, repr=False, eq=False)
class GroupComparison(Printed):
    """A comparison table.

    Attributes
    ----------
    table
        One row a variable, or a level of a categorical one: variable level n missing test why statistic df
        df_den p_value standardized_difference. What concerns a whole variable stands in its first row.
    summaries
        One row a variable, level and group: n missing mean sd median q1 q3 minimum maximum of numbers, count
        and share of levels (of the subjects in whom the variable is known).
    rows
        Rows without a group are left out and counted.
    empty_groups
        Declared categories of the groups that nobody is in: they have no column, and a line that says so.
    """

    by: str
    rows: Rows
    of_variables: tuple[dict[str, Any], ...] = field(repr=False)
    of_groups: tuple[dict[str, Any], ...] = field(repr=False)
    empty_groups: tuple[Hashable, ...] = ()

    @cached_property
    def table(self) -> pd.DataFrame:
        import pandas as pd

        names = list(self.of_variables[0])
        columns = {name: [row.get(name) for row in self.of_variables] for name in names}
        counts = {name: pd.array(columns.pop(name), dtype="Int64") for name in ("n", "missing")}
        return pd.DataFrame({**columns, **counts}, columns=names)

    @cached_property
    def summaries(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(list(self.of_groups))

    def _shown(self) -> display.Shown:
        shown = self.table.merge(self._cells(), on=["variable", "level"], how="left")
        shown = blank_where_missing(shown.drop(columns=["df_den", "n"]))
        return display.Shown(f"By {self.by}", (("Comparison", shown),), self._notes())

    def _notes(self) -> tuple[str, ...]:
        empty = ", ".join(map(str, self.empty_groups))
        return (self.rows.sentence(), *([f"Nobody in {empty}: no column"] if empty else []))

    def _cells(self) -> pd.DataFrame:
        """Each group's column as text for reading: mean (SD), or count (share)."""
        numeric = self.summaries["level"] == ""
        show = display.number
        text = [
            f"{show(row['mean'])} ({show(row['sd'])})"
            if number
            else f"{plain(row['count'], 0)} ({plain(100 * row['share'], 1)}%)"
            for number, (_, row) in zip(numeric, self.summaries.iterrows(), strict=True)
        ]
        cells = self.summaries.assign(text=text)
        wide = cells.pivot(index=["variable", "level"], columns=self.by, values="text")
        wide.columns = [str(name) for name in wide.columns]
        return wide.reset_index()


def compare_groups(
    data: pd.DataFrame,
    by: str,
    variables: Sequence[str],
    tests: Tests = "none",
    categorical: Sequence[str] = (),
    normality_alpha: float = 0.05,
) -> GroupComparison:
    """Describe variables by group and, where asked, compare them.

    Parameters
    ----------
    data
        One row a subject.
    by
        Column of the groups, two or more, in category order where there is one.
    variables
        Columns in the order of the table: numbers, or categories (text, categorical, true/false).
    tests
        "none": no tests, which is right at the baseline of a randomized trial. "by-normality": Shapiro-Wilk
        in every group, then t (analysis of variance for more than two groups) or Mann-Whitney
        (Kruskal-Wallis); for categories chi-square, or Fisher's exact test of two groups where an expected
        count is below 5. A mapping names the test of each variable: "t" (pooled), "welch", "mann-whitney",
        "anova", "kruskal-wallis", "chi-square", "fisher" or "none"; variables left out get none.
    categorical
        Numeric columns that are codes, not amounts.
    normality_alpha
        Level of the Shapiro-Wilk tests.

    Returns
    -------
    GroupComparison
        ``table``, ``summaries``, ``rows``. The standardized difference of two groups is second minus first
        for numbers and a size for categories; of more groups the largest of any two, as a size.

    Raises
    ------
    DataError
        Fewer than two groups, a variable without a value in some group, a test that does not fit, numbers
        that allow no test, more than 5,000 or fewer than 3 numbers for Shapiro-Wilk.

    Degenerate cases
    ----------------
    A group of one has no SD (NaN) and no standardized difference. A variable with one value throughout is
    described; "by-normality" leaves it untested and says so, a test asked for by name is an error.

    Equivalent in R: ``tableone::CreateTableOne``; ``t.test(var.equal = TRUE)``, ``wilcox.test(exact = FALSE,
    correct = FALSE)``, ``chisq.test(correct = FALSE)``, ``fisher.test``. In SPSS: what T-TEST, NPAR TESTS
    /M-W and CROSSTABS print as "asymptotic".

    References
    ----------
    Shapiro & Wilk (1965), Biometrika 52:591-611. Austin (2009), Statistics in Medicine 28:3083-3107. Senn
    (1994), Statistics in Medicine 13:1715-1726, on not testing baseline balance.
    """
    _require_variables(variables, categorical, by)
    require_columns(data, (by, *variables), "compare_groups")
    check_confidence_level(normality_alpha)
    check_tests(tests, variables)
    codes, groups = groups_of(data[by])
    known = codes >= 0
    if len(groups) < 2:
        raise DataError(
            expected="two or more groups",
            found=str(len(groups)),
            where=said("column {by!r}", by=by),
        )
    table: list[dict[str, Any]] = []
    summaries: list[dict[str, Any]] = []
    for name in variables:
        series = data[name] if known.all() else data[name][known]
        column = read_column(series, name, as_factor=name in categorical)
        described = _Variable(name, by, column, codes[known], groups)
        described.require_values()
        summaries += described.summaries()
        table += described.rows(tests, normality_alpha)
    missing = {by: int((~known).sum())}
    rows = count_rows(data, known, missing)
    declared = getattr(data[by].dtype, "categories", ())
    empty = tuple(group for group in declared if group not in groups)
    return GroupComparison(by, rows, tuple(table), tuple(summaries), empty)


def _require_variables(variables: Sequence[str], categorical: Sequence[str], by: str) -> None:
    lists = [isinstance(names, Sequence) and not isinstance(names, str) for names in (variables, categorical)]
    if not all(lists) or not all(isinstance(name, Hashable) for name in (*variables, *categorical)):
        raise DataError(
            expected="a list of variables, and one of those that are categorical",
            found=said("{variables!r} and {categorical!r}", variables=variables, categorical=categorical),
            where="variables, categorical",
        )
    strange = [name for name in categorical if name not in variables]
    twice = len(set(variables)) < len(variables)
    if not variables or by in variables or strange or twice:
        raise DataError(
            expected="a list of variables, each once, other than the groups, and categorical ones among them",
            found=written(strange or variables),
            where="variables",
        )
    require_free_names([by], OWN_COLUMNS)


@dataclass(frozen=True)
class _Variable:
    """One variable with the group of each row."""

    name: str
    by: str
    column: CodedColumn
    codes: Any
    groups: tuple[Hashable, ...]

    def require_values(self) -> None:
        lost = [group for g, group in enumerate(self.groups) if self.column.missing[self.codes == g].all()]
        if lost:
            raise DataError(
                expected=said("values of {name!r} in every group", name=self.name),
                found=said(
                    "{n_lost} of {n_groups} groups without one", n_lost=len(lost), n_groups=len(self.groups)
                ),
                where=said("column {name!r}", name=self.name),
                next_step="Leave the variable out of the table.",
            )

    def numbers(self) -> list[FloatArray]:
        assert self.column.numbers is not None
        values, there = self.column.numbers, ~self.column.missing
        return [values[there & (self.codes == g)] for g in range(len(self.groups))]

    def counts(self) -> tuple[FloatArray, list[Hashable]]:
        """Groups x levels, and those levels: declared categories nobody is in too, at the count 0."""
        assert self.column.codes is not None
        assert self.column.levels is not None
        codes, size = self.column.codes, len(self.column.levels)
        there = codes >= 0
        table = np.array(
            [np.bincount(codes[there & (self.codes == g)], minlength=size) for g in range(len(self.groups))],
            dtype=float,
        )
        return table, list(self.column.levels)

    def summaries(self) -> list[dict[str, Any]]:
        missing = [int(self.column.missing[self.codes == g].sum()) for g in range(len(self.groups))]
        if self.column.numbers is not None:
            return [
                {
                    "variable": self.name,
                    "level": "",
                    self.by: group,
                    "n": len(x),
                    "missing": gone,
                    **_describe(x),
                }
                for group, x, gone in zip(self.groups, self.numbers(), missing, strict=True)
            ]
        counts, levels = self.counts()
        return [
            {
                "variable": self.name,
                "level": level,
                self.by: group,
                "n": int(row.sum()),
                "missing": gone,
                "count": int(count),
                "share": float(count / row.sum()),
            }
            for position, level in enumerate(levels)
            for group, row, gone in zip(self.groups, counts, missing, strict=True)
            for count in row[[position]]
        ]

    def rows(self, tests: Tests, alpha: float) -> list[dict[str, Any]]:
        if self.column.numbers is not None:
            values = self.numbers()
            named = dict(zip(map(str, self.groups), values, strict=True))
            choice = choose_for_numbers(tests, self.name, named, alpha)
            enough = min(map(len, values)) > 1
            distance = largest_pairwise(values, shares=False) if enough else math.nan
            return [self._first("", choice, self._run(choice, values), distance)]
        counts, levels = self.counts()
        occurring = counts[:, counts.sum(axis=0) > 0]
        choice = choose_for_counts(tests, self.name, occurring)
        shares = list(occurring / occurring.sum(axis=1, keepdims=True))
        found = self._run(choice, occurring)
        first = self._first(levels[0], choice, found, largest_pairwise(shares, shares=True))
        return [first, *(self._further(level) for level in levels[1:])]

    def _run(self, choice: Choice, values: Any) -> GroupTest:
        try:
            return run_test(choice.test, values)
        except DataError as error:
            raise DataError(
                expected=error.expected,
                found=error.found,
                where=said("column {name!r}", name=self.name),
                next_step=error.next_step or "Ask for another test of it, or for none.",
            ) from error

    def _first(self, level: Hashable, choice: Choice, found: GroupTest, distance: float) -> dict[str, Any]:
        return {
            "variable": self.name,
            "level": level,
            "n": int((~self.column.missing).sum()),
            "missing": int(self.column.missing.sum()),
            "test": choice.test,
            "why": choice.why,
            "statistic": found.statistic,
            "df": found.df,
            "df_den": found.df_den,
            "p_value": found.p_value,
            "standardized_difference": distance,
        }

    def _further(self, level: Hashable) -> dict[str, Any]:
        return {"variable": self.name, "level": level, "test": "", "why": ""}


def _describe(values: FloatArray) -> dict[str, float]:
    quartiles = np.quantile(values, [0.25, 0.5, 0.75])
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else math.nan,
        "median": float(quartiles[1]),
        "q1": float(quartiles[0]),
        "q3": float(quartiles[2]),
        "minimum": float(values.min()),
        "maximum": float(values.max()),
    }
