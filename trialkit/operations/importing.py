"""Importing a pass from a table file: one form, or every form of a REDCap export; all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.entry.checking import EnteredRow, FormEntry, check_entries
from trialkit.entry.errors import EntryError
from trialkit.entry.rules import StudyRules
from trialkit.interchange import read_table
from trialkit.interchange.pass_cells import DATE_ORDERS, CellReader, day_of_serial
from trialkit.interchange.pass_file import (
    VISIT,
    PassFile,
    check_every_item_has_a_column,
    kept_as_text,
    pass_file,
)
from trialkit.interchange.redcap_records import EVENT, RedcapLine
from trialkit.nearest import advice
from trialkit.operations.batches import Terms
from trialkit.operations.gate import reading
from trialkit.operations.import_batches import ImportSource
from trialkit.operations.import_lines import FileLine, line_again, with_their_numbers
from trialkit.operations.import_partial import taken_in_part
from trialkit.operations.import_parts import import_in_parts, takes_parts
from trialkit.operations.passes import PassesEntered, write_batch
from trialkit.operations.trial import Trial
from trialkit.study.model import Form, Item
from trialkit.table_files.table_file import with_its_faults
from trialkit.vocabulary import ItemType
from trialkit.wording import said


def import_pass(
    trial: Trial,
    actor: Actor,
    *,
    path: Path | str,
    form: str | None = None,
    visit: str | None = None,
    typist: str | None = None,
    encoding: str | None = None,
    part: str | None = None,
    date_order: str = "ymd",
    decimal_comma: bool = False,
    leave_out: Sequence[str] = (),
    partial: bool = False,
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
    rehearsed: bool = False,
) -> PassesEntered:
    """Import a file that holds one pass: of one form, one row of the form a line, or a whole REDCap export.

    One act, unless the file holds more than ``LARGEST_ACT`` values: then all of it is checked, its forms are
    claimed, and it is taken in parts between which others write. One that breaks off goes on when it is run
    again.

    Parameters
    ----------
    path
        CSV, XLSX, EpiData REC or EPX, with the study's subject column, ``visit`` unless one visit is given,
        ``row`` for the line number of a repeating form without a key item, and items. A REDCap records
        export has its event for the visit and its instance for the line; columns of REDCap's that hold no
        item are passed over.
    form
        The form's name; None only for a REDCap export, which then gives every form that was begun.
    visit
        Where the file has no ``visit`` column.
    typist
        The account that typed the file, as declared by the importer; None: the importer.
    encoding
        Of a text file; None: UTF-8.
    part
        The sheet of a workbook or the data file of an EpiData project, where there are several.
    date_order
        ``dmy`` or ``mdy`` where the file's dates are written so, partial ones (05/2019) too.
    decimal_comma
        True where the file writes 10,5.
    leave_out
        Columns of the file that hold no item and are left out, which the notes say.
    partial
        True: a form about which anything is refused is left out, all of it, and the others are taken; what
        was refused is in ``refused`` of the answer.
    confirmed, confirmed_by, second_person
        As in :func:`enter_passes`, for single-entry forms.
    rehearsed
        True: everything is read, checked and refused as it would be, and nothing is written. Confirmations
        are not asked for.

    Returns
    -------
    PassesEntered
        Its notes say what was passed over, and how many labels, commas and dates were converted.

    Raises
    ------
    EntryError
        Naming file, line and column of everything wrong, the first with the others in ``also``: unknown
        columns, visits or subjects, rows twice, texts that are no values, no row at all. Nothing was written.
    FileFormatError, FileEncodingError
        The file cannot be read.
    """
    if date_order not in DATE_ORDERS:
        raise EntryError(
            expected=said("a date order of {orders}", orders=", ".join(DATE_ORDERS)), found=repr(date_order)
        )
    with reading(trial, actor, IMPORT_PASS) as gate:
        gate.require_not_closed()
        rules = gate.rules
    wanted = _forms(rules, form, str(path))
    file = read_table(path, encoding, part, with_faults=True)
    cells = CellReader(date_order, decimal_comma)
    with with_its_faults(file):
        found = pass_file(rules.study, file, wanted, leave_out)
        _check_form_and_visit(found, form, visit)
        texts = [item for one in wanted for item in one.items if item.type is ItemType.TEXT]
        kept, problems = kept_as_text(found.file, texts)
        problems += _unknown_subjects(trial, actor, found)
        entries = _entries(trial, found, wanted, visit, cells, problems)
        if problems or file.faults:
            problems += _unreadable(rules, entries)
        if problems and not partial:
            raise EntryError.all_of(problems)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    source = ImportSource(Path(path).name, digest, typist or actor.account)
    terms = Terms(confirmed or rehearsed, confirmed_by, second_person, source, rehearsed, partial)
    options = {"form": form, "visit": visit, "encoding": encoding, "part": part, "date_order": date_order}
    more = {"decimal_comma": decimal_comma, "leave_out": ", ".join(sorted(leave_out)), "partial": partial}
    options |= {name: "yes" if stated is True else str(stated) for name, stated in more.items() if stated}

    def take(some: Sequence[FormEntry], refused: int = 0) -> PassesEntered:
        own = replace(terms, source=replace(source, refused=refused))
        if takes_parts(some):
            return import_in_parts(trial, actor, entries=some, terms=own, options=options)
        return write_batch(trial, actor, IMPORT_PASS, entries=some, terms=own)

    entered = taken_in_part(entries, problems, _subjects(trial, found), take) if partial else take(entries)
    return replace(entered, notes=(*entered.notes, *found.notes, *cells.notes(), *kept))


def _subjects(trial: Trial, found: PassFile) -> dict[str, str]:
    """``file:line`` -> the subject's number there."""
    numbers = zip(found.file.line_numbers, found.column(trial.study.record_id), strict=True)
    return {f"{found.file.path}:{line}": subject.strip() for line, subject in numbers}


