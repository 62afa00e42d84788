"""Mistakes at a randomization: kept beside it with a reason, never undone; no slot is used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_MISTAKES
from trialkit.access.acts.subjects import RECORD_MISTAKE
from trialkit.operations.custody import seal_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting, reading, unknown_subject
from trialkit.operations.trial import Trial
from trialkit.randomization import AllocationKey, SealedSlot
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import AllocationMistake, ReceivedAgain
from trialkit.store.reading.allocations import MistakeState, mistakes, received_place
from trialkit.store.reading.subjects import SubjectState
from trialkit.wording import said


class MistakeKind(StrEnum):
    """``wrong_stratum``: the true values are those of the final record, corrected by an act of its own."""

    WRONG_STRATUM = "wrong_stratum"
    INELIGIBLE = "ineligible"
    DUPLICATE = "duplicate"
    WRONG_TREATMENT = "wrong_treatment"


@dataclass(frozen=True, slots=True)
class MistakeRecorded:
    subject_id: str
    kind: MistakeKind
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class MistakeListed:
    """``duplicate_of`` is None too where the first number is of a site that the actor is not shown."""

    subject_id: str
    site: str
    kind: MistakeKind
    reason: str
    duplicate_of: str | None


def list_mistakes(trial: Trial, actor: Actor) -> list[MistakeListed]:
    """What went wrong at randomizations of the subjects this actor is shown, as it was recorded.

    To the blinded no wrong treatment; to nobody which treatment was given.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_MISTAKES) as gate:
        people = gate.subjects()
        return [
            MistakeListed(
                one.subject_id,
                people[one.subject_id].site,
                MistakeKind(one.kind),
                one.detail,
                one.duplicate_of if one.duplicate_of in people else None,
            )
            for one in gate.mistakes()
            if one.subject_id in people
        ]


def record_mistake(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    kind: MistakeKind,
    reason: str,
    duplicate_of: str | None = None,
    received_arm: str | None = None,
) -> MistakeRecorded:
    """Record what went wrong at a randomization.

    Parameters
    ----------
    subject_id
        Randomized.
    kind
        What it was; each kind at most once a subject, but for a wrong treatment whose key was lost.
    reason
        What happened, in words that name no arm: it is shown to blinded readers.
    duplicate_of
        With ``DUPLICATE``: the number this person had first, which is kept.
    received_arm
        With ``WRONG_TREATMENT``: the arm whose treatment was really given; stored sealed.

    Raises
    ------
    AccessError, OperationError
        No right or reason; not randomized, recorded already, or a detail that does not go with the kind; a
        first number that was randomized later or is itself a second one; a reason that names an arm.
    """
    _check_details(trial, subject_id, kind, duplicate_of, received_arm)
    touched = [subject_id, *([duplicate_of] if duplicate_of else [])]
    with acting(
        trial, actor, RECORD_MISTAKE, reason=reason, plain_words=kind is MistakeKind.WRONG_TREATMENT
    ) as progress:
        states = progress.known_subjects(touched)
        for touched_id in touched:
            if not states[touched_id].allocated:
                raise OperationError(
                    expected="a randomized subject", found="one who is not", where=touched_id
                )
        known = mistakes(progress.reader, trial.study.id)
        earlier = [entry for entry in known if (entry.subject_id, entry.kind) == (subject_id, kind.value)]
        if duplicate_of is not None:
            _require_first(states[duplicate_of], states[subject_id], known)
        if earlier:
            _state_again(trial, progress, earlier[0], received_arm, reason)
        else:
            _write(trial, progress, subject_id, kind, reason, duplicate_of, received_arm)
        progress.state(subject=subject_id, kind=kind.value, duplicate_of=duplicate_of)
    return MistakeRecorded(subject_id, kind, progress.stamp)


def _check_details(
    trial: Trial, subject_id: str, kind: MistakeKind, duplicate_of: str | None, received_arm: str | None
) -> None:
    if (kind is MistakeKind.DUPLICATE) != (duplicate_of is not None):
        raise OperationError(
            expected="the first number with a duplicate, and only there", found="another combination",
            where=subject_id,
        )  # fmt: skip
    if (kind is MistakeKind.WRONG_TREATMENT) != (received_arm is not None):
        raise OperationError(
            expected="the treatment received with a wrong treatment, and only there",
            found="another combination",
            where=subject_id,
        )
    if duplicate_of == subject_id:
        raise unknown_subject(subject_id, "the first number")
    if received_arm is not None and received_arm not in {arm.name for arm in trial.study.arms}:
        raise OperationError(expected="an arm of the study", found="a name that is none", where=subject_id)


def _require_first(first: SubjectState, second: SubjectState, known: Sequence[MistakeState]) -> None:
    """The number that is kept is the one randomized first, and no second number of somebody else."""
    if any((entry.subject_id, entry.kind) == (first.subject_id, "duplicate") for entry in known):
        raise OperationError(
            expected="the first number of the person",
            found=said("{subject_id}, which is a second number itself", subject_id=first.subject_id),
            where=second.subject_id,
            next_step="Name the number that one is a duplicate of.",
        )
    if first.allocated_at and second.allocated_at and first.allocated_at > second.allocated_at:
        raise OperationError(
            expected="the number that was randomized first",
            found=said("{subject_id}, which was randomized later", subject_id=first.subject_id),
            where=second.subject_id,
            next_step="The first is kept: record the mistake at the other number.",
        )


def _write(
    trial: Trial,
    progress: OpenAct,
    subject_id: str,
    kind: MistakeKind,
    reason: str,
    duplicate_of: str | None,
    received_arm: str | None,
) -> None:
    sealed, key = None, None
    if received_arm is not None:
        key, sealed = _sealed(trial, subject_id, received_arm)
    progress.add(
        AllocationMistake,
        id=next(progress.next_ids(AllocationMistake)),
        subject_id=subject_id,
        kind=kind.value,
        detail=reason.strip(),
        duplicate_of=duplicate_of,
        key_id=key.key_id if key else None,
        nonce=sealed.nonce if sealed else None,
        sealed=sealed.sealed if sealed else None,
    )


def _state_again(
    trial: Trial, progress: OpenAct, earlier: MistakeState, received_arm: str | None, reason: str
) -> None:
    """The treatment of a record whose key was lost; any other record stands as it is."""
    lost = earlier.received is not None and not trial.keys.holds(earlier.received.key_id)
    if received_arm is None or not lost:
        raise OperationError(
            expected=said("no {kind} recorded for the subject yet", kind=earlier.kind),
            found="one",
            where=earlier.subject_id,
        )
    key, sealed = _sealed(trial, earlier.subject_id, received_arm)
    progress.add(
        ReceivedAgain,
        id=next(progress.next_ids(ReceivedAgain)),
        mistake=earlier.id,
        key_id=key.key_id,
        nonce=sealed.nonce,
        sealed=sealed.sealed,
        reason=reason.strip(),
    )
    progress.state(stated_again="the key of the record was lost")


def _sealed(trial: Trial, subject_id: str, arm: str) -> tuple[AllocationKey, SealedSlot]:
    """A treatment received, under a key of its own that is kept in the key folder."""
    key = AllocationKey.draw()
    trial.keys.keep(key)
    return key, seal_arm(key, received_place(subject_id, trial.study.id), arm)
