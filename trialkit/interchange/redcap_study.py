"""A REDCap project as a study: its dictionary, and from its records the events, repeats and groups."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from trialkit.entry.meaning import read_typed
from trialkit.interchange.definition_draft import (
    ANNOTATION,
    BRANCHING,
    ConvertedStudy,
    DraftRow,
    NotCarriedOver,
    converted,
    integer_item,
    safe_name,
)
from trialkit.interchange.pass_cells import CellReader, is_logical
from trialkit.interchange.redcap_records import (
    GROUP,
    INSTANCE,
    RedcapLine,
    column_of_redcap,
    is_records_export,
    lines_of,
)
from trialkit.study import StudyError
from trialkit.study.dictionary import open_dictionary
from trialkit.study.dictionary_header import CHOICES, FORM, NAME, TYPE
from trialkit.study.fields import FieldError, checkbox_item, read_choices
from trialkit.study.model import Item, Study
from trialkit.study.scaffold import TO_BE_STATED, FormSketch, StudySketch
from trialkit.table_files.table_file import TableFile
from trialkit.vocabulary import ItemType
from trialkit.wording import said

ONLY_VISIT = "visit"
# Tags that change what is captured. The others steer REDCap's screens, surveys and its mobile app.
TAGS_THAT_MATTER = {
    "DEFAULT": "no value is typed beforehand here",
    "SETVALUE": "no value is typed beforehand here",
    "PREFILL": "no value is typed beforehand here",
    "TODAY": "the day is typed, as it stands on paper",
    "NOW": "the time is typed, as it stands on paper",
    "TODAY-SERVER": "the day is typed, as it stands on paper",
    "NOW-SERVER": "the time is typed, as it stands on paper",
    "TODAY-UTC": "the day is typed, as it stands on paper",
    "NOW-UTC": "the time is typed, as it stands on paper",
    "USERNAME": "who enters is in the audit trail",
    "HIDDEN": "the item is asked here",
    "HIDDEN-FORM": "the item is asked here",
    "HIDDEN-SURVEY": "there are no surveys here; the item is asked",
    "READONLY": "the item is typed here",
    "READONLY-FORM": "the item is typed here",
    "IF": "what it steers by a condition is not steered here",
    "HIDECHOICE": "every choice of the list may be typed here",
    "SHOWCHOICE": "every choice of the list may be typed here",
    "MAXCHECKED": "any number of boxes may be ticked here",
    "MAXCHOICE": "a choice may be made any number of times here",
    "NONEOFTHEABOVE": "no box unticks another here; write a check",
    "CHARLIMIT": "a text may be of any length here",
    "WORDLIMIT": "a text may be of any length here",
    "FORCE-MINMAX": "a value out of range is asked about, not refused",
    "NOMISSING": "missing codes are permitted unless @MISSING='' is there",
    "LANGUAGE-SET": "there is one language here",
    "RANDOMORDER": "choices stand in the order of the dictionary",
}
_ARM_IN_QUOTES = re.compile(r"_arm_[0-9]+(['\"])")
_TAG = re.compile(r"(?<![\w.@])@([A-Za-z][A-Za-z0-9_\-]*)")


@dataclass(frozen=True, slots=True)
class _Capture:
    """Where the records say that forms are filled in, and how often."""

    visits: dict[str, str]
    of_form: dict[str, tuple[str, ...]]
    repeating: frozenset[str]
    sites: dict[str, str]
    arms: dict[str, str]


def study_from_redcap(
    dictionary_text: str,
    *,
    file: str = "dictionary.csv",
    records: TableFile | None = None,
    study_id: str = "REDCAP",
    title: str = "",
) -> ConvertedStudy:
    """Make a study definition of a REDCap project.

    Parameters
    ----------
    dictionary_text
        From `trialkit.study.dictionary_file.dictionary_text`: header in any language, any number of columns.
    file
        Its name, for errors.
    records
        The project's records export (raw, or with labels), as `read_table` gives it: it says which events
        there are and which forms each has, which instruments repeat, and which groups (sites) there are.
    study_id, title
        Of the study.

    Returns
    -------
    ConvertedStudy
        A definition that reads. What REDCap does not say (arms, anchors, sample size, blinding) stands as
        "to be stated"; what cannot be carried over is listed with its line.

    Raises
    ------
    StudyError
        The text is no dictionary, or no field of it holds a value; the records are of another project.
    """
    header, filled = open_dictionary(dictionary_text, file)
    lost = [NotCarriedOver(1, "header", note) for note in header.notes]
    rows = [_row(line, cells, lost) for line, cells in filled]
    if not rows:
        raise StudyError(expected="the record id", found="no row", where=f"{file}:2")
    key = rows[0].changed(TYPE, "text")
    forms = tuple(dict.fromkeys(row.cells[FORM] for row in rows[1:]))
    for row in rows[1:]:
        lost += _tags_lost(row)
    capture = _capture(key, rows[1:], forms, records, lost)
    row_keys = {form: f"{form}_instance" for form in capture.repeating}
    sketch = StudySketch(
        id=study_id,
        title=title or f"REDCap project {study_id}",
        forms=[FormSketch(form, capture.of_form[form], row_key=row_keys.get(form)) for form in forms],
        visits=capture.visits,
        sites=capture.sites,
        arms=capture.arms,
    )
    lost += _left_to_state(capture, records)
    made = converted(sketch, [key, *_with_line_numbers(rows[1:], row_keys)], lost)
    if records is None:
        return made
    return replace(
        made, not_carried_over=(*made.not_carried_over, *_values_that_are_none(made.study, records))
    )


def _values_that_are_none(study: Study, records: TableFile) -> list[NotCarriedOver]:
    """Cells of the records that the study's items could not take: an import would refuse them."""
    items = {item.name: item for form in study.forms for item in form.items}
    cells = CellReader()
    found: list[NotCarriedOver] = []
    logical: Counter[str] = Counter()
    for line in lines_of(records):
        for name, cell in line.cells.items():
            item = items.get(name)
            if item is None or not cell.strip() or item.type is ItemType.DERIVED:
                continue
            logical[name] += is_logical(item, cell.strip())
            problem = read_typed(item, cells.read(item, cell)).problem
            if problem:
                place = f"{records.path.name}:{line.number}: {name} {cell.strip()[:40]!r}"
                found.append(NotCarriedOver(None, place, f"expected {problem}"))
    return [*found, *(_as_logical(items[name], n, records) for name, n in logical.items() if n)]


