"""What stands in a snapshot: its tables, their columns, and the hash of their clinical content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

Row = Mapping[str, str]

# Table -> (columns, how many of the first columns are its key). Factor columns follow those of `subjects`.
TABLES: dict[str, tuple[tuple[str, ...], int]] = {
    "subjects": (
        (
            "subject_id",
            "site",
            "status",
            "status_reason",
            "consent_date",
            "randomization_date",
            "stratum_randomized",
            "stratum_true",
        ),
        1,
    ),
    "visits": (("subject_id", "visit", "date", "status", "reason"), 2),
    "forms": (("subject_id", "visit", "form", "status", "reason"), 3),
    "values": (
        ("subject_id", "visit", "form", "row", "item", "value", "state", "missing_code"),
        5,
    ),
    "mistakes": (("subject_id", "kind", "detail", "duplicate_of"), 3),
    "review": (("subject_id", "analysis_set", "decision", "reason", "decided_by", "decided_at"), 2),
    "quality": (("measure", "value"), 1),
    "unblinding": (("audit_number", "signed_by", "signed_at", "reason"), 1),
    "allocations": (("subject_id", "planned_arm", "actual_arm"), 1),
}

# About the work, not about the subjects: the same trial typed with more errors is the same trial.
NOT_CLINICAL = frozenset({"quality", "unblinding"})

_REMEMBERED = 50_000  # different parts of keys


@dataclass(frozen=True)
class SnapshotContent:
    """What ``operations`` hands over the wall.

    Parameters
    ----------
    tables
        Table name -> rows of text, any order. ``allocations`` absent means a blinded snapshot.
    factors
        Stratification factors; ``subjects`` then carries ``<factor>_randomized`` and ``<factor>_true``.
    state
        ``"locked"`` after the database lock, else ``"draft"``.
    """

    study_id: str
    study_version: str
    study_sha256: str
    definition_text: str
    dictionary_text: str
    factors: tuple[str, ...]
    tables: Mapping[str, Sequence[Row]]
    state: Literal["locked", "draft"]
    taken_at: datetime
    audit_number: int
    audit_hash: str

    @property
    def blinded(self) -> bool:
        return "allocations" not in self.tables


def columns_of(table: str, factors: Sequence[str]) -> tuple[str, ...]:
    columns, _ = TABLES[table]
    if table != "subjects":
        return columns
    return (*columns, *(f"{f}_randomized" for f in factors), *(f"{f}_true" for f in factors))


def sorted_rows(table: str, rows: Sequence[Row], factors: Sequence[str]) -> list[list[str]]:
    """The rows as text lists in their one canonical order."""
    columns = columns_of(table, factors)
    key_length = TABLES[table][1]
    lines = [list(map(row.__getitem__, columns)) for row in rows]
    return sorted(lines, key=lambda line: ([_place(part) for part in line[:key_length]], line))


@lru_cache(_REMEMBERED)
def _place(part: str) -> tuple[int, str]:
    """Row numbers sort as numbers: line 10 of a form comes after line 9."""
    return (int(part), "") if part.isascii() and part.isdigit() else (-1, part)


def content_sha256(study_sha256: str, tables: Mapping[str, list[list[str]]]) -> str:
    """The hash of the clinical content: definition and tables, without ids, times of recording or salts."""
    digest = hashlib.sha256(b"trialkit snapshot content 1\n")
    digest.update(study_sha256.encode())
    for name in TABLES:
        if name in tables and name not in NOT_CLINICAL:
            text = json.dumps([name, tables[name]], ensure_ascii=True, separators=(",", ":"))
            digest.update(text.encode())
    return digest.hexdigest()
