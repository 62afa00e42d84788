"""Locking the study's data, and lifting the lock."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.entry import lock_obstacles
from trialkit.operations.acting import acting
from trialkit.operations.errors import LockRefusedError, OperationError
from trialkit.operations.sight import sight_of
from trialkit.operations.snapshot_content import content_hash
from trialkit.operations.standing import forms_now
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.ledger import Transaction
from trialkit.store.models import StudyLock
from trialkit.store.reading.study import study_standing
from trialkit.wording import said

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Locked:
    """``content_sha256`` is of the blinded snapshot of what was locked: what the signature is bound to."""

    content_sha256: str
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class Unlocked:
    stamp: AuditStamp


def obstacles(trial: Trial, actor: Actor) -> tuple[str, ...]:
    """What stands against a lock, a line each; the blinded are not told of forms that tell an arm."""
    with trial.store.reading() as reader:
        return _obstacles(trial, actor, reader)


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
    with acting(trial, actor, "lock", reason=reason, exclusive=True) as progress:
        if study_standing(progress.reader).locked:
            raise OperationError(expected="an unlocked study", found="a lock")
        against = _obstacles(trial, actor, progress.reader)
        if against:
            raise _refusal(against)
        content = content_hash(trial, progress.reader)
        _write(progress, "set", content, reason)
    return Locked(content, progress.stamp)


def unlock(trial: Trial, actor: Actor, *, reason: str) -> Unlocked:
    """Lift the lock.

    Raises
    ------
    AccessError, OperationError
        No right or reason; there is no lock.
    """
    with acting(trial, actor, "unlock", reason=reason, exclusive=True) as progress:
        standing = study_standing(progress.reader)
        if not standing.locked:
            raise OperationError(expected="a locked study", found="no lock")
        _write(progress, "lift", standing.lock_content_sha256, reason)
    return Unlocked(progress.stamp)


def _write(progress: Transaction, action: str, content: str, reason: str) -> None:
    progress.add(
        StudyLock,
        id=next(progress.next_ids(StudyLock)),
        action=action,
        content_sha256=content,
        reason=reason.strip(),
    )
    progress.state(content_sha256=content)


def _obstacles(trial: Trial, actor: Actor, reader: Reader) -> tuple[str, ...]:
    now = forms_now(trial, reader)
    sight = sight_of(trial, reader, actor)
    hidden = [form for form in now if not sight.of_form(form.form)]
    now = [form for form in now if sight.of_form(form.form)]
    lines = [str(obstacle) for obstacle in lock_obstacles(form.standing for form in now)]
    # That there are any, or how many, would tell of arms while other things are open as well.
    if not lines and lock_obstacles(form.standing for form in hidden):
        lines.append("forms that this role does not see are open")
    return tuple(lines)


def _refusal(against: tuple[str, ...]) -> LockRefusedError:
    shown = "; ".join(against[:_SHOWN])
    more = said("; and {n_against} more", n_against=len(against) - _SHOWN) if len(against) > _SHOWN else ""
    error = LockRefusedError(
        expected="every expected form complete or 'not done', and nothing open",
        found=said("{n_against} obstacle(s): {shown}{more}", n_against=len(against), shown=shown, more=more),
        next_step="Work through the list, then lock again.",
    )
    error.obstacles = against
    return error
