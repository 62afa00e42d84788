"""A form of the final record: read, asked about, held against its source, signed; a field's history."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.responses import Response

from trialkit.access import AccessError, Actor
from trialkit.entry import QueryStatus
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.operations import (
    FormMarked,
    QueryListed,
    form_marks,
    list_queries,
    log_in,
    read_trail,
    sign_form,
    verify_source,
    verify_values,
)
from trialkit.operations.errors import OperationError
from trialkit.operations.form_record import FormRecord, form_as_entered, form_record
from trialkit.operations.verifying import form_to_verify
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.entry_fields import numbers_beside
from trialkit.web.once import Done, once
from trialkit.web.views.form_place import form_key
from trialkit.wording import said, said_count

MEANINGS = (
    said("reviewed and approved"),
    said("I confirm these values"),
    said("I take responsibility for them"),
)


def show(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    record = known_record(asked)
    study = asked.trial.study
    form = form_as_entered(asked.trial, record)
    where = f"{record.subject_id}/{record.visit}/{record.form}"
    marks = form_marks(asked.trial, asked.actor, subject_ids=[record.subject_id])
    return asked.page(
        "record.html",
        record=record,
        visit=study.visit(record.visit),
        form=form,
        numbers=numbers_beside(form),
        marks=[mark for mark in marks if mark.where == where],
        queries=_queries(asked, record),
        held=_held(asked, record),
        meanings=MEANINGS,
        meant=asked.form.get("meaning", ""),
        error=error,
        keys=tuple(new_request_key() for _ in range(3)),
        tick_keys=[new_request_key() for _ in record.lines],
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _queries(asked: Asked, record: FormRecord) -> list[QueryListed]:
    """Queries about this form, to roles that are shown queries."""
    try:
        found = list_queries(
            asked.trial,
            asked.actor,
            status=tuple(QueryStatus),
            form=record.form,
            subject_id=record.subject_id,
        )
    except AccessError:
        return []
    return [query for query in found if query.visit == record.visit]


def _held(asked: Asked, record: FormRecord) -> dict[tuple[str, str], tuple[str, ...]]:
    """Who held single values against their source, for those who verify."""
    try:
        found = form_to_verify(
            asked.trial, asked.actor, subject_id=record.subject_id, visit=record.visit, form=record.form
        )
    except (AccessError, OperationError):
        return {}
    return {(one.row, one.item): one.verified_by for one in found if one.verified_by}


def known_record(asked: Asked) -> FormRecord:
    """The form of the address. A typist is shown no record: it would tell of the other entry."""
    if asked.actor.types_blindly:
        raise NotHereError
    subject_id, visit, form = form_key(asked)
    try:
        return form_record(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form)
    except EntryError:
        raise NotHereError from None


def verified(asked: Asked) -> Response:
    """A monitor's tick: held against its source, as it was shown."""
    return _marked(
        asked,
        lambda key, seen: verify_source(
            asked.trial, asked.actor, subject_id=key[0], visit=key[1], form=key[2], seen=seen
        ),
        said("Held against its source"),
        ("/source-verification", said("To the list")),
    )


def ticked(asked: Asked) -> Response:
    """A monitor's ticks at single values of one line."""
    record = known_record(asked)
    row = asked.form.get("row", "")
    boxes = [name for name, text in asked.form.items() if name.startswith("tick.") and text]
    items = [name.removeprefix("tick.") for name in boxes]
    back = f"/subjects/{record.subject_id}/visits/{record.visit}/forms/{record.form}"

    def act() -> Done:
        done = verify_values(
            asked.trial,
            asked.actor,
            subject_id=record.subject_id,
            visit=record.visit,
            form=record.form,
            items=items,
            row=row,
        )
        words = said_count(
            "{n} value was held against its source",
            "{n} values were held against their source",
            len(done.items),
        )
        return Done(words, (), back, said("Back to the form"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)


def signed(asked: Asked) -> Response:
    """A signature: of the values as they were shown, by the account's password given again."""

    def sign(key: tuple[str, str, str], seen: str) -> FormMarked:
        actor = proved_again(asked)
        return sign_form(
            asked.trial,
            actor,
            subject_id=key[0],
            visit=key[1],
            form=key[2],
            meaning=asked.form.get("meaning", ""),
            seen=seen,
        )

    return _marked(asked, sign, said("Signed"))


def proved_again(asked: Asked) -> Actor:
    """The account in its role, proved by its password for one act: a session never signs."""
    actor = asked.actor
    return log_in(
        asked.trial,
        login=asked.login,
        password=asked.form.get("password", ""),
        role=actor.role,
        site=actor.site,
        host=asked.host,
        os_user="",
        device=asked.device_of(asked.login),
    )


Mark = Callable[[tuple[str, str, str], str], FormMarked]


def _marked(asked: Asked, mark: Mark, words: str, following: tuple[str, str] | None = None) -> Response:
    known_record(asked)
    key = form_key(asked)

    def act() -> Done:
        done = mark(key, asked.form.get("seen", ""))
        form = f"/subjects/{key[0]}/visits/{key[1]}/forms/{key[2]}"
        path, label = following or (form, said("Back to the form"))
        lines = (said("Bound to the content {digest}", digest=done.content_sha256[:16]),)
        return Done(words, lines, path, label)

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)


def history(asked: Asked) -> Response:
    """What was written to one field, and when: as a drawer beside the form, or a page of its own."""
    record = known_record(asked)
    form = form_as_entered(asked.trial, record)
    row = asked.request.query_params.get("row", "")
    item = next((one for one in form.items if one.name == asked.at("item")), None)
    if item is None:
        raise NotHereError
    try:
        lines = read_trail(
            asked.trial, asked.actor, subject_id=record.subject_id, form=record.form, item=item.name
        )
    except (AccessError, EntryError):
        raise NotHereError from None
    found = [(line, line.told_of(record.visit, row, item.name)) for line in lines]
    return asked.page(
        "history.html",
        record=record,
        item=item,
        row=row,
        valued=any(line.row == row and item.name in line.values for line in record.lines),
        found=found or [(line, None) for line in lines],
        request_key=new_request_key(),
    )
