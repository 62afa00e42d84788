"""Freezing: values of a form, a subject, a site or the study that stay as they are until it is lifted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trialkit.access import Actor
from trialkit.access.acts.closing import FREEZE, LIFT_FREEZE
from trialkit.entry import Obstacle, lock_obstacles
from trialkit.operations.awaited_corrections import awaited_corrections
from trialkit.operations.closed_places import require_unlocked
from trialkit.operations.errors import LockRefusedError, OperationError
from trialkit.operations.gate import Gate, OpenAct, acting
from trialkit.operations.import_claims import import_obstacles
from trialkit.operations.lockable import lockable
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import DataFreeze
from trialkit.store.reading.review import frozen_places
from trialkit.store.reading.subjects import sites_of
from trialkit.wording import said, said_count


class FreezeScope(StrEnum):
    FORM = "form"
    SUBJECT = "subject"
    SITE = "site"
    STUDY = "study"


@dataclass(frozen=True, slots=True)
class FreezeSet:
    scope: FreezeScope
    place: str
    frozen: bool
    stamp: AuditStamp


def freeze(trial: Trial, actor: Actor, *, scope: FreezeScope, place: str = "", reason: str) -> FreezeSet:
    """Freeze data: nothing there is entered, corrected or decided until the freeze is lifted.

    Parameters
    ----------
    scope, place
        A form (``A-001/week_6/odi``), a subject (``A-001``), a site (``A``), or the study (no place).
    reason
        Why.

    Raises
    ------
    LockRefusedError
        Something is open there: its ``obstacles`` say what.
    AccessError, OperationError
        No right at every site concerned, or no reason; no such place, or one that is frozen or locked.
    """
    with acting(trial, actor, FREEZE, reason=reason, exclusive=True) as progress:
        authorize_scope(progress, scope, place)
        _require_unlocked(progress, scope, place)
        if (scope.value, place) in frozen_places(progress.reader):
            raise OperationError(expected="data that are not frozen", found="a freeze", where=place)
        require_nothing_open(progress, scope, place)
        _write(progress, scope, place, "set", reason)
    return FreezeSet(scope, place, True, progress.stamp)


def lift_freeze(trial: Trial, actor: Actor, *, scope: FreezeScope, place: str = "", reason: str) -> FreezeSet:
    """Lift a freeze.

    Raises
    ------
    AccessError, OperationError
        No right or reason; that place is not frozen by itself, or is locked.
    """
    with acting(trial, actor, LIFT_FREEZE, reason=reason, exclusive=True) as progress:
        authorize_scope(progress, scope, place)
        _require_unlocked(progress, scope, place)
        if (scope.value, place) not in frozen_places(progress.reader):
            raise OperationError(
                expected=said("a freeze of this {scope}", scope=scope.value),
                found="none",
                where=place,
                next_step="It may be the site or the study that is frozen.",
            )
        _write(progress, scope, place, "lift", reason)
    return FreezeSet(scope, place, False, progress.stamp)


def authorize_scope(progress: OpenAct, scope: FreezeScope, place: str) -> None:
    """Refuse an act on a place that is none, or where the actor has no right.

    Raises
    ------
    AccessError, EntryError, OperationError
        No right there; no such subject; no such site, or a place named with the study.
    """
    sites = set(progress.trial.rules.sites)
    if scope is FreezeScope.STUDY:
        if place:
            raise OperationError(expected="no place with the study", found=repr(place))
        progress.authorize(sites)
    elif scope is FreezeScope.SITE:
        if place not in sites:
            raise OperationError(
                expected=said("a site of the study: {sites}", sites=", ".join(sorted(sites))),
                found=repr(place),
            )
        progress.authorize([place])
    else:
        progress.known_subjects([place.split("/")[0]])


def _require_unlocked(progress: OpenAct, scope: FreezeScope, place: str) -> None:
    """Nothing is frozen, nor a freeze lifted, below a lock; that of the study was told first."""
    if scope is FreezeScope.SITE:
        require_unlocked(progress.locked, [place], [])
    elif scope is not FreezeScope.STUDY:
        names = place.split("/")
        require_unlocked(progress.locked, sites_of(progress.reader, names[:1]).values(), names[:1])
        if scope is FreezeScope.FORM and len(names) == 3:
            progress.require_form_unlocked([(names[0], names[1], names[2])])


def forms_in(progress: OpenAct, scope: FreezeScope, place: str) -> list[FormNow]:
    """The forms of a place, expected or entered.

    Raises
    ------
    OperationError
        A form that is neither.
    """
    subject = [place.split("/")[0]] if scope in (FreezeScope.FORM, FreezeScope.SUBJECT) else None
    people = progress.subjects(subject)
    found = [
        form
        for form in forms_of(progress, subject)
        if (scope is not FreezeScope.SITE or people[form.subject_id].site == place)
        and (scope is not FreezeScope.FORM or form.standing.where == place)
    ]
    if scope is FreezeScope.FORM and not found:
        raise OperationError(
            expected="subject/visit/form of a form that is expected or entered",
            found=repr(place),
            next_step="Write it as A-001/week_6/odi.",
        )
    return found


def require_nothing_open(
    progress: OpenAct,
    scope: FreezeScope,
    place: str,
    more: Callable[[Gate, Sequence[FormNow]], Iterable[Obstacle]] = lambda gate, forms: (),
    *,
    signatures: bool = True,
) -> list[FormNow]:
    """The forms of a place, all of them settled.

    Parameters
    ----------
    more
        What else stands against it, of people and visits.
    signatures
        Whether a required signature must stand; not for the act that makes it.

    Raises
    ------
    LockRefusedError
        Something is open: its ``obstacles`` say what.
    OperationError
        No such form.
    """
    here = forms_in(progress, scope, place)
    standings = lockable(progress, here) if signatures else [form.standing for form in here]
    people = {form.subject_id for form in here}
    waiting = [
        one
        for one in (*import_obstacles(progress, people), *awaited_corrections(progress, people))
        if scope is not FreezeScope.FORM or one.where == place
    ]
    found = [*more(progress, here), *waiting, *lock_obstacles(standings)]
    against = tuple(str(obstacle) for obstacle in found)
    if against:
        error = LockRefusedError(
            expected="every form there complete or 'not done', and nothing open",
            found=said_count(
                "{n} obstacle: {first}",
                "{n} obstacles: {first}",
                len(against),
                first="; ".join(against[:5]),
            ),
            where=place,
            next_step="Work through the list first.",
        )
        error.obstacles = against
        raise error
    return here


def _write(progress: OpenAct, scope: FreezeScope, place: str, action: str, reason: str) -> None:
    progress.add(
        DataFreeze,
        id=next(progress.next_ids(DataFreeze)),
        scope=scope.value,
        place=place,
        action=action,
        reason=reason.strip(),
    )
    progress.state(scope=scope.value, place=place, action=action)
