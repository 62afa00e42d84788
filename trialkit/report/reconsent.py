"""Who is to sign the consent form again, as a list to print and to filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from trialkit.report.list_files import ListTable

if TYPE_CHECKING:
    from trialkit.operations.consents import ToConsentAgain

_HEADS = (
    "Subject",
    "Site",
    "Signed version",
    "Signed on",
    "To sign",
    "Asked for since",
    "Days waiting",
    "The form says",
)


def reconsent_table(lines: Sequence[ToConsentAgain]) -> ListTable:
    """A row a subject."""
    from trialkit.operations.consents import ToConsentAgain

    columns = tuple(entry.name for entry in fields(ToConsentAgain))
    return ListTable("To consent again", _HEADS, [astuple(line) for line in lines], columns)