def _as_logical(item: Item, times: int, records: TableFile) -> NotCarriedOver:
    """A statistics program wrote the file: an import takes it, and somebody should look once."""
    labels = {choice.code: choice.label for choice in item.choices}
    return NotCarriedOver(
        None,
        f"{records.path.name}: {item.name} TRUE or FALSE, {times} times",
        f"an import reads TRUE as 1 ({labels['1']}) and FALSE as 0 ({labels['0']}): check one record",
    )


def _row(line: int, cells: dict[str, str], lost: list[NotCarriedOver]) -> DraftRow:
    for column in (NAME, FORM):
        name = safe_name(cells[column])
        if name != cells[column]:
            lost.append(NotCarriedOver(line, f"{column} {cells[column]!r}", f"named {name!r} here"))
            cells = {**cells, column: name}
    cells = {**cells, TYPE: cells[TYPE].lower()}
    for column in (BRANCHING, CHOICES):  # visits have no arm behind their name here
        if "[event-name]" in cells[column]:
            cells[column] = _ARM_IN_QUOTES.sub(r"\1", cells[column])
    return DraftRow(line, cells)


def _tags_lost(row: DraftRow) -> list[NotCarriedOver]:
    tags = dict.fromkeys(found.upper() for found in _TAG.findall(row.cells[ANNOTATION]))
    return [
        NotCarriedOver(row.line, f"{row.name}: @{tag}", TAGS_THAT_MATTER[tag])
        for tag in tags
        if tag in TAGS_THAT_MATTER
    ]


def _with_line_numbers(rows: list[DraftRow], row_keys: dict[str, str]) -> list[DraftRow]:
    """A form that repeats begins with the number REDCap counts its instances by."""
    seen: set[str] = set()
    made = []
    for row in rows:
        form = row.cells[FORM]
        if form in row_keys and form not in seen:
            made.append(integer_item(row.line, row_keys[form], form, "Line (REDCap's repeat instance)"))
        seen.add(form)
        made.append(row)
    return made


def columns_of(row: DraftRow) -> list[str]:
    """The columns of a records export that hold a field."""
    if row.cells[TYPE] != "checkbox":
        return [row.name]
    try:
        return [checkbox_item(row.name, choice.code) for choice in read_choices(row.cells[CHOICES])]
    except FieldError:
        return []


