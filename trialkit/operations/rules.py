"""The study definition prepared for entry: what may be typed where, and what a typed text means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from trialkit.entry import ItemRule, TypedValue, read_value, text_of
from trialkit.entry.values import Reading
from trialkit.expressions import Expression, Name, Value, evaluate, parse
from trialkit.study.model import Bound, Form, Item, Study
from trialkit.vocabulary import ItemType, MissingCode, ValueState

MISSING_PREFIX = "@"
"""``@unknown`` in place of a value is a missing code: no number, date or code of a list begins so."""

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", re.ASCII)
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed text as it will be stored, or what is wrong with it, or what is merely odd about it."""

    value: TypedValue
    problem: str = ""  # what was expected instead; the text cannot be a value
    oddity: str = ""  # what to look at; the text is taken


class StudyRules:
    """Lookups and parsed branching of one study, made once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.forms: dict[str, Form] = {form.name: form for form in study.forms}
        self.items: dict[str, Item] = {item.name: item for form in study.forms for item in form.items}
        self.form_items: dict[str, dict[str, Item]] = {
            form.name: {item.name: item for item in form.items} for form in study.forms
        }
        self.compared: dict[str, tuple[ItemRule, ...]] = {
            form.name: tuple(
                ItemRule(item.name, item.type) for item in form.items if item.type is not ItemType.DERIVED
            )
            for form in study.forms
        }
        self.sites = frozenset(site.code for site in study.sites)
        self.visits = {visit.name: visit for visit in study.visits}
        self._branching: dict[str, dict[str, Expression]] = {
            form.name: {item.name: parse(item.branching) for item in form.items if item.branching}
            for form in study.forms
        }
        self._read: dict[tuple[str, str], Typed] = {}
        self._asked: dict[tuple[str, tuple[str | None, ...]], bool | None] = {}

    def tells_arm(self, form: str) -> bool:
        """Whether the mere existence of this form at a subject tells the arm."""
        known = self.forms[form]
        return known.reveals_allocation or bool(known.for_arms)

    def read(self, item: Item, typed: str | TypedValue) -> Typed:
        """What one typed text is for an item; remembered, since few different texts are ever typed."""
        if isinstance(typed, TypedValue):
            if typed.state is ValueState.VALUE:
                return self.read(item, typed.text or "")
            return _check_missing(item, typed)
        key = (item.name, typed)
        if key not in self._read:
            self._read[key] = _read(item, typed)
        return self._read[key]

    def read_row(self, form: str, row: Mapping[str, str | TypedValue]) -> dict[str, Typed]:
        """Every item of one row; blanks that branching does not ask for become "not applicable"."""
        items = self.form_items[form]
        found = {name: self.read(items[name], typed) for name, typed in row.items()}
        for name, expression in self._branching[form].items():
            if name in found and self._is_asked(expression, found) is False:
                present = found[name].value
                if present.state is ValueState.BLANK:
                    found[name] = Typed(TypedValue(state=ValueState.NOT_APPLICABLE))
                elif not found[name].problem:
                    found[name] = Typed(present, oddity="entered although branching does not ask for it")
        return found

    def _is_asked(self, expression: Expression, row: Mapping[str, Typed]) -> bool | None:
        """Only this row is looked at: a pass never sees another pass or form."""
        texts = tuple(_text(row.get(name.item), name) for name in expression.names)
        key = (expression.text, texts)
        if key not in self._asked:
            values: dict[Name, Value | None] = dict(zip(expression.names, texts, strict=True))
            answer = evaluate(expression, values.__getitem__, unreadable_is_missing=True)
            self._asked[key] = answer if isinstance(answer, bool) else None
        return self._asked[key]


def _text(typed: Typed | None, name: Name) -> str | None:
    if typed is None or name.visit is not None or typed.value.state is not ValueState.VALUE:
        return None
    return typed.value.text


def _read(item: Item, typed: str) -> Typed:
    text = typed if item.type is ItemType.TEXT else typed.strip()
    if not text.strip():
        oddity = "required, and blank" if item.required else ""
        return Typed(TypedValue(state=ValueState.BLANK), oddity=oddity)
    if text.startswith(MISSING_PREFIX):
        code = text.removeprefix(MISSING_PREFIX)
        if code in set(MissingCode):
            return _check_missing(item, TypedValue(None, ValueState.MISSING, MissingCode(code)))
    if item.type is ItemType.DERIVED:
        return Typed(TypedValue(text), problem="nothing: the item is derived and never entered")
    problem = _problem(item, text)
    return Typed(TypedValue(text), problem=problem, oddity="" if problem else _oddity(item, text))


def _check_missing(item: Item, value: TypedValue) -> Typed:
    if value.state is not ValueState.MISSING or value.missing_code in item.missing_codes:
        return Typed(value)
    permitted = ", ".join(MISSING_PREFIX + code for code in item.missing_codes)
    return Typed(value, problem=f"a value, or one of {permitted}" if permitted else "a value: none may miss")


def _problem(item: Item, text: str) -> str:
    """What was expected, where the text cannot be a value of the item."""
    match item.type:
        case ItemType.INTEGER:
            read = read_value(text)
            whole = read.reading is Reading.NUMBER and "." not in text and "e" not in text.lower()
            return "" if whole else "a whole number"
        case ItemType.NUMBER:
            return "" if read_value(text).reading is Reading.NUMBER else "a number with a decimal point"
        case ItemType.CODED | ItemType.YES_NO:
            codes = [choice.code for choice in item.choices]
            return "" if text in codes else f"one of the codes {', '.join(codes)}"
        case ItemType.DATE:
            if _date(text) is not None:
                return ""
            if item.partial_date:
                return "" if _is_partial_date(text) else "a date YYYY-MM-DD, YYYY-MM or YYYY"
            return "a date YYYY-MM-DD"
        case ItemType.DATETIME:
            return "" if _moment(text) is not None else "a date and time YYYY-MM-DD HH:MM"
        case ItemType.TIME:
            return "" if _time(text) is not None else "a time HH:MM"
        case _:
            return ""


def _oddity(item: Item, text: str) -> str:
    """What to look at in a text that is a value; a warning and no more."""
    value: Bound | None = None
    if item.type in (ItemType.INTEGER, ItemType.NUMBER):
        value = float(text)
        decimals = len(text.partition(".")[2])
        if item.decimals is not None and "e" not in text.lower() and decimals > item.decimals:
            return f"{decimals} decimals where {item.decimals} are asked for"
    elif item.type in _READ_AS:
        value = _READ_AS[item.type](text)
    if value is None:
        return ""
    low, high = item.minimum, item.maximum
    if low is not None and value < low:  # type: ignore[operator]
        return f"below {text_of(low)}"
    if high is not None and value > high:  # type: ignore[operator]
        return f"above {text_of(high)}"
    return ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _time(text: str) -> time | None:
    hours, _, rest = text.partition(":")
    try:
        return time.fromisoformat(f"{hours:0>2}:{rest}") if _TIME.fullmatch(text) else None
    except ValueError:
        return None


_READ_AS: dict[ItemType, Callable[[str], Bound | None]] = {
    ItemType.DATE: _date,
    ItemType.DATETIME: _moment,
    ItemType.TIME: _time,
}


def _is_partial_date(text: str) -> bool:
    parts = _PARTIAL_DATE.fullmatch(text)
    return parts is not None and (parts[2] is None or 1 <= int(parts[2]) <= 12)
