"""Options that would read what one entry has as a text and the other as a number or a day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from trialkit.entry.spelling import Spelling
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.entry.comparison import ComparisonReport
    from trialkit.entry.values import Reading

SHORT_YEAR = re.compile(r"\d{1,2}([-/. ]?)(?:\d{1,2}|[A-Za-z]{3,9})\1\d{2}", re.ASCII)
_DAY_IN_NUMBERS = re.compile(r"(?:\d{1,2}([-/.])\d{1,2}\1\d{4}|\d{4}([-/.])\d{1,2}\2\d{1,2})\b.*", re.ASCII)
_POINT_ALONE = re.compile(r"[+-]?\d+\.", re.ASCII)
_WIDE_DIGITS = re.compile(r"[\d.,+-]*[\uff10-\uff19][\d.,+-]*")


def reading_hints(report: ComparisonReport, spelled: Callable[[str], Spelling]) -> Iterator[str]:
    """A sentence for each way in which values of kind ``type`` could be read, or why they cannot.

    Parameters
    ----------
    report
        The comparison.
    spelled
        How numbers and days of a column were read in it.
    """
    counts = Counter(
        hint for item, text in _texts_beside_values(report, spelled) if (hint := _hint(text, spelled(item)))
    )
    for (what, step), n in counts.items():
        yield said("{n} of the values of kind type {what}: {step}.", n=n, what=what, step=step)


def _texts_beside_values(
    report: ComparisonReport, spelled: Callable[[str], Spelling]
) -> Iterator[tuple[str, str]]:
    """What was read as a text in a discrepancy of kind ``type``, with its column."""
    from trialkit.entry.values import Reading, read_value, text_of

    found = report.discrepancies[report.discrepancies["kind"] == "type"]
    for item, *values in found[["item", "first_value", "second_value"]].itertuples(index=False, name=None):
        for value in values:
            text = (text_of(value) or "").strip()
            if read_value(text, spelled(item)).reading is Reading.TEXT:
                yield str(item), text


def _hint(text: str, spelling: Spelling) -> tuple[str, str] | None:
    """What is particular about a text, and what reads it."""
    from trialkit.entry.values import Reading, read_value

    def reads(how: Spelling, wanted: Reading) -> bool:
        return read_value(text, how).reading is wanted

    if not spelling.decimal_comma and reads(replace(spelling, decimal_comma=True), Reading.NUMBER):
        return "have a decimal comma", "--decimal-comma reads them"
    if SHORT_YEAR.fullmatch(text):
        return "have a year of two digits", "it is never read, write four"
    if _DAY_IN_NUMBERS.fullmatch(text):
        return _about_day(text, spelling, reads)
    if _POINT_ALONE.fullmatch(text):
        return "end in a point", "a digit may be missing behind it, so they are texts"
    if _WIDE_DIGITS.fullmatch(text):
        return "have full-width digits", "they are texts, type them anew"
    return None


def _about_day(
    text: str, spelling: Spelling, reads: Callable[[Spelling, Reading], bool]
) -> tuple[str, str] | None:
    from trialkit.entry.values import Reading

    orders = [order for order in ("dmy", "mdy") if reads(replace(spelling, date_order=order), Reading.DATE)]
    if spelling.date_order != "ymd":
        return said("are no day in the order {order}", order=spelling.date_order), "look at the form"
    if not orders:
        return "are a day that never was", "look at the form"
    year_first = text[:4].isdigit()
    what = "have points or one digit behind the year" if year_first else "have day or month before the year"
    return what, said("--date-order {orders} reads them", orders=" or ".join(orders))
