"""Recomputes published tables from their own summaries, and names only what rounding cannot explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit.stats import display
from trialkit.stats.errors import DataError
from trialkit.stats.showing import Printed
from trialkit.stats.tables.blanks import blank_where_missing
from trialkit.stats.tables.check_counts import check_counts
from trialkit.stats.tables.check_means import check_means
from trialkit.stats.tables.check_shares import check_percentage, check_ratio
from trialkit.stats.tables.finding import Checked, Finding
from trialkit.stats.tables.summary_rows import CountsRow, MeansRow, PercentRow, RatioRow, SummaryRow

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class SummaryComparison(Printed):
    """A published table, checked.

    Attributes
    ----------
    table
        One row a variable and test: variable test statistic df p_value as the printed summaries give them;
        statistic_lowest statistic_highest p_lowest p_highest over all values that round to them;
        printed_statistic printed_p_value; statistic_possible p_value_possible (None: nothing printed). The
        printed p may also go with another test of the same variable: ``findings`` has the verdict.
    findings
        variable kind text. Kinds: "statistic impossible", "p-value impossible", "percentage impossible",
        "interval impossible" - no values rounding to the printed ones give it - and "unequal variances": the
        printed t pools variances that differ.
    """

    table: pd.DataFrame
    findings: pd.DataFrame

    def _shown(self) -> display.Shown:
        lines = [f"{row.variable}: {row.kind}. {row.text}" for row in self.findings.itertuples()]
        columns = ["variable", "test", "statistic", "df", "p_value", "printed_statistic", "printed_p_value"]
        shown = blank_where_missing(self.table[columns])
        title = "Recomputed from the printed summaries"
        return display.Shown(title, (("Tests", shown),), tuple(lines or ["Rounding explains everything."]))


def compare_summaries(rows: Sequence[SummaryRow]) -> SummaryComparison:
    """Check printed test statistics, p values and percentages against the summaries printed beside them.

    Every printed number stands for all values that round to it. A number is called impossible only where no
    choice of such values gives it, by any of the usual tests: for means the pooled and Welch's t, of either
    sign; for counts Pearson's chi-square, with and without continuity correction, the likelihood ratio and,
    for p, Fisher's exact test of two groups.

    Parameters
    ----------
    rows
        ``MeansRow``, ``CountsRow``, ``PercentRow`` and ``RatioRow`` in any order; numbers as text, exactly as
        printed.

    Returns
    -------
    SummaryComparison
        ``table``, ``findings``.

    Raises
    ------
    DataError
        No rows, a number given as a float (its decimals are lost), text that is no number, counts with an
        empty group or level.

    Degenerate cases
    ----------------
    Means without a printed t or p are recomputed and compared with nothing. An SD that may be 0 makes any
    large t possible.

    Equivalent in R: ``BSDA::tsum.test``, ``chisq.test``; the ranges have no counterpart (compare
    ``statcheck``, which recomputes p from the statistic alone).

    References
    ----------
    Student (1908), Biometrika 6:1-25. Welch (1947), Biometrika 34:28-35. Moore (1966), Interval Analysis, on
    computing with ranges. Brown & Heathers (2017), Social Psychological and Personality Science 8:363-369.
    """
    import pandas as pd

    if not isinstance(rows, Sequence) or not rows:
        raise DataError(expected="at least one row of a published table", found="none")
    checked = [_check(row) for row in rows]
    table = [line for one in checked for line in one.table]
    findings = [finding for one in checked for finding in one.findings]
    findings += _repeated_statistics(rows)
    frame = pd.DataFrame(findings, columns=list(Finding._fields))
    return SummaryComparison(pd.DataFrame(table), frame)


def _check(row: SummaryRow) -> Checked:
    if isinstance(row, MeansRow):
        return check_means(row)
    if isinstance(row, CountsRow):
        return check_counts(row)
    if isinstance(row, PercentRow):
        return check_percentage(row)
    if isinstance(row, RatioRow):
        return check_ratio(row)
    raise DataError(expected="a MeansRow, CountsRow, PercentRow or RatioRow", found=type(row).__name__)


def _repeated_statistics(rows: Sequence[SummaryRow]) -> list[Finding]:
    """A chi-square that its own counts do not give, and that stands in another row too: a likely slip."""
    counts = [row for row in rows if isinstance(row, CountsRow) and row.chi_square is not None]
    wrong = [row for row in counts if "statistic impossible" in {f.kind for f in check_counts(row).findings}]
    found = []
    for row in wrong:
        twins = [r.variable for r in counts if r not in wrong and str(r.chi_square) == str(row.chi_square)]
        if twins:
            rightful = ", ".join(twins)
            text = f"The same chi-square, {row.chi_square}, is printed for {rightful}, whose counts give it."
            found.append(Finding(row.variable, "statistic of another row", text))
    return found
