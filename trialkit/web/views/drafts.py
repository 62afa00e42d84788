"""Keeping a draft while it is typed, and telling of others at the same form."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from trialkit.vocabulary import EntryMode
from trialkit.web.asking import Asked
from trialkit.web.drafts import draft_at, keep_draft
from trialkit.web.views.form_place import form_asked, others_at


def keep(asked: Asked) -> Response:
    """Keep the draft: any text, never looked at."""
    at_desk = form_asked(asked)
    draft = keep_draft(asked)
    if draft is None:
        newer = draft_at(asked).kept_at
        told = {
            "newer": asked.time_of_day(newer, at_desk.site) if newer else "",
            "taken": not at_desk.is_open,
        }
        return JSONResponse(told, HTTPStatus.CONFLICT)
    assert draft.kept_at is not None
    return JSONResponse(
        {
            "kept": asked.time_of_day(draft.kept_at, at_desk.site),
            "version": draft.version,
            "others": others_at(asked, at_desk.form),
            "taken": at_desk.form.entry is EntryMode.SINGLE and not at_desk.is_open,
        }
    )
