"""What ``study check`` reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: statements that exclude each other, something left unsaid, something "
    "to know."""

    CONTRADICTION = "contradiction"
    GAP = "gap"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a definition that the people who wrote the protocol have to settle.

    ``where`` names tables of ``study.toml``; nothing is ever corrected on their behalf.
    """

    code: str
    severity: Severity
    title: str
    detail: str
    where: tuple[str, ...]
    next_step: str
