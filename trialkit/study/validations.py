"""REDCap's text validations: every one it ships, and what trialkit makes of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from trialkit.vocabulary import ItemType

_ORDERS = ("ymd", "mdy", "dmy")
_NUMBER = re.compile(r"number(?:_([1-9])dp)?(_comma_decimal)?")
_DATES = {f"date_{order}": ItemType.DATE for order in _ORDERS}
_MOMENTS = {f"datetime_{order}": ItemType.DATETIME for order in _ORDERS} | {
    f"datetime_seconds_{order}": ItemType.DATETIME for order in _ORDERS
}
_TIMES = {"time": ItemType.TIME, "time_hh_mm_ss": ItemType.TIME}
# Their values stay as typed: letters, digits and marks that nobody counts with. MM:SS is a length of time
# that REDCap itself cannot compare.
_TEXTS = (
    "alpha_only",
    "email",
    "mrn_10d",
    "mrn_generic",
    "phone",
    "phone_australia",
    "phone_france",
    "phone_uk",
    "postalcode_australia",
    "postalcode_canada",
    "postalcode_french",
    "postalcode_germany",
    "postalcode_uk",
    "ssn",
    "time_mm_ss",
    "vmrn",
    "zipcode",
)
_NUMBERS = tuple(
    f"number{places}{mark}"
    for places in ("", *(f"_{n}dp" for n in range(1, 5)))
    for mark in ("", "_comma_decimal")
)
VALIDATIONS = ("integer", *_NUMBERS, *_DATES, *_MOMENTS, *_TIMES, *_TEXTS)
"""Every validation REDCap ships, by the name its dictionary has for it."""

OLDER_NAMES = {
    "int": "integer",
    "float": "number",
    "date": "date_ymd",
    "datetime": "datetime_ymd",
    "datetime_seconds": "datetime_seconds_ymd",
}
"""Names of REDCap before version 4, which its XML still has, and what REDCap takes them for."""


@dataclass(frozen=True, slots=True)
class Validation:
    type: ItemType
    decimals: int | None = None
    decimal_comma: bool = False
    note: str = ""


class UnknownValidationError(ValueError):
    """A validation that is a known one mistyped; its text names the known one."""


def is_validation(name: str) -> bool:
    """Whether a text is the name of a validation that REDCap ships."""
    return todays_name(name) in VALIDATIONS


def todays_name(name: str) -> str:
    """The name as REDCap's dictionary has it now, where only case or age keeps it from being one of them."""
    small = name.casefold()
    known = OLDER_NAMES.get(small, small)
    return known if known in VALIDATIONS else name


def read_validation(name: str) -> Validation:
    """What a validation means; one that an administrator has added is kept as text, with a note.

    Raises
    ------
    UnknownValidationError
        The name is all but one of REDCap's.
    """
    if not name:
        return Validation(ItemType.TEXT)
    name = todays_name(name)
    if name == "integer":
        return Validation(ItemType.INTEGER, decimals=0)
    number = _NUMBER.fullmatch(name)
    if number:
        places = int(number[1]) if number[1] else None
        return Validation(ItemType.NUMBER, places, decimal_comma=number[2] is not None)
    kind = {**_DATES, **_MOMENTS, **_TIMES}.get(name)
    if kind is not None:
        return Validation(kind)
    if name in _TEXTS:
        return Validation(ItemType.TEXT)
    meant = get_close_matches(name.casefold(), VALIDATIONS, n=1, cutoff=0.82)
    # A longer name that begins as a known one does is an administrator's own kind of it, and no slip.
    slip = bool(meant) and abs(len(meant[0]) - len(name)) <= 2
    if slip and not any(character.isdigit() for character in name):
        raise UnknownValidationError(meant[0])
    return Validation(ItemType.TEXT, note=f"the validation {name!r} is none that REDCap ships: kept as text")
