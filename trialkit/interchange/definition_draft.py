"""Fields of another system's forms as a dictionary that reads; what does not fit is listed, by line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trialkit.study import StudyError, study_from_texts
from trialkit.study.dictionary_header import CHOICES, COLUMNS, FORM, LABEL, NAME, TYPE
from trialkit.study.fields import FieldError, items_of_field
from trialkit.study.identifiers import identifiers_not_allowed
from trialkit.study.model import Form, Item, SkippedField, Study, Visit
from trialkit.study.resolve import Names, check_expression, circle_of
from trialkit.study.scaffold import StudySketch, definition_toml
from trialkit.vocabulary import EntryMode

BRANCHING = "Branching Logic (Show field only if...)"
VALIDATION = "Text Validation Type OR Show Slider Number"
MINIMUM, MAXIMUM = "Text Validation Min", "Text Validation Max"
REQUIRED, ANNOTATION, SECTION, NOTE = "Required Field?", "Field Annotation", "Section Header", "Field Note"
_MOST_MENDINGS = 12
_CALCULATING_TAG = re.compile(r"@(CALC(?:TEXT|DATE))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NotCarriedOver:
    """One thing of the other system that the study does not have: its line there, what it is, and why."""

    line: int | None
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One field as a dictionary's row, and the line of the file it comes from."""

    line: int
    cells: dict[str, str]

    @property
    def name(self) -> str:
        return self.cells[NAME]

    def changed(self, column: str, text: str) -> DraftRow:
        return replace(self, cells={**self.cells, column: text})


@dataclass(frozen=True, slots=True)
class ConvertedStudy:
    """A definition that reads, as its two texts, and what did not come along."""

    study: Study
    not_carried_over: tuple[NotCarriedOver, ...]

    @property
    def definition_text(self) -> str:
        return self.study.definition_text

    @property
    def dictionary_text(self) -> str:
        return self.study.dictionary_text

    def not_carried_over_csv(self) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["line", "what", "why"])
        writer.writerows(
            ["" if lost.line is None else lost.line, lost.what, lost.why] for lost in self.not_carried_over
        )
        return out.getvalue()


def field_row(line: int, name: str, form: str, kind: str = "text", **cells: str) -> DraftRow:
    """A row with a name, a form and a type; ``cells`` by REDCap's column names."""
    filled = dict.fromkeys(COLUMNS, "") | {NAME: name, FORM: form, TYPE: kind} | cells
    filled[LABEL] = filled[LABEL] or name
    return DraftRow(line, filled)


def safe_name(name: str) -> str:
    """A name as a dictionary takes it: small letters, digits and underscores, beginning with a letter."""
    made = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "_", name.strip().lower())).strip("_")
    return made if made[:1].isalpha() else f"v_{made}".rstrip("_")


def converted(sketch: StudySketch, rows: Sequence[DraftRow], lost: list[NotCarriedOver]) -> ConvertedStudy:
    """Make the definition, and hold it against the reader that will read it.

    Parameters
    ----------
    sketch
        Forms, visits, sites and arms.
    rows
        The record id, then every field in order.
    lost
        What is known not to have come along; more is added.
    """
    key, *fields = rows
    readable = _without_doubles(key, [_readable(row, lost) for row in fields], lost)
    resolved = _with_expressions_that_hold(readable, sketch, lost)
    numbers = {form.row_key for form in sketch.forms}
    forms = {row.cells[FORM] for row in resolved if row.name not in numbers and _items(row)}
    resolved = [row for row in resolved if row.cells[FORM] in forms or not _items(row)]
    kept = [form for form in sketch.forms if form.name in forms]
    lost += [
        NotCarriedOver(None, f"form {form.name}", "no item of it can be captured")
        for form in sketch.forms
        if form.name not in forms
    ]
    if not kept:
        raise StudyError(
            expected="at least one field that holds a value",
            found="none",
            next_step="Look at the field types in the dictionary.",
        )
    text = dictionary_csv([key, *resolved])
    definition = definition_toml(replace(sketch, forms=kept))
    study = study_from_texts(definition, text)
    marked = identifiers_not_allowed(study)
    if marked:
        study = study_from_texts(f"{definition}\n{_ALLOWED}{json.dumps(list(marked))}\n", text)
        lost += _identifiers_to_permit(marked, resolved)
    return ConvertedStudy(study, tuple(sorted(lost, key=lambda entry: (entry.line is None, entry.line or 0))))


_ALLOWED = """[capture]
# These identify a person, and the other system asked for them. Take out, here and in dictionary.csv, what
# protocol and ethics committee do not permit: people go by their number here.
allow_identifiers = """


def _identifiers_to_permit(marked: Sequence[str], rows: Sequence[DraftRow]) -> list[NotCarriedOver]:
    """What the other system captured of people's identity: the draft names it, somebody permits it."""
    why = (
        "marked as identifier: the draft allows it by name; take it out of [capture] allow_identifiers and "
        "of the dictionary unless protocol and ethics committee permit it"
    )
    return [
        NotCarriedOver(row.line, f"{row.name}: permission", why)
        for row in rows
        if set(marked) & {item.name for item in _items(row)}
    ]


