"""A row of counts against the chi-square and p printed beside it. Counts are not rounded: all is exact."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import xlogy

from trialkit.numbers import plain
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.tables.finding import Checked, Finding, in_words, table_line
from trialkit.stats.tables.group_tests import chi_square, expected_counts, fisher_exact
from trialkit.stats.tables.printed import Box, read_printed
from trialkit.stats.tables.rederived import Range
from trialkit.stats.tables.summary_rows import CountsRow
from trialkit.wording import said

_MOST_DF = 10


def check_counts(row: CountsRow) -> Checked:
    counts = np.array(row.counts, dtype=float)
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    statistics = _statistics(counts)
    p_values = {test: chi_square_p_value(value, df) for test, value in statistics.items()}
    printed = None if row.chi_square is None else read_printed(row.chi_square, row.variable, smallest=0.0)
    printed_p = (
        None
        if row.p is None
        else read_printed(row.p, said("{variable}, p", variable=row.variable), smallest=0.0)
    )
    table = [
        table_line(
            row.variable,
            test,
            Range(value, value, value),
            df,
            Range(*[p_values[test]] * 3),
            printed,
            printed_p,
            possible=None if printed is None else printed.meets(value, value),
        )
        for test, value in statistics.items()
    ]
    findings = []
    if printed is not None and not any(printed.meets(value, value) for value in statistics.values()):
        own = "; ".join(f"{test} {plain(value, 3)}" for test, value in statistics.items())
        text = f"Chi-square {row.chi_square} is printed; the counts give {own}."
        findings.append(Finding(row.variable, "statistic impossible", text))
    if printed_p is not None:
        findings += _check_p(row, counts, p_values, printed, printed_p, df)
    return Checked(table, findings)


def _statistics(counts: FloatArray) -> dict[str, float]:
    """The statistics a program prints as "chi-square" of such a table."""
    expected = expected_counts(counts)
    found = {"chi-square": chi_square(counts).statistic}
    if counts.shape == (2, 2):
        off = np.maximum(np.abs(counts - expected) - 0.5, 0.0)
        found["chi-square, continuity corrected"] = float((off**2 / expected).sum())
    found["likelihood ratio"] = float(2 * xlogy(counts, counts / expected).sum())
    return found


def _check_p(
    row: CountsRow, counts: FloatArray, p_values: dict[str, float], printed: Box | None, p: Box, df: int
) -> list[Finding]:
    own = dict(p_values) | _fisher(counts)
    if any(p.meets(value, value) for value in own.values()):
        return []
    fitting = [] if printed is None else _fitting_df(printed, p)
    if df in fitting:
        return []  # It follows from the printed chi-square, which has its own verdict.
    text = f"p {row.p} is printed; the counts give " + "; ".join(f"{t} {in_words(v)}" for t, v in own.items())
    if fitting:
        assert printed is not None
        own_p = in_words(chi_square_p_value((printed.lower + printed.upper) / 2, df))
        text += f". It is the p of the printed chi-square on {fitting[0]} df; the table has {df}, "
        text += f"on which that chi-square has p {own_p}"
    return [Finding(row.variable, "p-value impossible", text + ".")]


def _fitting_df(printed: Box, p: Box) -> list[int]:
    """The degrees of freedom on which some value rounding to the printed chi-square has the printed p."""
    if not math.isfinite(printed.upper):
        return []
    return [
        df
        for df in range(1, _MOST_DF + 1)
        if p.meets(chi_square_p_value(printed.upper, df), chi_square_p_value(printed.lower, df))
    ]


def _fisher(counts: FloatArray) -> dict[str, float]:
    """Fisher's exact test where there are two groups and the table is small enough."""
    if counts.shape[0] != 2:
        return {}
    try:
        return {"Fisher's exact": fisher_exact(counts).p_value}
    except DataError:
        return {}
