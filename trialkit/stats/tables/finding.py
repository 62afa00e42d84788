"""What checking one row of a published table yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from trialkit.stats.tables.printed import Box
from trialkit.stats.tables.rederived import Range


class Finding(NamedTuple):
    variable: str
    kind: str
    text: str


@dataclass(frozen=True)
class Checked:
    """Lines of the table and findings of one row."""

    table: list[dict[str, Any]]
    findings: list[Finding]


def table_line(
    variable: str,
    test: str,
    statistic: Range,
    df: float,
    p_value: Range,
    printed: Box | None,
    printed_p: Box | None,
    *,
    possible: bool | None,
) -> dict[str, Any]:
    """One line of the table; ``possible`` is whether the printed statistic is."""
    return {
        "variable": variable,
        "test": test,
        "statistic": statistic.centre,
        "df": df,
        "p_value": p_value.centre,
        "statistic_lowest": statistic.lower,
        "statistic_highest": statistic.upper,
        "p_lowest": p_value.lower,
        "p_highest": p_value.upper,
        "printed_statistic": None if printed is None else printed.text,
        "printed_p_value": None if printed_p is None else printed_p.text,
        "statistic_possible": possible,
        "p_value_possible": None if printed_p is None else printed_p.meets(p_value.lower, p_value.upper),
    }


def as_a_bound(p: Box, attainable: Range) -> str:
    """The commonest slip: a program's "0.000" or a limit of reporting printed as if it were the p itself."""
    if p.centre == p.centre and attainable.upper < p.lower:
        return f' "<{p.text}" would be possible.'
    return ""


def in_words(value: float) -> str:
    """A p value for a sentence: four significant digits, however small."""
    return f"{value:.4g}"
