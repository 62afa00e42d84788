"""What happens to a subject besides forms: visits, leaving, serious events; and marks on all of its forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from http import HTTPStatus

from starlette.responses import Response

from trialkit.access import AccessError
from trialkit.entry.checking import Flag
from trialkit.errors import TrialkitError
from trialkit.operations import (
    FreezeScope,
    NotDone,
    VisitDone,
    mark_not_done,
    note_serious_event,
    record_visits,
    screen_fail,
    sign_place,
    verify_place,
    withdraw,
)
from trialkit.operations.entry_desk import forms_of_a_visit
from trialkit.operations.form_marks import SIGNED, VERIFIED
from trialkit.operations.place_marks import forms_to_mark
from trialkit.operations.subjects import local_date
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.flags_told import flags_told
from trialkit.web.once import Done, once
from trialkit.web.typed_days import typed_day, typed_moment
from trialkit.web.views.record import MEANINGS, proved_again
from trialkit.web.views.subjects import known_subject
from trialkit.wording import said, said_count

_Told = tuple[str, Sequence[Flag]]
ACTS = ("record_visits", "mark_not_done", "withdraw", "screen_fail", "note_serious_event")


def ask(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    subject = known_subject(asked)
    may_do = asked.allowed
    if not any(may_do(act) for act in ACTS):
        raise NotHereError
    return asked.page(
        "conduct.html",
        subject=subject,
        visits=[visit for visit in asked.trial.study.visits if not visit.retired],
        forms=forms_of_a_visit(asked.trial, asked.actor) if may_do("mark_not_done") else [],
        today=local_date(asked.trial, subject.site, asked.web.now()).isoformat(),
        typed={**asked.request.query_params, **asked.form},
        error=error,
        keys={step: new_request_key() for step in _STEPS},
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def recorded(asked: Asked) -> Response:
    """One of the steps, as its own form on the page sent it."""
    subject = known_subject(asked)
    step = _STEPS.get(asked.form.get("step", ""))
    if step is None:
        raise NotHereError

    def act() -> Done:
        words, flags = step(asked, subject.subject_id)
        label = said("To the forms of {subject}", subject=subject.subject_id)
        notes = tuple(said("Look again: {flag}", flag=flag) for flag in flags_told(asked.trial.study, flags))
        return Done(words, notes, f"/subjects/{subject.subject_id}", label)

    try:
        return once(asked, act)
    except AccessError:
        raise
    except TrialkitError as error:
        return _page(asked, error)


def marked(asked: Asked) -> Response:
    """Sign all complete forms of a subject, by the password again; or state that their source was seen."""
    subject_id = known_subject(asked).subject_id
    step = asked.form.get("step", "")
    if step not in ("sign", "verify"):
        raise NotHereError

    def act() -> Done:
        here, seen = FreezeScope.SUBJECT, asked.form.get("seen", "")
        if step == "sign":
            meaning = asked.form.get("meaning", "")
            actor = proved_again(asked)
            done = sign_place(asked.trial, actor, scope=here, place=subject_id, meaning=meaning, seen=seen)
            words = said_count("{n} form is signed", "{n} forms are signed", done.forms)
        else:
            done = verify_place(asked.trial, asked.actor, scope=here, place=subject_id, seen=seen)
            words = said_count(
                "{n} form was held against its source",
                "{n} forms were held against their source",
                done.forms,
            )
        label = said("To the forms of {subject}", subject=subject_id)
        return Done(words, (), f"/subjects/{subject_id}", label)

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _marks_page(asked, error)


def marks(asked: Asked) -> Response:
    """What the two acts on all forms of a subject say, before they are done."""
    return _marks_page(asked)


def _marks_page(asked: Asked, error: TrialkitError | None = None) -> Response:
    if not (asked.allowed("sign_form") or asked.allowed("verify_source")):
        raise NotHereError
    subject, study = known_subject(asked), asked.trial.study
    kind = SIGNED if asked.allowed("sign_form") else VERIFIED
    forms, seen = forms_to_mark(asked.trial, asked.actor, subject_id=subject.subject_id, kind=kind)
    counted = Counter(one.form for one in forms)
    return asked.page(
        "marks.html",
        subject=subject,
        forms=forms,
        seen=seen,
        counted=[(form.label, counted[form.name]) for form in study.forms if form.name in counted],
        visits={visit.name: visit.label for visit in study.visits},
        names={form.name: form.label for form in study.forms},
        meanings=MEANINGS,
        meant=asked.form.get("meaning", ""),
        error=error,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _visit(asked: Asked, subject_id: str) -> _Told:
    day = typed_day(asked.form.get("day", ""))
    visit = _named_visit(asked)
    done = VisitDone(subject_id, visit, day, asked.form.get("reason", ""))
    flags = record_visits(asked.trial, asked.actor, visits_done=[done]).flags
    told = {"visit": asked.trial.study.visit(visit).label, "subject": subject_id, "day": day.isoformat()}
    return said("{visit} of {subject} took place on {day}", **told), flags


def _not_done(asked: Asked, subject_id: str) -> _Told:
    visit, form = _named_visit(asked), asked.form.get("form", "") or None
    entry = NotDone(subject_id, visit, asked.form.get("reason", ""), form)
    flags = mark_not_done(asked.trial, asked.actor, entries=[entry]).flags
    what = asked.trial.study.form(form).label if form else asked.trial.study.visit(visit).label
    return said("{what} of {subject} was not done", what=what, subject=subject_id), flags


def _withdrawal(asked: Asked, subject_id: str) -> _Told:
    day, reason = typed_day(asked.form.get("day", "")), asked.form.get("reason", "")
    done = withdraw(asked.trial, asked.actor, subject_id=subject_id, date=day, reason=reason)
    return said("{subject} has left the study", subject=subject_id), done.flags


def _screening_failure(asked: Asked, subject_id: str) -> _Told:
    day, reason = typed_day(asked.form.get("day", "")), asked.form.get("reason", "")
    done = screen_fail(asked.trial, asked.actor, subject_id=subject_id, date=day, reason=reason)
    return said("{subject} does not enter the trial", subject=subject_id), done.flags


def _serious_event(asked: Asked, subject_id: str) -> _Told:
    aware_at = typed_moment(asked.form.get("aware_at", ""))
    term = asked.form.get("term", "")
    noted = note_serious_event(asked.trial, asked.actor, subject_id=subject_id, term=term, aware_at=aware_at)
    due = asked.moment(noted.due_at, known_subject(asked).site)
    told = {"number": noted.number, "subject": subject_id, "due": due}
    return said("Serious event {number} of {subject} is noted; its report is due by {due}", **told), ()


_STEPS: dict[str, Callable[[Asked, str], _Told]] = {
    "visit": _visit,
    "not_done": _not_done,
    "withdraw": _withdrawal,
    "screen_fail": _screening_failure,
    "serious_event": _serious_event,
}


def _named_visit(asked: Asked) -> str:
    visit = asked.form.get("visit", "")
    if visit not in {one.name for one in asked.trial.study.visits}:
        raise NotHereError
    return visit
