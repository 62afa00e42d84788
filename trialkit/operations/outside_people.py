"""The people of an outside file: its lines gathered by subject, what they say held to be said once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from trialkit.entry.errors import EntryError
from trialkit.interchange import TableFile
from trialkit.nearest import advice, listed
from trialkit.operations.subjects import require_subject_id
from trialkit.study.import_mapping import ImportColumn, ImportMapping
from trialkit.study.model import Study
from trialkit.wording import said

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


def people_of(file: TableFile, mapping: ImportMapping, study: Study) -> list[Person]:
    """Everybody in the file, in the order of their first lines.

    Raises
    ------
    EntryError
        Naming file, line and column: an unusable subject number, site, visit, arm or date; two lines of one
        subject and visit; lines of one subject that disagree.
    """
    lines: dict[str, dict[str, Line]] = {}
    for place, row in enumerate(file.rows):
        texts = {column: text.strip() for column, text in zip(file.columns, row, strict=True)}
        line = Line(f"{file.path}:{file.line_numbers[place]}", texts)
        subject_id = texts[mapping.subject_column]
        require_subject_id(subject_id, f"{line.place}:{mapping.subject_column}")
        visit = _visit(mapping, study, line)
        mine = lines.setdefault(subject_id, {})
        if visit in mine:
            raise _twice(mapping, subject_id, mine[visit], line)
        mine[visit] = line
    return [_person(mapping, study, subject_id, mine) for subject_id, mine in lines.items()]


def _person(mapping: ImportMapping, study: Study, subject_id: str, lines: Mapping[str, Line]) -> Person:
    return Person(
        subject_id=subject_id,
        site=_site(mapping, study, lines),
        arm=_arm(mapping, lines),
        randomized_on=_randomized_on(mapping, lines),
        lines=lines,
    )


def _visit(mapping: ImportMapping, study: Study, line: Line) -> str:
    if mapping.visit_column is None:
        return ONLY_LINE
    text = line.texts[mapping.visit_column]
    visit = mapping.visit_codes.get(text) if mapping.visit_codes else text
    known = [one.name for one in study.visits]
    if visit not in known:
        wanted = list(mapping.visit_codes) or known
        raise _unknown(said("one of the visits {visits}", visits=listed(wanted, 20)), text, wanted, line,
                       mapping.visit_column)  # fmt: skip
    return visit


def _site(mapping: ImportMapping, study: Study, lines: Mapping[str, Line]) -> str:
    if mapping.site_column is None:
        return str(mapping.site)
    text, place = _said_once(mapping, mapping.site_column, lines.values())
    site = mapping.site_codes.get(text) if mapping.site_codes else text
    known = [one.code for one in study.sites]
    if site not in known:
        wanted = list(mapping.site_codes) or known
        raise EntryError(
            expected=said("one of the sites {sites}", sites=listed(wanted, 20)),
            found=repr(text),
            where=f"{place}:{mapping.site_column}",
            next_step=advice(text, wanted, otherwise="Say in [import] site_codes which site it is."),
        )
    return site


def _arm(mapping: ImportMapping, lines: Mapping[str, Line]) -> str | None:
    """The arm; its code is not repeated in an error, which others may read."""
    if mapping.allocation_column is None:
        return None
    codes: dict[str, str] = {}  # code -> where it stands first
    for line in lines.values():
        codes.setdefault(line.texts[mapping.allocation_column], line.place)
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


def _randomized_on(mapping: ImportMapping, lines: Mapping[str, Line]) -> str:
    if mapping.randomization_date_column is None:
        return ""
    text, place = _said_once(mapping, mapping.randomization_date_column, lines.values())
    if not text:
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != len("2026-03-31") or day > date.today():
        raise EntryError(
            expected="a day written 2026-03-31, not in the future",
            found=repr(text),
            where=f"{place}:{mapping.randomization_date_column}",
            next_step="Write the day of randomization in this form, or leave it empty.",
        )
    return day.isoformat()


def _said_once(mapping: ImportMapping, column: str, lines: Iterable[Line]) -> tuple[str, str]:
    """What the lines that say anything agree on, and where it stands first."""
    texts: dict[str, str] = {}
    first = ""
    for line in lines:
        first = first or line.place
        if line.texts[column] not in mapping.missing_values:
            texts.setdefault(line.texts[column], line.place)
    if len(texts) > 1:
        (one, _), (other, place) = list(texts.items())[:2]
        raise EntryError(
            expected=said("what an earlier line of the subject says, {one!r}", one=one),
            found=repr(other),
            where=f"{place}:{column}",
            next_step="Correct the file; map a column that changes between visits without one.",
        )
    return next(iter(texts.items())) if texts else ("", first)


def _twice(mapping: ImportMapping, subject_id: str, earlier: Line, line: Line) -> EntryError:
    number = earlier.place.rpartition(":")[2]
    if mapping.visit_column is None:
        found = said("{subject_id!r} of line {line} again", subject_id=subject_id, line=number)
        return EntryError(
            expected="each subject once",
            found=found,
            where=f"{line.place}:{mapping.subject_column}",
            next_step="Remove the line that is not the subject's, or name a visit_column under [import].",
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
