"""A record from which a text was taken out: how it is made, and whether it is what the redaction says. Pure.

The record keeps the hash that its own words had, so the chain over it stands. What it says since is bound by
the record of the redaction, which holds the digest of the new payload and every place that was changed. The
salt of the payload goes too: without it nobody can try names against the hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trialkit.store.audit_chain import canonical

SALT = "salt"


@dataclass(frozen=True, slots=True)
class RedactedPlace:
    """One place in an earlier record, and what bound it: by which record, and the payload's digest since."""

    by: int
    place: str
    after_sha256: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a row: ``key`` its primary key as text, joined by commas."""

    table: str
    key: str
    column: str

    @property
    def place(self) -> str:
        return f"writes/{self.table}/{self.key}/{self.column}"


def marker(number: int) -> str:
    """What stands where a text was, naming the record of the act that took it out."""
    return f"[redacted {number}]"


def payload_digest(payload_text: str) -> str:
    return hashlib.sha256(payload_text.encode()).hexdigest()


def key_of(row: Collection[Any]) -> str:
    return ",".join(str(part) for part in row)


def redacted_payload(
    payload_text: str,
    number: int,
    cells: Mapping[Cell, str | None],
    keys: Mapping[str, tuple[str, ...]],
    cleaned: Callable[[str], str],
) -> tuple[str, tuple[str, ...]]:
    """A payload without what is to go, and the places that changed.

    Parameters
    ----------
    payload_text
        As it stands.
    number
        Of the record of the redaction.
    cells
        New values of rows that the record wrote; None where the value is none from now on.
    keys
        Table -> the names of its primary key.
    cleaned
        A text of the facts, or the reason, as it is to stand.

    Returns
    -------
    text, places
        Places are paths into the payload; a row is named by its key.
    """
    payload = json.loads(payload_text)
    places = []
    for place, cell, holder, name in _cells(payload, keys):
        if cell in cells and holder[name] != cells[cell]:
            holder[name] = cells[cell]
            places.append(place)
    for top in ("facts", "reason"):
        for place, holder, name in _texts(payload, top, top):
            after = cleaned(holder[name])
            if after != holder[name]:
                holder[name] = after
                places.append(place)
    if places and SALT in payload:
        payload[SALT] = marker(number)
        places.append(SALT)
    return canonical(payload), tuple(sorted(places))


def problem_of(
    payload_text: str, said: Collection[RedactedPlace], keys: Mapping[str, tuple[str, ...]]
) -> str:
    """Why a record is not what the redactions of it say; empty where it is."""
    last = max(said, key=lambda one: one.by)
    if payload_digest(payload_text) != last.after_sha256:
        return f"it is not as record {last.by} left it when a text was redacted"
    payload = json.loads(payload_text)
    for by in sorted({one.by for one in said}):
        wanted = {one.place for one in said if one.by == by}
        marked, none = _marked(payload, keys, marker(by))
        if not marked <= wanted or not wanted <= marked | none | _remarked(payload, keys, said, by):
            return f"more or less was redacted in it than record {by} says"
    return ""


def _marked(
    payload: dict[str, Any], keys: Mapping[str, tuple[str, ...]], mark: str
) -> tuple[set[str], set[str]]:
    """Places that hold the mark, and places of values that are none."""
    marked, none = set(), set()
    for place, _, holder, name in _cells(payload, keys):
        if isinstance(holder[name], str) and mark in holder[name]:
            marked.add(place)
        elif holder[name] is None or holder[name] in ("missing", "unknown"):
            none.add(place)
    for top in ("facts", "reason", SALT):
        for place, holder, name in _texts(payload, top, top):
            if mark in holder[name]:
                marked.add(place)
    return marked, none


def _remarked(
    payload: dict[str, Any], keys: Mapping[str, tuple[str, ...]], said: Collection[RedactedPlace], by: int
) -> set[str]:
    """Places of this redaction that a later one took out again as a whole."""
    return {one.place for one in said if one.by > by}


def _cells(
    payload: dict[str, Any], keys: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Cell, Any, Any]]:
    for table, write in payload.get("writes", {}).items():
        if "rows" not in write or table not in keys:
            continue
        columns = write["columns"]
        at = [columns.index(name) for name in keys[table]]
        for row in write["rows"]:
            key = key_of([row[place] for place in at])
            for number, column in enumerate(columns):
                cell = Cell(table, key, column)
                yield cell.place, cell, row, number


def _texts(holder: Any, name: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Every text below a place, with what holds it."""
    if (isinstance(holder, dict) and name not in holder) or not isinstance(holder, (dict, list)):
        return
    value = holder[name]
    if isinstance(value, str):
        yield path, holder, name
    elif isinstance(value, dict):
        for key in value:
            yield from _texts(value, key, f"{path}/{key}")
    elif isinstance(value, list):
        for number in range(len(value)):
            yield from _texts(value, number, f"{path}/{number}")
