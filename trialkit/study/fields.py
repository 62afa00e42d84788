"""One row of the dictionary as one item (or several: a checkbox field holds one yes/no a choice)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from trialkit.expressions.lexer import smart_variables
from trialkit.nearest import advice, listed
from trialkit.study.annotation_signs import OUR_TAGS
from trialkit.study.annotations import Annotations, MistypedTagError, read_annotations
from trialkit.study.dictionary_header import NAME
from trialkit.study.model import Bound, Choice, Item, SkippedField
from trialkit.study.validations import UnknownValidationError, read_validation
from trialkit.vocabulary import ItemType
from trialkit.wording import said

FIELD_TYPE = "Field Type"
CHOICES = "Choices, Calculations, OR Slider Labels"
VALIDATION = "Text Validation Type OR Show Slider Number"
MINIMUM, MAXIMUM = "Text Validation Min", "Text Validation Max"
ANNOTATION = "Field Annotation"
YES_NO = (Choice("1", "Yes"), Choice("0", "No"))
_TRUE_FALSE = (Choice("1", "True"), Choice("0", "False"))
OWN_CHOICES = frozenset({*YES_NO, *_TRUE_FALSE})
"""REDCap's own, of a field that lists none: their words are in no language of the study."""
FIELD_TYPES = (
    "text",
    "notes",
    "radio",
    "dropdown",
    "yesno",
    "truefalse",
    "calc",
    "checkbox",
    "slider",
    "descriptive",
    "file",
    "sql",
)  # REDCap's, all of them
_YES, _NO = frozenset({"y", "yes", "1", "true"}), frozenset({"", "n", "no", "0", "false"})
_RANGED = frozenset({ItemType.INTEGER, ItemType.NUMBER, ItemType.DATE, ItemType.DATETIME, ItemType.TIME})
_MOVING = re.compile(r"(today|now)\b.*|\[.*", re.IGNORECASE)
"""A bound that depends on the day of entry, or on another field."""

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?", re.ASCII)

_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)", re.ASCII)

Notes = list[str]


class FieldError(ValueError):
    """A cell that cannot be read, with its column."""

    def __init__(self, column: str, expected: str, found: str, next_step: str = "") -> None:
        super().__init__(found)
        self.column, self.expected, self.found, self.next_step = column, expected, found, next_step


def items_of_field(cells: dict[str, str], notes: Notes) -> tuple[Item, ...] | SkippedField:
    """The item or items of one row, or why it holds none.

    What is read otherwise than it is written joins ``notes``, a sentence each.
    """
    kind = cells[FIELD_TYPE]
    name, form = cells["Variable / Field Name"], cells["Form Name"]
    if kind not in FIELD_TYPES:
        raise FieldError(
            FIELD_TYPE,
            said("one of {field_types}", field_types=listed(FIELD_TYPES, 12)),
            repr(kind),
            advice(kind, FIELD_TYPES, otherwise="Use one of REDCap's field types."),
        )
    if kind == "descriptive":
        return SkippedField(name, form, "text shown on the form, no value")
    if kind in ("file", "sql"):
        return SkippedField(name, form, f"a field of type {kind!r}, which trialkit does not capture")
    tags = _annotations(cells[ANNOTATION])
    notes += [f"{name}: {note}." for note in tags.notes]
    field = _Field(cells, tags, notes)
    if kind == "checkbox":
        return tuple(
            field.item(ItemType.YES_NO, choices=YES_NO, name=checkbox_item(name, box.code), suffix=box.label)
            for box in field.choices()
        )
    return (_plain_item(field, kind),)


def checkbox_item(field: str, code: str) -> str:
    """The name REDCap exports a box under: small letters, and ``_`` for whatever a name cannot hold."""
    return f"{field}___{re.sub('[^a-z0-9_]', '_', code.lower())}"


