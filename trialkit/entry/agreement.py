"""The one rule that says whether two typed values disagree, and how.

The comparison of two files and the comparison of two passes of a form both ask here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trialkit.entry.values import Reading, ReadValue, read_value
from trialkit.vocabulary import DiscrepancyKind, ItemType, MissingCode, ValueState


class TextRule(StrEnum):
    """What to do with two texts that differ only in case or outer space."""

    EXACT = "exact"
    CASEFOLD = "casefold"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class TypedValue:
    """One item of one pass as it was typed.

    Parameters
    ----------
    text
        The text as typed; None unless ``state`` is VALUE.
    state
        Value, missing code, blank, not applicable by branching, or never seen.
    missing_code
        Only where ``state`` is MISSING.
    """

    text: str | None = None
    state: ValueState = ValueState.VALUE
    missing_code: MissingCode | None = None


_TYPES_READ_AS_TEXT = frozenset({ItemType.TEXT, ItemType.CODED, ItemType.YES_NO})


def compare_texts(
    first: str | None,
    second: str | None,
    *,
    text: TextRule = TextRule.EXACT,
    declared_text: bool = False,
    tolerance: float = 0.0,
) -> DiscrepancyKind | None:
    """Say how two typed texts disagree; None where they agree.

    Parameters
    ----------
    first, second
        The texts as typed; None where nothing was.
    text
        ``exact``: texts that differ only in case, outer space or the kind of a space are a ``text_only``
        discrepancy; ``casefold``: they agree. ``ignore`` leaves text *items* out, the caller's to do;
        in what is left, a stray text in an item of numbers is compared as under ``casefold``.
    declared_text
        True where a dictionary says the item is text or a code: ``12.3`` and ``12.30`` then differ.
    tolerance
        Two numbers this near agree.

    Degenerate cases
    ----------------
    Two blanks agree. A number beside a date is a ``value`` discrepancy: both can be read.
    """
    return compare_readings(
        read_value(first), read_value(second), text=text, declared_text=declared_text, tolerance=tolerance
    )


def compare_readings(
    one: ReadValue,
    two: ReadValue,
    *,
    text: TextRule = TextRule.EXACT,
    declared_text: bool = False,
    tolerance: float = 0.0,
) -> DiscrepancyKind | None:
    """`compare_texts` for texts that were read before; a column reads each of its distinct texts once.

    ``tolerance``: two numbers this near agree. Two times agree where they are the same time (``8:30`` and
    ``08:30:00``); beside anything else a time is a text.
    """
    if one.reading is Reading.BLANK or two.reading is Reading.BLANK:
        if one.reading is two.reading:
            return None
        return (
            DiscrepancyKind.MISSING_IN_FIRST
            if one.reading is Reading.BLANK
            else DiscrepancyKind.MISSING_IN_SECOND
        )
    if declared_text or (one.reading in _WORDS and two.reading in _WORDS and one.reading is not two.reading):
        return _compare_as_text(one.typed, two.typed, text)
    if one.reading is Reading.TEXT and two.reading is Reading.TEXT:
        return _compare_as_text(one.typed, two.typed, text)
    if one.reading is two.reading:
        same = one.canonical == two.canonical or _near(one, two, tolerance)
        return None if same else DiscrepancyKind.VALUE
    if one.reading in _WORDS or two.reading in _WORDS:
        return DiscrepancyKind.TYPE
    return DiscrepancyKind.VALUE


_WORDS = frozenset({Reading.TEXT, Reading.TIME})


def _near(one: ReadValue, two: ReadValue, tolerance: float) -> bool:
    """Whether two numbers differ by no more than a tolerance, counted exactly."""
    if tolerance <= 0 or one.reading is not Reading.NUMBER:
        return False
    return abs(Decimal(one.canonical) - Decimal(two.canonical)) <= Decimal(repr(tolerance))


def as_one_writes(text: str) -> str:
    """What no typist sees: line ends are the program's, and a letter with its accent is one letter (NFC)."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


_OTHER_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
"""Spaces that look like one and are of another width, or do not break: the program's, not the typist's."""


def _without_case_and_space(text: str) -> str:
    return _OTHER_SPACES.sub(" ", text).strip().casefold()


def _compare_as_text(first: str, second: str, rule: TextRule) -> DiscrepancyKind | None:
    first, second = as_one_writes(first), as_one_writes(second)
    if first == second:
        return None
    if _without_case_and_space(first) != _without_case_and_space(second):
        return DiscrepancyKind.VALUE
    return DiscrepancyKind.TEXT_ONLY if rule is TextRule.EXACT else None


def compare_values(
    first: TypedValue,
    second: TypedValue,
    *,
    item_type: ItemType | None = None,
    text: TextRule = TextRule.EXACT,
    tolerance: float = 0.0,
) -> DiscrepancyKind | None:
    """Say how the two passes of one item disagree; None where they agree.

    Parameters
    ----------
    first, second
        The item in pass 1 and pass 2.
    item_type
        The dictionary's type: text, coded and yes/no items are compared as text, the rest as values.
        None where there is no dictionary.
    text
        As in `compare_texts`; under ``ignore`` an item of type text never disagrees.
    tolerance
        Of readings, which are measured and not copied: two numbers this near agree.

    Degenerate cases
    ----------------
    Blank, not applicable and never seen are all "nothing typed" and agree with one another: where
    branching differs, the item that branched is the discrepancy. A missing code is something typed: it
    disagrees with another code or with a value (``value``) and with nothing typed (``missing_in_...``).
    """
    if text is TextRule.IGNORE and item_type is ItemType.TEXT:
        return None
    if first == second:  # nearly all are: nothing is read
        return None
    one, two = _typed_content(first), _typed_content(second)
    if one is not None and two is not None and ValueState.MISSING in (first.state, second.state):
        return None if one == two else DiscrepancyKind.VALUE
    if first.state is ValueState.MISSING:
        return DiscrepancyKind.MISSING_IN_SECOND
    if second.state is ValueState.MISSING:
        return DiscrepancyKind.MISSING_IN_FIRST
    return compare_texts(
        first.text if one else None,
        second.text if two else None,
        text=text,
        declared_text=item_type in _TYPES_READ_AS_TEXT,
        tolerance=tolerance,
    )


def compare_as_written(first: str, second: str, text: TextRule = TextRule.EXACT) -> DiscrepancyKind | None:
    """The same of what either pass says stands on the form, of which no value could be made; or nothing."""
    return _compare_as_text(first, second, text)


def _typed_content(value: TypedValue) -> tuple[ValueState, str] | None:
    """What was typed, code or text; None where nothing was."""
    if value.state is ValueState.MISSING:
        return value.state, str(value.missing_code)
    if value.state is ValueState.VALUE and value.text is not None and value.text.strip():
        return value.state, value.text
    return None
