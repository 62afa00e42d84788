"""The entry desk: a paper in the hand, its subject's number, Enter, and the next form of that subject."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.entry.errors import EntryError
from trialkit.operations.subject_list import subject_typed
from trialkit.web.asking import Asked, NotHereError


def ask(asked: Asked) -> Response:
    """The page, or with a number the next form of that subject: nothing of any other subject is read."""
    if not asked.allowed(ENTER_PASSES.name):
        raise NotHereError
    number = asked.request.query_params.get("number", "").strip()
    if not number:
        return asked.page("entry_desk.html", number="", unknown=False)
    try:
        subject = subject_typed(asked.trial, asked.actor, number)
    except EntryError:
        return asked.page("entry_desk.html", number=number, unknown=True, status=404)
    return asked.redirect(f"/subjects/{subject.subject_id}/next-form")
