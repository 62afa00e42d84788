"""The policy for texts, at the gateway: whatever an operation hands over is cleaned or refused here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import String, Table

from trialkit.free_text import one_line, printable, several_lines

Clean = Callable[[str, str], str]


@cache
def text_columns(table: Table) -> tuple[tuple[str, Clean], ...]:
    """The columns of a table that hold written text, and how each is cleaned."""
    rules = {"line": one_line, "note": several_lines}
    return tuple(
        (column.name, rules[kind])
        for column in table.columns
        if isinstance(column.type, String) and (kind := column.info.get("text", "line")) in rules
    )


def clean_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its texts as they are kept.

    Raises
    ------
    TextError
        Naming table, column and, where the row has one, the item.
    """
    for column, clean in text_columns(table):
        text = row[column]
        if text is None or (text.isascii() and text.isprintable() and len(text) < 1_000):
            continue
        place = f"{row['item']}, {column}" if row.get("item") else f"{table.name}, {column}"
        row[column] = clean(text, place)
    return row


def clean_facts(facts: Any, where: str = "the facts of the record") -> Any:
    """Everything an audit record says of its act, to any depth."""
    if isinstance(facts, str):
        return several_lines(facts, where)
    if isinstance(facts, Mapping):
        return {key: clean_facts(value, str(key)) for key, value in facts.items()}
    if isinstance(facts, (list, tuple)):
        return [clean_facts(value, where) for value in facts]
    return facts


def machine_name(name: str) -> str:
    """A name that a machine gave and no person can type anew: shown by escapes, never refused."""
    return printable(name)[:200]
