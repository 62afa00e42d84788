"""Keeping a draft while it is typed, and telling of others at the same form."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from trialkit.operations.entry_desk import DeskStanding
from trialkit.vocabulary import EntryMode
from trialkit.web.asking import Asked
from trialkit.web.drafts import draft_at, keep_draft, place_of
from trialkit.web.views.form_place import form_asked, form_key, others_at


def keep(asked: Asked) -> Response:
    """Keep the draft: any text, never looked at; or be done with one of a form that is complete."""
    at_desk = form_asked(asked)
    if "throw_away" in asked.form:
        return _thrown_away(asked)
    draft = keep_draft(asked)
    if draft is None:
        newer = draft_at(asked).kept_at
        told = {
            "newer": asked.time_of_day(newer, at_desk.site) if newer else "",
            "taken": at_desk.standing is DeskStanding.COMPLETED,
            "closed": at_desk.standing is DeskStanding.CLOSED,
        }
        return JSONResponse(told, HTTPStatus.CONFLICT)
    assert draft.kept_at is not None
    return JSONResponse(
        {
            "kept": asked.time_of_day(draft.kept_at, at_desk.site),
            "version": draft.version,
            "others": others_at(asked, at_desk.form),
            "taken": at_desk.form.entry is EntryMode.SINGLE and at_desk.standing is DeskStanding.COMPLETED,
            "closed": at_desk.standing is DeskStanding.CLOSED,
        }
    )


def _thrown_away(asked: Asked) -> Response:
    """Only the copy that was looked at: what another window kept since then stays, and is shown."""
    if asked.form["throw_away"] != draft_at(asked).version:
        return asked.redirect("/subjects/{}/visits/{}/forms/{}/entry".format(*form_key(asked)))
    asked.web.desk.drop_draft(asked.login, place_of(asked))
    return asked.redirect(f"/subjects/{asked.at('subject_id')}")
