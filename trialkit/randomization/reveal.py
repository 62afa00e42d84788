"""The proof, years later: the list that was used is the list that was committed to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from trialkit.randomization.commitment import Commitment, Reveal
from trialkit.randomization.errors import CustodyFileError
from trialkit.randomization.files import read_custody_file
from trialkit.randomization.schedule import generate_schedule
from trialkit.strict_csv import NamedRows
from trialkit.wording import said

NOT_PROVED = (
    "that the list maker drew only one seed, and did not choose among several lists before committing",
    "that nobody who enrolled participants was shown the list, the seed or the key",
    "that the stratum values entered at randomization were true",
    "that the export holds every allocation: hold their number against the randomization report",
)
_REQUIRED = ("subject_id", "stratum", "sequence_number", "arm")


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of the evidence; ``problems`` name slots and subjects, never an arm."""

    question: str
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Verification:
    """Every check with its answer, how much was checked, and what this does not prove."""

    checks: tuple[Check, ...]
    allocations_checked: int
    allocations_of_other_schedules: int
    schedule_id: str
    not_proved: tuple[str, ...] = NOT_PROVED

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class _Allocation:
    subject_id: str
    stratum: str
    sequence_number: int
    arm: str
    allocated_at: datetime | None

    @property
    def place(self) -> tuple[str, int]:
        return self.stratum, self.sequence_number


def verify_reveal(
    reveal: Reveal,
    allocations: Iterable[Mapping[str, Any]],
    commitment: Commitment,
) -> Verification:
    """Hold the revealed list against the commitment and against what was allocated; needs no database.

    Parameters
    ----------
    reveal
        The opened seed file (:func:`unlock_seed`) or a reveal file (:meth:`Reveal.from_json`).
    allocations
        One mapping an allocation, with ``subject_id``, ``stratum``, ``sequence_number`` and ``arm``; where
        ``schedule_id`` is there, rows of other schedules are counted and left out; where ``allocated_at``
        (ISO 8601; all with a time zone, or none) is there, slots must have been taken in order of time. A
        data frame is passed as ``frame.to_dict("records")``; :func:`read_allocations` reads a CSV export.
    commitment
        The public commitment, from where it was published.

    Returns
    -------
    Verification
        ``passed`` only where every check is; problems name places, never arms.

    Raises
    ------
    CustodyFileError
        A row lacks a column, or has a sequence number or time that cannot be read.

    Degenerate cases
    ----------------
    No allocation: the checks on reveal and commitment still count.
    """
    schedule = generate_schedule(reveal.design, reveal.seed)
    rows = list(allocations)
    own = [row for row in rows if str(row.get("schedule_id", schedule.schedule_id)) == schedule.schedule_id]
    taken = [_allocation(row, number) for number, row in enumerate(own, start=1)]
    arms = {(slot.stratum, slot.sequence_number): slot.arm for slot in schedule.rows()}
    redeemed = reveal.commitment()
    same_list = schedule.digest == reveal.schedule_digest
    checks = (
        _asked("the reveal redeems the published commitment", redeemed == commitment, "another commitment"),
        _asked("the list follows from design and seed", same_list, "another schedule digest"),
        Check("every allocation took a slot of the list", _places(a for a in taken if a.place not in arms)),
        Check(
            "every arm is the one in the list",
            _places(a for a in taken if a.place in arms and arms[a.place] != a.arm),
        ),
        Check("no slot was used twice", _repeated(f"{a.stratum}/{a.sequence_number}" for a in taken)),
        Check("no subject has two slots", _repeated(str(row.get("subject_id")) for row in rows)),
        Check("each stratum was used from its first slot without a gap", _gaps(taken)),
        Check("slots were taken in order of time", _out_of_order(taken)),
    )
    return Verification(checks, len(taken), len(rows) - len(own), schedule.schedule_id)


def read_allocations(path: Path | str) -> list[dict[str, str]]:
    """The rows of an allocation export (CSV with a header line, UTF-8).

    Raises
    ------
    CustodyFileError
        The file cannot be read, or its header line lacks a column: any other file would prove nothing.
    CsvFormatError
        A quote that is not closed.
    """
    text = read_custody_file(path).removeprefix("\ufeff")
    table = NamedRows(text, str(path))
    missing = [name for name in _REQUIRED if name not in (table.fieldnames or ())]
    if missing:
        raise CustodyFileError(
            expected=said("an allocation export with the columns {required}", required=", ".join(_REQUIRED)),
            found=said("no {missing} in its first line", missing=missing[0]),
            where=str(path),
            next_step="Export the allocations: trialkit randomize export.",
        )
    return list(table)


def _allocation(row: Mapping[str, Any], number: int) -> _Allocation:
    missing = [name for name in _REQUIRED if row.get(name) in (None, "")]
    sequence_number = str(row.get("sequence_number", ""))
    if missing or not (sequence_number.isascii() and sequence_number.isdigit()):
        raise CustodyFileError(
            expected=said("an allocation with {required}", required=", ".join(_REQUIRED)),
            found=said("no {missing}", missing=missing[0])
            if missing
            else "a sequence number that is not a whole number",
            where=said("allocation {number}", number=number),
            next_step="Export the allocations again.",
        )
    return _Allocation(
        str(row["subject_id"]),
        str(row["stratum"]),
        int(sequence_number),
        str(row["arm"]),
        _moment(row.get("allocated_at"), number),
    )


def _moment(text: object, number: int) -> datetime | None:
    if text in (None, ""):
        return None
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as problem:
        raise CustodyFileError(
            expected="allocated_at in ISO 8601",
            found=repr(text),
            where=said("allocation {number}", number=number),
            next_step="Export the allocations again.",
        ) from problem


def _asked(question: str, passed: bool, problem: str) -> Check:
    return Check(question, () if passed else (problem,))


def _places(allocations: Iterable[_Allocation]) -> tuple[str, ...]:
    return tuple(f"subject {a.subject_id} at {a.stratum}/{a.sequence_number}" for a in allocations)


def _repeated(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name, count in Counter(names).items() if count > 1))


def _gaps(taken: Sequence[_Allocation]) -> tuple[str, ...]:
    used: dict[str, set[int]] = defaultdict(set)
    for allocation in taken:
        used[allocation.stratum].add(allocation.sequence_number)
    return tuple(
        f"{stratum}/{number}"
        for stratum, numbers in sorted(used.items())
        for number in range(1, max(numbers))
        if number not in numbers
    )


def _out_of_order(taken: Sequence[_Allocation]) -> tuple[str, ...]:
    timed = [(a.stratum, a.sequence_number, a.allocated_at, a) for a in taken if a.allocated_at is not None]
    if len({when.tzinfo is None for _, _, when, _ in timed}) > 1:
        raise CustodyFileError(
            expected="allocated_at with a time zone everywhere, or nowhere",
            found="both",
            next_step="Export the allocations again.",
        )
    ordered = sorted(timed, key=lambda entry: entry[:2])
    return _places(
        later
        for (stratum, _, before, _), (same, _, after, later) in pairwise(ordered)
        if stratum == same and after < before
    )
