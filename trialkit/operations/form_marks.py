"""Source verification and signatures: each bound to what the form said, and void when it says otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from trialkit.access import Act, Actor
from trialkit.access.acts.closing import SIGN_FORM, VERIFY_SOURCE
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import lock_obstacles
from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.errors import LockRefusedError, OperationError
from trialkit.operations.gate import Gate, OpenAct, acting, reading
from trialkit.operations.sight import sight
from trialkit.operations.standing import forms_of
from trialkit.operations.standing_marks import stands
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.accounts import person_name
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.forms import FormKey, FormState
from trialkit.store.reading.review import MarkState, marks, voided_marks
from trialkit.wording import said

VERIFIED, SIGNED = "verified", "signed"


@dataclass(frozen=True, slots=True)
class FormMarked:
    """A mark that was made; ``content_sha256`` is of what the form said to its maker."""

    where: str
    kind: str
    content_sha256: str
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class MarkShown:
    """A mark as it stands: ``void`` where something was written since, even what stood there before, or the
    form was voided.

    ``name`` is the person's, as a signature must show it (21 CFR 11.50); empty for a verification.
    """

    where: str
    kind: str
    account: str
    name: str
    meaning: str
    at: datetime
    content_sha256: str
    void: bool


def verify_source(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str, seen: str = ""
) -> FormMarked:
    """State that a complete form was held against its source; a later change of the form breaks it.

    Parameters
    ----------
    seen
        ``content_sha256`` of the form as it was shown: where it says something else by now, nothing is
        written. Empty: not checked.

    Raises
    ------
    AccessError, OperationError
        No right at the site; no such complete form.
    """
    key = (subject_id, visit, form)
    return _mark(trial, actor, VERIFY_SOURCE, key, VERIFIED, "held against its source", seen)


def sign_form(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str, meaning: str, seen: str = ""
) -> FormMarked:
    """Sign a complete form: name, meaning, time and content are bound together.

    Parameters
    ----------
    meaning
        What the signature says, in words that name no arm: "reviewed and approved".
    seen
        As in :func:`verify_source`: a signature is of what its maker was shown.

    Raises
    ------
    AccessError, OperationError
        No right at the site, or not signed with the password; no meaning; no such form.
    LockRefusedError
        The form is not complete, or something about it is open: its ``obstacles`` say what.
    """
    if not meaning.strip():
        raise OperationError(expected="the meaning of the signature", found="none")
    return _mark(trial, actor, SIGN_FORM, (subject_id, visit, form), SIGNED, meaning.strip(), seen)


def form_marks(trial: Trial, actor: Actor, *, subject_ids: Collection[str] | None = None) -> list[MarkShown]:
    """Verifications and signatures of the forms this actor is shown, void ones among them.

    Marks by unblinded eyes on a form with items hidden from this reader are left out: the hash and whether it
    still holds would tell of what is hidden.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        return [mark for _, mark in marks_shown(gate, subject_ids)]


def marks_shown(gate: Gate, subject_ids: Collection[str] | None = None) -> list[tuple[FormKey, MarkShown]]:
    """The same inside a reading, each with its form, by subject, visit and form."""
    people = gate.subjects(subject_ids)
    gone = [
        (key, _shown(gate, key, mark, void=True))
        for key, mark in voided_marks(gate.reader, list(people))
        if gate.sight.of_form(key[2]) and not tells_of_hidden(gate, key, mark)
    ]
    seen = {key: state for key, state in gate.forms(subject_ids).items() if state.subject_id in people}
    made = marks(gate.reader, [state.id for state in seen.values()])
    marked = {key: (state.id, made[state.id]) for key, state in sorted(seen.items()) if state.id in made}
    holds = stands(gate, marked)
    now = [
        (key, _shown(gate, key, mark, void=not holds(key, mark)))
        for key, (_, found) in marked.items()
        for mark in found
        if not tells_of_hidden(gate, key, mark)
    ]
    return sorted([*gone, *now], key=itemgetter(0))


