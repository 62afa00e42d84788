"""Days and moments as options take them: what is wrong with one is said in words, never as a format."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from trialkit.days import day_as_stored, moment_as_stored
from trialkit.wording import said

_IN_NUMBERS = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d).*", re.ASCII)


class Written(click.DateTime):
    """A day, or a day with its time, written as in ``example``."""

    def __init__(self, formats: Sequence[str], example: str) -> None:
        super().__init__(formats)
        self.example = example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        ways = {str(value), day_as_stored(str(value)), moment_as_stored(str(value))}
        read = [day for way in ways if (day := self._read(way, param, ctx)) is not None]
        return (
            read[0] if read else self.fail(_no_such_day(str(value)) or self._another_shape(value), param, ctx)
        )

    def _read(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime | None:
        try:
            return super().convert(text, param, ctx)
        except click.BadParameter:
            return None

    def _another_shape(self, value: object) -> str:
        return said("{value!r} is not written as {example}.", value=value, example=self.example)


def _no_such_day(text: str) -> str:
    """What is wrong with a day in the right shape; empty of one that exists, and of other shapes."""
    found = _IN_NUMBERS.fullmatch(day_as_stored(text))
    if not found:
        return ""
    year, month, day = map(int, found.groups())
    if not 1 <= month <= 12:
        return said(
            "{text!r} is no such day: there is no month {month}. Look at the form.", text=text, month=month
        )
    days = calendar.monthrange(max(year, 1), month)[1]
    if not 1 <= day <= days:
        return said(
            "{text!r} is no such day: that month has {days} days. Look at the form.", text=text, days=days
        )
    return ""


DAY = Written(["%Y-%m-%d"], "2024-06-30 (year, month, day)")
