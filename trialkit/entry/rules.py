"""The study definition prepared for entry: forms and items by name, and which items branching asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from functools import cached_property
from typing import TYPE_CHECKING

from trialkit.entry.agreement import TypedValue
from trialkit.entry.final_record import ItemRule
from trialkit.entry.meaning import Typed, read_typed
from trialkit.entry.settling import settle
from trialkit.expressions import NOT_ASKED, Compared, Expression, Name, NotKnownYet, evaluate, parse
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.study.lines_and_visits import decided_elsewhere, typed_with
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType, ValueState
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.entry.branching import FinalBranching
    from trialkit.entry.study_checks import StudyChecks


class StudyRules:
    """Lookups and parsed branching of one study, made once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.forms: dict[str, Form] = {form.name: form for form in study.forms}
        self.items: dict[str, Item] = {item.name: item for form in study.forms for item in form.items}
        self.form_items: dict[str, dict[str, Item]] = {
            form.name: {item.name: item for item in form.items} for form in study.forms
        }
        self.derived: dict[str, frozenset[str]] = {
            form.name: frozenset(item.name for item in form.items if item.type is ItemType.DERIVED)
            for form in study.forms
        }
        self.typed = {name: items.keys() - self.derived[name] for name, items in self.form_items.items()}
        self.compared: dict[str, tuple[ItemRule, ...]] = {
            form.name: tuple(_compared(item) for item in form.items if item.type is not ItemType.DERIVED)
            for form in study.forms
        }
        self.sites = frozenset(site.code for site in study.sites)
        self.visits = {visit.name: visit for visit in study.visits}
        self.branching: dict[str, dict[str, Expression]] = {
            form.name: {item.name: parse(item.branching) for item in form.items if item.branching}
            for form in study.forms
        }
        self._hanging = {form: _hanging(branching) for form, branching in self.branching.items()}
        self._read: dict[tuple[str, str | TypedValue], Typed] = {}
        self._asked: dict[tuple[str, tuple[Compared, ...]], bool | None] = {}

    @cached_property
    def checks(self) -> StudyChecks:
        """The checks that the study writes itself."""
        from trialkit.entry.study_checks import StudyChecks

        return StudyChecks(self)

    @cached_property
    def final_branching(self) -> FinalBranching:
        """Which items the final record asks for."""
        from trialkit.entry.branching import FinalBranching

        return FinalBranching(self)

    def tells_arm(self, form: str) -> bool:
        """Whether the mere existence of this form at a subject tells the arm."""
        known = self.forms[form]
        return known.reveals_allocation or bool(known.for_arms)

    def read(self, item: Item, typed: str | TypedValue) -> Typed:
        """What one typed text is for an item; remembered, since few different texts are ever typed."""
        if isinstance(typed, TypedValue):
            return read_typed(item, typed)
        key = (item.name, typed)
        if key not in self._read:
            self._read[key] = read_typed(item, typed)
        return self._read[key]

    def read_row(
        self, form: str, row: Mapping[str, str | TypedValue], visit: str | None = None
    ) -> dict[str, Typed]:
        """Every item of one row; blanks that branching does not ask for become "not applicable".

        A blank that only the final record can say of whether it is asked for is not odd: not where what is
        typed in the row asks for it.
        """
        items = self.form_items[form]
        known = self._read
        found = {
            name: known.get((name, typed)) or self.read(items[name], typed) for name, typed in row.items()
        }
        if not self.branching[form]:
            return found
        unasked = self._unasked(form, found, visit)
        for name, expression in self.branching[form].items():
            odd = name in found and found[name].value.state is ValueState.BLANK and found[name].oddity
            open_ = odd and self.decided_elsewhere(form, name, visit)
            if open_ and not self._is_asked(form, expression, found, visit, unasked):
                found[name] = Typed(found[name].value)
        for name in self.branching[form]:
            if name not in unasked or name not in found:
                continue
            present = found[name].value
            if present.state is ValueState.BLANK:
                found[name] = Typed(TypedValue(state=ValueState.NOT_APPLICABLE))
            elif not found[name].problem:
                found[name] = Typed(present, oddity=said("entered although branching does not ask for it"))
        return found

    def not_asked(self, form: str, row: Mapping[str, str], visit: str | None = None) -> frozenset[str]:
        """Items of one typed row that branching does not ask for."""
        items = self.form_items[form]
        found = {name: self.read(items[name], typed) for name, typed in row.items()}
        return frozenset(self._unasked(form, found, visit) & found.keys())

    def _unasked(self, form: str, row: Mapping[str, Typed], visit: str | None) -> set[str]:
        """What branching does not ask for, of the row and of what is not in it."""
        branching, hanging = self.branching[form], self._hanging[form]
        unasked: set[str] = set()

        def is_unasked(name: str) -> bool:
            return self._is_asked(form, branching[name], row, visit, unasked) is False

        if not hanging:
            return {name for name in branching if name in row and is_unasked(name)}
        settle(unasked, branching, is_unasked, lambda name: hanging.get(name, ()))
        return unasked

    def decided_elsewhere(self, form: str, item: str, visit: str | None) -> bool:
        """Whether branching hangs on what is not typed in the same row: the final record decides it."""
        hangs = item in self.branching[form]
        return hangs and decided_elsewhere(self.form_items[form], self.branching[form], item, visit)

    def _is_asked(
        self,
        form: str,
        expression: Expression,
        row: Mapping[str, Typed],
        visit: str | None,
        unasked: Set[str],
    ) -> bool | None:
        """Only this row is looked at: a pass never sees another pass or form."""

        def text(name: Name) -> Compared:
            if not typed_with(self.form_items[form], name, visit):
                return _ELSEWHERE
            if name.item == EVENT_NAME:
                return visit
            typed = row.get(name.item)
            return NOT_ASKED if name.item in unasked and _is_nothing(typed) else _text(typed)

        texts = tuple(text(name) for name in expression.names)
        key = (expression.text, texts)
        if key not in self._asked:
            values = dict(zip(expression.names, texts, strict=True))
            answer = evaluate(expression, _look_up_in(values), unreadable_is_missing=True)
            self._asked[key] = answer if isinstance(answer, bool) else None
        return self._asked[key]


_ELSEWHERE = False
"""In place of a text: what is not typed in this row."""


def _look_up_in(texts: Mapping[Name, Compared]) -> Callable[[Name], Compared]:
    def value(name: Name) -> Compared:
        if texts[name] is _ELSEWHERE:
            raise NotKnownYet
        return texts[name]

    return value


def _compared(item: Item) -> ItemRule:
    decimals = 0 if item.type is ItemType.INTEGER else item.decimals
    return ItemRule(item.name, item.type, tolerance=item.agree_within, decimals=decimals)


def _hanging(branching: Mapping[str, Expression]) -> dict[str, list[str]]:
    """Item with branching -> those whose branching names it."""
    hanging: dict[str, list[str]] = {}
    for item, expression in branching.items():
        for name in {name.item for name in expression.names} & branching.keys():
            hanging.setdefault(name, []).append(item)
    return hanging


def _is_nothing(typed: Typed | None) -> bool:
    """Whether no value stands there; what cannot be a value is a value mistyped."""
    return typed is None or (typed.value.state is not ValueState.VALUE and not typed.problem)


def _text(typed: Typed | None) -> str | None:
    """What a rule may know: nothing of what cannot be a value."""
    if typed is None or typed.problem:
        return None
    if typed.value.state is not ValueState.VALUE:
        return None
    return typed.value.text
