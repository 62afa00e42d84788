"""The frame of every act: its right is checked, the study is held, and it is written as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from trialkit.access import AccessError, Actor, Authentication, act_named, check_right
from trialkit.entry.errors import EntryError
from trialkit.operations.trial import Trial
from trialkit.store.engine import Reader
from trialkit.store.ledger import Transaction, transaction
from trialkit.store.reading.accounts import grants_of
from trialkit.store.reading.study import study_standing
from trialkit.store.reading.subjects import SubjectState, subjects


@contextmanager
def acting(
    trial: Trial,
    actor: Actor,
    act: str,
    *,
    sites: Collection[str] = (),
    reason: str = "",
    exclusive: bool = False,
) -> Iterator[Transaction]:
    """One act of one actor, in one transaction, after its right was checked.

    ``exclusive`` keeps every other writer out: for setting and lifting the lock.
    """
    with transaction(
        trial.store,
        trial.clock,
        actor,
        act,
        reason=reason.strip(),
        audit_key=trial.keys.audit_key,
    ) as progress:
        progress.lock_study(exclusive=exclusive)
        authorize(trial, progress.reader, actor, act, sites=sites, reason=reason)
        yield progress


def authorize(
    trial: Trial,
    reader: Reader,
    actor: Actor,
    act: str,
    *,
    sites: Collection[str] = (),
    reason: str = "",
) -> None:
    """Refuse an act this actor may not do here.

    Raises
    ------
    AccessError
        As :func:`trialkit.access.check_right` says, signature included; or simulated people in a real
        study.
    """
    if actor.authentication is Authentication.SIMULATED and not trial.study.demonstration:
        raise AccessError(
            expected="people who exist, in a study that is no demonstration",
            found="a simulated account",
            next_step="Act with a password, or mark the study as a demonstration.",
        )
    definition = act_named(act)
    check_right(
        definition,
        actor,
        grants_of(reader, actor.account),
        sites={site.code for site in trial.study.sites} if definition.whole_study else sites,
        reason=reason if definition.needs_reason else "",
        blinded_roles=trial.study.blinding.blinded_roles,
        unblinded=definition.reveals_arm and study_standing(reader).unblinded,
    )


def known_subjects(
    trial: Trial,
    progress: Transaction,
    actor: Actor,
    act: str,
    subject_ids: Collection[str],
    *,
    reason: str = "",
) -> Mapping[str, SubjectState]:
    """The subjects, held against other writers, after the right at their sites was checked.

    Raises
    ------
    EntryError
        A number nobody has.
    """
    progress.lock_subjects(subject_ids)
    found = subjects(progress.reader, subject_ids)
    for subject_id in sorted(set(subject_ids)):
        if subject_id not in found:
            raise unknown_subject(subject_id)
    here = {state.site for state in found.values()}
    authorize(trial, progress.reader, actor, act, sites=here, reason=reason)
    return found


def unknown_subject(subject_id: str, where: str = "") -> EntryError:
    return EntryError(
        expected="the number of a subject of this study",
        found=repr(subject_id),
        where=where,
        next_step="Check the number on the form.",
    )
