"""The policy for texts, at the gateway: whatever an operation hands over is cleaned or refused here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import String, Table

from trialkit.free_text import one_line, printable, several_lines

Clean = Callable[[str, str], str]

_LOOKED_AT_WHOLE = 1_000  # characters from which on the length is judged too


@cache
def text_columns(table: Table) -> tuple[tuple[str, Clean], ...]:
    """The columns of a table that hold written text, and how each is cleaned."""
    rules = {"line": one_line, "note": several_lines}
    return tuple(
        (column.name, rules[kind])
        for column in table.columns
        if isinstance(column.type, String) and (kind := column.info.get("text", "line")) in rules
    )


def clean_rows(table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put every text of the rows as it is kept.

    Each different text is looked at once: most columns hold a few words, thousands of times.

    Raises
    ------
    TextError
        Naming table, column and, where the row has one, the item.
    """
    for column, clean in text_columns(table):
        if all(map(_is_clean, {row[column] for row in rows})):
            continue
        for row in rows:
            text = row[column]
            if not _is_clean(text):
                place = f"{row['item']}, {column}" if row.get("item") else f"{table.name}, {column}"
                row[column] = clean(text, place)


def _is_clean(text: str | None) -> bool:
    return text is None or (text.isascii() and text.isprintable() and len(text) < _LOOKED_AT_WHOLE)


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
