"""Importing one pass of one form from a table file: all of it, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trialkit.access import Actor
from trialkit.entry.checking import EnteredRow, FormEntry
from trialkit.entry.errors import EntryError
from trialkit.interchange import TableFile, read_table
from trialkit.nearest import advice
from trialkit.operations.passes import ImportSource, PassesEntered, enter_passes
from trialkit.operations.trial import Trial
from trialkit.store.reading.subjects import subjects
from trialkit.study.model import Form
from trialkit.vocabulary import ItemType
from trialkit.wording import said

VISIT, ROW = "visit", "row"


def import_pass(
    trial: Trial,
    actor: Actor,
    *,
    path: Path | str,
    form: str,
    visit: str | None = None,
    typist: str | None = None,
    encoding: str | None = None,
    confirmed: bool = False,
) -> PassesEntered:
    """Import a file that holds one pass of one form, one row of the form a line.

    Parameters
    ----------
    path
        CSV, XLSX, EpiData REC or EPX, with the study's subject column (``subject_id``), ``visit`` unless one
        visit is given, ``row`` for the line number of a repeating form without a key item, and items.
    form
        The form's name.
    visit
        Where the file has no ``visit`` column.
    typist
        The account that typed the file, as declared by the importer; None: the importer.
    encoding
        Of a text file; None: UTF-8.
    confirmed
        As in :func:`enter_passes`, for single-entry forms.

    Raises
    ------
    EntryError
        Naming file, line and column of the first thing wrong: an unknown column, visit or subject, a row
        twice, a text that is no value, no item or no row at all. Nothing was written.
    FileFormatError, FileEncodingError
        The file cannot be read.
    """
    file = read_table(path, encoding)
    known = trial.rules.forms.get(form)
    if known is None:
        near = advice(form, list(trial.rules.forms), otherwise="")
        raise EntryError(expected="a form of the study", found=repr(form), where=str(path), next_step=near)
    key, visit_column = _check_columns(trial, file, known, visit)
    _check_subjects(trial, file, key)
    entries = _entries(file, known, key, visit_column, visit)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    source = ImportSource(Path(path).name, digest, typist or actor.account)
    return enter_passes(trial, actor, entries=entries, confirmed=confirmed, act="import_pass", source=source)


def _check_columns(trial: Trial, file: TableFile, form: Form, visit: str | None) -> tuple[str, str | None]:
    """Names of the subject and visit columns, after every other column was known."""
    key = trial.study.record_id
    header = f"{file.path}:1"
    if key not in file.columns:
        raise EntryError(expected=said("a column {key!r}", key=key), found="none", where=header)
    visit_column = VISIT if VISIT in file.columns else None
    if (visit_column is None) == (visit is None):
        raise EntryError(
            expected="the visit either as a column or stated for the whole file",
            found="both" if visit else "neither",
            where=header,
        )
    items = {item.name for item in form.items if item.type is not ItemType.DERIVED}
    permitted = {key, VISIT, *items, *({ROW} if form.repeating else ())}
    ours = ROW in file.columns and not form.repeating and not any(_column(file, ROW))
    for column in file.columns:
        if column not in permitted and not (ours and column == ROW):
            raise EntryError(
                expected=said("items of form {name}", name=form.name),
                found=repr(column),
                where=f"{header}:{column}",
                next_step=advice(column, sorted(permitted), otherwise="Remove the column."),
            )
    numbered = {form.row_key} if form.repeating and ROW in file.columns else set()
    absent = [item.name for item in form.items if item.name in items - numbered - set(file.columns)]
    if absent:  # else the items would stand as typed blank, and nobody typed them
        raise EntryError(
            expected=said("a column for every item of form {name}", name=form.name),
            found=said("none for {absent}", absent=", ".join(absent)),
            where=header,
            next_step="Add the columns; leave a cell empty where the form on paper is blank.",
        )
    if not file.rows:
        raise EntryError(expected="at least one row below the header", found="none", where=str(file.path))
    return key, visit_column


def _column(file: TableFile, name: str) -> list[str]:
    place = file.columns.index(name)
    return [row[place] for row in file.rows]


def _check_subjects(trial: Trial, file: TableFile, key: str) -> None:
    """Before the transaction opens: nobody waits for a file that cannot go in."""
    wanted = _column(file, key)
    with trial.store.reading() as reader:
        known = set(subjects(reader, set(wanted)))
    for number, subject_id in zip(file.line_numbers, wanted, strict=True):
        if subject_id not in known:
            raise EntryError(
                expected="the number of a subject of this study",
                found=repr(subject_id),
                where=f"{file.path}:{number}:{key}",
                next_step="Check the number; enrol the subject first.",
            )


def _entries(
    file: TableFile, form: Form, key: str, visit_column: str | None, visit: str | None
) -> list[FormEntry]:
    grouped: dict[tuple[str, str], list[EnteredRow]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for number, cells in zip(file.line_numbers, file.rows, strict=True):
        texts = dict(zip(file.columns, cells, strict=True))
        subject_id = texts.pop(key)
        at = texts.pop(visit_column) if visit_column else str(visit)
        row = texts.pop(ROW, "")
        if form.row_key is not None:
            row = texts.get(form.row_key, row)
        where = f"{file.path}:{number}"
        if at not in form.visits:
            raise EntryError(
                expected=said(
                    "a visit of form {name}: {visits}", name=form.name, visits=", ".join(form.visits)
                ),
                found=repr(at),
                where=f"{where}:{VISIT}",
            )
        if (subject_id, at, row) in seen:
            raise EntryError(
                expected="each subject, visit and line once",
                found=said("the row of line {seen} again", seen=seen[subject_id, at, row]),
                where=where,
                next_step="Remove the one that is not on paper.",
            )
        seen[subject_id, at, row] = number
        grouped.setdefault((subject_id, at), []).append(EnteredRow(texts, row, where))
    return [FormEntry(who, at, form.name, tuple(rows)) for (who, at), rows in grouped.items()]
