"""A form's items as fields of a page; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trialkit.entry.values import text_of
from trialkit.errors import TrialkitError
from trialkit.study.model import Form, Item
from trialkit.vocabulary import ItemType
from trialkit.web.typed_days import as_stored
from trialkit.wording import said

_AS_TYPED = {
    ItemType.DATE: said("YYYY-MM-DD"),
    ItemType.DATETIME: said("YYYY-MM-DD HH:MM"),
    ItemType.TIME: said("HH:MM"),
}

LINE_AND_ITEM = re.compile(r"line (\d+):(\w+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One item of one line: ``number`` as printed on the form, ``problem`` what was wrong with the text.

    ``told``: the typist was told that it differs from the other entry; ``kept``: she keeps it.
    """

    item: Item
    number: str
    name: str
    text: str
    problem: str
    section: str  # a heading that begins here
    told: bool = False
    kept: bool = False

    @staticmethod
    def name_of(row: int, item: str) -> str:
        return f"r{row}.{item}"

    @staticmethod
    def keeps(row: int, item: str) -> str:
        """The name of the box that says that a value stays."""
        return f"r{row}.{item}.keep"

    @property
    def computed(self) -> bool:
        return self.item.type is ItemType.DERIVED

    @property
    def hints(self) -> tuple[str, ...]:
        """Range, unit and way of writing."""
        item = self.item
        as_typed = said("YYYY-MM-DD, YYYY-MM or YYYY") if item.partial_date else _AS_TYPED.get(item.type, "")
        return tuple(part for part in (_range(item), item.unit or "", as_typed) if part)


def _range(item: Item) -> str:
    low, high = item.minimum, item.maximum
    if low is not None and high is not None:
        return said("{low} to {high}", low=text_of(low), high=text_of(high))
    if low is not None:
        return said("from {low}", low=text_of(low))
    return said("up to {high}", high=text_of(high)) if high is not None else ""


Problems = Mapping[tuple[int, str], str]
"""(line from 0, item) -> what was expected."""


def problems_in(error: TrialkitError | None) -> dict[tuple[int, str], str]:
    """Which fields a refused entry is about, from the places of its errors."""
    found: dict[tuple[int, str], str] = {}
    for one in (error, *error.also) if error is not None else ():
        line = LINE_AND_ITEM.fullmatch(one.where)
        if line:
            found.setdefault((int(line[1]) - 1, line[2]), one.expected)
        else:
            found.setdefault((0, one.where.rpartition("/")[2]), one.expected)
    return found


def row_typed(form: Form, sent: Mapping[str, str], line: int) -> dict[str, str]:
    """Item -> text of one line, blanks included."""
    return {
        item.name: as_stored(form, item.name, sent.get(Field.name_of(line, item.name), ""))
        for item in form.items
        if item.type is not ItemType.DERIVED
    }


def numbers_beside(form: Form) -> dict[str, str]:
    """Item -> the number of its line, as it stands beside its label; none where the label begins with it."""
    return {
        item.name: "" if item.line and item.label.startswith(f"{item.line}.") else item.line
        for item in form.items
    }


def fields_of(
    form: Form,
    line: int,
    typed: Mapping[str, str],
    problems: Problems,
    told: Collection[tuple[int, str]] = (),
) -> list[Field]:
    """The fields of one line, in the dictionary's order, with what was typed and what was wrong."""
    found = []
    section = ""
    numbers = numbers_beside(form)
    for item in form.items:
        name = Field.name_of(line, item.name)
        begins = item.section if item.section != section else ""
        section = item.section or section
        problem = problems.get((line, item.name), "")
        kept = typed.get(Field.keeps(line, item.name)) == "yes"
        is_told = (line, item.name) in told
        text = typed.get(name, "")
        found.append(
            Field(item, numbers[item.name], name, text, "" if is_told else problem, begins, is_told, kept)
        )
    return found
