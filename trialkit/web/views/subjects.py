"""The list of subjects, one subject with its visit matrix, and enrolment."""

from __future__ import annotations

import csv
import io
import unicodedata

from starlette.responses import Response

from trialkit.access import AccessError
from trialkit.entry import FormStatus
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.operations import enrol, forms_now
from trialkit.operations.entry_desk import occasional_forms, wanted_forms
from trialkit.operations.open_forms import states_by_visit
from trialkit.operations.subject_list import SubjectListed, list_subjects, subject_shown
from trialkit.study.model import Form
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.web.typed_days import typed_day
from trialkit.web.whole_number import whole_number
from trialkit.wording import said

_ROWS = 60  # of the matrix on one page


def known_subject(asked: Asked) -> SubjectListed:
    """The subject of the address; unknown and of another site are one and the same."""
    try:
        return subject_shown(asked.trial, asked.actor, asked.at("subject_id"))
    except EntryError:
        raise NotHereError from None


def listed(asked: Asked) -> Response:
    found = list_subjects(asked.trial, asked.actor)
    asked_for = asked.request.query_params
    wanted = unicodedata.normalize("NFKC", asked_for.get("number", "")).strip().casefold()
    site, standing = asked_for.get("site", ""), asked_for.get("standing", "")
    shown = [
        one
        for one in found
        if wanted in one.subject_id.casefold() and site in ("", one.site) and standing in ("", one.standing)
    ]
    if asked_for.get("format") == "csv":
        return _as_csv(shown, asked.trial.study.id)
    start = whole_number(asked_for.get("from", "")) or 0
    matrix = asked_for.get("view") == "matrix" and not asked.actor.types_blindly
    states = states_by_visit(asked.trial, asked.actor) if matrix else {}
    return asked.page(
        "subjects.html",
        subjects=shown[start : start + _ROWS] if matrix else shown,
        found=len(shown),
        matrix=matrix,
        states=states,
        visits=[visit for visit in asked.trial.study.visits if any(name == visit.name for _, name in states)],
        query={"number": wanted, "site": site, "standing": standing},
        start=start,
        rows=_ROWS,
        may_see_matrix=not asked.actor.types_blindly,
        total=len(found),
        wanted=wanted,
        site=site,
        standing=standing,
        sites=sorted({one.site for one in found}),
        standings=sorted({one.standing for one in found}),
    )


def _as_csv(subjects: list[SubjectListed], study_id: str) -> Response:
    """The list as it is filtered, for a spreadsheet."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("subject_id", "site", "standing", "consent_date", "randomized_on", "left_on"))
    for one in subjects:
        days = (one.consent_date, one.randomized_on, one.left_on)
        table.writerow((one.subject_id, one.site, str(one.standing), *(day or "" for day in days)))
    headers = {"Content-Disposition": f'attachment; filename="{study_id}-subjects.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def subject(asked: Asked) -> Response:
    one = known_subject(asked)
    ids = [one.subject_id]
    states: dict[tuple[str, str], FormStatus] = {}
    if not asked.actor.types_blindly:
        found = forms_now(asked.trial, asked.actor, subject_ids=ids)
        states = {(now.form, now.visit): now.status for now in found}
    wanted = _wanted(asked, ids)
    if asked.actor.types_blindly:
        states = dict.fromkeys(wanted, FormStatus.EXPECTED)
    study = asked.trial.study
    forms = [form for form in study.forms if any(name == form.name for name, _ in {*states, *wanted})]
    visits = [visit for visit in study.visits if any(name == visit.name for _, name in {*states, *wanted})]
    from trialkit.web.views.happenings import offered  # it stands on this module

    return asked.page(
        "subject.html",
        subject=one,
        forms=forms,
        visits=visits,
        states=states,
        wanted=wanted,
        occasional=_occasional(asked, one.subject_id),
        happenings=offered(asked, one),
    )


def _occasional(asked: Asked, subject_id: str) -> list[tuple[Form, tuple[str, ...]]]:
    try:
        return occasional_forms(asked.trial, asked.actor, subject_id=subject_id)
    except AccessError:  # a role that enters nothing
        return []


def _wanted(asked: Asked, ids: list[str]) -> set[tuple[str, str]]:
    try:
        return {(one.form, one.visit) for one in wanted_forms(asked.trial, asked.actor, subject_ids=ids)}
    except TrialkitError:  # a role that enters nothing
        return set()


def new(asked: Asked) -> Response:
    return _enrolment(asked)


def _enrolment(asked: Asked, error: TrialkitError | None = None) -> Response:
    from trialkit.access.acts.subjects import ENROL

    if asked.actor.role not in ENROL.allowed_roles:
        raise NotHereError
    sites = [site for site in asked.trial.study.sites if asked.actor.site in (None, site.code)]
    return asked.page(
        "enrol.html",
        sites=sites,
        error=error,
        typed=asked.form,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def enrolled(asked: Asked) -> Response:
    def act() -> Done:
        number = asked.form.get("subject_id", "").strip() or None
        done = enrol(
            asked.trial,
            asked.actor,
            site=asked.form.get("site", ""),
            consent_date=typed_day(asked.form.get("consent_date", "")),
            consent_version=asked.form.get("consent_version", "").strip(),
            subject_id=number,
        )
        return Done(
            said("{subject} is enrolled at {site}", subject=done.subject_id, site=done.site),
            (
                said("Write this number on the forms."),
                *(said("Look again: {flag}", flag=flag.text) for flag in done.flags),
            ),
            f"/subjects/{done.subject_id}",
            done.subject_id,
        )

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _enrolment(asked, error)
