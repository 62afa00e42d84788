"""Days typed into a page: read alike on every one, in the ways people write them."""

from __future__ import annotations

from datetime import date, datetime

from trialkit.days import day_as_stored, moment_as_stored, read_day, read_moment
from trialkit.errors import TrialkitError
from trialkit.study.model import Form
from trialkit.vocabulary import ItemType

_SHOWN = 40  # characters: no day is longer


def typed_day(text: str, where: str = "") -> date:
    day = read_day(text)
    if day is None:
        raise TrialkitError(
            expected="a day that exists: year, month, day",
            found=_short(text),
            where=where,
            next_step="Type it like 2024-09-05, 2024/9/5, 20240905 or 2024年9月5日.",
        )
    return day


def typed_moment(text: str) -> datetime:
    moment = read_moment(text)
    if moment is None:
        raise TrialkitError(
            expected="a day that exists, and a time of day",
            found=_short(text),
            next_step="Type it like 2024-09-05 08:30 or 2024/9/5 8:30.",
        )
    return moment


def _short(text: str) -> str:
    """What was typed in place of a day: of a long text its beginning."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def as_stored(form: Form, item_name: str, text: str) -> str:
    """What was typed for an item of a form, as its type is stored if it is a day; else as it is."""
    item = next((item for item in form.items if item.name == item_name), None)
    if item is None:
        return text
    if item.type is ItemType.DATE:
        return day_as_stored(text, partial=item.partial_date)
    return moment_as_stored(text) if item.type is ItemType.DATETIME else text
