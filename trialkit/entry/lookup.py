"""Final values of one subject as expressions ask for them; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from trialkit.entry.agreement import TypedValue
from trialkit.entry.rules import StudyRules
from trialkit.expressions import Name, Value, evaluate, parse
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.instruments import score
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType, ValueState


class Final(Protocol):
    """One final value with its place, as the store reads it."""

    @property
    def visit(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def value(self) -> TypedValue: ...


Texts = Mapping[tuple[str, str], str]
"""(item, visit) -> stored text, of forms that do not repeat."""


def texts_of(rules: StudyRules, finals: Iterable[Final]) -> dict[tuple[str, str], str]:
    """The stored texts of one subject's final record, forms that repeat left out."""
    once = {name for name, form in rules.forms.items() if not form.repeating}
    return {
        (final.item, final.visit): text
        for final in finals
        if final.form in once
        and (text := final.value.text) is not None
        and final.value.state is ValueState.VALUE
    }


def lookup_in(rules: StudyRules, texts: Texts, visit: str | None = None) -> Callable[[Name], Value | None]:
    """A lookup for expressions: at the visit named, else at ``visit``, else at the latest with a value.

    Derived items and scores are computed from the values there; a score that its missing-item rule does
    not give is missing.
    """

    def look_up(name: Name) -> Value | None:
        return visit if name.item == EVENT_NAME else found_at(rules, texts, name, visit)[0]

    return look_up


def found_at(
    rules: StudyRules, texts: Texts, name: Name, visit: str | None = None
) -> tuple[Value | None, str | None]:
    """The value that a name of an expression stands for, as in :func:`lookup_in`, and the visit it is of."""
    wanted = name.visit or visit
    for at in [wanted] if wanted else reversed(list(rules.visits)):
        found = _value_at(rules, texts, name.item, at)
        if found is not None:
            return found, at
    return None, None


def _value_at(rules: StudyRules, texts: Texts, name: str, visit: str) -> Value | None:
    item = rules.items.get(name)
    if item is None:
        return _score(rules, texts, name, visit)
    if item.type is ItemType.DERIVED:
        return derive(rules, item, texts, visit)
    return texts.get((name, visit))


def derive(rules: StudyRules, item: Item, texts: Texts, visit: str) -> Value | None:
    """A derived item at a visit; None where what it needs is missing."""
    return evaluate(parse(item.calculation), lookup_in(rules, texts, visit), unreadable_is_missing=True)


def stands_on(rules: StudyRules, name: Name, visit: str) -> set[tuple[str, str]]:
    """The entered items that a name's value at a visit is made of, each with its visit."""
    at, item = name.visit or visit, rules.items.get(name.item)
    if item is not None and item.type is ItemType.DERIVED:
        parts = parse(item.calculation).names
        return {place for part in parts for place in stands_on(rules, part, at)}
    if item is not None:
        return {(name.item, at)}
    score = next((score for score in rules.study.scores if score.name == name.item), None)
    return {(part, at) for part in score.items} if score else set()


def _score(rules: StudyRules, texts: Texts, name: str, visit: str) -> float | None:
    known = next((known for known in rules.study.scores if known.name == name), None)
    if known is None:
        return None
    answers = [texts.get((item, visit)) for item in known.items]
    return score(known.instrument, answers, known.settings)