def _forms(rules: StudyRules, form: str | None, where: str) -> tuple[Form, ...]:
    if form is None:
        return rules.study.forms
    known = rules.forms.get(form)
    if known is None:
        near = advice(form, list(rules.forms), otherwise="")
        raise EntryError(expected="a form of the study", found=repr(form), where=where, next_step=near)
    return (known,)


def _check_form_and_visit(found: PassFile, form: str | None, visit: str | None) -> None:
    if form is None and not found.from_redcap:
        raise EntryError(
            expected="the form that the file holds",
            found="none",
            where=str(found.file.path),
            next_step="Name it, with --form; only a REDCap export tells its forms itself.",
        )
    columns = found.file.columns
    stated = [VISIT in columns, visit is not None, EVENT in columns]
    if sum(stated) > 1 or not (any(stated) or found.from_redcap):
        raise EntryError(
            expected="the visit either as a column or stated for the whole file",
            found="both" if any(stated) else "neither",
            where=found.header,
            next_step="Give --visit, or a column visit, and not both.",
        )


def _unreadable(rules: StudyRules, entries: list[FormEntry]) -> list[EntryError]:
    """What the cells of a file that is refused anyway have wrong besides."""
    try:
        check_entries(lambda _: rules, entries)
    except EntryError as error:
        return [error]
    return []


def _unknown_subjects(trial: Trial, actor: Actor, found: PassFile) -> list[EntryError]:
    """Before the transaction opens: nobody waits for a file that cannot go in.

    Another site's subject is as unknown as one that nobody enrolled.
    """
    key = trial.study.record_id
    wanted = [cell.strip() for cell in found.column(key)]
    with reading(trial, actor, IMPORT_PASS) as gate:
        known = set(gate.subjects(set(wanted)))
        everybody = known if known.issuperset(wanted) else set(gate.subjects())
    return [
        EntryError(
            expected="the number of a subject of this study",
            found=repr(subject_id),
            where=f"{found.file.path}:{number}:{key}",
            next_step=_about_the_number(subject_id, everybody),
        )
        for number, subject_id in zip(found.file.line_numbers, wanted, strict=True)
        if subject_id not in known
    ]


def _about_the_number(subject_id: str, known: set[str]) -> str:
    """Another spelling of a number that is there; nothing of other people's numbers is told."""
    same = [number for number in known if number.casefold() == subject_id.casefold()]
    same += [number for number in known if number.lstrip("0") == subject_id.lstrip("0") != ""]
    if same:
        return said("Did you mean {number!r}?", number=same[0])
    return "Check the number; enrol the subject first."


def _entries(
    trial: Trial,
    found: PassFile,
    forms: tuple[Form, ...],
    visit: str | None,
    cells: CellReader,
    problems: list[EntryError],
) -> list[FormEntry]:
    """The file's forms; what is wrong with a line goes to ``problems``."""
    entries: list[FormEntry] = []
    begun: set[int] = set()
    for form in forms:
        lines = list(_lines_of(trial, found, form, visit))
        begun.update(line.number for line in lines)
        if not lines and found.from_redcap and len(forms) > 1:
            continue
        check_every_item_has_a_column(found, form)
        entries += _form_entries(trial, found, form, lines, cells, problems)
    empty = len(found.file.line_numbers) - len(begun)
    if empty and found.from_redcap and len(forms) == len(trial.study.forms):
        cells.changed[said("rows on which no form holds anything, passed over")] += empty
    if not entries and not problems and not found.file.faults:
        raise EntryError(
            expected="at least one form that was begun", found="none", where=str(found.file.path)
        )
    return entries


