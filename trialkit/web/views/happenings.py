"""What was done or recorded wrongly of a subject: a departure, a randomization.

One page a kind, and one way of asking: fields, a reason where the act needs one, sent once. The operations
decide; a page that a role may not use is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from trialkit import operations as op
from trialkit.access import Act, may
from trialkit.access.acts import ACTS
from trialkit.errors import TrialkitError
from trialkit.operations.subject_list import SubjectListed, SubjectStanding
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.web.typed_days import typed_day
from trialkit.web.views.subjects import known_subject
from trialkit.wording import said

_IN_STUDY = frozenset({SubjectStanding.IN_SCREENING, SubjectStanding.RANDOMIZED})


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """One field. ``kind``: ``day``, ``words``, ``number``, ``tick``, or ``choice`` among ``options``."""

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    required: bool = True


Fields = Callable[[Asked, SubjectListed], tuple[FieldAsked, ...]]
Doing = Callable[[Asked, str], str]
"""Does the act for a subject, and says what was recorded."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind: its last part of the address, its act, its words, and when the subject's page offers it."""

    noun: str
    act: str
    title: str
    fields: Fields
    do: Doing
    offered: frozenset[SubjectStanding] = frozenset(SubjectStanding)
    says: str = ""


def _reason(label: str = "", hint: str = "", *, required: bool = True) -> FieldAsked:
    return FieldAsked("reason", label or said("Reason"), "words", (), hint, required)


def _departure_fields(asked: Asked, subject: SubjectListed) -> tuple[FieldAsked, ...]:
    keep = said("Empty: as recorded.")
    return (
        FieldAsked("never_left", said("The subject never left"), "tick", required=False),
        FieldAsked("day", said("Day"), "day", (), keep, required=False),
        FieldAsked("departure_reason", said("Reason for leaving"), "words", (), keep, required=False),
        _reason(said("Why the record is wrong")),
    )


def _departure_corrected(asked: Asked, subject_id: str) -> str:
    day = asked.form.get("day", "").strip()
    never = asked.form.get("never_left") == "yes"
    done = op.correct_departure(
        asked.trial,
        asked.actor,
        subject_id=subject_id,
        reason=asked.form.get("reason", ""),
        date=typed_day(day, subject_id) if day else None,
        departure_reason=asked.form.get("departure_reason", "").strip() or None,
        never_left=never,
    )
    new = said("did not leave") if never else done.new
    return said("It said: {old}. It says: {new}.", old=done.old, new=new)


# --- mistakes ---


MISTAKES: Mapping[op.MistakeKind, str] = {
    op.MistakeKind.WRONG_STRATUM: said("wrong stratum"),
    op.MistakeKind.INELIGIBLE: said("ineligible"),
    op.MistakeKind.DUPLICATE: said("one person with two numbers"),
    op.MistakeKind.WRONG_TREATMENT: said("wrong treatment given"),
}


def _mistake_fields(asked: Asked, subject: SubjectListed) -> tuple[FieldAsked, ...]:
    """Whoever is blinded is not asked which treatment was given: who knows it records it."""
    study = asked.trial.study
    blinded = asked.actor.role in study.blinding.blinded_roles
    kinds = [kind for kind in MISTAKES if not (blinded and kind is op.MistakeKind.WRONG_TREATMENT)]
    arms = (("", said("(none)")), *((arm.name, arm.label) for arm in study.arms))
    received = FieldAsked(
        "received_arm",
        said("Treatment received"),
        "choice",
        arms,
        said("Only with a wrong treatment; kept sealed."),
        required=False,
    )
    return (
        FieldAsked("kind", said("What went wrong"), "choice", tuple((str(k), MISTAKES[k]) for k in kinds)),
        FieldAsked(
            "duplicate_of",
            said("First number of the person"),
            "number",
            (),
            said("Only with two numbers: the one that is kept."),
            required=False,
        ),
        *(() if blinded else (received,)),
        _reason(said("What happened"), said("In words that name no treatment.")),
    )


def _mistaken(asked: Asked, subject_id: str) -> str:
    kind = asked.form.get("kind", "")
    if kind not in set(op.MistakeKind):
        raise NotHereError
    op.record_mistake(
        asked.trial,
        asked.actor,
        subject_id=subject_id,
        kind=op.MistakeKind(kind),
        reason=asked.form.get("reason", ""),
        duplicate_of=asked.form.get("duplicate_of", "").strip() or None,
        received_arm=asked.form.get("received_arm", "") or None,
    )
    return MISTAKES[op.MistakeKind(kind)]


HAPPENINGS: tuple[Happening, ...] = (
    Happening(
        "departure",
        "correct_departure",
        said("Departure recorded wrongly"),
        _departure_fields,
        _departure_corrected,
        frozenset(SubjectStanding) - _IN_STUDY,
        said("Old and new stay on record."),
    ),
    Happening(
        "mistakes",
        "record_mistake",
        said("Mistake at the randomization"),
        _mistake_fields,
        _mistaken,
        frozenset({SubjectStanding.RANDOMIZED, SubjectStanding.WITHDRAWN}),
        said("Kept beside the randomization. Nothing is undone, and no place of the list is used again."),
    ),
)


def offered(asked: Asked, subject: SubjectListed) -> list[Happening]:
    """What this role may record of this subject as it stands."""
    return [one for one in HAPPENINGS if subject.standing in one.offered and _may(asked, ACTS[one.act])]


def _may(asked: Asked, act: Act) -> bool:
    return may(asked.actor.role, act, blinded_roles=asked.trial.study.blinding.blinded_roles)


def asking(happening: Happening) -> Callable[[Asked], Response]:
    return lambda asked: _page(asked, happening)


def recording(happening: Happening) -> Callable[[Asked], Response]:
    return lambda asked: _recorded(asked, happening)


def _page(asked: Asked, happening: Happening, error: TrialkitError | None = None) -> Response:
    subject = known_subject(asked)
    if not _may(asked, ACTS[happening.act]):
        raise NotHereError
    return asked.page(
        "happening.html",
        subject=subject,
        happening=happening,
        fields=happening.fields(asked, subject),
        typed={**asked.request.query_params, **asked.form},
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def _recorded(asked: Asked, happening: Happening) -> Response:
    subject = known_subject(asked)
    if not _may(asked, ACTS[happening.act]):
        raise NotHereError

    def act() -> Done:
        what = happening.do(asked, subject.subject_id)
        return Done(
            said("{subject}: recorded", subject=subject.subject_id),
            (what,),
            f"/subjects/{subject.subject_id}",
            said("Back to {subject}", subject=subject.subject_id),
        )

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, happening, error)
