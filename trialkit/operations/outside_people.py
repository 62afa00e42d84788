"""The people of an outside file: its lines gathered by subject, what they say held to be said once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from trialkit.entry.errors import EntryError
from trialkit.entry.values import read_value
from trialkit.interchange import TableFile
from trialkit.interchange.pass_cells import CellReader, known_code, whole_number
from trialkit.nearest import advice, listed
from trialkit.operations.errors import OperationError
from trialkit.operations.subjects import require_subject_id
from trialkit.study.import_mapping import ImportColumn, ImportMapping
from trialkit.study.model import Study
from trialkit.wording import said

_Read = TypeVar("_Read")
_ZEROS_IN_FRONT = re.compile(r"(?<!\d)0+(?=\d)")  # of every run of digits: 02, P-02, P02
ONLY_LINE = ""  # the visit of a line in a file with one line a subject


@dataclass(frozen=True, slots=True)
class Line:
    place: str  # file:line
    texts: Mapping[str, str]  # column -> text, without spaces around it


@dataclass(frozen=True, slots=True)
class Person:
    """One subject of the file: ``lines`` by visit, in the order of the file."""

    subject_id: str
    site: str
    arm: str | None
    randomized_on: str  # a date, or empty
    lines: Mapping[str, Line]

    @property
    def place(self) -> str:
        return next(iter(self.lines.values())).place

    def told(self, mapping: ImportMapping, column: ImportColumn, visit: str) -> tuple[str, str]:
        """The text of a column for a visit, and where it stands; empty where the file says nothing.

        Raises
        ------
        EntryError
            A column of one visit says different things in different lines.
        """
        if not column.visit:
            line = self.lines.get(visit)
            return (line.texts[column.column], line.place) if line else ("", self.place)
        return _said_once(mapping, column.column, self.lines.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one file are read, and everything in it that cannot be taken.

    ``today`` is the last day that is not in the future, wherever the file was written.
    """

    mapping: ImportMapping
    study: Study
    cells: CellReader
    today: date
    problems: list[EntryError]

    def tried(self, otherwise: _Read, read: Callable[..., _Read], *of: object) -> _Read:
        """What ``read`` gives; where it refuses, its words join the problems, each once."""
        try:
            return read(*of)
        except EntryError as error:
            if str(error) not in map(str, self.problems):
                self.problems.append(error)
            return otherwise


def people_of(file: TableFile, reading: Reading) -> list[Person]:
    """Everybody in the file, in the order of their first lines.

    What cannot be taken joins the problems of the reading, by file, line and column: an unusable subject
    number, site, visit, arm or date; two lines of one subject and visit; lines of one subject that disagree.
    """
    mapping = reading.mapping
    lines: dict[str, dict[str, Line]] = {}
    for place, row in enumerate(file.rows):
        texts = {column: text.strip() for column, text in zip(file.columns, row, strict=True)}
        _as_written_by_a_program(reading, texts)
        line = Line(f"{file.path}:{file.line_numbers[place]}", texts)
        subject_id = reading.tried("", _subject_id, mapping, line)
        visit = reading.tried(None, _visit, mapping, reading.study, line)
        if not subject_id or visit is None:
            continue
        mine = lines.setdefault(subject_id, {})
        if visit in mine:
            reading.problems.append(_twice(mapping, subject_id, mine[visit], line))
        mine.setdefault(visit, line)
    reading.problems.extend(_written_in_two_ways(mapping, lines))
    return [_person(reading, subject_id, mine) for subject_id, mine in lines.items()]


def _written_in_two_ways(
    mapping: ImportMapping, lines: Mapping[str, Mapping[str, Line]]
) -> Iterator[EntryError]:
    """Numbers that differ in zeros in front or in capitals alone: one person would become two."""
    first: dict[str, str] = {}
    for subject_id, mine in lines.items():
        same = first.setdefault(_ZEROS_IN_FRONT.sub("", subject_id.casefold()), subject_id)
        if same != subject_id:
            place = next(iter(mine.values())).place
            yield EntryError(
                expected=said("the number {number} as it is written before", number=same),
                found=repr(subject_id),
                where=f"{place}:{'+'.join(mapping.subject_columns)}",
                next_step="Write one person's number alike in every line, and give two people numbers that "
                "differ in more than zeros or capitals.",
            )


