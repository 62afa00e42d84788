"""A number as somebody sent it: digits without end are none."""

from __future__ import annotations

_MOST_DIGITS = 9  # no number of ours has more; a thousand times as many are not even read


def whole_number(text: str) -> int | None:
    """The whole number that a text is, 0 or above; None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
