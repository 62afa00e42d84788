"""Source verification: the monitor's list of complete forms, one form to read, and its tick."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.operations import verify_source
from trialkit.operations.verifying import form_to_verify, forms_to_verify
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.wording import said


def listed(asked: Asked) -> Response:
    found = forms_to_verify(asked.trial, asked.actor)
    wanted = asked.request.query_params.get("number", "").strip()
    only_open = asked.request.query_params.get("all") is None
    shown = [
        one
        for one in found
        if (not wanted or wanted.casefold() in one.subject_id.casefold())
        and not (only_open and one.verified_at)
    ]
    done = sum(1 for one in found if one.verified_at)
    return asked.page(
        "verification.html",
        forms=shown[:300],
        hidden=max(0, len(shown) - 300),
        done=done,
        total=len(found),
        wanted=wanted,
        only_open=only_open,
    )


def read(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    subject_id, visit, form = (asked.at(name) for name in ("subject_id", "visit", "form"))
    try:
        values = form_to_verify(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form)
    except TrialkitError:
        raise NotHereError from None
    study = asked.trial.study
    return asked.page(
        "verify.html",
        subject_id=subject_id,
        visit=study.visit(visit),
        form=study.form(form),
        values=values,
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def ticked(asked: Asked) -> Response:
    """State that the form was held against its source."""
    subject_id, visit, form = (asked.at(name) for name in ("subject_id", "visit", "form"))
    _page(asked)

    def act() -> Done:
        verify_source(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form)
        heading = said(
            "{form} of {subject} is verified", form=asked.trial.study.form(form).label, subject=subject_id
        )
        return Done(heading, (), "/source-verification", said("Source verification"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)
