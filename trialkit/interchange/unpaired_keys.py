"""Keys of both files that do not pair: which option would pair them, or how their spelling differs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from trialkit.entry.spelling import Spelling
from trialkit.interchange.reading_hints import SHORT_YEAR
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.entry.comparison import ComparisonReport

_Key = tuple[str, ...]
_WORDS_AND_NUMBERS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")


def about_unpaired_keys(
    report: ComparisonReport, spelling: Spelling, texts: Collection[str]
) -> Iterator[str]:
    """A sentence for each thing that would pair keys which stand in one file only.

    Parameters
    ----------
    report
        The comparison.
    spelling
        How days and numbers were read in it.
    texts
        Columns that were declared as texts: no option reads days in them.
    """
    from trialkit.entry.pairing import key_text
    from trialkit.entry.values import text_of

    sides = [
        [
            tuple(text_of(row[at]) or "" for at in range(len(report.keys)))
            for row in report.unpaired.itertuples(index=False, name=None)
            if row[len(report.keys)] == reason
        ]
        for reason in ("only_in_first", "only_in_second")
    ]
    if not all(sides):
        return

    def read(how: Spelling) -> Callable[[_Key], _Key]:
        return lambda key: tuple(
            key_text(text, None if name in texts else how)
            for name, text in zip(report.keys, key, strict=True)
        )

    options = {
        f"--date-order {order}": replace(spelling, date_order=order)
        for order in ("dmy", "mdy")
        if order != spelling.date_order
    }
    if not spelling.decimal_comma:
        options["--decimal-comma"] = replace(spelling, decimal_comma=True)
    paired = False
    for option, how in options.items():
        found = _common(sides, read(how))
        paired = paired or bool(found)
        if found:
            yield said(
                "{option} pairs {n} of the keys that stand in one file only.", option=option, n=len(found)
            )
    alike = _common(sides, lambda key: tuple(_loosely(text, spelling) for text in key))
    if alike and not paired:
        one, two = (" ".join(key) for key in alike[0])
        yield said(
            "{n} keys that stand in one file only are in the other spelled otherwise ({one!r} and {two!r}): "
            "zeros in front, capitals, signs, blanks or decimals. Keys pair where they are written alike.",
            n=len(alike),
            one=one,
            two=two,
        )
    short = sum(any(SHORT_YEAR.fullmatch(text.strip()) for text in key) for side in sides for key in side)
    if short and not alike:
        yield said("{n} keys have a year of two digits, which is never read: write four.", n=short)


def _common(sides: list[list[_Key]], folded: Callable[[_Key], _Key]) -> list[tuple[_Key, _Key]]:
    """Keys of the first file with those of the second that fold into the same."""
    second = {folded(key): key for key in sides[1]}
    return [(key, second[folded(key)]) for key in sides[0] if folded(key) in second]


def _loosely(text: str, spelling: Spelling) -> str:
    """A key without what programs change: 0041 is 41 and 41.0, S-01 is s 1; never is S-1-2 S-12."""
    from trialkit.entry.values import Reading, read_value

    plain = unicodedata.normalize("NFKC", text.strip()).casefold()
    read = read_value(plain, spelling)
    if read.reading is not Reading.TEXT:
        return read.canonical
    parts = _WORDS_AND_NUMBERS.findall(plain)
    return " ".join(
        read_value(part.lstrip("0") or "0", spelling).canonical if part[0].isdigit() else part
        for part in parts
    )
