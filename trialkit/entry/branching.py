"""Which items the final record asks for: branching on a subject's final values, of any form and visit; pure.

A pass sees its own form alone; what hangs on another form, another visit, a calculation or a score is decided
here, and again whenever one of those values changes. Nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol

from trialkit.entry.agreement import TypedValue
from trialkit.entry.lookup import Final, Texts, found_at, stands_on, texts_of
from trialkit.entry.rules import StudyRules
from trialkit.expressions import Expression, Name, NotKnownYet, Value, evaluate
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.study.lines_and_visits import visit_meant
from trialkit.vocabulary import ValueState


class FinalLine(Final, Protocol):
    @property
    def row(self) -> str: ...


class Asked(Enum):
    """What branching says of one item of the final record.

    ``YES`` also where what decides is missing, or where nobody can tell which visit is meant: the item is
    asked of all. ``WAITING``: what decides is not in the final record yet.
    """

    YES = "yes"
    NO = "no"
    WAITING = "waiting"


Place = tuple[str, str, str]
"""Item, visit, line."""

NOTHING_TYPED = frozenset({ValueState.BLANK, ValueState.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class _Branched:
    expression: Expression
    form: str


class FinalBranching:
    """The branching of one study, held against final records.

    ``items`` are the items that have any.
    """

    def __init__(self, rules: StudyRules) -> None:
        self._rules = rules
        self._branched = {
            item: _Branched(expression, form)
            for form, asked in rules.branching.items()
            for item, expression in asked.items()
        }
        self.items = frozenset(self._branched)
        self._remembered: dict[tuple[str, tuple[object, ...]], Asked] = {}
        self._names: dict[tuple[str, str], tuple[_LookedAt, ...]] = {}

    @cached_property
    def _read(self) -> frozenset[str]:
        """Every entered item that any branching stands on, at whatever visit."""
        return frozenset(
            item
            for branched in self._branched.values()
            for name in branched.expression.names
            for item, _ in stands_on(self._rules, Name(name.item), "")
        )

    def asked(self, about: Iterable[FinalLine], finals: Sequence[FinalLine]) -> dict[Place, Asked]:
        """Whether one subject's final record asks for some of its items.

        Parameters
        ----------
        about
            Final values; those of items without branching are passed over.
        finals
            All of the subject's.
        """
        wanted = [final for final in about if final.item in self._branched]
        if not wanted:
            return {}
        known = [final for final in finals if final.item in self._read]
        texts = texts_of(self._rules, known)
        there = {(final.item, final.visit, final.row) for final in known}
        lines: dict[tuple[str, str, str], dict[tuple[str, str], str]] = {}
        for final in known:
            if self._rules.forms[final.form].repeating and final.value.state is ValueState.VALUE:
                own = lines.setdefault((final.form, final.visit, final.row), {})
                own[final.item, final.visit] = final.value.text or ""
        return {
            (final.item, final.visit, final.row): self._answer(
                final, {**texts, **lines.get((final.form, final.visit, final.row), {})}, there
            )
            for final in wanted
        }

    def reads(self, item: str, visit: str, row: str) -> tuple[Place, ...]:
        """Where the values stand that decide whether an item is asked."""
        looked_at = self._looked_at(item, visit) if item in self._branched else ()
        return tuple(sorted({place for one in looked_at for place in one.places(row)}))

    def _answer(self, final: FinalLine, texts: Texts, there: set[Place]) -> Asked:
        expression = self._branched[final.item].expression
        values = {
            one.name: self._value(one, final.row, texts, there)
            for one in self._looked_at(final.item, final.visit)
        }
        key = (expression.text, tuple(values.values()))
        if key not in self._remembered:
            self._remembered[key] = _answered(expression, values)
        return self._remembered[key]

    def _value(self, one: _LookedAt, row: str, texts: Texts, there: set[Place]) -> Value | _Unknown | None:
        if one.at is None:
            return _Unknown.FOR_GOOD
        if one.name.item == EVENT_NAME:
            return one.at
        if not there.issuperset(one.places(row)):
            return _Unknown.YET
        return found_at(self._rules, texts, Name(one.name.item, one.at))[0]

    def _looked_at(self, item: str, visit: str) -> tuple[_LookedAt, ...]:
        if (item, visit) not in self._names:
            branched = self._branched[item]
            self._names[item, visit] = tuple(
                self._places_of(
                    name, visit_meant(self._rules.study, name, branched.form, visit), branched.form
                )
                for name in branched.expression.names
            )
        return self._names[item, visit]

    def _places_of(self, name: Name, at: str | None, form: str) -> _LookedAt:
        if at is None:
            return _LookedAt(name, None)
        own, elsewhere = set(), set()
        for place in stands_on(self._rules, Name(name.item), at):
            holder = self._rules.forms[self._rules.items[place[0]].form]
            if place[1] not in holder.visits:
                continue  # what a calculation names and no form asks there: nobody waits for it
            if holder.name == form:
                own.add(place)
            elif not holder.repeating:
                elsewhere.add(place)
        return _LookedAt(name, at, tuple(sorted(own)), tuple(sorted(elsewhere)))


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """A name of branching: its visit, None where nobody can tell, and (item, visit) of what it stands on."""

    name: Name
    at: str | None
    own: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()

    def places(self, row: str) -> Iterator[Place]:
        """Of the item's own form its own line."""
        yield from ((item, visit, row) for item, visit in self.own)
        yield from ((item, visit, "") for item, visit in self.elsewhere)


class _Unknown(Enum):
    YET = "not in the final record yet"
    FOR_GOOD = "nobody can tell which value is meant"


def _answered(expression: Expression, values: Mapping[Name, object]) -> Asked:
    answer = evaluate(expression, _look_up_in(values), unreadable_is_missing=True)
    if answer is False:
        return Asked.NO
    waits = answer is None and _Unknown.YET in values.values()
    return Asked.WAITING if waits else Asked.YES


def _look_up_in(values: Mapping[Name, object]) -> Callable[[Name], Value | None]:
    def value(name: Name) -> Value | None:
        found = values[name]
        if isinstance(found, _Unknown):
            raise NotKnownYet
        return found  # type: ignore[return-value]

    return value


def as_asked(value: TypedValue, asked: Asked) -> TypedValue:
    """A final value as the record has it: where nothing was typed, branching says what that means.

    While what decides is not there, it stays what the passes made of it.
    """
    if value.state not in NOTHING_TYPED or asked is Asked.WAITING:
        return value
    return TypedValue(state=ValueState.NOT_APPLICABLE if asked is Asked.NO else ValueState.BLANK)