def tells_of_hidden(gate: Gate, key: FormKey, mark: MarkState) -> bool:
    """Whether a mark binds what this reader may not see: its hash and its voidness would tell of that."""
    if mark.blinded or not gate.sight.blinded:
        return False
    form = gate.trial.rules.forms[key[2]]
    return any(not gate.sight.of_item(form.name, item.name) for item in form.items)


def _shown(gate: Gate, key: FormKey, mark: MarkState, *, void: bool) -> MarkShown:
    return MarkShown(
        where="/".join(key),
        kind=mark.kind,
        account=mark.account,
        name=person_name(gate.reader, mark.account) if mark.kind == SIGNED else "",
        meaning=mark.meaning,
        at=mark.at,
        content_sha256=mark.content_sha256,
        void=void,
    )


def _mark(
    trial: Trial, actor: Actor, act: Act, key: FormKey, kind: str, meaning: str, seen: str
) -> FormMarked:
    where = "/".join(key)
    with acting(trial, actor, act) as progress:
        progress.known_subjects([key[0]])
        progress.require_form_unlocked([key])
        state = progress.forms([key[0]]).get(key)
        if state is None or not state.passes:
            raise OperationError(
                expected="a form that was entered", found="none", where=where, next_step="Enter the form."
            )
        _require_nothing_open(progress, key)
        progress.require_no_arm_named(meaning, where=where)
        content = _content(progress, key, blinded=progress.sight.blinded)
        if seen and seen != content:
            raise OperationError(
                expected="the values that you were shown",
                found="others by now",
                where=where,
                next_step="Look at the form again. Nothing was written.",
            )
        _refuse_twice(progress, key, state, kind, content)
        write_marks(progress, [(state.id, content)], kind, meaning)
        progress.state(form=where, kind=kind, meaning=meaning, content_sha256=content)
    return FormMarked(where, kind, content, progress.stamp)


def write_marks(progress: OpenAct, forms: Sequence[tuple[int, str]], kind: str, meaning: str) -> None:
    """A mark by the actor on each form, bound to the content that was seen."""
    for number, (instance, content) in zip(progress.next_ids(m.FormMark), forms, strict=False):
        progress.add(
            m.FormMark,
            id=number,
            form_instance=instance,
            kind=kind,
            meaning=meaning,
            content_sha256=content,
            blinded=progress.sight.blinded,
            account=progress.actor.account,
            at=progress.at,
        )


def _require_nothing_open(gate: Gate, key: FormKey) -> None:
    standings = (form.standing for form in forms_of(gate, [key[0]]))
    here = [standing for standing in standings if standing.where == "/".join(key)]
    against = tuple(str(obstacle) for obstacle in lock_obstacles(here))
    if against:
        error = LockRefusedError(
            expected="a complete form about which nothing is open",
            found="; ".join(against),
            where="/".join(key),
            next_step="Work through the list first.",
        )
        error.obstacles = against
        raise error


def _refuse_twice(gate: Gate, key: FormKey, state: FormState, kind: str, content: str) -> None:
    made = marks(gate.reader, [state.id]).get(state.id, [])
    holds = stands(gate, {key: (state.id, made)})
    for mark in made:
        mine = (mark.kind, mark.account, mark.content_sha256) == (kind, gate.actor.account, content)
        if mine and holds(key, mark):
            raise OperationError(
                expected=said("a form that {account} did not mark like this", account=mark.account),
                found=said("one {kind} already, unchanged since", kind=kind),
                where="/".join(key),
                next_step="Nothing to do.",
            )


def _content(gate: Gate, key: FormKey, *, blinded: bool) -> str:
    """What the form says to eyes like those of the mark's maker."""
    eyes = sight(gate.trial, blinded=blinded)
    return form_content_sha256(
        (final.row, final.item, final.value)
        for final in final_values(gate.reader, [key[0]], [key[2]])
        if final.visit == key[1] and eyes.of_item(final.form, final.item)
    )
