"""A form's items as fields of a page; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trialkit.entry.values import text_of
from trialkit.errors import TrialkitError
from trialkit.study.model import Form, Item
from trialkit.vocabulary import ItemType
from trialkit.wording import said

_AS_TYPED = {
    ItemType.DATE: said("YYYY-MM-DD"),
    ItemType.DATETIME: said("YYYY-MM-DD HH:MM"),
    ItemType.TIME: said("HH:MM"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One item of one line: ``number`` as printed on the form, ``problem`` what was wrong with the text."""

    item: Item
    number: int
    name: str
    text: str
    problem: str
    section: str  # a heading that begins here

    @staticmethod
    def name_of(row: int, item: str) -> str:
        return f"r{row}.{item}"

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


def fields_of(form: Form, row: int, typed: Mapping[str, str], error: TrialkitError | None) -> list[Field]:
    """The fields of one line, in the dictionary's order, with what was typed and what was wrong."""
    wrong = error.where.rpartition("/")[2] if error else ""
    found = []
    section = ""
    for number, item in enumerate(form.items, start=1):
        name = Field.name_of(row, item.name)
        problem = str(error.expected) if error is not None and item.name == wrong else ""
        begins = item.section if item.section != section else ""
        section = item.section or section
        found.append(Field(item, number, name, typed.get(name, ""), problem, begins))
    return found
