"""Correcting a value of the final record: with its reason, on top of what was seen, citing a query."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from trialkit.access.acts.capture import CORRECT
from trialkit.access.groups import SITE
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.operations import correct
from trialkit.operations.form_record import form_as_entered
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.flags_told import flags_in_form
from trialkit.web.once import Done, once
from trialkit.web.second_person import second_person
from trialkit.web.typed_days import as_stored
from trialkit.web.views.record import known_record
from trialkit.web.whole_number import whole_number
from trialkit.wording import said


def ask(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    record = known_record(asked)
    if asked.actor.role not in CORRECT.allowed_roles:
        raise NotHereError
    row = asked.form.get("row", asked.request.query_params.get("row", ""))
    form = form_as_entered(asked.trial, record)
    item = next((one for one in form.items if one.name == asked.at("item")), None)
    line = next((one for one in record.lines if one.row == row), None)
    if item is None or line is None or item.name not in line.values:
        raise NotHereError
    return asked.page(
        "correct.html",
        record=record,
        form=form,
        item=item,
        row=row,
        of_the_site=asked.actor.role in SITE,
        present=line.values[item.name] or "",
        typed=asked.form,
        error=error,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def corrected(asked: Asked) -> Response:
    record = known_record(asked)
    query = asked.form.get("query", "").strip()
    form = form_as_entered(asked.trial, record)

    def act() -> Done:
        number = whole_number(query)
        if query and number is None:
            raise EntryError(expected="the number of a query", found=repr(query))
        done = correct(
            asked.trial,
            asked.actor,
            subject_id=record.subject_id,
            visit=record.visit,
            form=record.form,
            item=asked.at("item"),
            row=asked.form.get("row", ""),
            value=as_stored(form, asked.at("item"), asked.form.get("value", "")),
            reason=asked.form.get("reason", ""),
            seen=asked.form.get("seen", ""),
            query=number,
            second_person=second_person(asked),
        )
        back = f"/subjects/{record.subject_id}/visits/{record.visit}/forms/{record.form}"
        before = said("It said: {old}", old=done.old or said("(blank)"))
        after = said("It says: {new}", new=done.new or said("(blank)"))
        lines = (before, after, *flags_in_form(asked.trial.study, done.flags))
        return Done(said("Corrected"), lines, back, said("Back to the form"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)
