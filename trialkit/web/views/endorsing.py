"""Corrections: for the site, which endorses them or objects; for whoever made them, what it said."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.operations.endorsing import (
    CorrectionListed,
    endorse_correction,
    list_corrections,
    object_to_correction,
)
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.web.pages import word
from trialkit.web.whole_number import whole_number
from trialkit.wording import said

_ACTS = {"endorse": endorse_correction, "object": object_to_correction}


def listed(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None, number: int = 0) -> Response:
    every = asked.request.query_params.get("which", "") == "all"
    found = list_corrections(asked.trial, asked.actor, only_awaited=not every)
    return asked.page(
        "corrections.html",
        corrections=found,
        every=every,
        error=error,
        at_fault=number,
        typed=asked.form.get("text", ""),
        keys={one.number: new_request_key() for one in found},
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def answered(asked: Asked) -> Response:
    one = _known(asked)
    answer = _ACTS.get(asked.form.get("answer", ""))
    if answer is None:
        raise NotHereError

    def act() -> Done:
        done = answer(asked.trial, asked.actor, number=one.number, text=asked.form.get("text", ""))
        again = () if done.query is None else (said("Query {number} is open again", number=done.query),)
        heading = said("Correction {number}: {answer}", number=one.number, answer=word(done.answer))
        return Done(heading, again, "/corrections", said("To the corrections"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error, one.number)


def _known(asked: Asked) -> CorrectionListed:
    number = whole_number(asked.at("number"))
    every = list_corrections(asked.trial, asked.actor, only_awaited=False) if number else []
    found = next((one for one in every if one.number == number), None)
    if found is None:
        raise NotHereError
    return found
