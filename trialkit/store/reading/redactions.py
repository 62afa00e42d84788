"""What was taken out of the record, and where a text stands that somebody wants taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.models import Base, Redaction
from trialkit.store.redactable import KEYS, WRITTEN
from trialkit.store.redacted_records import Cell, RedactedPlace, key_of

Redactions = Mapping[int, tuple[RedactedPlace, ...]]
"""Number of a record -> what was taken out of it."""

PRIMARY_KEYS = {
    table.name: tuple(column.name for column in table.primary_key.columns)
    for table in Base.metadata.sorted_tables
}
_MODELS: dict[str, type[Base]] = {
    mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers
}


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text a person wrote: its cell, the row's key by column, the record that wrote it, and the text."""

    cell: Cell
    key: Mapping[str, Any]
    record: int
    text: str

    @property
    def model(self) -> type[Base]:
        return _MODELS[self.cell.table]


REDACTED = select(Redaction.record, Redaction.audit_number).distinct().order_by(Redaction.audit_number)
"""A record, and an act that took something out of it."""


def redactions(reader: Reader) -> Redactions:
    """Every place that was redacted, by the record it stands in."""
    found: dict[int, list[RedactedPlace]] = defaultdict(list)
    r = Redaction
    for row in reader.execute(select(r.record, r.audit_number, r.place, r.after_sha256).order_by(r.id)):
        found[row.record].append(RedactedPlace(row.audit_number, row.place, row.after_sha256))
    return {record: tuple(places) for record, places in found.items()}


def row_key(cell: Cell) -> dict[str, Any]:
    """The primary key of a cell's row, by column."""
    table, names = Base.metadata.tables[cell.table], PRIMARY_KEYS[cell.table]
    parts = cell.key.split(",", len(names) - 1)
    return {name: table.c[name].type.python_type(part) for name, part in zip(names, parts, strict=True)}


def written_texts(reader: Reader, matches: Callable[[str], bool]) -> Iterator[WrittenText]:
    """Texts in the columns that people write into, as far as they match."""
    yield from _texts_of(reader, WRITTEN, matches)


def key_texts(reader: Reader, matches: Callable[[str], bool]) -> Iterator[WrittenText]:
    """The same for the keys that rows are found by: nothing can be taken out of them."""
    yield from _texts_of(reader, KEYS, matches)


def _texts_of(
    reader: Reader, columns: Mapping[str, tuple[str, ...]], matches: Callable[[str], bool]
) -> Iterator[WrittenText]:
    for name, wanted in columns.items():
        table, key = Base.metadata.tables[name], PRIMARY_KEYS[name]
        query = select(
            table.c.audit_number, *(table.c[each] for each in key), *(table.c[each] for each in wanted)
        )
        for number, *rest in reader.execute(query):
            of_row, texts = rest[: len(key)], rest[len(key) :]
            for column, text in zip(wanted, texts, strict=True):
                if text is not None and matches(text):
                    cell = Cell(name, key_of(of_row), column)
                    yield WrittenText(cell, dict(zip(key, of_row, strict=True)), number, text)


def items_of_values(reader: Reader, table: str, keys: list[Mapping[str, Any]]) -> dict[str, str]:
    """Key of a value (as in a cell) -> its item."""
    if table == "pass_value":
        return {key_of(key.values()): str(key["item"]) for key in keys}
    wanted = [key["id"] for key in keys]
    value = m.FinalValue
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        query = select(value.id, value.item).where(value.id.in_(wanted[start : start + 500]))
        found |= {str(row.id): row.item for row in reader.execute(query)}
    return found


def values_at(
    reader: Reader, subject_id: str, visit: str, form: str, item: str, row: str
) -> Iterator[WrittenText]:
    """Every text that ever stood in a field: both passes, the final record, its history, void forms."""
    f, i = m.FinalValue, m.FormInstance
    here = (i.subject_id == subject_id, i.visit == visit, i.form == form)
    typed = (
        select(m.PassValue.pass_row, m.PassValue.item, m.FormPass.audit_number, m.PassValue.raw_text)
        .join(m.PassRow, m.PassRow.id == m.PassValue.pass_row)
        .join(m.FormPass, m.FormPass.id == m.PassRow.form_pass)
        .join(i, i.id == m.FormPass.form_instance)
        .where(*here, m.PassValue.item == item, m.PassRow.row_key == row, m.PassValue.raw_text.is_not(None))
    )
    for number, name, record, text in reader.execute(typed):
        cell = Cell("pass_value", key_of([number, name]), "raw_text")
        yield WrittenText(cell, {"pass_row": number, "item": name}, record, str(text))
    final = (
        select(f.id, f.audit_number, f.raw_text)
        .join(m.FinalRow, m.FinalRow.id == f.final_row)
        .join(i, i.id == m.FinalRow.form_instance)
        .where(*here, f.item == item, m.FinalRow.row_key == row, f.raw_text.is_not(None))
    )
    for number, record, text in reader.execute(final):
        yield WrittenText(Cell("final_value", str(number), "raw_text"), {"id": number}, record, str(text))


def marks_of_forms(reader: Reader, cells: list[WrittenText]) -> Iterator[WrittenText]:
    """The content hashes of marks on forms whose values are among these: somebody could try names on them."""
    finals = [text.key["id"] for text in cells if text.cell.table == "final_value"]
    forms: set[int] = set()
    for start in range(0, len(finals), 500):
        query = (
            select(m.FinalRow.form_instance)
            .join(m.FinalValue, m.FinalValue.final_row == m.FinalRow.id)
            .where(m.FinalValue.id.in_(finals[start : start + 500]))
        )
        forms |= set(reader.scalars(query))
    mark = m.FormMark
    marks = select(mark.id, mark.audit_number, mark.content_sha256).where(mark.form_instance.in_(forms))
    for number, record, text in reader.execute(marks):
        yield WrittenText(Cell("form_mark", str(number), "content_sha256"), {"id": number}, record, text)
