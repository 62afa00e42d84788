"""Typing a form: its items in the dictionary's order, a draft kept on the way, one deliberate Complete.

The page is the same for both entries and shows nothing of the other one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from starlette.responses import PlainTextResponse, Response

from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.operations import EnteredRow, FormEntry, PassesEntered, enter_pass
from trialkit.operations.entry_desk import form_to_enter, wanted_forms
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode, ItemType
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.entry_fields import Field, fields_of
from trialkit.web.once import Done, once
from trialkit.wording import said

_ROWS_AT_FIRST = 5  # of a form with several lines
_MOST_ROWS = 500  # drawn, whatever a draft says


def ask(asked: Asked) -> Response:
    form = _form(asked)
    kept = asked.web.desk.draft(asked.login, _place(asked))
    typed, kept_at = (json.loads(kept[0]), datetime.fromisoformat(kept[1])) if kept else ({}, None)
    return _page(asked, form, typed, kept_at=kept_at)


def keep(asked: Asked) -> Response:
    """Keep the draft: any text, never looked at."""
    _form(asked)
    kept_at = _keep(asked)
    return PlainTextResponse(asked.time_of_day(kept_at))


def entered(asked: Asked) -> Response:
    """Complete the form, or show it again with everything typed and what is wrong with it."""
    form = _form(asked)
    _keep(asked)

    def act() -> Done:
        done = enter_pass(
            asked.trial,
            asked.actor,
            entry=FormEntry(*_key(asked), rows=_rows(form, asked.form)),
            confirmed=asked.form.get("confirmed") == "yes",
        )
        asked.web.desk.drop_draft(asked.login, _place(asked))
        return _done(asked, form, done)

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, form, _typed(asked.form), error=error)


def _done(asked: Asked, form: Form, done: PassesEntered) -> Done:
    """Never whether the two entries differ: a typist must not learn of it."""
    flags = tuple(str(flag) for flag in done.flags)
    subject_id = asked.at("subject_id")
    more = wanted_forms(asked.trial, asked.actor, subject_ids=[subject_id])
    heading = said("{form} of {subject} is complete", form=form.label, subject=subject_id)
    if not more:
        return Done(heading, flags, f"/subjects/{subject_id}", said("Back to {subject}", subject=subject_id))
    following = more[0]
    label = asked.trial.study.form(following.form).label
    path = f"/subjects/{subject_id}/visits/{following.visit}/forms/{following.form}/entry"
    return Done(heading, flags, path, said("Next form: {form}", form=label))


def _page(
    asked: Asked,
    form: Form,
    typed: Mapping[str, str],
    *,
    error: TrialkitError | None = None,
    kept_at: datetime | None = None,
) -> Response:
    rows = _ROWS_AT_FIRST if form.repeating else 1
    used = [int(name[1:].partition(".")[0]) + 1 for name in typed if name[1:2].isdecimal()]
    return asked.page(
        "entry.html",
        subject_id=asked.at("subject_id"),
        visit=asked.trial.study.visit(asked.at("visit")),
        form=form,
        rows=[fields_of(form, number, typed, error) for number in range(min(max([rows, *used]), _MOST_ROWS))],
        error=error,
        kept_at=asked.time_of_day(kept_at) if kept_at else "",
        single=form.entry is EntryMode.SINGLE,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _form(asked: Asked) -> Form:
    subject_id, visit, form = _key(asked)
    try:
        return form_to_enter(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form)
    except EntryError:
        raise NotHereError from None


def _rows(form: Form, sent: Mapping[str, str]) -> tuple[EnteredRow, ...]:
    """The lines that were typed; of a form with several, those with nothing on them are left out."""
    rows = []
    number = 0
    while any(name.startswith(f"r{number}.") for name in sent):
        values = {
            item.name: sent.get(Field.name_of(number, item.name), "")
            for item in form.items
            if item.type is not ItemType.DERIVED
        }
        if not form.repeating or any(text.strip() for text in values.values()):
            rows.append(EnteredRow(values, str(number + 1) if form.repeating else ""))
        number += 1
    return tuple(rows)


def _typed(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in sent.items() if name[:1] == "r" and "." in name}


def _keep(asked: Asked) -> datetime:
    kept_at = asked.web.now()
    asked.web.desk.keep_draft(asked.login, _place(asked), json.dumps(_typed(asked.form)), kept_at.isoformat())
    return kept_at


def _key(asked: Asked) -> tuple[str, str, str]:
    return asked.at("subject_id"), asked.at("visit"), asked.at("form")


def _place(asked: Asked) -> str:
    return "/".join(_key(asked))