def _as_written_by_a_program(reading: Reading, texts: dict[str, str]) -> None:
    """A number or code of the key columns that a column of decimals shows as ``1.0``, or ``1,0``: ``1``.

    A subject number is one of these: nobody is called 1.0, and the change is counted.
    """
    mapping, cells = reading.mapping, reading.cells
    for column in mapping.key_columns:
        whole = whole_number(texts[column], comma=cells.decimal_comma)
        if whole is None:
            continue
        if column in mapping.subject_columns:
            texts[column] = whole
            cells.changed["subject numbers written with decimals (1.0) read as whole numbers"] += 1
        elif cells.decimal_comma:
            texts[column] = texts[column].replace(",", ".")


def _subject_id(mapping: ImportMapping, line: Line) -> str:
    parts = [line.texts[column] for column in mapping.subject_columns]
    subject_id = "-".join(parts)
    place = f"{line.place}:{'+'.join(mapping.subject_columns)}"
    if len(parts) > 1 and not all(parts):
        raise EntryError(
            expected="a number made of all these columns",
            found="one of them empty",
            where=place,
            next_step="Correct the file.",
        )
    try:
        require_subject_id(subject_id)
    except OperationError as error:
        raise EntryError(expected=error.expected, found=error.found, where=place) from None
    return subject_id


def _person(reading: Reading, subject_id: str, lines: Mapping[str, Line]) -> Person:
    mapping = reading.mapping
    return Person(
        subject_id=subject_id,
        site=reading.tried("", _site, mapping, reading.study, lines),
        arm=reading.tried(None, _arm, mapping, lines),
        randomized_on=reading.tried("", _randomized_on, reading, lines),
        lines=lines,
    )


def _visit(mapping: ImportMapping, study: Study, line: Line) -> str:
    if mapping.visit_column is None:
        return ONLY_LINE
    text = line.texts[mapping.visit_column]
    known = [one.name for one in study.visits]
    if mapping.visit_codes:
        visit = mapping.visit_codes.get(known_code(text, mapping.visit_codes))
    else:
        visit = _named(text, {one.name: one.label for one in study.visits})
    if visit not in known:
        wanted = list(mapping.visit_codes) or known
        raise _unknown(said("one of the visits {visits}", visits=listed(wanted, 20)), text, wanted, line,
                       mapping.visit_column)  # fmt: skip
    return visit


def _site(mapping: ImportMapping, study: Study, lines: Mapping[str, Line]) -> str:
    if mapping.site_column is None:
        return str(mapping.site)
    text, place = _said_once(mapping, mapping.site_column, lines.values())
    known = [one.code for one in study.sites]
    if mapping.site_codes:
        site = mapping.site_codes.get(known_code(text, mapping.site_codes), "")
    else:
        site = _named(known_code(text, known), {one.code: one.name for one in study.sites})
    if site not in known:
        wanted = list(mapping.site_codes) or known
        raise EntryError(
            expected=said("one of the sites {sites}", sites=listed(wanted, 20)),
            found=repr(text),
            where=f"{place}:{mapping.site_column}",
            next_step=advice(text, wanted, otherwise="Say in [import] site_codes which site it is."),
        )
    return site


def _named(text: str, labels: Mapping[str, str]) -> str:
    """The short name that a text is, or whose label it is, in any case; else the text itself."""
    meant = [name for name, label in labels.items() if text.casefold() in (name.casefold(), label.casefold())]
    return text if text in labels or len(meant) != 1 else meant[0]


def _arm(mapping: ImportMapping, lines: Mapping[str, Line]) -> str | None:
    """The arm; its code is not repeated in an error, which others may read."""
    if mapping.allocation_column is None:
        return None
    codes: dict[str, str] = {}  # code -> where it stands first
    for line in lines.values():
        text = line.texts[mapping.allocation_column]
        codes.setdefault(known_code(text, mapping.allocation_codes), line.place)
    for code, place in codes.items():
        if code not in mapping.allocation_codes:
            known = ", ".join(mapping.allocation_codes)
            raise EntryError(
                expected=said("one of the codes {allocation_codes}", allocation_codes=known),
                found="another text",
                where=f"{place}:{mapping.allocation_column}",
            )
    if len(codes) > 1:
        raise EntryError(
            expected="one allocation a subject",
            found="lines that disagree",
            where=f"{list(codes.values())[1]}:{mapping.allocation_column}",
            next_step="Ask the trial which is right, and correct the file.",
        )
    return mapping.allocation_codes[next(iter(codes))]


