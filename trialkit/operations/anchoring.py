"""A database that is behind an anchor was restored, and randomizes nobody.

Each confirmation leaves the head of the audit trail in the anchor folder, which is backed up apart from the
database. A slot that was told to a clinic and then lost with the database would otherwise be given to
somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.lists import REENTER_ALLOCATION, RESUME_RANDOMIZATION, SUSPEND_RANDOMIZATION
from trialkit.operations.anchor_folder import HASH_BEGINS, anchor_name, is_anchor_name, is_told, record_of
from trialkit.operations.auditing import Anchor
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting, reading
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.errors import AuditError
from trialkit.store.reading.audit import facts_since_last, holds_record, record_hashes
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Suspended:
    """``behind``: the database lacks the anchor's record and randomizes nobody; else nothing was written."""

    behind: bool
    number: int
    stamp: AuditStamp | None


@dataclass(frozen=True, slots=True)
class Resumed:
    """How many anchors were ahead of the database and are settled now; what was entered again meanwhile.

    ``refused`` counts the attempts to enter a paper that did not fit.
    """

    settled: int
    reentered: int
    refused: int
    stamp: AuditStamp


def suspension(trial: Trial, reader: Reader) -> str | None:
    """Why nobody may be randomized: the trail lacks an anchor's record. None where it holds them."""
    missing = _missing(trial, reader)
    if not missing:
        return None
    _, link = record_of(missing[-1])
    return said(
        "the database does not hold the audit record whose hash begins {link}, which an anchor proves: "
        "it was restored",
        link=link[:HASH_BEGINS],
    )


def require_not_suspended(trial: Trial, reader: Reader) -> None:
    """Refuse to go on in a database that is behind an anchor.

    Raises
    ------
    OperationError
        It is.
    """
    why = suspension(trial, reader)
    if why is not None:
        raise OperationError(
            expected="a database that holds every allocation that was told",
            found=why,
            next_step="Re-enter the allocations from the paper confirmations, then resume.",
        )


def suspend_randomization(trial: Trial, actor: Actor, *, anchor: Anchor, reason: str) -> Suspended:
    """Hold an anchor that came from elsewhere against the database; suspend where it is behind.

    Parameters
    ----------
    anchor
        From a file of ``audit anchor``, or the two last lines of a paper confirmation.
    reason
        Where the anchor comes from, and what is thought to have happened.

    Returns
    -------
    Suspended
        Where the database holds the anchor nothing is suspended and nothing is written.

    Raises
    ------
    AccessError
        No right, signature or reason.
    AuditError
        The anchor is of another study, or no record has such a number or hash.
    """
    if anchor.study_id != trial.study.id or not is_anchor_name(anchor_name(anchor.number, anchor.hash)):
        raise AuditError(
            expected=said("an anchor of study {id}", id=trial.study.id),
            found="another one, or none",
            where="the anchor",
        )
    with reading(trial, actor, SUSPEND_RANDOMIZATION, reason=reason) as gate:
        if holds_record(gate.reader, anchor.hash):
            return Suspended(False, anchor.number, None)
    with acting(trial, actor, SUSPEND_RANDOMIZATION, reason=reason, exclusive=True) as progress:
        progress.state(anchor=anchor_name(anchor.number, anchor.hash))
        trial.anchors.declare(anchor.number, anchor.hash)  # before the record: to fail is to stay suspended
    return Suspended(True, anchor.number, progress.stamp)


def resume_randomization(trial: Trial, actor: Actor, *, reason: str, papers_missing: bool = False) -> Resumed:
    """Declare that every allocation on a paper confirmation is in the database again.

    Parameters
    ----------
    reason
        What was re-entered, and from where.
    papers_missing
        That papers cannot be found: the slots they spoke of go to other subjects.

    Raises
    ------
    AccessError, OperationError
        No right, signature or reason; nothing is suspended; fewer papers are in again than allocations left
        an anchor, and nobody said that papers are missing.
    """
    with acting(trial, actor, RESUME_RANDOMIZATION, reason=reason, exclusive=True) as progress:
        missing = _missing(trial, progress.reader)
        if not missing:
            raise OperationError(expected="a suspended randomization", found="one that is not")
        tries = facts_since_last(progress.reader, REENTER_ALLOCATION.name, RESUME_RANDOMIZATION.name)
        refused = sum("refused" in facts for facts in tries)
        reentered = len(tries) - refused
        if not papers_missing:
            _require_papers(missing, reentered)
        progress.state(anchors=missing, reentered=reentered, refused=refused, papers_missing=papers_missing)
    trial.anchors.settle(missing)
    return Resumed(len(missing), reentered, refused, progress.stamp)


def _require_papers(missing: list[str], reentered: int) -> None:
    """At least one paper for each anchor that an allocation left and the database lacks."""
    lost = sum(map(is_told, missing))
    if reentered < lost:
        raise OperationError(
            expected=said(
                "at least {lost} paper(s) entered again: so many anchors of allocations are missing",
                lost=lost,
            ),
            found=str(reentered),
            next_step="Find the others. If they are lost, say so (--papers-missing): others get their slots.",
        )


def _missing(trial: Trial, reader: Reader) -> list[str]:
    """Anchors whose record the database does not have, or has with another hash."""
    kept = trial.anchors.names()
    if not kept:
        return []
    present = record_hashes(reader, [record_of(name)[0] for name in kept])
    return [name for name in kept if present.get(record_of(name)[0]) != record_of(name)[1]]
