"""What a row is about: the subject, visit, form, line and item that it names, or the row that it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select

from trialkit.store.engine import Reader
from trialkit.store.models import Base

_PLACE = ("subject_id", "visit", "form", "row_key", "item")
_WHOLE = ("subject_id", "place", "site", "file_name")  # what a row that has one needs no other row for


def place_of_row(reader: Reader, table: str, key: Mapping[str, Any]) -> dict[str, str]:
    """Column -> text, of the columns that say where the row belongs; empty where it is about the study."""
    of = Base.metadata.tables[table]
    row = reader.execute(select(of).where(*(of.c[name] == value for name, value in key.items()))).one()
    found = {name: str(row._mapping[name]) for name in (*_PLACE, *_WHOLE) if row._mapping.get(name)}
    if not any(name in found for name in _WHOLE):
        above = _hangs_on(of)
        if above is not None:
            column, parent, name = above
            found = place_of_row(reader, parent, {name: row._mapping[column]}) | found
    return found


def in_words(place: Mapping[str, str]) -> str:
    """``A-001/week_6/adverse_events/1/ae_term``; a site, a file, or nothing where it is about no subject."""
    parts = [place[name] for name in _PLACE if name in place]
    return "/".join(parts or [place[name] for name in _WHOLE if name in place])


def _hangs_on(table: Table) -> tuple[str, str, str] | None:
    """The column by which a row belongs to another one, with that one's table and key."""
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column.table
            if "audit_number" in parent.columns and parent.name not in (table.name, "account"):
                return column.name, parent.name, key.column.name
    return None
