"""Column names, units and levels in a reader's words."""

from __future__ import annotations

import re
from typing import Any

from trialkit import numbers
from trialkit.documents.declared.rows import ResultRow

UNITS = {"percent": "%", "kg/m2": "kg/m²", "cm2": "cm²", "mm2": "mm²"}


def lower_first(words: str) -> str:
    """For the middle of a sentence: without its capital, unless the first word is an acronym."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def unit_words(unit: Any) -> str:
    return UNITS.get(str(unit).lower(), str(unit))


def with_unit(label: Any, unit: Any) -> str:
    """``ODI, %``; a unit that the label names already is not said twice."""
    if numbers.is_missing(unit) or not unit or re.search(rf"\b{re.escape(str(unit))}\b", str(label), re.I):
        return str(label)
    return f"{label}, {unit_words(unit)}"


def difference_unit(unit: Any) -> str:
    """The unit of a difference: percentages differ by points."""
    if numbers.is_missing(unit) or not unit:
        return ""
    return "points" if str(unit).lower() in ("percent", "%") else unit_words(unit)


def readable(name: str) -> str:
    """``fat_fraction`` as ``Fat fraction``."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def alternative_words(row: ResultRow) -> str:
    """``two-sided``, with the value tested where it is not that of no difference; or one-sided with the
    direction in words."""
    alternative = row.get("alternative")
    null = numbers.fixed(row.get("null_value") if row.has("null_value") else 0, 2)
    null = null.rstrip("0").rstrip(".") if "." in null else null
    if alternative in ("less", "greater"):
        return f"one-sided (H₁: {'below' if alternative == 'less' else 'above'} {null})"
    of_ratio = row.has("log_standard_error") or "ratio" in str(row.get("measure"))
    natural = ("0", "1") if of_ratio else ("0",)  # of a ratio some tables keep the logarithm
    return "two-sided" if null in (*natural, numbers.EN_DASH) else f"two-sided (H₀: {null})"
