"""Walking the audit chain, and holding what it says against what the tables hold."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Table, inspect, select, type_coerce
from sqlalchemy.types import NullType

from trialkit.store import live_forms
from trialkit.store.audit_chain import (
    GENESIS,
    IDENTITY,
    chain_hash,
    chain_mac,
    rows_digest,
    stored,
    written_in,
)
from trialkit.store.direct import rows_in_parts
from trialkit.store.engine import Reader
from trialkit.store.models import AuditHead, AuditTransaction, Base, Redaction
from trialkit.store.reading.audit import AuditEntry, audit_entries
from trialkit.store.reading.redactions import PRIMARY_KEYS, Redactions, redactions
from trialkit.store.redacted_records import RedactedPlace, holds_a_text, problem_of
from trialkit.store.rows import holds_plain_values, recorded_columns
from trialkit.store.schema_drift import schema_drift
from trialkit.store.stored_types import odd_values, readable_texts
from trialkit.store.triggers import trigger_drift

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RecursionError)
"""What damaged content makes of reading it."""

_HASH = re.compile("[0-9a-f]{64}")

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
    redactions: tuple[tuple[int, int, int], ...] = ()  # by which record, places, records they stand in


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
    with readable_texts(reader):
        drift = schema_drift(reader)
        whole = _whole_tables(reader)
        redacted = redactions(reader) if Redaction.__tablename__ in whole else {}
        walk = _Walk(audit_key, redacted)
        if AuditTransaction.__tablename__ in whole:
            for entry in audit_entries(reader):
                walk.take(entry)
        walk.end(_head(reader) if AuditHead.__tablename__ in whole else None, anchor)
        findings = [*walk.findings, *(Finding(*odd) for odd in odd_values(reader, whole))]
        held, rows = _held(reader, whole, findings)
        if {table.name for table in live_forms.TABLES} <= whole:
            findings.extend(Finding(walk.number, problem) for problem in live_forms.differences(reader))
    findings.extend(_differences(walk.said, held))
    findings.extend(
        Finding(walk.number, f"the database's guard {name} is missing or changed")
        for name in trigger_drift(reader)
    )
    findings.extend(Finding(walk.number, f"the database's {problem}") for problem in drift)
    codes = None if audit_key is None else walk.macs
    return ChainCheck(
        walk.number,
        rows,
        codes,
        walk.previous,
        tuple(sorted(findings, key=_by_number)),
        _redactions_counted(redacted),
    )


def _redactions_counted(redacted: Redactions) -> tuple[tuple[int, int, int], ...]:
    places: dict[int, int] = defaultdict(int)
    records: dict[int, set[int]] = defaultdict(set)
    for record, found in redacted.items():
        for one in found:
            places[one.by] += holds_a_text(one.place)
            records[one.by].add(record)
    return tuple((by, places[by], len(records[by])) for by in sorted(places))


class _Walk:
    """The chain from its first record on: what was found wrong, and what each record says was written."""

    def __init__(self, audit_key: bytes | None, redacted: Redactions) -> None:
        self.findings: list[Finding] = []
        self.said: Written = {}
        self.number, self.previous, self.macs = 0, GENESIS, 0
        self._audit_key = audit_key
        self._redacted = redacted
        self._hash_of: dict[int, str] = {0: GENESIS}

    def take(self, entry: AuditEntry) -> None:
        payload, redacted = _payload(entry), self._redacted.get(entry.number, ())
        problem = _broken_link(entry, payload, self.number + 1, self.previous, self._audit_key, redacted)
        if problem:
            self.findings.append(Finding(entry.number, problem))
        self.macs += entry.mac is not None
        self.number, self.previous = entry.number, entry.hash
        self._hash_of[self.number] = entry.hash
        try:
            written = {} if payload is None else written_in(payload)
        except UNREADABLE:
            payload = None
        if payload is None:
            self.findings.append(Finding(self.number, "its payload cannot be read"))
            return
        self.said.update({(str(table), self.number): write for table, write in written.items()})

    def end(self, head: tuple[int, str] | None, anchor: tuple[int, str] | None) -> None:
        if head != (self.number, self.previous):
            place = head[0] if head and isinstance(head[0], int) else self.number
            self.findings.append(
                Finding(place, "the head does not point to the last record: the tail was cut")
            )
        if anchor is not None and anchor[1] not in self._hash_of.values():
            # by its hash alone: whoever is blinded had the number that it has in their own trail
            self.findings.append(Finding(anchor[0], "the anchored record is not in the chain"))


def _head(reader: Reader) -> tuple[int, str] | None:
    """Number and hash that the head names; None where there is not one head."""
    rows = reader.execute(select(AuditHead.number, AuditHead.hash)).all()
    return (rows[0][0], rows[0][1]) if len(rows) == 1 else None


def _whole_tables(reader: Reader) -> frozenset[str]:
    """Tables that are there with every column: the others cannot be read, and the drift names them."""
    inspector = inspect(reader)
    present = set(inspector.get_table_names())
    return frozenset(
        table.name
        for table in Base.metadata.sorted_tables
        if table.name in present
        and {column.name for column in table.columns}
        <= {column["name"] for column in inspector.get_columns(table.name)}
    )


def _by_number(finding: Finding) -> int:
    return finding.number


def _broken_link(
    entry: AuditEntry,
    payload: Mapping[str, Any] | None,
    number: int,
    previous: str,
    audit_key: bytes | None,
    redacted: Collection[RedactedPlace],
) -> str:
    """The first thing wrong with one record; empty where it is whole."""
    texts = (getattr(entry, name) for name in AuditEntry.__slots__ if name not in ("number", "mac", "site"))
    optional = (text for text in (entry.mac, entry.site) if text is not None)
    if not all(isinstance(text, str) for text in (*texts, *optional)):
        return "one of its columns is no text"
    if not all(_HASH.fullmatch(link) for link in (entry.previous_hash, entry.hash)):
        return "one of its hashes is none"
    if entry.number != number:
        return f"record {number} is missing"
    if entry.previous_hash != previous:
        return "it does not follow the record before it"
    changed = _changed(entry, redacted)
    if changed:
        return changed
    if payload is not None and any(payload.get(name) != getattr(entry, name) for name in IDENTITY):
        return "its columns do not agree with its payload"
    if audit_key is not None and entry.mac is None:
        return "it has no code: it was written where the audit key was not"
    if audit_key is not None and entry.mac != chain_mac(audit_key, entry.hash):
        return "its code was not made with the audit key"
    return ""


def _changed(entry: AuditEntry, redacted: Collection[RedactedPlace]) -> str:
    """Whether the payload is another than was hashed: with a redaction, than the redaction's record says."""
    if not redacted:
        whole = chain_hash(entry.previous_hash, entry.payload_text) == entry.hash
        return "" if whole else "its payload was changed after it was written"
    if any(one.by <= entry.number for one in redacted):
        return "it is said to be redacted by a record that was there before it"
    try:
        return problem_of(entry.payload_text, redacted, PRIMARY_KEYS)
    except UNREADABLE:
        return "its payload cannot be read"


