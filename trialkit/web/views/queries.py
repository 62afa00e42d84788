"""Queries: the list, a thread, the way to the field and back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.responses import Response

from trialkit.access.acts.queries import RAISE_QUERIES
from trialkit.entry import QueryStatus
from trialkit.errors import TrialkitError
from trialkit.operations import (
    QueryListed,
    QueryMoved,
    answer_query,
    close_query,
    list_queries,
    open_query,
    raise_queries,
    reopen_query,
)
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.web.pages import word
from trialkit.web.views.form_place import form_key
from trialkit.web.whole_number import whole_number
from trialkit.wording import said

Step = Callable[[Asked, int, str], QueryMoved]

STEPS: dict[str, Step] = {
    "answer": lambda asked, number, text: answer_query(asked.trial, asked.actor, number=number, text=text),
    "close": lambda asked, number, text: close_query(asked.trial, asked.actor, number=number, text=text),
    "reopen": lambda asked, number, text: reopen_query(asked.trial, asked.actor, number=number, text=text),
}


def listed(asked: Asked) -> Response:
    """Open, answered and reopened ones; all of them where it is asked for."""
    every = asked.request.query_params.get("status", "") == "all"
    wanted = tuple(QueryStatus) if every else ()
    found = list_queries(asked.trial, asked.actor, status=wanted)
    return _list(asked, found, every)


def _list(
    asked: Asked, found: list[QueryListed], every: bool, error: TrialkitError | None = None
) -> Response:
    return asked.page(
        "queries.html",
        queries=found,
        every=every,
        error=error,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def raised(asked: Asked) -> Response:
    """Let the study's checks ask, each failure once."""
    if not asked.allowed(RAISE_QUERIES.name):
        raise NotHereError

    def act() -> Done:
        done = raise_queries(asked.trial, asked.actor)
        lines = (
            said("New: {n}", n=len(done.raised)),
            said("Asked again: {n}", n=len(done.reopened)),
            said("Asked before, on the same values: {n}", n=done.standing),
            said("Open, and fails no more: {n}", n=len(done.settled)),
        )
        return Done(said("The checks have asked"), lines, "/queries", said("To the queries"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _list(asked, list_queries(asked.trial, asked.actor, status=tuple(QueryStatus)), True, error)


def thread(asked: Asked) -> Response:
    return _thread(asked)


def _thread(asked: Asked, error: TrialkitError | None = None) -> Response:
    return asked.page(
        "query.html",
        query=_known(asked),
        steps=_possible(_known(asked)),
        typed=asked.form.get("text", ""),
        error=error,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _possible(query: QueryListed) -> tuple[str, ...]:
    """Steps that the query's life has now; who may take them, the act says."""
    return {
        QueryStatus.OPEN: ("answer", "close"),
        QueryStatus.REOPENED: ("answer", "close"),
        QueryStatus.ANSWERED: ("close", "reopen"),
        QueryStatus.CLOSED: ("reopen",),
    }[query.status]


def moved(asked: Asked) -> Response:
    """One step of a query."""
    query = _known(asked)
    step = STEPS.get(asked.form.get("step", ""))
    if step is None:
        raise NotHereError

    def act() -> Done:
        done = step(asked, query.number, asked.form.get("text", ""))
        heading = said("Query {number}: {status}", number=done.number, status=word(done.status))
        return Done(heading, (), "/queries", said("To the queries"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _thread(asked, error)


def opened(asked: Asked) -> Response:
    """Ask the site about a field, or about the form."""
    subject_id, visit, form = form_key(asked)

    def act() -> Done:
        done = open_query(
            asked.trial,
            asked.actor,
            subject_id=subject_id,
            visit=visit,
            form=form,
            item=asked.form.get("item", ""),
            row=asked.form.get("row", ""),
            text=asked.form.get("text", ""),
        )
        back = f"/subjects/{subject_id}/visits/{visit}/forms/{form}"
        return Done(said("Query {number} is asked", number=done.number), (), back, said("Back to the form"))

    return once(asked, act)


def _known(asked: Asked) -> QueryListed:
    """The query of the address; unknown and another's to see are one and the same."""
    number = whole_number(asked.at("number"))
    every = list_queries(asked.trial, asked.actor, status=tuple(QueryStatus)) if number else []
    found = next((query for query in every if query.number == number), None)
    if found is None:
        raise NotHereError
    return found