def _randomized_on(reading: Reading, lines: Mapping[str, Line]) -> str:
    mapping = reading.mapping
    if mapping.randomization_date_column is None:
        return ""
    text, place = _said_once(mapping, mapping.randomization_date_column, lines.values())
    if not text:
        return ""
    day = reading.cells.randomization_day(text)
    if day is None or day > reading.today:
        expected, next_step = _what_a_day_needs(text, reading.cells.date_order, day)
        raise EntryError(
            expected=expected,
            found=repr(text),
            where=f"{place}:{mapping.randomization_date_column}",
            next_step=next_step,
        )
    return day.isoformat()


def _what_a_day_needs(text: str, order: str, day: date | None) -> tuple[str, str]:
    """What is expected of a day that cannot be taken, and the step that helps with this one."""
    expected = said("a day written 2026-03-31, not in the future")
    if day is not None:
        return expected, said("The day is still to come: check the year on paper, and correct the file.")
    numbers = re.findall(r"\d+", text)
    if len(numbers) < 3 or re.search(r"[^\W\d_]{2}", text):
        return expected, said("Write the day in figures, the year first; a spreadsheet's column as a date.")
    if not any(len(one) == 4 for one in numbers[:3]):
        return expected, said("Write the year in four digits: two do not say which century.")
    if order == "ymd" and len(numbers[2]) == 4:
        return expected, said("Say with --date-order how the file writes days: dmy or mdy.")
    return expected, said(
        "This is no day of the calendar in the order {order}: look at the paper form, and at the other days "
        "of the file.",
        order=order,
    )


def _said_once(mapping: ImportMapping, column: str, lines: Iterable[Line]) -> tuple[str, str]:
    """What the lines that say anything agree on, and where it stands first."""
    texts: dict[str, str] = {}
    read: dict[tuple[str, str], str] = {}  # what a text reads as -> the text: 47.0 says what 47 says
    first = ""
    for line in lines:
        first = first or line.place
        text = line.texts[column]
        if not is_missing(mapping, text):
            value = read_value(text)
            texts.setdefault(read.setdefault((value.reading, value.canonical), text), line.place)
    if len(texts) > 1:
        (one, _), (other, place) = list(texts.items())[:2]
        raise EntryError(
            expected=said("what an earlier line of the subject says, {one!r}", one=one),
            found=repr(other),
            where=f"{place}:{column}",
            next_step="Correct the file; map a column that changes between visits without one.",
        )
    return next(iter(texts.items())) if texts else ("", first)


def is_missing(mapping: ImportMapping, text: str) -> bool:
    return not text or known_code(text, mapping.missing_values, comma=True) in mapping.missing_values


def _twice(mapping: ImportMapping, subject_id: str, earlier: Line, line: Line) -> EntryError:
    number = earlier.place.rpartition(":")[2]
    if mapping.visit_column is None:
        found = said("{subject_id!r} of line {line} again", subject_id=subject_id, line=number)
        return EntryError(
            expected="each subject once",
            found=found,
            where=f"{line.place}:{'+'.join(mapping.subject_columns)}",
            next_step="Remove the line that is not the subject's; or name under [import] a visit_column, or "
            "every column that makes the number (subject_column = [...]).",
        )
    return EntryError(
        expected="one line a subject and visit",
        found=said("the visit of line {line} again", line=number),
        where=f"{line.place}:{mapping.visit_column}",
        next_step="Remove the line that is not the subject's.",
    )


def _unknown(expected: str, text: str, known: list[str], line: Line, column: str) -> EntryError:
    return EntryError(
        expected=expected,
        found=repr(text),
        where=f"{line.place}:{column}",
        next_step=advice(text, known, otherwise="Say in [import] visit_codes which visit it is."),
    )
