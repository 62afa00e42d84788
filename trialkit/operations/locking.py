"""Locking the study's data, and lifting the lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.closing import LOCK, UNLOCK
from trialkit.access.acts.reading import VIEW_OBSTACLES
from trialkit.entry import Obstacle, lock_obstacles
from trialkit.operations.against_a_lock import against_a_lock, people_and_visits
from trialkit.operations.awaited_corrections import awaited_corrections
from trialkit.operations.errors import LockRefusedError, OperationError
from trialkit.operations.freezing import FreezeScope
from trialkit.operations.gate import Gate, OpenAct, acting, reading
from trialkit.operations.import_claims import import_obstacles
from trialkit.operations.lockable import lockable
from trialkit.operations.open_work import load_open_work
from trialkit.operations.reported_deaths import deaths_not_recorded
from trialkit.operations.snapshot_content import content_hash
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import StudyLock
from trialkit.store.reading.study import lock_stands, study_standing
from trialkit.store.reading.subjects import sites_of
from trialkit.wording import said, said_count

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Locked:
    """``content_sha256`` is of the blinded snapshot of what was locked: what the signature is bound to."""

    content_sha256: str
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class Unlocked:
    stamp: AuditStamp


def obstacles(
    trial: Trial, actor: Actor, *, scope: FreezeScope = FreezeScope.STUDY, place: str = ""
) -> tuple[str, ...]:
    """What stands against a lock, a line each, at the sites of the actor's right.

    The blinded are not told of forms that tell an arm; whoever is told of them leaves a record of having
    looked.

    Parameters
    ----------
    scope, place
        Of a form, a subject or a site only, as in :func:`trialkit.operations.freeze`.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, VIEW_OBSTACLES) as gate:
        if gate.sight.blinded or not trial.hides_from_the_blinded:
            return _concerning(gate, _obstacles_shown(gate), scope, place)
    with acting(trial, actor, VIEW_OBSTACLES) as progress:
        lines = _concerning(progress, _obstacles_shown(progress), scope, place)
        progress.state(obstacles=len(lines))
    return lines


def _concerning(gate: Gate, lines: tuple[str, ...], scope: FreezeScope, place: str) -> tuple[str, ...]:
    """The obstacles of one form, subject or site."""
    if scope is FreezeScope.STUDY:
        return lines
    where = [line.partition(": ")[0] for line in lines]
    if scope is FreezeScope.SITE:
        site = sites_of(gate.reader, {at.partition("/")[0] for at in where})
        return tuple(
            line for line, at in zip(lines, where, strict=True) if site.get(at.partition("/")[0]) == place
        )
    return tuple(
        line for line, at in zip(lines, where, strict=True) if at == place or at.startswith(f"{place}/")
    )


def lock(trial: Trial, actor: Actor, *, reason: str) -> Locked:
    """Lock the study: from now on no clinical value, status or definition changes.

    Parameters
    ----------
    reason
        The meaning of the signature.

    Raises
    ------
    LockRefusedError
        Its ``obstacles`` list every form that is neither complete nor "not done", and every open
        discrepancy.
    AccessError, OperationError
        No right or reason; locked already.
    """
    with acting(trial, actor, LOCK, reason=reason, exclusive=True) as progress:
        if lock_stands(progress.reader):
            raise OperationError(expected="an unlocked study", found="a lock")
        now = forms_of(progress)
        against = _obstacles(progress, now)
        if against:
            raise _refusal(against)
        content = content_hash(progress, now)
        _write(progress, "set", content, reason)
    return Locked(content, progress.stamp)


def unlock(trial: Trial, actor: Actor, *, reason: str) -> Unlocked:
    """Lift the lock.

    Raises
    ------
    AccessError, OperationError
        No right or reason; there is no lock.
    """
    with acting(trial, actor, UNLOCK, reason=reason, exclusive=True) as progress:
        standing = study_standing(progress.reader)
        if not standing.locked:
            raise OperationError(expected="a locked study", found="no lock")
        _write(progress, "lift", standing.lock_content_sha256, reason)
    return Unlocked(progress.stamp)


def _write(progress: OpenAct, action: str, content: str, reason: str) -> None:
    progress.add(
        StudyLock,
        id=next(progress.next_ids(StudyLock)),
        action=action,
        content_sha256=content,
        reason=reason.strip(),
    )
    progress.state(content_sha256=content)


def _obstacles(gate: Gate, now: Sequence[FormNow]) -> tuple[str, ...]:
    """From every form: what a lock goes by."""
    people = gate.subjects()
    places = dict.fromkeys((form.subject_id, form.visit) for form in now)
    return _lines(
        gate,
        [
            *people_and_visits(people, gate.visits(), gate.queries(), places),
            *deaths_not_recorded(gate, people.keys()),
            *import_obstacles(gate, people.keys()),
            *awaited_corrections(gate, people),
            *lock_obstacles(lockable(gate, now)),
        ],
    )


def _obstacles_shown(gate: Gate) -> tuple[str, ...]:
    """The same from what is open alone: what a page shows many times a day."""
    return _lines(gate, against_a_lock(gate, load_open_work(gate), gate.rules.forms.keys()))


def _lines(gate: Gate, found: Sequence[Obstacle]) -> tuple[str, ...]:
    lines = [str(obstacle) for obstacle in found]
    if gate.sight.blinded and gate.trial.hides_from_the_blinded:
        # Said of the role and the study alone: that such a form is open would tell of somebody's arm.
        lines.append("forms that this role is not shown: somebody who sees all of them must lock")
    return tuple(lines)


def _refusal(against: tuple[str, ...]) -> LockRefusedError:
    shown = "; ".join(against[:_SHOWN])
    more = said("; and {n} more", n=len(against) - _SHOWN) if len(against) > _SHOWN else ""
    error = LockRefusedError(
        expected="every expected form complete or 'not done', and nothing open",
        found=said_count(
            "{n} obstacle: {shown}{more}",
            "{n} obstacles: {shown}{more}",
            len(against),
            shown=shown,
            more=more,
        ),
        next_step="Work through the list, then lock again.",
    )
    error.obstacles = against
    return error
