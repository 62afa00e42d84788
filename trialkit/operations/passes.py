"""Entering forms: single ones become final at once, double ones when the second pass is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from trialkit.access import Act, Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.entry.checking import CheckedEntry, Flag, FormEntry
from trialkit.entry.errors import EntryError
from trialkit.errors.base import TrialkitError
from trialkit.operations.batches import Terms, admitted, read_batch
from trialkit.operations.challenges import answered_challenges, challenge_entries
from trialkit.operations.flags import FlagStage, keep_flags
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.imported_again import file_seen_before, told_if_in_already
from trialkit.operations.pass_writer import PassWriter
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp


@dataclass(frozen=True, slots=True)
class PassesEntered:
    """What one batch added, and what it left to look at."""

    forms: int
    single: int
    first_passes: int
    second_passes: int
    discrepancies: int
    unmatched_rows: int
    flags: tuple[Flag, ...]
    stamp: AuditStamp
    notes: tuple[str, ...] = ()  # of an import: what was passed over or converted
    refused: tuple[TrialkitError, ...] = ()  # of an import in part: what was said of the rows left out
    in_already: int = 0  # forms that an import in part found in as the file has them
    parts: int = 1  # acts that a large import was taken in; ``stamp`` is of the last


NO_STAMP = AuditStamp(0, "", "")
"""Of an act that is not committed yet."""


def enter_pass(
    trial: Trial,
    actor: Actor,
    *,
    entry: FormEntry,
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
) -> PassesEntered:
    """Enter one form; as :func:`enter_passes` with a batch of one."""
    return enter_passes(
        trial,
        actor,
        entries=[entry],
        confirmed=confirmed,
        confirmed_by=confirmed_by,
        second_person=second_person,
    )


def enter_passes(
    trial: Trial,
    actor: Actor,
    *,
    entries: Sequence[FormEntry],
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
) -> PassesEntered:
    """Enter a batch of forms in one transaction with one audit record: all of them, or none.

    Parameters
    ----------
    entries
        Each form at most once. Whether an entry is pass 1 or 2 follows from what is there already.
    confirmed
        The investigator has confirmed the values: needed for single-entry forms, which become final at once.
    confirmed_by
        The login of the investigator at the site who did, who is named in the audit trail; None: the actor,
        who is one.
    second_person
        Proved by password, and not the typist: needed for a single-entry form with a critical item where
        ``[capture]`` of the study says so.

    Returns
    -------
    PassesEntered
        With counts, discrepancies found by second passes, and flags (out of range, required but blank):
        flagged values are taken.

    Raises
    ------
    EntryError
        A text that cannot be a value, an unknown subject, form, visit or item; nothing was written.
    ChallengedError
        In a study that verifies second entries: a value differs from the other entry, and the typist has
        neither typed it again nor said that she keeps it. That she was told is on record.
    PassError
        All passes are there, or this account made the other one.
    AccessError, OperationError, StoreError
        No right at a site; values confirmed by nobody who is named, or by no investigator; a locked study.
    """
    return write_batch(
        trial,
        actor,
        ENTER_PASSES,
        entries=entries,
        terms=Terms(confirmed, confirmed_by, second_person),
    )


def write_batch(
    trial: Trial, actor: Actor, act: Act, *, entries: Sequence[FormEntry], terms: Terms
) -> PassesEntered:
    """A batch typed here, or in a file whose declared typist then counts as who made the pass.

    Raises
    ------
    As :func:`enter_passes`.
    """
    if not entries:
        raise EntryError(expected="at least one form", found="none")
    batch = read_batch(trial, actor, act, entries)  # before the transaction: nobody waits for it
    source = terms.source
    if source is None:
        challenge_entries(trial, actor, batch.checked)
    with acting_or_rehearsing(trial, actor, act, terms) as progress:
        checked = admitted(progress, batch, terms)
        notes = () if source is None or source.scans else file_seen_before(progress, source, checked)
        with told_if_in_already(progress, source, checked, notes, partial=terms.partial):
            entered = write_checked(progress, checked, terms)
    return replace(entered, stamp=NO_STAMP if terms.rehearsed else progress.stamp, notes=notes)


class _TakenBackError(Exception):
    """Ends the transaction of a rehearsal: nothing of it is written."""


@contextmanager
def acting_or_rehearsing(trial: Trial, actor: Actor, act: Act, terms: Terms) -> Iterator[OpenAct]:
    """One act; of a rehearsal all that it asks and refuses, and then nothing of it."""
    with suppress(_TakenBackError), acting(trial, actor, act) as progress:
        yield progress
        if terms.rehearsed:
            raise _TakenBackError


def write_checked(progress: OpenAct, checked: Sequence[CheckedEntry], terms: Terms) -> PassesEntered:
    """The rows of what was admitted, in an act in progress; its record is not there yet."""
    source = terms.source
    typist = progress.actor.account if source is None else source.typist
    answered = answered_challenges(progress, checked) if source is None else {}
    writer = PassWriter(progress.trial, progress, progress.actor, typist, source, answered)
    result = writer.write_all(checked, confirmed=terms.confirmed)
    for one in checked:
        keep_flags(progress, one.entry.key, FlagStage.ENTERED, one.flags)
    subjects = len({one.entry.subject_id for one in checked})
    progress.state(forms=len(checked), subjects=subjects, typist=typist, **result)
    if result["single"]:
        progress.state(confirmed_by=terms.confirmed_by or progress.actor.account)
    if source is not None:
        progress.state(**source.told)
    return PassesEntered(
        forms=len(checked),
        flags=tuple(flag for one in checked for flag in one.flags),
        stamp=NO_STAMP,
        single=result["single"],
        first_passes=result["first_passes"],
        second_passes=result["second_passes"],
        discrepancies=result["discrepancies"],
        unmatched_rows=result["unmatched_rows"],
    )
