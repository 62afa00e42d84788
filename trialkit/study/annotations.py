"""The Field Annotation column: what an item is, in REDCap's own way of writing action tags."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from trialkit.study.annotation_signs import OUR_TAGS, meant_by, seen, signs
from trialkit.vocabulary import MissingCode

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
# Of these, the ones that would put, change or refuse a value in REDCap: whoever relied on them is told.
STEERS_VALUES = frozenset(
    {
        "CHARLIMIT",
        "DEFAULT",
        "FORCE-MINMAX",
        "HIDDEN",
        "HIDECHOICE",
        "IF",
        "LATITUDE",
        "LONGITUDE",
        "MAXCHECKED",
        "MAXCHOICE",
        "NOMISSING",
        "NONEOFTHEABOVE",
        "NOW",
        "NOW-SERVER",
        "NOW-UTC",
        "PREFILL",
        "READONLY",
        "SETVALUE",
        "SHOWCHOICE",
        "TODAY",
        "TODAY-SERVER",
        "TODAY-UTC",
        "USERNAME",
        "WORDLIMIT",
    }
)
_CALCULATING = {"CALCTEXT": "{}", "CALCDATE": "calcdate({})"}
"""Tags that derive a text field from others: the calculation, given what stands in their brackets."""


@dataclass(frozen=True, slots=True)
class Annotations:
    unit: str | None
    critical: bool
    reveals_allocation: bool
    partial_date: bool
    missing_codes: tuple[MissingCode, ...]
    calculation: str = ""
    agree_within: float = 0.0
    retired: bool = False
    notes: tuple[str, ...] = ()


class MistypedTagError(ValueError):
    """A tag that is all but one of trialkit's."""

    def __init__(self, tag: str, meant: str, before: str = "") -> None:
        super().__init__(tag)
        self.tag, self.meant, self.before = tag, meant, before


def read_annotations(text: str) -> Annotations:
    """The tags of one item, in any case; tags of nobody known, and ``@`` in prose, are listed in the notes.

    Raises
    ------
    MistypedTagError
        For a tag that only a slip keeps from being one of trialkit's.
    ValueError
        For a tag of ours with a value it cannot have.
    """
    text = seen(text)
    tags: dict[str, str | None] = {}
    foreign: dict[str, None] = {}
    steering: dict[str, None] = {}
    for sign in signs(text):
        if sign.clean and sign.name in OUR_TAGS:
            if tags.get(sign.name, sign.value) != sign.value:
                raise ValueError(f"@{sign.name} twice, as {tags[sign.name]!r} and {sign.value!r}")
            tags[sign.name] = sign.value
        elif sign.clean and sign.name in REDCAP_TAGS:
            steering |= {sign.name: None} if sign.name in STEERS_VALUES else {}
        elif meant := meant_by(sign):
            raise MistypedTagError(sign.written, meant, sign.before)
        elif sign.clean:
            foreign[sign.written] = None
    if "UNIT" in tags and not tags["UNIT"]:
        raise ValueError("@UNIT without a unit")
    return Annotations(
        unit=tags.get("UNIT"),
        critical="CRITICAL" in tags,
        reveals_allocation="REVEALS-ALLOCATION" in tags,
        partial_date="PARTIAL-DATE" in tags,
        missing_codes=_missing_codes(tags),
        calculation=_calculation(text),
        agree_within=_agree_within(tags),
        retired="RETIRED" in tags,
        notes=_notes(foreign, steering),
    )


def _notes(foreign: Iterable[str], steering: Iterable[str]) -> tuple[str, ...]:
    """What is passed over: tags of nobody known, and REDCap's that steer values there and not here."""
    groups = (
        (foreign, "which steers nothing here"),
        (steering, "which REDCap obeys when data are typed and trialkit does not"),
    )
    told = "; ".join(f"passed over @{', @'.join(tags)}, {why}" for tags, why in groups if tags)
    return (told,) if told else ()


def _agree_within(tags: dict[str, str | None]) -> float:
    """How far two readings of a number may lie apart; 0 where every difference counts."""
    if "AGREE-WITHIN" not in tags:
        return 0.0
    told = tags["AGREE-WITHIN"] or ""
    try:
        width = float(told)
    except ValueError:
        width = math.nan
    if not 0 < width < math.inf:
        raise ValueError("@AGREE-WITHIN without a number above 0")
    return width


def _calculation(text: str) -> str:
    """What ``@CALCTEXT(...)`` or ``@CALCDATE(...)`` derives the field from; empty where neither stands."""
    for tag, calculation in _CALCULATING.items():
        found = re.search(rf"@{tag}\s*\(", text, re.IGNORECASE)
        if found:
            return calculation.format(_in_brackets(text, found.end()))
    return ""


def _in_brackets(text: str, start: int) -> str:
    """The text up to the bracket that closes; brackets in quotes count for nothing."""
    depth, quote = 1, ""
    for place in range(start, len(text)):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if not depth:
                return text[start:place].strip()
    raise ValueError("a calculation without its closing bracket")


def _missing_codes(tags: dict[str, str | None]) -> tuple[MissingCode, ...]:
    """All codes unless @MISSING lists those permitted; @MISSING='' permits none."""
    listed = tags.get("MISSING")
    if listed is None:
        return tuple(MissingCode)
    return tuple(MissingCode(code.strip().lower()) for code in listed.split(",") if code.strip())