def _plain_item(field: _Field, kind: str) -> Item:
    cells = field.cells
    if kind in ("radio", "dropdown"):
        return field.item(ItemType.CODED, choices=field.choices())
    if kind == "yesno":
        return field.item(ItemType.YES_NO, choices=YES_NO)
    if kind == "truefalse":
        return field.item(ItemType.YES_NO, choices=_TRUE_FALSE)
    if kind == "calc":
        if not cells[CHOICES]:
            raise FieldError(CHOICES, "a calculation", "an empty cell")
        if unknown := smart_variables(cells[CHOICES]):
            field.note(
                f"the calculation names {', '.join(unknown)}, which only REDCap knows: the item is typed"
            )
            return field.item(ItemType.NUMBER)
        return field.item(ItemType.DERIVED, calculation=cells[CHOICES])
    if kind == "slider":
        return _slider(field.item(ItemType.INTEGER))
    if unknown := smart_variables(field.tags.calculation):
        field.note(f"the calculation names {', '.join(unknown)}, which only REDCap knows: the item is typed")
    elif field.tags.calculation:
        return field.item(ItemType.DERIVED, calculation=field.tags.calculation)
    return _text_item(field)


def _slider(item: Item) -> Item:
    """REDCap's slider goes from 0 to 100 unless its row says otherwise."""
    low = 0.0 if item.minimum is None else item.minimum
    return replace(item, minimum=low, maximum=100.0 if item.maximum is None else item.maximum)


def _text_item(field: _Field) -> Item:
    name = field.cells[VALIDATION]
    try:
        found = read_validation(name)
    except UnknownValidationError as error:
        raise FieldError(
            VALIDATION,
            "a validation REDCap has",
            repr(name),
            said("Did you mean {known!r}?", known=str(error)),
        ) from None
    if found.note:
        field.note(found.note)
    made = field.item(found.type, decimals=found.decimals, decimal_comma=found.decimal_comma)
    return replace(made, validation=name.casefold()) if found.type is ItemType.TEXT and name else made


@dataclass(frozen=True, slots=True)
class _Field:
    """One row of the dictionary on its way to an item."""

    cells: dict[str, str]
    tags: Annotations
    notes: Notes

    def note(self, text: str) -> None:
        self.notes.append(f"{self.cells[NAME]}: {text}.")

    def choices(self) -> tuple[Choice, ...]:
        found = read_choices(self.cells[CHOICES])
        if any(not part.strip() for part in self.cells[CHOICES].strip().strip("|").split("|")):
            self.note("an empty choice between two pipes was passed over")
        return found

    def item(
        self,
        kind: ItemType,
        *,
        choices: tuple[Choice, ...] = (),
        decimals: int | None = None,
        decimal_comma: bool = False,
        calculation: str = "",
        name: str | None = None,
        suffix: str = "",
    ) -> Item:
        cells, tags = self.cells, self.tags
        label = cells["Field Label"]
        return Item(
            name=name or cells[NAME],
            form=cells["Form Name"],
            label=f"{label} - {suffix}" if suffix else label,
            type=kind,
            choices=choices,
            unit=tags.unit,
            minimum=self._bound(MINIMUM, kind),
            maximum=self._bound(MAXIMUM, kind),
            decimals=decimals,
            decimal_comma=decimal_comma,
            required=_mark(cells, "Required Field?"),
            partial_date=tags.partial_date,
            branching=self._branching(),
            calculation=calculation,
            section=cells["Section Header"],
            question_number=cells["Question Number (surveys only)"],
            identifier=_mark(cells, "Identifier?"),
            critical=tags.critical,
            reveals_allocation=tags.reveals_allocation,
            missing_codes=tags.missing_codes,
            agree_within=self._agree_within(kind),
            retired=tags.retired,
        )

    def _branching(self) -> str:
        """The logic of the row; one that only REDCap can answer is left out, and the item asked of all."""
        text = self.cells["Branching Logic (Show field only if...)"]
        unknown = smart_variables(text)
        if not unknown:
            return text
        self.note(
            f"the branching names {', '.join(unknown)}, which only REDCap knows: the item is asked of all"
        )
        return ""

    def _agree_within(self, kind: ItemType) -> float:
        width = self.tags.agree_within
        if width and kind not in (ItemType.INTEGER, ItemType.NUMBER):
            raise FieldError(
                ANNOTATION,
                "@AGREE-WITHIN on a number that is typed",
                said("an item of type {kind}", kind=kind),
                "Leave the tag out: other items agree only where they are the same.",
            )
        return width

    def _bound(self, column: str, kind: ItemType) -> Bound | None:
        """A range's end; one that moves, or that belongs to no number or date, is left out with a note."""
        text = self.cells[column]
        if not text:
            return None
        if kind not in _RANGED:
            self.note(f"{column} {text!r} left out, since the item is of type {kind}")
            return None
        if _MOVING.fullmatch(text):
            self.note(f"{column} {text!r} left out: it moves with the day of entry or with another field")
            return None
        found = read_bound(text, kind)
        if found is None:
            raise FieldError(column, said("{value}, or today or now", value=_WANTED[kind]), repr(text))
        return found


