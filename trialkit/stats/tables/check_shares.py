"""Printed percentages of a known number, and printed ratios with their intervals."""

from __future__ import annotations

import math

from trialkit.numbers import plain
from trialkit.stats.distributions import normal_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.tables.finding import Checked, Finding, in_words, table_line
from trialkit.stats.tables.printed import read_printed
from trialkit.stats.tables.rederived import Range, counts_for_percentage, log_asymmetry, wald_p
from trialkit.stats.tables.summary_rows import PercentRow, RatioRow
from trialkit.wording import said


def check_percentage(row: PercentRow) -> Checked:
    """Whether any whole number of subjects has the printed percentage."""
    box = read_printed(row.percent, row.variable)
    counts = counts_for_percentage(box, row.of)
    nearest = min(max(round(box.centre * row.of / 100), 0), row.of) if math.isfinite(box.centre) else 0
    share = 100 * nearest / row.of
    nothing = Range(math.nan, math.nan, math.nan)
    line = table_line(
        row.variable,
        "percentage",
        Range(share, share, share),
        math.nan,
        nothing,
        box,
        None,
        possible=bool(counts),
    )
    if counts:
        return Checked([line], [])
    below = math.floor(box.centre * row.of / 100)
    around = [k for k in (below, below + 1) if 0 <= k <= row.of]
    given = " and ".join(f"{k} of {row.of} is {plain(100 * k / row.of, 2)} %" for k in around)
    text = f"{row.percent} % of {row.of} is printed; {given}."
    return Checked([line], [Finding(row.variable, "percentage impossible", text)])


def check_ratio(row: RatioRow) -> Checked:
    """Whether the ratio lies midway between its limits on the log scale, and whether p follows."""
    check_confidence_level(row.confidence_level)
    ratio, lower, upper = (
        read_printed(value, f"{row.variable}, {name}", smallest=0.0)
        for name, value in (("ratio", row.estimate), ("limit", row.ci_lower), ("limit", row.ci_upper))
    )
    if upper.lower <= 0 or ratio.centre <= 0:
        raise DataError(
            expected="a positive ratio and upper limit", found=str(row.estimate), where=row.variable
        )
    z = normal_quantile(row.confidence_level)
    off, p_range = log_asymmetry(ratio, lower, upper), wald_p(ratio, lower, upper, z)
    p = (
        None
        if row.p is None
        else read_printed(row.p, said("{variable}, p", variable=row.variable), smallest=0.0)
    )
    symmetric = off.lower <= 1e-12 and off.upper >= -1e-12
    estimate = Range(ratio.centre, ratio.lower, ratio.upper)
    line = table_line(
        row.variable, "Wald interval", estimate, math.inf, p_range, ratio, p, possible=symmetric
    )
    findings = []
    if not symmetric:
        middle = math.sqrt(lower.centre * upper.centre)
        printed = f"{row.estimate} ({row.ci_lower} to {row.ci_upper})"
        text = f"{printed} is printed; such limits belong to {middle:.4g}."
        findings.append(Finding(row.variable, "interval impossible", text))
    if p is not None and symmetric and not p.meets(p_range.lower, p_range.upper):
        span = f"{in_words(p_range.lower)} to {in_words(p_range.upper)}"
        text = f"p {row.p} is printed; the ratio and its interval give {span}."
        findings.append(Finding(row.variable, "p-value impossible", text))
    return Checked([line], findings)
