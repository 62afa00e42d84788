"""Verification of a second entry in the page: whether a field just left differs from the other entry."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from trialkit.operations.challenges import challenge_field, challenges_at, is_verified
from trialkit.study.model import Form
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.entry_fields import row_typed
from trialkit.web.views.form_place import form_asked, form_key
from trialkit.web.whole_number import whole_number

_MOST_LINES = 500


def compare(asked: Asked) -> Response:
    """One field of one line. The answer to a first entry is that nothing differs, in the same bytes."""
    form = form_asked(asked).form
    item, line = asked.form.get("item", ""), whole_number(asked.form.get("line", ""))
    if line is None or line >= _MOST_LINES:
        raise NotHereError
    if item not in {one.name for one in form.items} or not is_verified(asked.trial, form):
        raise NotHereError
    subject_id, visit, name = form_key(asked)
    differs = challenge_field(
        asked.trial,
        asked.actor,
        subject_id=subject_id,
        visit=visit,
        form=name,
        item=item,
        values=row_typed(form, asked.form, line),
        row=str(line + 1) if form.repeating else "",
    )
    return JSONResponse({"differs": differs})


def told_at(asked: Asked, form: Form, typed: Mapping[str, str], lines: int) -> set[tuple[int, str]]:
    """The fields of the page, by line from 0, that this account was told of."""
    if not is_verified(asked.trial, form):
        return set()
    subject_id, visit, name = form_key(asked)
    told = challenges_at(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=name)
    if not form.repeating:
        return {(0, item) for _, item in told}
    keys = {line: _line_key(form, typed, line) for line in range(lines)}
    return {(line, item) for line, key in keys.items() for row, item in told if row == key}


def _line_key(form: Form, typed: Mapping[str, str], line: int) -> str:
    """The printed number of a line: its key item where it has one, else its place."""
    key = row_typed(form, typed, line).get(form.row_key, "") if form.row_key else ""
    return key.strip() if form.row_key else str(line + 1)
