"""How numbers are printed: the only place in trialkit that rounds.

Rounding is *half away from zero on the decimal form a reader sees*: 0.125 prints as 0.13 and -0.125 as
−0.13, as SAS ``ROUND`` and every hand calculation do. The shortest decimal text that reads back as the
same float (``repr``) is what is rounded, so 2.675 prints as 2.68 although its binary neighbour lies
below. Half-even is unbiased for sums, but nothing here is summed after rounding.

A value that is absent is an en dash, never ``nan``; saying why is the table's duty (``Cell.reason``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MINUS = "\u2212"
EN_DASH = "\u2013"
INFINITY = "\u221e"
EXACT = 1e-9  # binary floats of a decimal differ from it by less
THOUSANDS_FROM = 10_000  # 9999 stays plain; from five digits on, a comma helps


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or pandas' NA."""
    if value is None:
        return True
    try:
        return math.isnan(float(value))
    except (TypeError, ValueError):
        return not isinstance(value, str)


def half_away(number: float, decimals: int) -> Decimal:
    """A finite number rounded half away from zero on the decimal text a reader sees: 2.675 is 2.68."""
    return Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def plain(value: float, decimals: int) -> str:
    """A number in letters any terminal has: the digits of :func:`fixed`, a hyphen for minus, no commas."""
    if not math.isfinite(value):
        return str(value)
    text = format(half_away(value, decimals), "f")
    return text.removeprefix("-") if not float(text) else text


def fixed(value: Any, decimals: int) -> str:
    """Print a number with a fixed count of decimals.

    Parameters
    ----------
    value
        A number; None, NaN and NA print as an en dash, infinities as ∞.
    decimals
        0 or more.

    Degenerate cases: what rounds to zero prints without a sign (−0.004 at two decimals is 0.00).
    Equivalent in R/SAS: ``sprintf("%.*f")`` after SAS ``ROUND``; R's ``round`` is half-even.
    """
    if is_missing(value):
        return EN_DASH
    number = float(value)
    if math.isinf(number):
        return INFINITY if number > 0 else MINUS + INFINITY
    rounded = half_away(number, decimals)
    grouping = "," if abs(rounded) >= THOUSANDS_FROM else ""
    text = format(abs(rounded), f"{grouping}.{decimals}f")
    return MINUS + text if rounded < 0 else text


def integer(value: Any) -> str:
    """Print a count; from five digits on with commas."""
    return fixed(value, 0)


def p_value(value: Any) -> str:
    """Print a p-value with three decimals; ``<0.001`` and ``>0.999`` at the ends, never 0.000 or 1.000."""
    if is_missing(value):
        return EN_DASH
    if float(value) < 0.001:
        return "<0.001"
    return ">0.999" if float(value) > 0.999 else fixed(value, 3)


def p_statement(value: Any) -> str:
    """Print a p-value in running text: ``p = 0.034`` or ``p < 0.001``."""
    text = p_value(value)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def percent(value: Any, decimals: int = 1) -> str:
    """Print a percentage (0-100) without its sign; never 0.0 or 100.0 for what is neither."""
    if is_missing(value):
        return EN_DASH
    number, text = float(value), fixed(value, decimals)
    if 0 < number < 100:
        if text == fixed(0, decimals):
            return "<" + fixed(10**-decimals, decimals)
        if text == fixed(100, decimals):
            return ">" + fixed(100 - 10**-decimals, decimals)
    return text


def probability(value: Any, decimals: int = 1) -> str:
    """Print a probability that a model gives (a power, a predicted risk) as a percentage without its sign.

    Parameters
    ----------
    value
        A percentage, 0 to 100.
    decimals
        0 or more.

    Degenerate cases: no model is certain. ``<0.1`` and ``>99.9`` at the ends, also where floating point has
    reached 0 or 100 itself, as it does for a power beyond 1 - 1e-16.
    """
    if is_missing(value):
        return EN_DASH
    inside = 10.0 ** -(decimals + 3)
    return percent(min(max(float(value), inside), 100 - inside), decimals)


def count_percent(count: Any, percentage: Any) -> str:
    """Print ``n (%)``: ``12 (7.6)``; a count of zero stands alone."""
    if is_missing(count) or float(count) == 0 or is_missing(percentage):
        return integer(count)
    return f"{integer(count)} ({percent(percentage)})"


def mean_sd(mean: Any, sd: Any, decimals: int) -> str:
    """Print ``mean (SD)``: ``42.1 (9.8)``."""
    return EN_DASH if is_missing(mean) else f"{fixed(mean, decimals)} ({fixed(sd, decimals)})"


def span(lower: Any, upper: Any, decimals: int, joint: str = " to ") -> str:
    """Print two limits: ``−7.08 to −2.20``; one en dash where both are absent."""
    if is_missing(lower) and is_missing(upper):
        return EN_DASH
    return f"{fixed(lower, decimals)}{joint}{fixed(upper, decimals)}"


def estimate_interval(estimate: Any, lower: Any, upper: Any, decimals: int) -> str:
    """Print an estimate with its interval: ``−4.64 (−7.08 to −2.20)``."""
    if is_missing(estimate):
        return EN_DASH
    return f"{fixed(estimate, decimals)} ({span(lower, upper, decimals)})"


def decimals_needed(values: Iterable[Any], most: int) -> int:
    """The fewest decimals that print every value exactly, at most ``most``.

    For medians and extremes of what was recorded in whole steps: 71, not 71.0.
    """
    known = [float(value) for value in values if not is_missing(value) and not math.isinf(float(value))]
    for decimals in range(most):
        if all(abs(value - round(value, decimals)) < EXACT for value in known):
            return decimals
    return most


def decimals_for_spread(spread: Any) -> int:
    """Decimals that suit a mean with this standard deviation, or a limit of this size.

    1 from 1 to 1000, one more for each power of ten below (at most 4), none from 1000 on. One rule for
    every table, so that columns of one variable agree.
    """
    if is_missing(spread) or math.isinf(float(spread)) or float(spread) == 0:
        return 1
    size = abs(float(spread))
    if size >= 1000:
        return 0
    return min(4, max(1, 1 - math.floor(math.log10(size))))
