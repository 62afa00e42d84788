"""The lines of a repeating form in a file: each with the number it has on paper, and each once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialkit.entry.errors import EntryError
from trialkit.interchange.pass_cells import CellReader
from trialkit.interchange.pass_file import ROW, PassFile
from trialkit.interchange.redcap_records import RedcapLine
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode
from trialkit.wording import said

_NUMBER = re.compile(r"0*(\d+)(?:\.0+)?", re.ASCII)


def line_number(text: str) -> str:
    """One text for one number: 2, 02 and 2.0."""
    found = _NUMBER.fullmatch(text.strip())
    return found[1] if found else text.strip()


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the file that holds a form: where it stands, the visit as it says it, the form's line."""

    number: int
    visit: str
    cells: dict[str, str]
    row: str = ""

    @property
    def same_row(self) -> str:
        """One text for one number: 2, 02 and 2.0 are the same line on paper."""
        return line_number(self.row)


def with_their_numbers(
    found: PassFile,
    form: Form,
    subject_column: str,
    lines: Sequence[FileLine],
    cells: CellReader,
    problems: list[EntryError],
) -> list[FileLine]:
    """The lines with the form's line number of each.

    Where no line of a form that is entered once has a number, they are numbered in the order of the file,
    for each subject and visit, and counted by ``cells``. Else a line without one joins the problems, and is
    left out.
    """
    numbered = [
        FileLine(one.number, one.visit, one.cells, _row_of(form, one.cells, redcap=found.from_redcap))
        for one in lines
    ]
    if form.row_key is not None and not found.from_redcap:
        differ = [one for one in numbered if _differ(one.cells, form.row_key)]
        problems += [
            _two_lines(one.cells[ROW].strip(), one.row, f"{found.file.path}:{one.number}:{form.row_key}")
            for one in differ
        ]
        numbered = [one for one in numbered if one not in differ]
    without = [one for one in numbered if not one.row]
    if not form.repeating or found.from_redcap or not without:
        return numbered
    if form.entry is EntryMode.SINGLE and len(without) == len(numbered):
        words = said(
            "lines of form {name} without a number, numbered in the order of the file", name=form.name
        )
        cells.changed[words] += len(numbered)
        return _counted(numbered, subject_column)
    problems += [_without_a_number(found, form, one) for one in without]
    return [one for one in numbered if one.row]


def line_again(form: Form, earlier: FileLine, line: FileLine, where: str) -> EntryError:
    """A line whose number the subject has had at the visit: the same copied, or another by mistake."""
    if not form.repeating:
        return EntryError(
            expected="each subject and visit once",
            found=said("the row of line {line} again", line=earlier.number),
            where=where,
            next_step="Remove the one that is not on paper.",
        )
    copied = earlier.cells == line.cells
    return EntryError(
        expected=said("each line number of form {name} once a subject and visit", name=form.name),
        found=said("line {line} of the file again, word for word", line=earlier.number)
        if copied
        else said("the number {row} of line {line} with other values", row=line.row, line=earlier.number),
        where=where,
        next_step="Remove the copy."
        if copied
        else "Give it the number that it has on paper, or remove the one that is not on paper.",
    )


def _counted(lines: Sequence[FileLine], subject_column: str) -> list[FileLine]:
    times: Counter[tuple[str, str]] = Counter()
    counted = []
    for line in lines:
        place = (line.cells[subject_column].strip(), line.visit.strip())
        times[place] += 1
        counted.append(FileLine(line.number, line.visit, line.cells, str(times[place])))
    return counted


def _without_a_number(found: PassFile, form: Form, line: FileLine) -> EntryError:
    column = form.row_key if form.row_key in found.file.columns else ROW
    return EntryError(
        expected=said("the number that each line of form {name} has on paper", name=form.name),
        found="none",
        where=f"{found.file.path}:{line.number}:{column}",
        next_step="Number every line, or none: then they are numbered in the order of the file."
        if form.entry is EntryMode.SINGLE
        else said("Add it, in a column {column}: the two passes are paired by it.", column=column),
    )


def _differ(texts: Mapping[str, str], row_key: str) -> bool:
    """Whether a line states its number in both columns, and not the same."""
    stated, own = texts.get(ROW, "").strip(), texts.get(row_key, "").strip()
    return bool(stated) and row_key in texts and stated != own


def _two_lines(stated: str, own: str, where: str) -> EntryError:
    return EntryError(
        expected=said("the line number stated for the row, {row!r}, or none", row=stated),
        found=repr(own) if own else said("a blank"),
        where=where,
        next_step=said("Look at the number printed on the line; state it once."),
    )


def _row_of(form: Form, texts: dict[str, str], *, redcap: bool) -> str:
    if not form.repeating:
        return texts.get(ROW, "").strip()
    number = texts.get(ROW, "")
    if redcap:
        number = RedcapLine(0, texts).instance
    return texts.get(form.row_key or "", number).strip()
