"""Column names, units and levels in a reader's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from trialkit import numbers
from trialkit.documents.declared.rows import ResultRow

UNITS = {
    "percent": "%",
    "kg/m2": "kg/m²",
    "cm2": "cm²",
    "mm2": "mm²",
    "uv": "µV",
    "ug/l": "µg/L",
    "umol/l": "µmol/L",
    "1e9/l": "10⁹/L",
    "1e12/l": "10¹²/L",
}
"""A unit as a dictionary writes it, in plain letters, and as it is printed; the data keep the first."""


def lower_first(words: str) -> str:
    """For the middle of a sentence: without its capital, unless the first word is an acronym or has another
    capital within (InterMAT)."""
    first = re.match(r"\w*", words)
    ordinary = words[1:2].islower() and first is not None and first[0][1:] == first[0][1:].lower()
    return words[:1].lower() + words[1:] if ordinary else words


_FUNCTIONS = {
    "log": "Logarithm",
    "log2": "Logarithm to base 2",
    "log10": "Logarithm to base 10",
    "exp": "Exponential",
    "sqrt": "Square root",
}
_PER = re.compile(r"per\((\w+), ([^()]+)\)")
_MADE_OF = re.compile(rf"({'|'.join(_FUNCTIONS)}|rcs)\((\w+)(?:, (\d+))?\)(?:\[(\d+)\])?")


def made_of(part: str, label: Callable[[str], str]) -> str | None:
    """``log(base)`` as "Logarithm of baseline value", ``rcs(age, 4)[1]`` as "Age, spline 1 of 3" and
    ``per(age, 10 years)`` as "Age (per 10 years)"; None of what is no such thing. ``label`` says a column in
    words."""
    if step := _PER.fullmatch(part.strip()):
        return of_units(label(step[1]), step[2])
    made = _MADE_OF.fullmatch(part.strip())
    if made is None:
        return None
    function, name, knots, number = made.groups()
    if knots is None:
        return f"{_FUNCTIONS[function]} of {lower_first(label(name))}"
    return f"{label(name)}, spline" + (f" {number} of {int(knots) - 1}" if number else "")


def per_step(column: str, step: float, unit: str) -> str:
    """The term of a column whose ratio is of so many units."""
    return f"per({column}, {f'{step:g} {unit}'.strip()})"


def of_units(label: str, step: str) -> str:
    """``Age, years`` and ``10 years`` as "Age (per 10 years)"."""
    number, _, unit = step.partition(" ")
    unit = unit_words(unit)
    return f"{label.removesuffix(f', {unit}') if unit else label} (per {f'{number} {unit}'.strip()})"


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


def no_effects(row: ResultRow) -> tuple[float, ...]:
    """Null values of no effect: a difference of 0; of a ratio 1, or the 0 of its logarithm."""
    of_ratio = row.has("log_standard_error") or "ratio" in str(row.get("measure"))
    return (0.0, 1.0) if of_ratio else (0.0,)


def alternative_words(row: ResultRow) -> str:
    """``two-sided``, or one-sided with the direction in words; a null value other than no effect is said."""
    alternative = row.get("alternative")
    null = float(row["null_value"]) if row.has("null_value") else 0.0
    if alternative in ("less", "greater"):
        return f"one-sided (H₁: {'below' if alternative == 'less' else 'above'} {_as_stated(null)})"
    return "two-sided" if null in no_effects(row) else f"two-sided (H₀: {_as_stated(null)})"


def _as_stated(null: float) -> str:
    """A null value with the digits it was stated in: −5, 0.125."""
    return f"{null:.6g}".replace("-", numbers.MINUS)
