"""What stands in a snapshot: its tables, their columns, and the hash of their clinical content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Literal

Row = Mapping[str, str]
Line = tuple[str, ...]

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
    "versions": (("number", "version", "sha256"), 1),
    "activations": (("site", "version", "effective_on", "approval"), 2),
    "item_versions": (("form", "item", "label", "from_version", "until_version"), 2),
}

# Tables of an amended study that say of each row which version of the study it was entered under.
UNDER_A_VERSION = frozenset({"forms", "values"})
STUDY_VERSION = "study_version"
VERSIONS = "versions"

# About the work, not about the subjects: the same trial typed with more errors is the same trial.
NOT_CLINICAL = frozenset({"quality", "unblinding"})


@dataclass(frozen=True)
class SnapshotContent:
    """What ``operations`` hands over the wall.

    Parameters
    ----------
    tables
        Table name -> rows of text, any order. ``allocations`` absent means a blinded snapshot.
    factors
        Stratification factors; ``subjects`` then carries ``<factor>_randomized`` and ``<factor>_true``.
    earlier
        File name -> text: the definitions of the versions before, of a study that was amended. Its tables
        then include ``versions``, and ``forms`` and ``values`` have a column ``study_version``.
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
    earlier: Mapping[str, str] = field(default_factory=dict)

    @property
    def blinded(self) -> bool:
        return "allocations" not in self.tables

    @property
    def amended(self) -> bool:
        return VERSIONS in self.tables

    def sorted_tables(self) -> dict[str, list[Line]]:
        """Every table in its one canonical order."""
        return {
            name: sorted_rows(name, rows, self.factors, amended=self.amended)
            for name, rows in self.tables.items()
        }


def columns_of(table: str, factors: Sequence[str], *, amended: bool = False) -> tuple[str, ...]:
    columns, _ = TABLES[table]
    if amended and table in UNDER_A_VERSION:
        return (*columns, STUDY_VERSION)
    if table != "subjects":
        return columns
    return (*columns, *(f"{f}_randomized" for f in factors), *(f"{f}_true" for f in factors))


def sorted_rows(
    table: str, rows: Sequence[Row], factors: Sequence[str], *, amended: bool = False
) -> list[Line]:
    """The texts of each row, in their one canonical order."""
    lines: list[Line] = list(map(itemgetter(*columns_of(table, factors, amended=amended)), rows))
    if not lines:
        return []
    places = [0] * len(lines)  # a key as one number, each of its parts a digit: sorted faster than tuples
    for parts in list(zip(*lines, strict=True))[: TABLES[table][1]]:
        rank = _ranks(set(parts))
        places = [place * len(rank) + rank[part] for place, part in zip(places, parts, strict=True)]
    return [line for _, line in sorted(zip(places, lines, strict=True))]


def _ranks(parts: Collection[str]) -> dict[str, int]:
    """The place of each part of a key among all; numbers written differently share one."""
    of_place = {place: rank for rank, place in enumerate(sorted(set(map(_place, parts))))}
    return {part: of_place[_place(part)] for part in parts}


def _place(part: str) -> tuple[int, str]:
    """Row numbers sort as numbers: line 10 of a form comes after line 9."""
    return (int(part), "") if part.isascii() and part.isdigit() else (-1, part)


def content_sha256(study_sha256: str, tables: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """The hash of the clinical content: definition and tables, without ids, times of recording or salts."""
    digest = hashlib.sha256(b"trialkit snapshot content 1\n")
    digest.update(study_sha256.encode())
    for name in TABLES:
        if name in tables and name not in NOT_CLINICAL:
            text = json.dumps([name, tables[name]], ensure_ascii=True, separators=(",", ":"))
            digest.update(text.encode())
    return digest.hexdigest()
