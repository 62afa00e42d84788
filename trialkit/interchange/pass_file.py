"""Which column of a file of passes is which, whoever wrote the file; pure.

The study's own spelling counts; where only capitals differ, as EpiData and spreadsheets make them, the column
is taken and said. A REDCap export also has columns that hold no item: they are passed over and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from trialkit.entry.errors import EntryError
from trialkit.interchange.redcap_records import column_of_redcap, is_records_export
from trialkit.nearest import advice
from trialkit.study.model import Form, Study
from trialkit.table_files.table_file import TableFile
from trialkit.vocabulary import ItemType
from trialkit.wording import said

VISIT, ROW = "visit", "row"


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


def pass_file(study: Study, file: TableFile, forms: tuple[Form, ...]) -> PassFile:
    """The file with its columns in the study's spelling, those that hold no item left out.

    Parameters
    ----------
    forms
        The forms the file may hold.

    Raises
    ------
    EntryError
        No subject column, a column that is no item of these forms, no row.
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
    passed_over = []
    for column in file.columns:
        if column in permitted or (from_redcap and column in elsewhere):
            continue
        if column in skipped or (from_redcap and column_of_redcap(column)):
            passed_over.append(column)
            continue
        raise EntryError(
            expected=said("items of form {name}", name=", ".join(form.name for form in forms[:5])),
            found=repr(column),
            where=f"{file.path}:1:{column}",
            next_step=advice(column, sorted(permitted), otherwise="Remove the column."),
        )
    if passed_over:
        notes.append(f"Passed over, since they hold no item: {', '.join(passed_over)}.")
    if not file.rows:
        raise EntryError(expected="at least one row below the header", found="none", where=str(file.path))
    return PassFile(file, from_redcap, (*file.notes, *notes))


def check_every_item_has_a_column(found: PassFile, form: Form) -> None:
    """Else an item would stand as typed blank, and nobody typed it.

    Raises
    ------
    EntryError
        Naming the items without a column.
    """
    columns = set(found.file.columns)
    numbered = {form.row_key} if form.repeating and (ROW in columns or found.from_redcap) else set()
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
    return replace(file, columns=columns), [note]
