"""The lock of a form, a subject or a site: signed, bound to what is there, refused while anything is open."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.closing import LOCK_PLACE, UNLOCK_PLACE
from trialkit.entry import Obstacle
from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.against_a_lock import people_and_visits
from trialkit.operations.errors import OperationError
from trialkit.operations.freezing import FreezeScope, authorize_scope, require_nothing_open
from trialkit.operations.gate import Gate, OpenAct, acting
from trialkit.operations.reported_deaths import deaths_not_recorded
from trialkit.operations.standing import FormNow
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import PlaceLock
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.review import locked_places
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class PlaceLocked:
    """``content_sha256`` is of what the forms there say, as far as the signer is shown them."""

    scope: FreezeScope
    place: str
    locked: bool
    content_sha256: str
    stamp: AuditStamp


def lock_place(trial: Trial, actor: Actor, *, scope: FreezeScope, place: str, reason: str) -> PlaceLocked:
    """Lock a form, a subject or a site: no value, status, query or mark there changes until it is lifted.

    Parameters
    ----------
    scope, place
        A form (``A-001/week_6/odi``), a subject (``A-001``) or a site (``A``); the study has :func:`lock`.
    reason
        The meaning of the signature.

    Raises
    ------
    LockRefusedError
        Its ``obstacles`` list what is open there.
    AccessError, OperationError
        No right there, or not signed with the password; no such place; locked already.
    """
    with acting(trial, actor, LOCK_PLACE, reason=reason, exclusive=True) as progress:
        _require_below_study(scope)
        authorize_scope(progress, scope, place)
        if (scope.value, place) in locked_places(progress.reader):
            raise OperationError(expected="an unlocked place", found="a lock", where=place)
        here = require_nothing_open(progress, scope, place, more=_WHOSE[scope])
        content = _content(progress, here)
        _write(progress, scope, place, "set", content, reason)
    return PlaceLocked(scope, place, True, content, progress.stamp)


def unlock_place(trial: Trial, actor: Actor, *, scope: FreezeScope, place: str, reason: str) -> PlaceLocked:
    """Lift the lock of a form, a subject or a site.

    Raises
    ------
    AccessError, OperationError
        No right there, or not signed with the password; that place is not locked by itself.
    """
    with acting(trial, actor, UNLOCK_PLACE, reason=reason, exclusive=True) as progress:
        _require_below_study(scope)
        authorize_scope(progress, scope, place)
        content = locked_places(progress.reader).get((scope.value, place))
        if content is None:
            raise OperationError(
                expected=said("a lock of this {scope}", scope=scope.value),
                found="none",
                where=place,
                next_step="It may be the subject, the site or the study that is locked.",
            )
        _write(progress, scope, place, "lift", content, reason)
    return PlaceLocked(scope, place, False, content, progress.stamp)


def _require_below_study(scope: FreezeScope) -> None:
    if scope is FreezeScope.STUDY:
        raise OperationError(
            expected="a form, a subject or a site",
            found="the study",
            next_step="Lock the study itself, without a place.",
        )


def _people_and_visits(gate: Gate, here: Sequence[FormNow]) -> Iterator[Obstacle]:
    """As for the lock of the study, of the people whose forms these are."""
    people = gate.subjects({form.subject_id for form in here})
    places = dict.fromkeys((form.subject_id, form.visit) for form in here)
    yield from people_and_visits(people, gate.visits(people), gate.queries(people), places)
    yield from deaths_not_recorded(gate, people.keys())


def _nobody(gate: Gate, here: Sequence[FormNow]) -> Iterator[Obstacle]:
    """A form is locked by itself, whatever its subject's other visits are."""
    yield from ()


_WHOSE = {
    FreezeScope.FORM: _nobody,
    FreezeScope.SUBJECT: _people_and_visits,
    FreezeScope.SITE: _people_and_visits,
}


def _content(progress: OpenAct, here: Sequence[FormNow]) -> str:
    """One digest over the forms in their order, each by what it says."""
    says: dict[str, list[FinalState]] = defaultdict(list)
    wanted = {form.standing.where for form in here}
    for final in progress.written_values({form.subject_id for form in here}):
        where = f"{final.subject_id}/{final.visit}/{final.form}"
        if where in wanted:
            says[where].append(final)
    digest = hashlib.sha256()
    for form in sorted(here, key=lambda form: form.standing.where):
        values = ((f.row, f.item, f.value) for f in says[form.standing.where])
        line = f"{form.standing.where} {form.status} {form_content_sha256(values)}\n"
        digest.update(line.encode())
    return digest.hexdigest()


def _write(progress: OpenAct, scope: FreezeScope, place: str, action: str, content: str, reason: str) -> None:
    progress.add(
        PlaceLock,
        id=next(progress.next_ids(PlaceLock)),
        scope=scope.value,
        place=place,
        action=action,
        content_sha256=content,
        reason=reason.strip(),
    )
    progress.state(scope=scope.value, place=place, action=action, content_sha256=content)
