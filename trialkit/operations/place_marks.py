"""Verification and signature of all that a subject, a site or the study has: one act, each form by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from trialkit.access import Act, Actor
from trialkit.access.acts.closing import SIGN_FORM, VERIFY_SOURCE
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStatus
from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.errors import OperationError
from trialkit.operations.form_marks import SIGNED, VERIFIED, write_marks
from trialkit.operations.freezing import FreezeScope, authorize_scope, require_nothing_open
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.standing_marks import stands
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import marks

_Says = dict[FormKey, list[FinalState]]


@dataclass(frozen=True, slots=True)
class FormToMark:
    """A complete form without a mark of this kind by this account on what it says now: its content."""

    subject_id: str
    visit: str
    form: str
    content_sha256: str


@dataclass(frozen=True, slots=True)
class PlaceMarked:
    """``forms`` that were marked now; ``standing`` had this mark by this account already, unchanged since."""

    scope: FreezeScope
    place: str
    kind: str
    forms: int
    standing: int
    stamp: AuditStamp


def forms_to_mark(
    trial: Trial, actor: Actor, *, subject_id: str, kind: str
) -> tuple[tuple[FormToMark, ...], str]:
    """What :func:`sign_place` or :func:`verify_place` would mark of a subject, and ``seen`` of it.

    Parameters
    ----------
    kind
        ``signed`` or ``verified``.

    Raises
    ------
    AccessError, EntryError
        A role that is shown no forms; no such subject.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        gate.subject(subject_id)
        here = [form for form in forms_of(gate, [subject_id]) if form.status is FormStatus.COMPLETE]
        due = _due(gate, here, kind)
        return tuple(FormToMark(*one.key, one.content) for one in due), _all_say(due)


def sign_place(
    trial: Trial,
    actor: Actor,
    *,
    scope: FreezeScope,
    place: str = "",
    meaning: str,
    seen: str = "",
) -> PlaceMarked:
    """Sign every complete form of a subject, a site or the study, each bound to what it says.

    Parameters
    ----------
    scope, place
        As in :func:`trialkit.operations.freeze`.
    meaning
        What the signature says, in words that name no arm.
    seen
        As :func:`forms_to_mark` gave it: where other forms, or others' contents, stand there by now, nothing
        is signed. Empty: not checked.

    Raises
    ------
    LockRefusedError
        Something is open there: its ``obstacles`` say what. Nothing is signed.
    AccessError, OperationError
        No right there, or not signed with the password; no meaning; no such place; nothing left to sign.
    """
    if not meaning.strip():
        raise OperationError(expected="the meaning of the signature", found="none")
    return _mark(trial, actor, SIGN_FORM, (scope, place), SIGNED, meaning.strip(), seen)


def verify_place(
    trial: Trial, actor: Actor, *, scope: FreezeScope, place: str = "", seen: str = ""
) -> PlaceMarked:
    """State that every complete form of a subject, a site or the study was held against its source.

    Raises
    ------
    LockRefusedError, AccessError, OperationError
        As :func:`sign_place`; no signature is needed.
    """
    return _mark(trial, actor, VERIFY_SOURCE, (scope, place), VERIFIED, "held against its source", seen)


def _mark(
    trial: Trial, actor: Actor, act: Act, at: tuple[FreezeScope, str], kind: str, meaning: str, seen: str
) -> PlaceMarked:
    scope, place = at
    with acting(trial, actor, act) as progress:
        authorize_scope(progress, scope, place)
        progress.require_no_arm_named(meaning, where=place)
        here = [
            form
            for form in require_nothing_open(progress, scope, place, signatures=False)
            if form.status is FormStatus.COMPLETE
        ]
        subjects = sorted({form.subject_id for form in here})
        progress.known_subjects(subjects)
        progress.require_form_unlocked([_key(form) for form in here])
        due = _due(progress, here, kind)
        if not due:
            raise OperationError(
                expected="a complete form that this account has not marked like this",
                found="none",
                where=place,
                next_step="Nothing to do.",
            )
        if seen and seen != _all_say(due):
            raise OperationError(
                expected="the forms that you were shown, with what they said",
                found="others by now",
                where=place,
                next_step="Look at the list again. Nothing was written.",
            )
        write_marks(progress, [(one.instance, one.content) for one in due], kind, meaning)
        progress.state(scope=scope.value, place=place, kind=kind, meaning=meaning, forms=len(due))
    return PlaceMarked(scope, place, kind, len(due), len(here) - len(due), progress.stamp)


@dataclass(frozen=True, slots=True)
class _Due:
    key: FormKey
    instance: int
    content: str


def _all_say(due: Sequence[_Due]) -> str:
    """One hash of which forms there are, and what each says."""
    lines = "".join(f"{'/'.join(one.key)} {one.content}\n" for one in sorted(due, key=lambda one: one.key))
    return sha256(lines.encode()).hexdigest()


def _due(gate: Gate, here: Sequence[FormNow], kind: str) -> list[_Due]:
    """Those without this mark by this account on what they say now."""
    subjects = {form.subject_id for form in here}
    states = {key: state.id for key, state in gate.forms(subjects).items()}
    says: _Says = defaultdict(list)
    for final in gate.written_values(subjects):
        says[final.subject_id, final.visit, final.form].append(final)
    made = marks(gate.reader, list(states.values()))
    marked = {_key(form): (states[_key(form)], made.get(states[_key(form)], [])) for form in here}
    holds = stands(gate, marked)
    due = []
    for form in here:
        key = _key(form)
        content = form_content_sha256((f.row, f.item, f.value) for f in says[key])
        mine = (kind, gate.actor.account, content)
        number, found = marked[key]
        standing = (mark for mark in found if holds(key, mark))
        if mine not in {(mark.kind, mark.account, mark.content_sha256) for mark in standing}:
            due.append(_Due(key, number, content))
    return due


def _key(form: FormNow) -> FormKey:
    return (form.subject_id, form.visit, form.form)