def _capture(
    key: DraftRow,
    rows: list[DraftRow],
    forms: tuple[str, ...],
    records: TableFile | None,
    lost: list[NotCarriedOver],
) -> _Capture:
    if records is None:
        everywhere: dict[str, tuple[str, ...]] = dict.fromkeys(forms, (ONLY_VISIT,))
        return _Capture({ONLY_VISIT: "Visit"}, everywhere, frozenset(), {}, {})
    _check_project(key, rows, forms, records, lost)
    columns: dict[str, list[str]] = {form: [] for form in forms}
    for row in rows:
        if row.cells[TYPE] not in ("calc", "descriptive"):
            columns[row.cells[FORM]] += columns_of(row)
    lines = list(lines_of(records))
    visits = _visits_in_order(lines, key.name) or [ONLY_VISIT]
    found: dict[str, set[str]] = {form: set() for form in forms}
    for line in lines:
        for form in forms:
            if line.designated(form, columns[form]):
                found[form].add(line.visit() or ONLY_VISIT)
    lost += [
        NotCarriedOver(None, f"form {form}", "in no event of the records: put at every visit")
        for form in forms
        if not found[form]
    ]
    of_form = {form: tuple(v for v in visits if v in found[form]) or tuple(visits) for form in forms}
    repeating = frozenset(line.form for line in lines if line.form in forms)
    groups = dict.fromkeys(cell for line in lines if (cell := line.cells.get(GROUP, "").strip()))
    numbers = sorted({line.arm() for line in lines} - {""}, key=int)
    arms = {f"arm_{number}": f"REDCap arm {number}, {TO_BE_STATED}" for number in numbers}
    labels = {visit: visit.replace("_", " ").capitalize() for visit in visits}
    return _Capture(labels, of_form, repeating, {g: g for g in groups}, arms if len(arms) > 1 else {})


def _check_project(
    key: DraftRow,
    rows: list[DraftRow],
    forms: tuple[str, ...],
    records: TableFile,
    lost: list[NotCarriedOver],
) -> None:
    if key.name not in records.columns:
        raise StudyError(
            expected=said("the records of this project, with a column {key!r}", key=key.name),
            found="none",
            where=f"{records.path}:1",
            next_step="Export the records of the project whose dictionary this is, as CSV (raw data).",
        )
    known = {key.name} | {column for row in rows for column in columns_of(row)}
    lost += [
        NotCarriedOver(None, f"column {column} of {records.path.name}", "no field of the dictionary")
        for column in records.columns
        if column not in known and not column_of_redcap(column)
    ]
    if not is_records_export(records.columns, forms):
        lost.append(
            NotCarriedOver(None, records.path.name, "no column that only REDCap writes: taken as one visit")
        )


def _visits_in_order(lines: list[RedcapLine], key: str) -> list[str]:
    """Events in the order records meet them; one that is new goes behind the one before it."""
    order: list[str] = []
    before: dict[str, str] = {}
    for line in lines:
        visit, record = line.visit(), line.cells[key]
        if not visit:
            continue
        if visit not in order:
            at = order.index(before[record]) + 1 if record in before else len(order)
            order.insert(at, visit)
        before[record] = visit
    return order


def _left_to_state(capture: _Capture, records: TableFile | None) -> list[NotCarriedOver]:
    lost = [
        NotCarriedOver(None, "arms", "REDCap does not say which arms the trial compares: to be stated"),
        NotCarriedOver(None, "visits: anchor, target_days", "a dictionary and its records do not say them"),
        NotCarriedOver(
            None, "entry", "every form is entered twice here; set entry = 'single' where once is enough"
        ),
        NotCarriedOver(
            None, "factors, criteria, endpoints, blinding, sample_size", "REDCap has none of them"
        ),
    ]
    if records is None:
        lost.append(
            NotCarriedOver(
                None, "events, repeats, groups", "no records were given: every form is at one visit"
            )
        )
    elif INSTANCE in records.columns and capture.repeating:
        repeated = ", ".join(sorted(capture.repeating))
        lost.append(
            NotCarriedOver(None, INSTANCE, f"the line number of {repeated}: an item NAME_instance here")
        )
    if not capture.sites:
        lost.append(NotCarriedOver(None, "sites", "no data access groups: one site, to be named"))
    return lost
