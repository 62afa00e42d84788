"""The proof over a list and the extensions that follow it, and which allocations it does not cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from trialkit.randomization.bundle import SealedBundle
from trialkit.randomization.commitment import Commitment, Reveal
from trialkit.randomization.design import RandomizationDesign
from trialkit.randomization.errors import CustodyFileError
from trialkit.randomization.list_mark import list_mark, list_opening
from trialkit.randomization.reveal import NOT_PROVED, Check, Verification, verify_reveal
from trialkit.randomization.schedule import generate_schedule


@dataclass(frozen=True, slots=True)
class Proof:
    """One verification a list, in order. ``not_covered`` counts allocations of lists that were not given.

    ``passed`` only where every check is and nothing is left out: a row under another list's name proves
    nothing.
    """

    designs: tuple[RandomizationDesign, ...]
    commitments: tuple[Commitment, ...]
    lists: tuple[Verification, ...]
    allocations: int
    not_covered: int
    other_schedules: tuple[str, ...]
    not_proved: tuple[str, ...] = NOT_PROVED

    @property
    def passed(self) -> bool:
        return self.lists_hold and not self.not_covered

    @property
    def lists_hold(self) -> bool:
        return all(found.passed for found in self.lists)


def prove(
    reveals: Sequence[Reveal],
    commitments: Sequence[Commitment],
    rows: Sequence[Mapping[str, Any]],
    bundles: Sequence[SealedBundle] = (),
) -> Proof:
    """Hold every given list against its commitment and its allocations.

    Parameters
    ----------
    reveals, commitments
        As many of one as of the other, in the order of the lists.
    rows
        As in :func:`verify_reveal`.
    bundles
        Sealed bundles, as first loaded or as sealed again after a lost key: each must bear the mark of the
        list that its seed gives. No key is needed, so the slots themselves stay closed: ``not_proved`` names
        each bundle that is not, byte for byte, the committed one.

    Raises
    ------
    CustodyFileError
        As :func:`verify_reveal`; or several lists and an export that does not say which list a row is of.
    """
    if len(reveals) > 1 and any(not row.get("schedule_id") for row in rows):
        raise CustodyFileError(
            expected="an export with schedule_id, where several lists are checked",
            found="a row without it",
            next_step="Export the allocations again.",
        )
    lists = [
        verify_reveal(reveal, rows, commitment)
        for reveal, commitment in zip(reveals, commitments, strict=True)
    ]
    for number, (before, after) in enumerate(pairwise(commitments), start=1):
        follows = Check(
            "the list follows the one before it",
            () if after.previous == before.value else ("its commitment names another list",),
        )
        lists[number] = replace(lists[number], checks=(*lists[number].checks, follows))
    if bundles:
        lists = [
            replace(found, checks=(*found.checks, _bundles_check(reveal, found.schedule_id, bundles)))
            for found, reveal in zip(lists, reveals, strict=True)
        ]
    own = {found.schedule_id for found in lists}
    named = [str(row.get("schedule_id", lists[0].schedule_id)) for row in rows]
    other = [name for name in named if name not in own]
    return Proof(
        tuple(reveal.design for reveal in reveals),
        tuple(commitments),
        tuple(lists),
        len(rows),
        len(other),
        tuple(sorted(set(other))),
        (*NOT_PROVED, *_unopened(bundles, commitments)),
    )


def _unopened(bundles: Sequence[SealedBundle], commitments: Sequence[Commitment]) -> tuple[str, ...]:
    """A mark is public: only the committed digest, or the key, tells whether the slots are the list."""
    committed = {commitment.bundle_digest for commitment in commitments}
    return tuple(
        f"that the slots of the bundle with digest {bundle.digest[:12]}, which is not the committed one, "
        "are this list: only its mark was read; whoever loads it with its key finds out"
        for bundle in bundles
        if bundle.digest not in committed
    )


def _bundles_check(reveal: Reveal, schedule_id: str, bundles: Sequence[SealedBundle]) -> Check:
    schedule = generate_schedule(reveal.design, reveal.seed)
    mark = list_mark(list_opening(reveal.seed, schedule_id), schedule.rows())
    own = [bundle for bundle in bundles if bundle.header.schedule_id == schedule_id]
    problems = [
        f"the bundle with digest {bundle.digest[:12]}" for bundle in own if bundle.header.list_mark != mark
    ]
    if not own:
        problems = ["none of the bundles is of this schedule"]
    return Check("each sealed bundle given bears the mark of this list", tuple(problems))
