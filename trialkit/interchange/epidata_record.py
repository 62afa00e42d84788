"""The text of one EpiData record: name=value pairs.

Up to format 2 they are parted by commas and a comma in a value is escaped by a backslash; from format 3
on they are parted by semicolons and texts stand in quotes, with quotes in them doubled.
"""

from __future__ import annotations

import re


class RecordSyntaxError(ValueError):
    """The text is not a list of name=value pairs."""


_NAME = r"\s*([A-Za-z_][^\s=,;\"\\]{0,63})="
_WITH_COMMAS = re.compile(_NAME + r"((?:[^,\\]|\\.)*)(?:,|\Z)", re.DOTALL)
_WITH_SEMICOLONS = re.compile(_NAME + r"(?:\"((?:[^\"]|\"\")*)\"|([^;\"]*))\s*(?:;|\Z)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def split_record(text: str, *, semicolons: bool) -> list[tuple[str, str]]:
    """The name=value pairs of a record, unescaped.

    Raises
    ------
    RecordSyntaxError
        Anything between the pairs, or a quote that is not closed.
    """
    pattern = _WITH_SEMICOLONS if semicolons else _WITH_COMMAS
    pairs, position = [], 0
    text = text.strip()
    while position < len(text):
        match = pattern.match(text, position)
        if not match:
            raise RecordSyntaxError(f"{text[position : position + 12]!r} at character {position + 1}")
        if semicolons:
            value = match[2].replace('""', '"') if match[2] is not None else match[3]
        else:
            value = _ESCAPED.sub(r"\1", match[2])
        pairs.append((match[1], value))
        position = match.end()
    return pairs
