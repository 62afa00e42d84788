"""Refusals of operations name options of the command line; here as whoever reads them knows them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trialkit.wording import said

_OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)(?![\w-])")

FIELDS = {
    "form": said("Form in the file"),
    "visit": said("Visit"),
    "typist": said("Login of who typed it"),
    "encoding": said("Letters of the file"),
    "part": said("Sheet of the workbook"),
    "date-order": said("Dates in the file are written"),
    "decimal-comma": said("Numbers are written with a comma, 10,5"),
    "confirmed": said("The investigator confirmed these values"),
    "confirmed-by": said("Login of the investigator who confirmed them"),
}
"""Option of ``trialkit import`` -> the label of its field on the page."""


def in_fields(text: str, fields: Mapping[str, str]) -> str:
    """A sentence with the options of the command line named as fields of a page."""
    return _OPTION.sub(lambda found: f"“{fields[found[1]]}”" if found[1] in fields else found[0], text)


_OTHER_NAMES = {"at": "site", "from": "effective_on"}
"""Options that operations and the API call otherwise."""


def in_parameters(text: str) -> str:
    """A sentence with the options of the command line named as members of a JSON object."""
    return _OPTION.sub(lambda found: _OTHER_NAMES.get(found[1], found[1].replace("-", "_")), text)
