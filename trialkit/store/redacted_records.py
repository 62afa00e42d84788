"""A record from which a text was taken out: how it is made, and whether it is what the redaction says. Pure.

The record keeps the hash that its own words had, so the chain over it stands. What it says since is bound by
the record of the redaction, which holds the digest of the new payload and every place that was changed. The
salt of the payload goes too: without it nobody can try names against the hash.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trialkit.store.audit_chain import canonical

SALT = "salt"

MARK = "[redacted]"
"""What stands where a text was. By which act, the list of redactions says: a number would tell somebody who
is not shown every record how many there are."""

_CHANGES_WITH_A_TEXT = (SALT, "state", "missing_code", "content_sha256")

_MARKS = re.compile(r"\[redacted(?: \d+)?\]")  # of earlier acts with the number of their record


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

    @classmethod
    def at(cls, place: str) -> Cell | None:
        """The value that a place names; None where it is in the reason or in what the record states."""
        top, _, rest = place.partition("/")
        if top != "writes":
            return None
        table, _, rest = rest.partition("/")
        key, _, column = rest.rpartition("/")
        return cls(table, key, column)


def payload_digest(payload_text: str) -> str:
    return hashlib.sha256(payload_text.encode()).hexdigest()


def key_of(row: Collection[Any]) -> str:
    return ",".join(str(part) for part in row)


def redacted_payload(
    payload_text: str,
    cells: Mapping[Cell, str | None],
    keys: Mapping[str, tuple[str, ...]],
    cleaned: Callable[[str], str],
) -> tuple[str, tuple[str, ...]]:
    """A payload without what is to go, and the places that changed.

    Parameters
    ----------
    payload_text
        As it stands.
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
    for place, holder, name in said_texts(payload):
        after = cleaned(holder[name])
        if after != holder[name]:
            holder[name] = after
            places.append(place)
    if places and SALT in payload:
        payload[SALT] = MARK
        places.append(SALT)
    return canonical(payload), tuple(sorted(places))


def problem_of(
    payload_text: str, said: Collection[RedactedPlace], keys: Mapping[str, tuple[str, ...]]
) -> str:
    """Why a record is not what the redactions of it say; empty where it is."""
    last = max(said, key=lambda one: one.by)
    if payload_digest(payload_text) != last.after_sha256:
        return f"it is not as record {last.by} left it when a text was redacted"
    taken = _taken_out(json.loads(payload_text), keys)
    for one in said:
        if one.place not in taken:
            return f"less was redacted in it than record {one.by} says"
    return ""


def said_texts(payload: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The texts of what a record states and of its reason: place, what holds it, and its name there."""
    for top in ("facts", "reason"):
        yield from _texts(payload, top, top)


def holds_a_text(place: str) -> bool:
    """Whether a place is one in which a text stood: a value, a reason, or a statement of a record.

    What changes with it (whether the value is missing, the hash of the form's marks, the salt) is none.
    """
    return place.rpartition("/")[2] not in _CHANGES_WITH_A_TEXT


def is_marked(text: str) -> bool:
    """Whether something was taken out of a text."""
    return _MARKS.search(text) is not None


def _taken_out(payload: dict[str, Any], keys: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Places that hold the mark, and places of values that are none."""
    cells = {place: holder[name] for place, _, holder, name in _cells(payload, keys)}
    texts = {
        place: holder[name]
        for top in ("facts", "reason", SALT)
        for place, holder, name in _texts(payload, top, top)
    }
    return {
        place
        for place, said in {**cells, **texts}.items()
        if (isinstance(said, str) and is_marked(said))
        or (place in cells and said in (None, "missing", "unknown"))
    }


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
