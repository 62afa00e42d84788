"""The final values of a form as one wide table, with the dictionary's types and labels; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType, MissingCode, ValueState

MISSING_NUMBERS: Mapping[MissingCode, int] = {
    MissingCode.NOT_DONE: -9996,
    MissingCode.UNKNOWN: -9997,
    MissingCode.NOT_APPLICABLE: -9998,
    MissingCode.REFUSED: -9999,
}
"""What stands for a missing code in SPSS, declared there as missing and labelled."""


class NotAsked(StrEnum):
    """Why an item was not there to be filled in; a blank was."""

    BY_BRANCHING = "not asked, by branching"
    BY_ITS_VERSION = "not asked by its version"


NOT_ASKED_NUMBERS: Mapping[NotAsked, int] = {NotAsked.BY_BRANCHING: -9995, NotAsked.BY_ITS_VERSION: -9994}
VERSION = "study_version"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
MISSING_PREFIX = "@"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as stored, or why there is none; all empty where the item is blank."""

    text: str = ""
    missing: MissingCode | None = None
    not_asked: NotAsked | None = None

    def as_typed(self) -> str:
        """As a typist types it: ``@unknown`` for a missing code, so that a file that was exported imports."""
        return f"{MISSING_PREFIX}{self.missing}" if self.missing else self.text


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One item: ``kind`` is ``number``, ``date`` or ``text``; ``labels`` of its codes."""

    name: str
    label: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormTable:
    """A form's final record: a row a subject, visit and line."""

    form: str
    label: str
    keys: tuple[str, ...]
    columns: tuple[ExportColumn, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]
    left_out: tuple[str, ...]


def form_table(
    study: Study,
    form: Form,
    values: Iterable[Mapping[str, str]],
    identifiers: Sequence[str] = (),
    asked: Callable[[str, str], bool] | None = None,
) -> FormTable:
    """The table of one form.

    Parameters
    ----------
    values
        Rows of ``values.csv`` of a snapshot; those of an amended study say the version of the form, which
        then is a key of the table.
    asked
        Whether an item was asked by a version; None: always.
    identifiers
        Items marked as identifiers that are asked for by name; the others are left out and said.
    """
    items = [item for item in form.items if not item.identifier or item.name in identifiers]
    lines: dict[tuple[str, ...], dict[str, Cell]] = {}
    keys: tuple[str, ...] = (study.record_id, "visit", *(("row",) if form.repeating else ()))
    versions: dict[tuple[str, ...], str] = {}
    for row in values:
        if row["form"] == form.name:
            key = (row["subject_id"], row["visit"], *((row["row"],) if form.repeating else ()))
            lines.setdefault(key, {})[row["item"]] = _cell(row)
            if VERSION in row:
                versions[key] = row[VERSION]

    def cell(key: tuple[str, ...], item: str) -> Cell:
        unasked = asked is not None and not asked(item, versions.get(key, ""))
        return lines[key].get(item, Cell(not_asked=NotAsked.BY_ITS_VERSION if unasked else None))

    place = {visit.name: number for number, visit in enumerate(study.visits)}
    ordered = sorted(lines, key=lambda key: (key[0], place.get(key[1], 0), _line_order(key[2:])))
    return FormTable(
        form=form.name,
        label=form.label,
        keys=(*keys, VERSION) if versions else keys,
        columns=tuple(
            _column(item, [line.get(item.name, Cell()) for line in lines.values()]) for item in items
        ),
        rows=tuple(
            ((*key, versions[key]) if versions else key, tuple(cell(key, item.name) for item in items))
            for key in ordered
        ),
        left_out=tuple(item.name for item in form.items if item not in items),
    )


def _cell(row: Mapping[str, str]) -> Cell:
    if row["state"] == ValueState.VALUE:
        return Cell(row["value"])
    if row["missing_code"]:
        return Cell(missing=MissingCode(row["missing_code"]))
    branched = row["state"] == ValueState.NOT_APPLICABLE
    return Cell(not_asked=NotAsked.BY_BRANCHING if branched else None)


def _line_order(row: tuple[str, ...]) -> tuple[float, str]:
    text = row[0] if row else ""
    return (float(text) if _NUMBER.fullmatch(text) else float("inf"), text)


def _column(item: Item, cells: Sequence[Cell]) -> ExportColumn:
    labels = {choice.code: choice.label for choice in item.choices}
    return ExportColumn(item.name, item.label or item.name, _kind(item, cells), labels)


def _kind(item: Item, cells: Sequence[Cell]) -> str:
    """What the dictionary says, where every value and every code agrees; else text."""
    if item.type is ItemType.DATE and not item.partial_date:
        return "date"
    numeric = (ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED, ItemType.CODED, ItemType.YES_NO)
    texts = [cell.text for cell in cells if cell.text] + [choice.code for choice in item.choices]
    leading_zero = any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in texts)
    if item.type in numeric and not leading_zero and all(_NUMBER.fullmatch(text) for text in texts):
        return "number"
    return "text"
