"""The audit record as exact text, its hash and its code: pure, and all that `verify` needs to know."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = 2
"""Since 2 a payload has a salt, so that a text taken out of it cannot be guessed by its hash."""

GENESIS = hashlib.sha256(b"trialkit audit chain 1\n").hexdigest()
"""What stands in place of a previous hash in the first record."""

IDENTITY = (
    "number",
    "at",
    "account",
    "role",
    "site",
    "authentication",
    "os_user",
    "host",
    "operation",
    "reason",
)
"""Fields of a record that stand in the payload and, for searching, in columns of their own."""

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class AuditStamp:
    """The record an act left: its number, its hash, and when (UTC, ISO 8601)."""

    number: int
    hash: str
    at: str


@dataclass(frozen=True, slots=True)
class TableWrite:
    """The rows an act added to one table, sorted by primary key; bytes as hexadecimal text."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def digest(self) -> str:
        return rows_digest(self.columns, self.rows)


def canonical(value: object) -> str:
    """JSON with one spelling; keys sorted, no space."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def stored(value: object) -> object:
    """A column's value as it stands in a payload; yes and no are 1 and 0, as SQLite keeps them."""
    if isinstance(value, bool):
        return int(value)
    return value.hex() if isinstance(value, bytes) else value


def rows_digest(columns: Sequence[str], rows: Iterable[Row]) -> str:
    return _sha256(canonical([list(columns), list(rows)]))


def _digest_of_stored(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """The same of a payload's rows; only older payloads say true and false."""
    text = canonical([list(columns), list(rows)])
    if "true" in text or "false" in text:
        return rows_digest(columns, [[stored(value) for value in row] for row in rows])
    return _sha256(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def payload_of(
    identity: Mapping[str, Any],
    facts: Mapping[str, Any],
    writes: Mapping[str, TableWrite],
    digested: Iterable[str],
    salt: str,
) -> str:
    """The exact text of a record.

    Parameters
    ----------
    identity
        The fields of ``IDENTITY``.
    facts
        What the act was about, for readers: subject, visit, item, old and new value.
    writes
        Table -> rows added.
    digested
        Tables of which only count and digest are put in: secrets, and texts with a hash of their own.
    salt
        Random text of this record alone.
    """
    tables = {
        name: (
            {"count": len(write.rows), "sha256": write.digest}
            if name in set(digested)
            else {"columns": list(write.columns), "rows": write.rows}
        )
        for name, write in writes.items()
    }
    return canonical({"format": FORMAT, **identity, "facts": dict(facts), "writes": tables, "salt": salt})


def chain_hash(previous_hash: str, payload_text: str) -> str:
    """SHA-256 (hex) over the previous hash and the exact payload text."""
    return hashlib.sha256(f"{previous_hash}\n{payload_text}".encode()).hexdigest()


def chain_mac(audit_key: bytes, link_hash: str) -> str:
    """HMAC-SHA256 (hex) of a link: whoever lacks the key can rewrite the chain, but not this."""
    return hmac.digest(audit_key, link_hash.encode("ascii"), "sha256").hex()


def written_in(payload: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Table -> how many rows the payload says were written, and their digest."""
    found = {}
    for name, write in payload["writes"].items():
        if "sha256" in write:
            found[name] = (int(write["count"]), str(write["sha256"]))
        else:
            found[name] = (len(write["rows"]), _digest_of_stored(write["columns"], write["rows"]))
    return found
