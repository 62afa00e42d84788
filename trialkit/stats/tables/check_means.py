"""A row of means and SDs against the t and p printed beside it."""

from __future__ import annotations

from trialkit.numbers import plain
from trialkit.stats.tables.finding import Checked, Finding, as_a_bound, in_words, table_line
from trialkit.stats.tables.printed import Box, read_printed
from trialkit.stats.tables.rederived import Range, RecomputedT, largest_variance_p, pooled_t, welch_t
from trialkit.stats.tables.summary_rows import MeansRow
from trialkit.wording import said

_DIFFERENT_VARIANCES = 0.05


def check_means(row: MeansRow) -> Checked:
    means = _pair(row.means, said("{variable}, mean", variable=row.variable), -float("inf"))
    sds = _pair(row.sds, said("{variable}, SD", variable=row.variable), 0.0)
    t = None if row.t is None else read_printed(row.t, said("{variable}, t", variable=row.variable)).size
    p = (
        None
        if row.p is None
        else read_printed(row.p, said("{variable}, p", variable=row.variable), smallest=0.0)
    )
    tests = [pooled_t(row.n, means, sds), welch_t(row.n, means, sds)]
    possible = [None if t is None else t.meets(test.size.lower, test.size.upper) for test in tests]
    table = [
        table_line(
            row.variable,
            test.test,
            test.statistic,
            test.df.centre,
            test.p_range(test.size),
            t,
            p,
            possible=ok,
        )
        for test, ok in zip(tests, possible, strict=True)
    ]
    findings = []
    if t is not None and not any(possible):
        findings.append(_impossible_statistic(row, tests))
    if p is not None:
        findings += _check_p(row, tests, t, p)
    if t is not None and possible[0] and not possible[1]:
        findings += _check_variances(row, tests, sds)
    return Checked(table, findings)


def _pair(values: tuple[str | int, str | int], what: str, smallest: float) -> tuple[Box, Box]:
    first, second = (read_printed(value, what, smallest=smallest) for value in values)
    return first, second


def _impossible_statistic(row: MeansRow, tests: list[RecomputedT]) -> Finding:
    ranges = "; ".join(
        f"{test.test} {plain(test.statistic.lower, 3)} to {plain(test.statistic.upper, 3)}" for test in tests
    )
    text = f"t {row.t} is printed; values rounding to the printed means and SDs give {ranges}."
    return Finding(row.variable, "statistic impossible", text)


def _attainable(test: RecomputedT, t: Box | None) -> Range:
    """p of the statistics that both the summaries and the printed t allow; of the summaries alone where they
    allow none of the printed.
    """
    size = test.size
    if t is None or not t.meets(size.lower, size.upper):
        return test.p_range(size)
    return test.p_range(Range(t.centre, max(t.lower, size.lower), min(t.upper, size.upper)))


def _check_p(row: MeansRow, tests: list[RecomputedT], t: Box | None, p: Box) -> list[Finding]:
    """The printed p must go with a test whose statistic is the printed one, where a statistic is printed."""
    candidates = [test for test in tests if t is None or t.meets(test.size.lower, test.size.upper)]
    ranges = {test.test: _attainable(test, t) for test in candidates or tests}
    if any(p.meets(found.lower, found.upper) for found in ranges.values()):
        return []
    name, nearest = next(iter(ranges.items()))
    given = f" with t {row.t}" if candidates and t is not None else ""
    text = f"p {row.p} is printed{given}; the {name} test has p {_span(nearest)}."
    others = [test for test in tests if test not in candidates]
    traced = [
        test for test in others if p.meets(test.p_range(test.size).lower, test.p_range(test.size).upper)
    ]
    for test in traced:
        text += (
            f" It is the p of the {test.test} test ({plain(test.statistic.centre, 3)} on "
            f"{plain(test.df.centre, 1)} df): statistic and p come from different tests."
        )
    text += "" if traced else as_a_bound(p, nearest)
    return [Finding(row.variable, "p-value impossible", text)]


def _span(p: Range) -> str:
    low, high = in_words(p.lower), in_words(p.upper)
    return low if low == high else f"{low} to {high}"


def _check_variances(row: MeansRow, tests: list[RecomputedT], sds: tuple[Box, Box]) -> list[Finding]:
    largest = largest_variance_p(row.n, sds)
    if largest >= _DIFFERENT_VARIANCES:
        return []
    pooled, welch = tests
    text = (
        f"SDs {row.sds[0]} and {row.sds[1]} differ (F test p at most {in_words(largest)}), and the printed t "
        f"pools them: {plain(pooled.statistic.centre, 3)} on {plain(pooled.df.centre, 0)} df, where "
        f"Welch's is {plain(welch.statistic.centre, 3)} on {plain(welch.df.centre, 1)} df."
    )
    return [Finding(row.variable, "unequal variances", text)]
