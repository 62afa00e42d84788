"""EpiData's forms as fields: from a project, from a .rec file with its .chk, from a .qes questionnaire."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from trialkit.interchange.definition_draft import (
    MAXIMUM,
    MINIMUM,
    REQUIRED,
    VALIDATION,
    DraftRow,
    NotCarriedOver,
    field_row,
    safe_name,
)
from trialkit.study.dictionary_header import CHOICES, LABEL

_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_MOST_NUMBERS = 101
"""Of a range that become choices: a scale from 0 to 100 still does."""
YES_NO = {"Y": "Yes", "N": "No"}


@dataclass(frozen=True, slots=True)
class EpiField:
    """One field of one EpiData form.

    ``kind`` is ``integer``, ``number``, ``date``, ``time``, ``text``, ``notes`` or ``boolean``; ``low`` and
    ``high`` are texts a dictionary takes; ``lost`` says what of the field cannot be carried over, and why.
    """

    line: int
    name: str
    label: str
    kind: str
    decimals: int | None = None
    choices: dict[str, str] = field(default_factory=dict)
    low: str = ""
    high: str = ""
    required: bool = False
    lost: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EpiForm:
    """A form with its key fields; ``repeats`` where a subject has several of it."""

    name: str
    label: str
    fields: tuple[EpiField, ...]
    keys: tuple[str, ...] = ()
    repeats: bool = False


_VALIDATIONS = {"integer": "integer", "date": "date_ymd", "time": "time_hh_mm_ss"}


def dictionary_row(found: EpiField, form: str, name: str) -> tuple[DraftRow, list[NotCarriedOver]]:
    """The field as a row of a dictionary, and what of it is not in it."""
    lost = [NotCarriedOver(found.line, f"{found.name}: {what}", why) for what, why in found.lost]
    label = {LABEL: " ".join(found.label.split()) or found.name, REQUIRED: "y" if found.required else ""}
    choices, beside = (YES_NO, []) if found.kind == "boolean" else _with_range(found)
    lost += [
        NotCarriedOver(found.line, f"{found.name}: range {found.low} to {found.high}", why) for why in beside
    ]
    coded = _choices(choices)
    if choices and not coded:
        lost.append(
            NotCarriedOver(found.line, f"{found.name}: value labels", "codes that a list cannot hold")
        )
    if coded:
        return field_row(found.line, name, form, "radio", **label, **{CHOICES: coded}), lost
    if found.kind == "notes":
        return field_row(found.line, name, form, "notes", **label), lost
    cells = {VALIDATION: _validation(found), MINIMUM: found.low, MAXIMUM: found.high}
    return field_row(found.line, name, form, "text", **label, **cells), lost


def _with_range(found: EpiField) -> tuple[dict[str, str], list[str]]:
    """The labelled codes, with the numbers that a range permits besides; and what is to be said of it."""
    choices = found.choices
    if not choices or not (found.low or found.high):
        return choices, []
    if found.kind != "integer" or not (_WHOLE.fullmatch(found.low) and _WHOLE.fullmatch(found.high)):
        return choices, ["a choice has its labelled codes alone here; other numbers of the range are refused"]
    between = [str(number) for number in range(int(found.low), int(found.high) + 1)[: _MOST_NUMBERS + 1]]
    new = [number for number in between if number not in choices]
    if not new:
        return choices, []
    if len(between) > _MOST_NUMBERS:
        return choices, ["a choice has its labelled codes alone here; other numbers of the range are refused"]
    every = choices | {number: number for number in new}
    ordered = sorted(
        every, key=lambda code: (not _WHOLE.fullmatch(code), int(code) if _WHOLE.fullmatch(code) else 0)
    )
    return {code: every[code] for code in ordered}, [
        "its numbers without a label are choices here, labelled by themselves"
    ]


def _validation(found: EpiField) -> str:
    if found.kind == "number":
        return f"number_{found.decimals}dp" if found.decimals and found.decimals < 10 else "number"
    return _VALIDATIONS.get(found.kind, "")


def _choices(choices: dict[str, str]) -> str:
    """``1, Yes | 0, No``; empty where a code has a character that a dictionary's codes do not."""
    parts = [
        f"{code.strip()}, {' '.join(label.replace('|', '/').split())}" for code, label in choices.items()
    ]
    plain = all(code.strip() and code.strip().replace(".", "").replace("-", "").isalnum() for code in choices)
    return " | ".join(parts) if plain else ""


def item_names(forms: list[EpiForm], taken: set[str]) -> dict[tuple[str, str], str]:
    """(form, field) -> a name used once in the study: the field's own, or with its form before it."""
    names: dict[tuple[str, str], str] = {}
    for form in forms:
        for found in form.fields:
            name = safe_name(found.name)
            if name in taken:
                name = f"{form.name}_{name}"
            number = 2
            while name in taken:
                name = f"{form.name}_{safe_name(found.name)}_{number}"
                number += 1
            taken.add(name)
            names[form.name, found.name] = name
    return names
