"""One row of the dictionary as one item (or several: a checkbox field holds one yes/no a choice)."""

from __future__ import annotations

import re
from datetime import date

from trialkit.nearest import advice, listed
from trialkit.study.annotations import OUR_TAGS, Annotations, UnknownTagError, read_annotations
from trialkit.study.model import Choice, Item, SkippedField
from trialkit.vocabulary import ItemType
from trialkit.wording import said

FIELD_TYPE = "Field Type"
CHOICES = "Choices, Calculations, OR Slider Labels"
VALIDATION = "Text Validation Type OR Show Slider Number"
MINIMUM, MAXIMUM = "Text Validation Min", "Text Validation Max"
ANNOTATION = "Field Annotation"
YES_NO = (Choice("1", "Yes"), Choice("0", "No"))
_TRUE_FALSE = (Choice("1", "True"), Choice("0", "False"))
_FIELD_TYPES = (
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
_DATES = ("date_ymd", "date_mdy", "date_dmy")
# Validations REDCap offers whose values trialkit keeps as they were typed.
_KEPT_AS_TEXT = frozenset(
    {
        "alpha_only",
        "datetime_dmy",
        "datetime_mdy",
        "datetime_seconds_dmy",
        "datetime_seconds_mdy",
        "datetime_seconds_ymd",
        "datetime_ymd",
        "email",
        "mrn_10d",
        "phone",
        "phone_australia",
        "postalcode_australia",
        "postalcode_canada",
        "ssn",
        "time",
        "time_hh_mm_ss",
        "vmrn",
        "zipcode",
    }
)
_DECIMALS = re.compile(r"number_([1-9])dp")


class FieldError(ValueError):
    """A cell that cannot be read, with its column."""

    def __init__(self, column: str, expected: str, found: str, next_step: str = "") -> None:
        super().__init__(found)
        self.column, self.expected, self.found, self.next_step = column, expected, found, next_step


def items_of_field(cells: dict[str, str]) -> tuple[Item, ...] | SkippedField:
    """The item or items of one row, or why it holds none."""
    kind = cells[FIELD_TYPE]
    name, form = cells["Variable / Field Name"], cells["Form Name"]
    if kind not in _FIELD_TYPES:
        raise FieldError(
            FIELD_TYPE,
            said("one of {field_types}", field_types=listed(_FIELD_TYPES, 12)),
            repr(kind),
            advice(kind, _FIELD_TYPES, otherwise="Use one of REDCap's field types."),
        )
    if kind == "descriptive":
        return SkippedField(name, form, "text shown on the form, no value")
    if kind in ("file", "sql"):
        return SkippedField(name, form, f"a field of type {kind!r}, which trialkit does not capture")
    tags = _annotations(cells[ANNOTATION])
    if kind == "checkbox":
        return tuple(
            _item(cells, tags, ItemType.YES_NO, choices=YES_NO, name=f"{name}___{box.code}", suffix=box.label)
            for box in read_choices(cells[CHOICES])
        )
    return (_plain_item(cells, tags, kind),)


def _plain_item(cells: dict[str, str], tags: Annotations, kind: str) -> Item:
    if kind in ("radio", "dropdown"):
        return _item(cells, tags, ItemType.CODED, choices=read_choices(cells[CHOICES]))
    if kind == "yesno":
        return _item(cells, tags, ItemType.YES_NO, choices=YES_NO)
    if kind == "truefalse":
        return _item(cells, tags, ItemType.YES_NO, choices=_TRUE_FALSE)
    if kind == "calc":
        if not cells[CHOICES]:
            raise FieldError(CHOICES, "a calculation", "an empty cell")
        return _item(cells, tags, ItemType.DERIVED)
    if kind == "slider":
        return _item(cells, tags, ItemType.INTEGER)
    return _text_item(cells, tags)


def _text_item(cells: dict[str, str], tags: Annotations) -> Item:
    validation = cells[VALIDATION]
    decimals = _DECIMALS.fullmatch(validation)
    if validation == "integer":
        return _item(cells, tags, ItemType.INTEGER, decimals=0)
    if validation == "number" or decimals:
        return _item(cells, tags, ItemType.NUMBER, decimals=int(decimals.group(1)) if decimals else None)
    if validation in _DATES:
        return _item(cells, tags, ItemType.DATE)
    if not validation or validation in _KEPT_AS_TEXT:
        return _item(cells, tags, ItemType.TEXT)
    known = ("integer", "number", "number_1dp", "number_2dp", *_DATES, *sorted(_KEPT_AS_TEXT))
    raise FieldError(
        VALIDATION,
        "a validation REDCap has",
        repr(validation),
        advice(validation, known, otherwise="Use integer, number, date_ymd, or leave it empty."),
    )


def _item(
    cells: dict[str, str],
    tags: Annotations,
    kind: ItemType,
    *,
    choices: tuple[Choice, ...] = (),
    decimals: int | None = None,
    name: str | None = None,
    suffix: str = "",
) -> Item:
    label = cells["Field Label"]
    return Item(
        name=name or cells["Variable / Field Name"],
        form=cells["Form Name"],
        label=f"{label} - {suffix}" if suffix else label,
        type=kind,
        choices=choices,
        unit=tags.unit,
        minimum=_bound(cells, MINIMUM, kind),
        maximum=_bound(cells, MAXIMUM, kind),
        decimals=decimals,
        required=_mark(cells, "Required Field?"),
        partial_date=tags.partial_date,
        branching=cells["Branching Logic (Show field only if...)"],
        calculation=cells[CHOICES] if kind is ItemType.DERIVED else "",
        section=cells["Section Header"],
        identifier=_mark(cells, "Identifier?"),
        critical=tags.critical,
        reveals_allocation=tags.reveals_allocation,
        missing_codes=tags.missing_codes,
    )


def read_choices(text: str) -> tuple[Choice, ...]:
    """``1, Yes | 0, No`` as choices, in order; a code used twice is an error."""
    choices: list[Choice] = []
    for part in text.split("|"):
        code, comma, label = (piece.strip() for piece in part.partition(","))
        if not comma or not re.fullmatch(r"[A-Za-z0-9_.\-]+", code):
            raise FieldError(CHOICES, "choices written 'code, label | code, label'", repr(part.strip()))
        if code in (choice.code for choice in choices):
            raise FieldError(CHOICES, "each code once", said("the code {code!r} twice", code=code))
        choices.append(Choice(code, label))
    return tuple(choices)


def _bound(cells: dict[str, str], column: str, kind: ItemType) -> float | date | None:
    text = cells[column]
    if not text:
        return None
    try:
        if kind is ItemType.DATE:
            return date.fromisoformat(text)
        if kind in (ItemType.INTEGER, ItemType.NUMBER) and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
            return float(text)
    except ValueError:
        pass
    wanted = "a date YYYY-MM-DD" if kind is ItemType.DATE else "a number, on a number or date"
    raise FieldError(column, wanted, repr(text))


def _mark(cells: dict[str, str], column: str) -> bool:
    if cells[column] not in ("", "y", "Y"):
        raise FieldError(column, "'y' or an empty cell", repr(cells[column]))
    return bool(cells[column])


def _annotations(text: str) -> Annotations:
    try:
        return read_annotations(text)
    except UnknownTagError as error:
        tag = str(error)
        step = advice(tag, OUR_TAGS, otherwise="Remove it, or write it without '@'.")
        raise FieldError(
            ANNOTATION, said("@{our_tags} or REDCap's own", our_tags=", @".join(OUR_TAGS)), f"@{tag}", step
        ) from None
    except ValueError as error:
        raise FieldError(ANNOTATION, "a tag with a permitted value", str(error)) from None
