"""The Field Annotation column: what an item is, in REDCap's own way of writing action tags."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from trialkit.free_text import plain_letters
from trialkit.vocabulary import MissingCode

OUR_TAGS = ("UNIT", "CRITICAL", "REVEALS-ALLOCATION", "PARTIAL-DATE", "MISSING", "AGREE-WITHIN", "RETIRED")
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
_TAG = re.compile(
    r"(?<![\w.@])[@\uff20\ufe6b](\s?)([A-Za-z\uff21-\uff3a\uff41-\uff5a][A-Za-z0-9_\-\uff0d-\uff5a]*)"
    r"(?:\s*[=\uff1d]\s*('[^']*'|\"[^\"]*\"|[^\s'\"]+))?"
)
"""Also as a Chinese keyboard has it, full-width; a gap after the sign is looked at only for tags of ours."""
_STUCK = re.compile(r"[@\uff20\ufe6b]([\s\-_.:*@]*)([^\W\d_][\w\-]*)")
"""A tag with something between it and its sign, or with letters of another script."""
_FIRST_WORDS = frozenset({"REVEALS", "PARTIAL"})  # by themselves they are no prose, as "@agree" may be
_GAP = r"[\s\-_./\u2010-\u2015\u2212]*"
_IN_PIECES = re.compile(
    r"(?<![\w.])@(" + "|".join(_GAP.join(tag.replace("-", "")) for tag in OUR_TAGS) + r")(?![a-z])", re.I
)
"""A tag of ours with a gap or another dash between its letters: a word processor makes dashes of hyphens."""
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

    def __init__(self, tag: str, meant: str) -> None:
        super().__init__(tag)
        self.tag, self.meant = tag, meant


def read_annotations(text: str) -> Annotations:
    """The tags of one item, in any case; tags of nobody known, and ``@`` in prose, are listed in the notes.

    Raises
    ------
    MistypedTagError
        For a tag that only a slip keeps from being one of trialkit's.
    ValueError
        For a tag of ours with a value it cannot have.
    """
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")  # zero-width, soft hyphen
    _refuse_stuck(text)
    tags: dict[str, str | None] = {}
    foreign: dict[str, None] = {}
    steering: dict[str, None] = {}
    for match in _TAG.finditer(text):
        written, value = unicodedata.normalize("NFKC", match.group(2)), match.group(3)
        name = written.upper()
        if match.group(1):  # "@ CRITICAL" is a slip, "@ noon" is prose
            if name in OUR_TAGS or _meant(name, value):
                raise MistypedTagError(f" {written}", name if name in OUR_TAGS else _meant(name, value))
            continue
        told = value.strip("'\"") if value is not None else None
        if name in OUR_TAGS:
            if tags.get(name, told) != told:
                raise ValueError(f"@{name} twice, as {tags[name]!r} and {told!r}")
            tags[name] = told
        elif name in STEERS_VALUES:
            steering[name] = None
        elif name not in REDCAP_TAGS:
            meant = _meant(name, value) or _meant_with_the_next_word(name, text[match.end() :])
            if meant:
                raise MistypedTagError(written, meant)
            foreign[written] = None
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


def _refuse_stuck(text: str) -> None:
    """``@-CRITICAL``, ``@@CRITICAL``, ``@CRI TICAL``, a Cyrillic C: what looks like a tag of ours and nobody
    would read.
    """
    for match in _IN_PIECES.finditer(unicodedata.normalize("NFKC", text)):
        letters = "".join(char for char in match[1].upper() if char.isalpha())
        if match[1].upper() not in OUR_TAGS:
            raise MistypedTagError(match[1], next(tag for tag in OUR_TAGS if tag.replace("-", "") == letters))
    for match in _STUCK.finditer(text):
        gap, written = match.groups()
        narrow = unicodedata.normalize("NFKC", written)
        name = plain_letters(narrow.casefold()).upper()
        read_elsewhere = (gap == "" or gap.isspace()) and narrow.isascii()
        after_word = match.start() > 0 and text[match.start() - 1].isalnum()
        if read_elsewhere and not after_word:
            continue
        if name in OUR_TAGS and (not after_word or written.isupper()):
            raise MistypedTagError(f"{gap}{written}", name)


def _meant_with_the_next_word(name: str, after: str) -> str:
    """``@REVEAL ALLOCATION``: misspelt, and without its hyphen."""
    following = re.match(rf"{_GAP}([A-Za-z]+)", after)
    near = (
        get_close_matches(f"{name}-{following[1].upper()}", OUR_TAGS, n=1, cutoff=0.85) if following else []
    )
    return near[0] if near and near[0].partition("-")[0] in _FIRST_WORDS else ""


def _meant(name: str, value: str | None) -> str:
    """The tag of ours that a name is by a slip: near to it, its letters in another order, or, where a value
    follows, one of its letters another; empty where there is none.
    """
    near = get_close_matches(name, OUR_TAGS, n=1, cutoff=0.8)
    near += [
        tag
        for tag in OUR_TAGS
        if sorted(tag) == sorted(name) or (name in _FIRST_WORDS and tag.startswith(f"{name}-"))
    ]
    if value is not None:
        near += [tag for tag in OUR_TAGS if _letters_apart(tag, name) == 1]
    return near[0] if near else ""


def _letters_apart(one: str, other: str) -> int:
    """How many letters differ; all of them in words of two lengths."""
    if len(one) != len(other):
        return max(len(one), len(other))
    return sum(a != b for a, b in zip(one, other, strict=True))


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
