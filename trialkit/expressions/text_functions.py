"""Functions of texts, as REDCap has them; capitals do not count where it searches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from trialkit.expressions.date_functions import iso
from trialkit.expressions.function import Arguments, Compute
from trialkit.expressions.tree import Value
from trialkit.expressions.values import MeaningError, as_number, is_empty
from trialkit.wording import said


def as_text(value: Value) -> str:
    """What would stand on paper: whole numbers without a point, dates as ISO, yes as 1."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float | int):
        return repr(float(value)).removesuffix(".0")
    return iso(value) if isinstance(value, date) else value


def _text_or_empty(value: Value | None) -> str:
    return "" if value is None else as_text(value)


def of_text(compute: Callable[[str], Value]) -> Compute:
    """A function of one text; missing gives missing."""

    def on_one(values: Arguments) -> Value | None:
        value = values[0]
        return None if value is None or is_empty(value) else compute(as_text(value))

    return on_one


def search(found: Callable[[str, str], bool]) -> Compute:
    """Two texts, capitals made small."""

    def on_two(values: Arguments) -> Value | None:
        text, sought = values
        if text is None or is_empty(text) or sought is None:
            return None
        return found(as_text(text).casefold(), as_text(sought).casefold())

    return on_two


def place_of(values: Arguments) -> Value | None:
    """``find(needle, haystack)``: counted from 1; 0 where it is not there."""
    needle, haystack = values
    if haystack is None or needle is None or is_empty(haystack):
        return None
    return float(as_text(haystack).casefold().find(as_text(needle).casefold()) + 1)


def cut(keep: Callable[[str, list[int]], str]) -> Compute:
    """A part of a text, given whole numbers of characters."""

    def compute(values: Arguments) -> Value | None:
        text, *numbers = values
        if text is None or is_empty(text) or any(number is None for number in numbers):
            return None
        lengths = [as_number(number) for number in numbers if number is not None]
        if any(not length.is_integer() or length < 0 for length in lengths):
            raise MeaningError(said("a whole number of characters"))
        return keep(as_text(text), [int(length) for length in lengths])

    return compute


def left(text: str, lengths: list[int]) -> str:
    return text[: lengths[0]]


def right(text: str, lengths: list[int]) -> str:
    return text[len(text) - lengths[0] :] if lengths[0] < len(text) else text


def middle(text: str, lengths: list[int]) -> str:
    """``mid(text, start, length)``, the first character being 1."""
    start = max(lengths[0] - 1, 0)
    return text[start : start + lengths[1]]


def replaced(values: Arguments) -> Value | None:
    """``replace_text(text, old, new)``."""
    text, old, new = values
    if text is None or is_empty(text) or not _text_or_empty(old):
        return text
    return as_text(text).replace(_text_or_empty(old), _text_or_empty(new))


def joined(values: Arguments) -> Value | None:
    """``concat(a, b, ...)``: what is missing adds nothing; of nothing but missing values, missing."""
    return "".join(_text_or_empty(value) for value in values) or None


def joined_with(values: Arguments) -> Value | None:
    """``concat_ws(separator, a, b, ...)``."""
    separator, *parts = values
    present = [as_text(part) for part in parts if part is not None and not is_empty(part)]
    return _text_or_empty(separator).join(present) or None