def _lines_of(trial: Trial, found: PassFile, form: Form, visit: str | None) -> Iterator[FileLine]:
    """The lines of one form; a REDCap export has lines of other forms between them."""
    columns = [item.name for item in form.items if item.type is not ItemType.DERIVED]
    only = trial.study.visits[0].name if len(trial.study.visits) == 1 else ""
    for number, row in zip(found.file.line_numbers, found.file.rows, strict=True):
        cells = dict(zip(found.file.columns, row, strict=True))
        if not found.from_redcap:
            yield FileLine(number, cells.get(VISIT, "") if visit is None else visit, cells)
            continue
        line = RedcapLine(number, cells)
        if line.holds(form.name, columns):
            yield FileLine(number, visit or line.visit() or cells.get(VISIT, "") or only, cells)


def _form_entries(
    trial: Trial,
    found: PassFile,
    form: Form,
    lines: list[FileLine],
    cells: CellReader,
    problems: list[EntryError],
) -> list[FormEntry]:
    grouped: dict[tuple[str, str], list[EnteredRow]] = {}
    seen: dict[tuple[str, str, str], FileLine] = {}
    key = trial.study.record_id
    for line in with_their_numbers(found, form, key, lines, cells, problems):
        where, texts, row = f"{found.file.path}:{line.number}", line.cells, line.row
        try:
            at = _visit_of(form, line.visit.strip(), where)
        except EntryError as problem:
            problems.append(problem)
            continue
        subject_id = texts[key].strip()
        place = (subject_id, at, line.same_row)
        if place in seen:
            problems.append(line_again(form, seen[place], line, where))
            continue
        seen[place] = line
        values = _values(form, texts, cells, where, problems, keep_derived=not found.from_redcap)
        if form.row_key is not None and not values.get(form.row_key):
            values[form.row_key] = row
        grouped.setdefault((subject_id, at), []).append(EnteredRow(values, row, where))
    return [FormEntry(who, at, form.name, tuple(rows)) for (who, at), rows in grouped.items()]


def _values(
    form: Form,
    texts: dict[str, str],
    cells: CellReader,
    where: str,
    problems: list[EntryError],
    *,
    keep_derived: bool,
) -> dict[str, str]:
    """Item -> text of one line; REDCap's own results are left out, for here they are computed anew."""
    values = {}
    for item in form.items:
        if item.name not in texts or (item.type is ItemType.DERIVED and not keep_derived):
            continue
        try:
            values[item.name] = _typed(item, texts[item.name], cells, f"{where}:{item.name}")
        except EntryError as problem:
            problems.append(problem)
    return values


def _typed(item: Item, cell: str, cells: CellReader, where: str) -> str:
    text = cells.read(item, cell)
    odd = cells.written_otherwise(item, text)
    if not odd:
        return text
    expected, next_step = {
        "comma": (
            said("a number with a decimal point"),
            said("Where the whole file writes its numbers so, say --decimal-comma."),
        ),
        "order": (
            said("a date YYYY-MM-DD"),
            said("Say in which order the file has its dates: --date-order dmy or --date-order mdy."),
        ),
        "serial": (
            said("a date YYYY-MM-DD"),
            said(
                "A spreadsheet keeps {day} as this number: give the column a date format, and save it again.",
                day=day_of_serial(text),
            ),
        ),
        "date": (
            said("a date in the order {order}, its year in four digits", order=cells.date_order),
            said("Look at the paper form, and at the other dates of the file."),
        ),
    }[odd]
    raise EntryError(expected=expected, found=repr(text), where=where, next_step=next_step)


def _visit_of(form: Form, stated: str, where: str) -> str:
    """The visit; REDCap's unique event name is the visit's with its arm behind it."""
    at = RedcapLine(0, {EVENT: stated}).visit()
    for name in (stated, at):
        if name in form.visits:
            return name
    raise EntryError(
        expected=said("a visit of form {name}: {visits}", name=form.name, visits=", ".join(form.visits)),
        found=repr(stated),
        where=f"{where}:{VISIT}",
        next_step=advice(stated, form.visits, otherwise="Name the visit as the study definition does."),
    )
