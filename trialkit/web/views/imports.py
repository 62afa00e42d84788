"""A pass in a file: uploaded, looked at row by row, and taken or let go."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from http import HTTPStatus

from starlette.responses import Response

from trialkit.access.acts.capture import IMPORT_PASS, VOUCH_FOR_FILE
from trialkit.errors import TrialkitError
from trialkit.operations import end_import
from trialkit.operations.import_upload import (
    LARGEST_UPLOAD_BYTES,
    Upload,
    file_name_of,
    import_upload,
    look_at_upload,
    vouch_for_upload,
)
from trialkit.operations.study_shown import study_shown
from trialkit.operations.unfinished_imports import list_unfinished_imports
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.flags_told import flags_told
from trialkit.web.known import Known
from trialkit.web.once import Done, once
from trialkit.web.own_fields import FIELDS
from trialkit.web.second_person import second_person
from trialkit.web.views.record import proved_again
from trialkit.web.whole_number import whole_number
from trialkit.wording import said, said_count

DATE_ORDERS = (
    ("ymd", said("year, month, day")),
    ("dmy", said("day, month, year")),
    ("mdy", said("month, day, year")),
)
ENCODINGS = ("utf-8", "gb18030", "cp1252", "utf-16")
_BACK = said("To the imports")
_SHOWN = 500  # lines of what was refused or is to be looked at
_FORM_FIELDS = 64 * 1024  # bytes beside the file


def ask(asked: Asked) -> Response:
    _require_right(asked)
    return _form(asked)


def _require_right(asked: Asked) -> None:
    if not asked.allowed(IMPORT_PASS.name):
        raise NotHereError


def _form(asked: Asked, error: TrialkitError | None = None) -> Response:
    study = study_shown(asked.trial, asked.actor)
    return asked.page(
        "imports.html",
        forms=study.forms,
        visits=study.visits,
        date_orders=DATE_ORDERS,
        encodings=ENCODINGS,
        largest=LARGEST_UPLOAD_BYTES // (1024 * 1024),
        unfinished=list_unfinished_imports(asked.trial, asked.actor),
        request_key=new_request_key(),
        error=error,
        typed=asked.form,
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def sent(asked: Asked) -> Response:
    """Keep the file, and go to the page that says what would become of it; the trial is as it was."""
    _require_right(asked)
    form = asked.form
    file = asked.files.get("file")
    try:
        upload = Upload(
            name=file_name_of(file.name if file else ""),
            content=file.content if file else b"",
            form=form.get("form") or None,
            visit=form.get("visit") or None,
            typist=form.get("typist", "").strip() or None,
            encoding=None if form.get("encoding") in (None, "", ENCODINGS[0]) else form["encoding"],
            part=form.get("part", "").strip() or None,
            date_order=form.get("date_order") or "ymd",
            decimal_comma=form.get("decimal_comma") == "yes",
        )
    except TrialkitError as error:
        return _form(asked, error)
    number = secrets.token_urlsafe(16)
    told = json.dumps({name: text for name, text in asdict(upload).items() if name != "content"})
    asked.web.desk.keep_upload(asked.login, number, told, upload.content, asked.web.now().isoformat())
    return asked.redirect(f"/imports/{number}")


def _kept(asked: Asked) -> Upload:
    """The file of the address: its sender's alone."""
    kept = asked.web.desk.upload(asked.login, asked.at("number"))
    if kept is None:
        raise NotHereError
    return Upload(content=kept[1], **json.loads(kept[0]))


def look(asked: Asked) -> Response:
    """The file as an act that is not carried out: what it would write, or every row that is refused."""
    _require_right(asked)
    return _looked_at(asked, _kept(asked))


def _looked_at(asked: Asked, upload: Upload, error: TrialkitError | None = None) -> Response:
    found = look_at_upload(asked.trial, asked.actor, upload)
    entered = found.entered
    study = study_shown(asked.trial, asked.actor)
    return asked.page(
        "import_looked_at.html",
        upload=upload,
        number=asked.at("number"),
        form=next((form for form in study.forms if form.name == upload.form), None),
        entered=entered,
        refused=found.refused[:_SHOWN],
        refused_in_all=len(found.refused),
        flags=flags_told(study, entered.flags[:_SHOWN]) if entered else (),
        by_pass=not asked.actor.types_blindly,
        own=upload.typist in (None, asked.login) and asked.allowed(VOUCH_FOR_FILE.name),
        second_needed=bool(entered and entered.single and study.capture.second_person_at_entry),
        fields=FIELDS,
        error=error,
        typed=asked.form,
        request_key=new_request_key(),
        vouch_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def taken(asked: Asked) -> Response:
    """Take the file that was looked at, say that one typed it, or let it go."""
    _require_right(asked)
    if asked.form.get("step") == "let_go":
        _kept(asked)
        asked.web.desk.drop_upload(asked.login)
        return asked.redirect("/imports")

    def vouch() -> Done:
        upload = _kept(asked)
        seen = asked.form.get("seen", "")
        done = vouch_for_upload(asked.trial, proved_again(asked), upload, seen_sha256=seen)
        asked.web.desk.drop_upload(asked.login)
        heading = said("On record: {file} was typed by {account}", file=upload.name, account=asked.login)
        lines = (
            said("SHA-256 of the file: {digest}", digest=done.file_sha256),
            said(
                "Whoever imports it names {account} as its typist, and uploads the same file.",
                account=asked.login,
            ),
        )
        return Done(heading, lines, "/imports", _BACK)

    def act() -> Done:
        upload = _kept(asked)
        entered = import_upload(
            asked.trial,
            asked.actor,
            upload,
            seen_sha256=asked.form.get("seen", ""),
            confirmed=asked.form.get("confirmed") == "yes",
            confirmed_by=asked.form.get("confirmed_by", "").strip() or None,
            second_person=second_person(asked),
        )
        asked.web.desk.drop_upload(asked.login)
        heading = said_count(
            "{n} form of {file} is in", "{n} forms of {file} are in", entered.forms, file=upload.name
        )
        lines = (
            said("SHA-256 of the file: {digest}", digest=upload.sha256),
            said(
                "audit record {number}, hash {digest}", number=entered.stamp.number, digest=entered.stamp.hash
            ),
            *entered.notes,
            *flags_told(asked.trial.study, entered.flags[:_SHOWN]),
        )
        return Done(heading, lines, "/imports", _BACK)

    try:
        return once(asked, vouch if asked.form.get("step") == "vouch" else act)
    except TrialkitError as error:
        return _looked_at(asked, _kept(asked), error)


def given_up(asked: Asked) -> Response:
    """The rest of an import that broke off, given up with a reason; what of it is in stands."""
    _require_right(asked)
    number = whole_number(asked.at("number"))

    def act() -> Done:
        done = end_import(
            asked.trial,
            asked.actor,
            number=number or 0,
            reason=asked.form.get("reason", ""),
        )
        lines = (
            said_count("{n} form is in and stands", "{n} forms are in and stand", done.forms_in),
            said_count("{n} form never came in", "{n} forms never came in", done.forms_left),
        )
        return Done(said("The rest of {file} is given up", file=done.file_name), lines, "/imports", _BACK)

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _form(asked, error)


ROUTES: tuple[Known, ...] = (
    Known("/imports", {"GET": ask, "POST": sent}, files=1, largest_body=LARGEST_UPLOAD_BYTES + _FORM_FIELDS),
    Known("/imports/unfinished/{number}", {"POST": given_up}),
    Known("/imports/{number}", {"GET": look, "POST": taken}),
)
