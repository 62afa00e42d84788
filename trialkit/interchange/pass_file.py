"""Which column of a file of passes is which, whoever wrote the file; pure.

The study's own spelling counts; where only capitals differ, as EpiData and spreadsheets make them, the column
is taken and said. A REDCap export also has columns that hold no item: they are passed over and said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from trialkit.entry.errors import EntryError
from trialkit.interchange.redcap_records import column_of_redcap, is_records_export
from trialkit.nearest import advice
from trialkit.study.model import Form, Item, Study
from trialkit.table_files.table_file import TableFile
from trialkit.vocabulary import EntryMode, ItemType
from trialkit.wording import said

VISIT, ROW = "visit", "row"
VERSION_COLUMN = "study_version"
"""What `trialkit export` writes of an amended study: the version follows from the visit's day."""
_OF_EPIDATA = (".rec", ".epx", ".epz")  # no column can be taken out of them but in EpiData itself
_ZEROS = re.compile(r"0\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class PassFile:
    """A file whose every column is known: ``file`` has them in the study's spelling."""

    file: TableFile
    from_redcap: bool
    notes: tuple[str, ...]

    @property
    def header(self) -> str:
        return f"{self.file.path}:1"

    def column(self, name: str) -> list[str]:
        place = self.file.columns.index(name)
        return [row[place] for row in self.file.rows]


def pass_file(
    study: Study, file: TableFile, forms: tuple[Form, ...], leave_out: Collection[str] = ()
) -> PassFile:
    """The file with its columns in the study's spelling, those that hold no item left out.

    Parameters
    ----------
    forms
        The forms the file may hold.
    leave_out
        Columns that hold no item of these forms and are left out, by name: of a file whose columns nobody can
        take away.

    Raises
    ------
    EntryError
        No subject column, a column that is no item of these forms, no row; a column to leave out that the
        file has not, or that the forms ask for.
    """
    every_form = tuple(form.name for form in study.forms)
    of_forms = {item.name for form in forms for item in form.items}
    everything = {item.name for form in study.forms for item in form.items}
    known = {study.record_id, VISIT, ROW, *everything}
    file, notes = _respelled(file, known)
    if study.record_id not in file.columns:
        raise EntryError(
            expected=said("a column {key!r}", key=study.record_id),
            found=said("the columns {columns}", columns=", ".join(file.columns[:20])),
            where=f"{file.path}:1",
            next_step=advice(
                study.record_id, file.columns, otherwise="Name the subject's column as the study does."
            ),
        )
    from_redcap = is_records_export(file.columns, every_form)
    elsewhere = everything - of_forms if from_redcap else set()
    skipped = {field.name for field in study.skipped_fields}
    permitted = {study.record_id, VISIT, ROW, *of_forms}
    unwanted = _left_out(file, leave_out, permitted)
    passed_over = []
    for column in file.columns:
        if column in unwanted:
            continue
        if column in permitted or (from_redcap and column in elsewhere):
            continue
        exported = column == VERSION_COLUMN
        if exported or column in skipped or (from_redcap and column_of_redcap(column)):
            passed_over.append(column)
            continue
        raise EntryError(
            expected=said("items of form {name}", name=", ".join(form.name for form in forms[:5])),
            found=repr(column),
            where=f"{file.path}:1:{column}",
            next_step=advice(column, sorted(permitted), otherwise=_without(file, column)),
        )
    if unwanted:
        notes.append(said("Left out, as was said: {columns}.", columns=", ".join(sorted(unwanted))))
    if passed_over:
        notes.append(f"Passed over, since they hold no item: {', '.join(passed_over)}.")
    if not file.rows and not file.faults:
        raise EntryError(expected="at least one row below the header", found="none", where=str(file.path))
    return PassFile(file, from_redcap, (*file.notes, *notes))


def _left_out(file: TableFile, leave_out: Collection[str], asked: Collection[str]) -> set[str]:
    """The file's columns to leave out, each named in whatever capitals."""
    found = set()
    for name in leave_out:
        columns = [column for column in file.columns if column.casefold() == name.strip().casefold()]
        if len(columns) != 1 or columns[0] in asked:
            raise EntryError(
                expected="a column that holds no item of the form, to leave out",
                found=said("{name!r}, which the form asks for", name=name) if columns else repr(name),
                where=f"{file.path}:1",
                next_step=advice(
                    name, [column for column in file.columns if column not in asked], otherwise=""
                ),
            )
        found.add(columns[0])
    return found


def _without(file: TableFile, column: str) -> str:
    if file.path.suffix.lower() in _OF_EPIDATA:
        return said(
            "Where it belongs to no form here, leave it out by name: --leave-out {column}", column=column
        )
    return said("Remove the column.")


def check_every_item_has_a_column(found: PassFile, form: Form) -> None:
    """Else an item would stand as typed blank, and nobody typed it.

    Raises
    ------
    EntryError
        Naming the items without a column.
    """
    columns = set(found.file.columns)
    counted = ROW in columns or found.from_redcap or form.entry is EntryMode.SINGLE
    numbered = {form.row_key} if form.repeating and counted else set()
    absent = [
        item.name
        for item in form.items
        if item.type is not ItemType.DERIVED and item.name not in columns | numbered
    ]
    if absent:
        raise EntryError(
            expected=said("a column for every item of form {name}", name=form.name),
            found=said("none for {absent}", absent=", ".join(absent)),
            where=found.header,
            next_step="Add the columns; leave a cell empty where the form on paper is blank or lacks it.",
        )


def kept_as_text(file: TableFile, texts: Sequence[Item]) -> tuple[list[str], list[EntryError]]:
    """What a spreadsheet made of the texts it was given: 0041 became the number 41, 3-4 became a day.

    Parameters
    ----------
    texts
        The items of the file that take any text.

    Returns
    -------
    tuple
        Notes about numbers and days that may have been typed otherwise; and what is refused, since other
        cells of the column show that zeros in front were lost.
    """
    notes: list[str] = []
    lost: list[EntryError] = []
    for item in texts:
        numbers, days = file.numbers.get(item.name, ()), file.days.get(item.name, ())
        if numbers:
            at = file.columns.index(item.name)
            cells = dict(zip(file.line_numbers, (row[at].strip() for row in file.rows), strict=True))
            length = max((len(cell) for cell in cells.values() if _ZEROS.fullmatch(cell)), default=0)
            short = [line for line in numbers if len(cells[line]) < length]
            lost += [_lost_zeros(f"{file.path}:{line}:{item.name}", cells[line]) for line in short]
            notes.append(_no_texts(item, said("a number"), numbers, said("zeros in front are lost there")))
        if days:
            notes.append(_no_texts(item, said("a day"), days, said("what was typed there is not known")))
    return notes, lost


def _no_texts(item: Item, kind: str, lines: Sequence[int], so: str) -> str:
    return said(
        "{item}: {n} cells hold {kind} of the spreadsheet's, not a text (first in row {row}): {so}.",
        item=item.name,
        n=len(lines),
        kind=kind,
        row=lines[0],
        so=so,
    )


def _lost_zeros(where: str, cell: str) -> EntryError:
    return EntryError(
        expected="a text, zeros in front of it as in other cells of the column",
        found=said("the number {cell}", cell=cell),
        where=where,
        next_step="Format the column as text, and type the cell again from paper.",
    )


def _respelled(file: TableFile, known: Iterable[str]) -> tuple[TableFile, list[str]]:
    """Columns as the study spells them, where only capitals or outer space differ and no two would meet."""
    spelled = {name.casefold(): name for name in known}
    meant = [spelled.get(column.strip().casefold(), column) for column in file.columns]
    times = Counter(meant)
    columns = tuple(
        name if times[name] == 1 else column for name, column in zip(meant, file.columns, strict=True)
    )
    changed = [old for old, new in zip(file.columns, columns, strict=True) if old != new]
    if not changed:
        return file, []
    note = f"Columns matched without regard to capitals: {', '.join(changed)}."
    spelled_now = dict(zip(file.columns, columns, strict=True))
    kinds = ({spelled_now[old]: lines for old, lines in kind.items()} for kind in (file.numbers, file.days))
    numbers, days = kinds
    return replace(file, columns=columns, numbers=numbers, days=days), [note]
