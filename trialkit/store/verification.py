"""Walking the audit chain, and holding what it says against what the tables hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Table, inspect, select

from trialkit.store.audit_chain import (
    GENESIS,
    IDENTITY,
    chain_hash,
    chain_mac,
    rows_digest,
    stored,
    written_in,
)
from trialkit.store.engine import Reader
from trialkit.store.ledger import recorded_columns
from trialkit.store.models import Base
from trialkit.store.reading.audit import AuditEntry, audit_entries, audit_head
from trialkit.store.triggers import trigger_drift

Written = dict[tuple[str, int], tuple[int, str]]
"""(table, record number) -> rows, their digest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was recorded; ``number`` is the audit record it concerns."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"audit record {self.number}: {self.text}"


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What walking the chain and replaying it against the tables gave.

    ``macs_checked`` is None where the audit key is not here: then whoever holds the database could have
    computed the whole chain anew, and only an anchor tells.
    """

    records: int
    rows: int
    macs_checked: int | None
    head_hash: str
    findings: tuple[Finding, ...]


def check_chain(reader: Reader, audit_key: bytes | None, anchor: tuple[int, str] | None = None) -> ChainCheck:
    """Walk the chain from its first record, then compare every table with what the records say was written.

    Parameters
    ----------
    reader
        One state of the database.
    audit_key
        For the codes; None leaves them unchecked.
    anchor
        Number and hash of a record, from a file or a paper confirmation.

    Returns
    -------
    ChainCheck
        With every finding, in the order of the records.
    """
    findings: list[Finding] = []
    said: Written = {}
    previous, number, macs = GENESIS, 0, 0
    hash_of: dict[int, str] = {0: GENESIS}
    for entry in audit_entries(reader):
        number += 1
        problem = _broken_link(entry, number, previous, audit_key)
        if problem:
            findings.append(Finding(entry.number, problem))
        macs += entry.mac is not None
        number, previous = entry.number, entry.hash
        hash_of[number] = entry.hash
        payload = _payload(entry)
        if payload is None:
            findings.append(Finding(number, "its payload cannot be read"))
            continue
        said.update({(table, number): write for table, write in written_in(payload).items()})
    head_number, head_hash = audit_head(reader)
    if (head_number, head_hash) != (number, previous):
        findings.append(Finding(head_number, "the head does not point to the last record: the tail was cut"))
    if anchor is not None and hash_of.get(anchor[0]) != anchor[1]:
        findings.append(Finding(anchor[0], "the anchored record is not in the chain"))
    held, rows = _held(reader)
    findings.extend(_differences(said, held))
    findings.extend(
        Finding(number, f"the database's guard {name} is missing or changed")
        for name in trigger_drift(reader)
    )
    return ChainCheck(
        number, rows, None if audit_key is None else macs, head_hash, tuple(sorted(findings, key=_by_number))
    )


def _by_number(finding: Finding) -> int:
    return finding.number


def _broken_link(entry: AuditEntry, number: int, previous: str, audit_key: bytes | None) -> str:
    """The first thing wrong with one record; empty where it is whole."""
    if entry.number != number:
        return f"record {number} is missing"
    if entry.previous_hash != previous:
        return "it does not follow the record before it"
    if chain_hash(entry.previous_hash, entry.payload_text) != entry.hash:
        return "its payload was changed after it was written"
    payload = _payload(entry)
    if payload is not None and any(payload.get(name) != getattr(entry, name) for name in IDENTITY):
        return "its columns do not agree with its payload"
    if audit_key is not None and entry.mac is None:
        return "it has no code: it was written where the audit key was not"
    if audit_key is not None and entry.mac != chain_mac(audit_key, entry.hash):
        return "its code was not made with the audit key"
    return ""


def _payload(entry: AuditEntry) -> dict[str, Any] | None:
    try:
        payload = json.loads(entry.payload_text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) and isinstance(payload.get("writes"), dict) else None


def _held(reader: Reader) -> tuple[Written, int]:
    """What the tables hold, by the record that wrote it."""
    held: Written = {}
    total = 0
    present = set(inspect(reader).get_table_names())
    for table in Base.metadata.sorted_tables:
        if "audit_number" not in table.columns or table.name not in present:
            continue
        columns = recorded_columns(table)
        for number, rows in _by_record(reader, table, columns):
            held[table.name, number] = (len(rows), rows_digest(columns, rows))
            total += len(rows)
    return held, total


def _by_record(
    reader: Reader, table: Table, columns: tuple[str, ...]
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    query = select(table.c.audit_number, *(table.c[name] for name in columns)).order_by(table.c.audit_number)
    key = [columns.index(column.name) for column in table.primary_key.columns]
    with reader.execute(query.execution_options(yield_per=10_000)) as result:
        for number, group in groupby(result, key=lambda row: row[0]):
            rows = [tuple(stored(value) for value in row[1:]) for row in group]
            yield int(number), sorted(rows, key=lambda row: tuple(row[place] for place in key))


def _differences(said: Written, held: Written) -> Iterator[Finding]:
    for table, number in sorted({*said, *held}, key=lambda place: (place[1], place[0])):
        recorded, present = said.get((table, number)), held.get((table, number))
        if recorded == present:
            continue
        rows_said, rows_held = (recorded or (0, ""))[0], (present or (0, ""))[0]
        if rows_said == rows_held:
            yield Finding(number, f"a row of {table} was changed")
        else:
            yield Finding(number, f"{table} holds {rows_held} row(s) of it where {rows_said} were written")