def dictionary_csv(rows: Sequence[DraftRow]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.cells[column] for column in COLUMNS] for row in rows)
    return out.getvalue()


def _readable(row: DraftRow, lost: list[NotCarriedOver]) -> DraftRow | None:
    """The row with every cell that cannot be read left empty; None where nothing is left of it.

    A field that holds no value here stays in the dictionary: an export has a column of its name.
    """
    for _ in range(_MOST_MENDINGS):
        notes: list[str] = []
        try:
            made = items_of_field(row.cells, notes)
        except FieldError as error:
            lost.append(
                NotCarriedOver(
                    row.line, f"{row.name}: {error.column}", f"{error.found} is not {error.expected}"
                )
            )
            if error.column in (TYPE, CHOICES) or not row.cells[error.column]:
                return None
            row = row.changed(error.column, "")
            continue
        lost += [NotCarriedOver(row.line, row.name, note.removeprefix(f"{row.name}: ")) for note in notes]
        if isinstance(made, SkippedField):
            lost.append(NotCarriedOver(row.line, row.name, made.reason))
        return row
    return None


def _without_doubles(
    key: DraftRow, rows: Sequence[DraftRow | None], lost: list[NotCarriedOver]
) -> list[DraftRow]:
    """Rows whose items are named like no item before them."""
    seen = {key.name}
    kept = []
    for row in rows:
        if row is None:
            continue
        names = {item.name for item in _items(row)} or {row.name}
        if names & seen:
            lost.append(NotCarriedOver(row.line, row.name, "a name that stands twice; the first is kept"))
            continue
        seen |= names
        kept.append(row)
    return kept


def _items(row: DraftRow) -> tuple[Item, ...]:
    made = items_of_field(row.cells, [])
    return () if isinstance(made, SkippedField) else made


def _with_expressions_that_hold(
    rows: list[DraftRow], sketch: StudySketch, lost: list[NotCarriedOver]
) -> list[DraftRow]:
    """Rows without the branching and calculations that cannot be read: always asked, or typed."""
    items: dict[str, list[Item]] = {}
    for row in rows:
        items.setdefault(row.cells[FORM], []).extend(_items(row))
    forms = tuple(
        Form(form.name, form.name, EntryMode.DOUBLE, form.visits, tuple(items.get(form.name, ())))
        for form in sketch.forms
    )
    names = Names(
        forms, (), tuple(Visit(name, label, None, None, None) for name, label in sketch.visits.items())
    )
    kept: list[DraftRow] = []
    for row in rows:
        branching = row.cells[BRANCHING]
        if branching and (problem := _problem(branching, names, logical=True)):
            lost.append(
                NotCarriedOver(row.line, f"{row.name}: branching {branching}", f"{problem}: always asked")
            )
            row = row.changed(BRANCHING, "")
        calculation = _calculation(row)
        if calculation and (problem := _problem(calculation, names, logical=False, own=row.name)):
            lost.append(_typed_instead(row, calculation, problem))
            row = _as_typed(row)
        kept.append(row)
    return _without_circles(kept, lost)


def _calculation(row: DraftRow) -> str:
    return next((item.calculation for item in _items(row)), "")


def _typed_instead(row: DraftRow, calculation: str, problem: str) -> NotCarriedOver:
    return NotCarriedOver(
        row.line, f"{row.name}: calculation {calculation}", f"{problem}: typed here, not derived"
    )


def _as_typed(row: DraftRow) -> DraftRow:
    if row.cells[TYPE] == "calc":
        return row.changed(TYPE, "text").changed(CHOICES, "").changed(VALIDATION, "number")
    return row.changed(ANNOTATION, _CALCULATING_TAG.sub(r"\1", row.cells[ANNOTATION]))


def _problem(text: str, names: Names, *, logical: bool, own: str = "") -> str:
    """Why an expression cannot be used here; empty where it can."""
    try:
        expression = check_expression(text, "", names, logical=logical)
    except StudyError as error:
        return f"expected {error.expected}, found {error.found}"
    circular = any(name.item == own and name.visit is None for name in expression.names)
    return "calculated from itself" if circular else ""


def _without_circles(rows: list[DraftRow], lost: list[NotCarriedOver]) -> list[DraftRow]:
    """Break every circle of calculations at its first row."""
    by_name = {row.name: row for row in rows}
    while circle := circle_of({name: text for name, row in by_name.items() if (text := _calculation(row))}):
        row = by_name[circle[0]]
        why = f"calculated in a circle ({', '.join(circle)})"
        lost.append(_typed_instead(row, _calculation(row), why))
        by_name[row.name] = _as_typed(row)
    return [by_name[row.name] for row in rows]


def integer_item(line: int, name: str, form: str, label: str) -> DraftRow:
    """The printed line number of a form that repeats."""
    return field_row(line, name, form, **{LABEL: label, VALIDATION: "integer", REQUIRED: "y"})
