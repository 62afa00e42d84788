"""The Field Annotation column: what an item is, in REDCap's own way of writing action tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialkit.vocabulary import MissingCode

OUR_TAGS = ("UNIT", "CRITICAL", "REVEALS-ALLOCATION", "PARTIAL-DATE", "MISSING")
# REDCap's own tags steer its data-entry screens; trialkit has other screens and passes over them.
REDCAP_TAGS = frozenset(
    {
        "APPUSERNAME-APP",
        "BARCODE-APP",
        "CALCDATE",
        "CALCTEXT",
        "CHARLIMIT",
        "DEFAULT",
        "DOWNLOAD-COUNT",
        "FORCE-MINMAX",
        "HIDDEN",
        "HIDDEN-APP",
        "HIDDEN-FORM",
        "HIDDEN-MLM",
        "HIDDEN-PDF",
        "HIDDEN-SURVEY",
        "HIDEBUTTON",
        "HIDECHOICE",
        "IF",
        "INLINE",
        "INLINE-PREVIEW",
        "LANGUAGE-CURRENT-FORM",
        "LANGUAGE-CURRENT-SURVEY",
        "LANGUAGE-FORCE",
        "LANGUAGE-SET",
        "LATITUDE",
        "LONGITUDE",
        "MAXCHECKED",
        "MAXCHOICE",
        "MC-PARTICIPANT-JOINDATE",
        "NOMISSING",
        "NONEOFTHEABOVE",
        "NOW",
        "NOW-SERVER",
        "NOW-UTC",
        "PASSWORDMASK",
        "PLACEHOLDER",
        "PREFILL",
        "RANDOMORDER",
        "READONLY",
        "READONLY-APP",
        "READONLY-FORM",
        "READONLY-SURVEY",
        "RICHTEXT",
        "SETVALUE",
        "SHOWCHOICE",
        "SYNC-APP",
        "TODAY",
        "TODAY-SERVER",
        "TODAY-UTC",
        "USERNAME",
        "WORDLIMIT",
    }
)
_TAG = re.compile(r"@([A-Z][A-Z\-]*)(?:\s*=\s*('[^']*'|\"[^\"]*\"|[^\s'\"]+))?")


@dataclass(frozen=True, slots=True)
class Annotations:
    unit: str | None
    critical: bool
    reveals_allocation: bool
    partial_date: bool
    missing_codes: tuple[MissingCode, ...]


class UnknownTagError(ValueError):
    """A tag that is neither ours nor REDCap's; its text names the tag."""


def read_annotations(text: str) -> Annotations:
    """The tags of one item.

    Raises
    ------
    UnknownTagError
        For a tag neither trialkit nor REDCap knows.
    ValueError
        For a tag of ours with a value it cannot have.
    """
    tags: dict[str, str | None] = {}
    for match in _TAG.finditer(text):
        name, value = match.group(1), match.group(2)
        if name in OUR_TAGS:
            tags[name] = value.strip("'\"") if value is not None else None
        elif name not in REDCAP_TAGS:
            raise UnknownTagError(name)
    if "UNIT" in tags and not tags["UNIT"]:
        raise ValueError("@UNIT without a unit")
    return Annotations(
        unit=tags.get("UNIT"),
        critical="CRITICAL" in tags,
        reveals_allocation="REVEALS-ALLOCATION" in tags,
        partial_date="PARTIAL-DATE" in tags,
        missing_codes=_missing_codes(tags),
    )


def _missing_codes(tags: dict[str, str | None]) -> tuple[MissingCode, ...]:
    """All codes unless @MISSING lists those permitted; @MISSING='' permits none."""
    listed = tags.get("MISSING")
    if listed is None:
        return tuple(MissingCode)
    return tuple(MissingCode(code.strip()) for code in listed.split(",") if code.strip())