def _payload(entry: AuditEntry) -> dict[str, Any] | None:
    try:
        payload = json.loads(entry.payload_text)
    except UNREADABLE:
        return None
    return payload if isinstance(payload, dict) and isinstance(payload.get("writes"), dict) else None


def _held(reader: Reader, whole: Collection[str], findings: list[Finding]) -> tuple[Written, int]:
    """What the tables hold, by the record that wrote it; a table that cannot be read becomes a finding."""
    held: Written = {}
    total = 0
    for table in Base.metadata.sorted_tables:
        if "audit_number" not in table.columns or table.name not in whole:
            continue
        columns = recorded_columns(table)
        try:
            with closing(_by_record(reader, table, columns)) as records:
                for number, rows in records:
                    held[table.name, number] = (len(rows), _digest(table, columns, rows))
                    total += len(rows)
        except UNREADABLE:
            findings.append(Finding(0, f"{table.name} holds values that cannot be read"))
    return held, total


def _by_record(
    reader: Reader, table: Table, columns: tuple[str, ...]
) -> Generator[tuple[int, list[tuple[Any, ...]]], None, None]:
    plain = [type_coerce(table.c[name], NullType()) for name in ("audit_number", *columns)]  # as it is stored
    query = select(*plain).order_by(table.c.audit_number)
    key = [columns.index(column.name) for column in table.primary_key.columns]
    with closing(rows_in_parts(reader, query)) as every:
        for number, group in groupby(every, key=itemgetter(0)):
            yield int(number), sorted((row[1:] for row in group), key=itemgetter(*key))


def _digest(table: Table, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    if holds_plain_values(table):
        with suppress(TypeError):  # bytes that somebody put there
            return rows_digest(columns, rows)
    return rows_digest(columns, [tuple(map(stored, row)) for row in rows])


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