_WANTED = {
    ItemType.INTEGER: "a number",
    ItemType.NUMBER: "a number",
    ItemType.DATE: "a date YYYY-MM-DD",
    ItemType.DATETIME: "a date and time YYYY-MM-DD HH:MM",
    ItemType.TIME: "a time HH:MM",
}


def read_bound(text: str, kind: ItemType) -> Bound | None:
    """A bound as a value of its item; None where the text is none."""
    try:
        if kind is ItemType.DATE:
            return date.fromisoformat(text[:10]) if _ISO_DAY.fullmatch(text) else None
        if kind is ItemType.DATETIME:
            return datetime.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None
        if kind is ItemType.TIME:
            hours, _, rest = text.partition(":")
            return time.fromisoformat(f"{hours:0>2}:{rest}") if _TIME.fullmatch(text) else None
    except ValueError:
        return None
    plain = text.replace(",", ".") if text.count(",") == 1 else text
    return float(plain) if _NUMBER.fullmatch(plain) else None


def read_choices(text: str) -> tuple[Choice, ...]:
    """``1, Yes | 0, No`` as choices, in order; a code used twice is an error."""
    choices: list[Choice] = []
    for part in _filled_parts(text):
        code, comma, label = (piece.strip() for piece in part.partition(","))
        if not comma or not re.fullmatch(r"[A-Za-z0-9_.\-]+", code):
            raise FieldError(CHOICES, "choices written 'code, label | code, label'", repr(part.strip()))
        if code in (choice.code for choice in choices):
            raise FieldError(CHOICES, "each code once", said("the code {code!r} twice", code=code))
        choices.append(Choice(code, label))
    return tuple(choices)


def _filled_parts(text: str) -> list[str]:
    """What stands between the pipes, empty places left out; one empty text where nothing stands at all."""
    return [part for part in text.split("|") if part.strip()] or [""]


def _mark(cells: dict[str, str], column: str) -> bool:
    said = cells[column].casefold()
    if said not in _YES | _NO:
        raise FieldError(column, "'y' or an empty cell", repr(cells[column]))
    return said in _YES


def _annotations(text: str) -> Annotations:
    try:
        return read_annotations(text)
    except MistypedTagError as error:
        spelt = said("@{our_tags} as spelt here", our_tags=", @".join(OUR_TAGS))
        raise FieldError(ANNOTATION, spelt, f"{error.before}@{error.tag}", _tag_meant(error)) from None
    except ValueError as error:
        raise FieldError(ANNOTATION, "a tag with a permitted value", str(error)) from None


def _tag_meant(error: MistypedTagError) -> str:
    """What to write instead; where the letters look right already, what is wrong with them."""
    meant = error.meant
    if not error.tag.isascii():
        return said("Did you mean @{tag}? Type it anew: some letters are of another alphabet.", tag=meant)
    if error.before and error.tag.upper() == meant:
        return said("Did you mean @{tag}, with a space before it?", tag=meant)
    return said("Did you mean @{tag}?", tag=meant)
