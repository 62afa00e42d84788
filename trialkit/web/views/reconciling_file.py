"""Discrepancies as a workbook: taken along, decided with the paper in hand, and read back as a whole."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from trialkit.access.acts.capture import ADJUDICATE
from trialkit.errors import TrialkitError
from trialkit.operations import adjudicate_from_file, leftover_rows, reconciliation_rows
from trialkit.operations.import_upload import Upload, file_name_of, on_disk, rows_refused
from trialkit.operations.kept_back import kept_back
from trialkit.operations.reconciliation import ReconciliationRow
from trialkit.report.reconciliation import reconciliation_workbook
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.flags_told import flags_told
from trialkit.web.once import Done, once
from trialkit.web.own_fields import FIELDS
from trialkit.web.second_person import second_person
from trialkit.wording import said, said_count

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAME = "discrepancies.xlsx"
_SHOWN = 500  # lines of what was refused


def ask(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    rows, kept = _rows(asked)
    refused = rows_refused(error, _sent_name(asked)) if error and error.also else ()
    return asked.page(
        "discrepancies_file.html",
        n=len(rows),
        kept=kept,
        beside=len(leftover_rows(asked.trial, asked.actor)),
        error=error,
        refused=refused[:_SHOWN],
        refused_in_all=len(refused),
        fields=FIELDS,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _rows(asked: Asked) -> tuple[list[ReconciliationRow], int]:
    """What the workbook holds, and how many values of identifiers it leaves out: no file carries one."""
    found = reconciliation_rows(asked.trial, asked.actor)
    hidden = kept_back(asked.trial.study)
    rows = [row for row in found if row.item not in hidden]
    return rows, len(found) - len(rows)


def _sent_name(asked: Asked) -> str:
    file = asked.files.get("file")
    return file.name if file else ""


def workbook(asked: Asked) -> Response:
    """Every open value, with lists for decision and reason."""
    if asked.at("name") != _NAME:
        raise NotHereError
    content = reconciliation_workbook(_rows(asked)[0])
    name = f"{asked.trial.study.id}-{_NAME}"
    return Response(
        content, media_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def decided(asked: Asked) -> Response:
    """Decide what the file decides: all of it, or nothing."""
    if not asked.allowed(ADJUDICATE.name):
        raise NotHereError

    def act() -> Done:
        file = asked.files.get("file")
        upload = Upload(file_name_of(file.name if file else ""), file.content if file else b"")
        with on_disk(upload) as path:
            done = adjudicate_from_file(
                asked.trial, asked.actor, path=path, second_person=second_person(asked)
            )
        found = done.adjudicated
        left = found.undecided
        lines = (
            said("{n} decided", n=found.decided),
            said_count("{n} stays open: the site is asked", "{n} stay open: the site is asked", left),
            said_count(
                "{n} row had no decision and stays open",
                "{n} rows had no decision and stay open",
                done.left_open,
            ),
            said("SHA-256 of the file: {digest}", digest=upload.sha256),
            *flags_told(asked.trial.study, found.flags),
        )
        return Done(said("{file} is in", file=upload.name), lines, "/discrepancies", said("To the list"))

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _page(asked, error)
