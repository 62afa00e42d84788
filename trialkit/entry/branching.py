"""Which items the final record asks for: branching on a subject's final values, of any form and visit; pure.

A pass sees its own form alone; what hangs on another form, another visit, a calculation or a score is decided
here, and again whenever one of those values changes. An item that is known not to be asked and holds no value
is REDCap's empty text to what hangs on it. Nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Protocol

from trialkit.entry.agreement import TypedValue
from trialkit.entry.lookup import Final, Texts, found_at, stands_on, texts_of
from trialkit.entry.rules import StudyRules
from trialkit.entry.settling import settle
from trialkit.expressions import NOT_ASKED, Compared, Expression, Name, NotKnownYet, evaluate
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


@dataclass(frozen=True, slots=True)
class AbsentForms:
    """Forms of one subject that hold nothing, and that nobody waits for.

    Those of another arm are not asked; what is stated not done is missing, and asks for all that hangs on it.
    """

    of_another_arm: frozenset[str] = frozenset()
    not_done: frozenset[tuple[str, str]] = frozenset()  # visit, form


NONE_ABSENT = AbsentForms()

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
    def _controlling(self) -> frozenset[str]:
        """Items with branching that other branching stands on."""
        return self.items & self._read

    @cached_property
    def _read(self) -> frozenset[str]:
        """Every entered item that any branching stands on, at whatever visit."""
        return frozenset(
            item
            for branched in self._branched.values()
            for name in branched.expression.names
            for item, _ in stands_on(self._rules, Name(name.item), "")
        )

    @cached_property
    def _elsewhere(self) -> frozenset[tuple[Place, str]]:
        """Where branching reads another form, or its own at another visit, with the name of that form."""
        places = {
            (place, self._rules.items[place[0]].form, visit, branched.form)
            for item, branched in self._branched.items()
            for visit in self._rules.forms[branched.form].visits
            for one in self._looked_at(item, visit)
            for place in one.places("")
        }
        return frozenset((place, of) for place, of, visit, form in places if (place[1], of) != (visit, form))

    @property
    def deciding_forms(self) -> frozenset[str]:
        """Those whose values other forms, or the same at another visit, hang on."""
        return frozenset(form for _, form in self._elsewhere)

    def asked(
        self, about: Iterable[FinalLine], finals: Sequence[FinalLine], absent: AbsentForms = NONE_ABSENT
    ) -> dict[Place, Asked]:
        """Whether one subject's final record asks for some of its items.

        Parameters
        ----------
        about
            Final values; those of items without branching are passed over.
        finals
            All of the subject's.
        absent
            The subject's deciding forms that nobody waits for.
        """
        wanted = [final for final in about if final.item in self._branched]
        if not wanted:
            return {}
        known = [final for final in finals if final.item in self._read]
        record = _Record(
            texts_of(self._rules, known), {(final.item, final.visit, final.row) for final in known}
        )
        for final in known:
            if self._rules.forms[final.form].repeating and final.value.state is ValueState.VALUE:
                own = record.lines.setdefault((final.form, final.visit, final.row), {})
                own[final.item, final.visit] = final.value.text or ""
        self._leave_out(record, absent)
        self._settle(record, known)
        return {_place(final): self._answer(_place(final), record) for final in wanted}

    def _leave_out(self, record: _Record, absent: AbsentForms) -> None:
        for place, form in self._elsewhere:
            if place in record.there:
                continue  # entered all the same
            if form in absent.of_another_arm:
                record.not_asked.add(place)
                record.there.add(place)
            elif (place[1], form) in absent.not_done:
                record.there.add(place)

    def reads(self, item: str, visit: str, row: str) -> tuple[Place, ...]:
        """Where the values stand that decide whether an item is asked, at whatever remove."""
        read: set[Place] = set()
        waiting = [(item, visit, row)]
        while waiting:
            item, visit, row = waiting.pop()
            for one in self._looked_at(item, visit) if item in self._branched else ():
                fresh = set(one.places(row)) - read
                read |= fresh
                waiting += fresh
        return tuple(sorted(read))

    def _settle(self, record: _Record, known: Sequence[FinalLine]) -> None:
        """Which items that hold no value, and that others hang on, are not asked or wait to be decided."""
        empty = [
            _place(final)
            for final in known
            if final.item in self._controlling and final.value.state is not ValueState.VALUE
        ]
        hanging: dict[Place, list[Place]] = {}
        for place in empty:
            for one in self._looked_at(place[0], place[1]):
                for on in one.places(place[2]):
                    hanging.setdefault(on, []).append(place)
        for found, answer in ((record.not_asked, Asked.NO), (record.in_doubt, Asked.WAITING)):
            settle(
                found,
                empty,
                lambda place, answer=answer: self._answer(place, record) is answer,  # type: ignore[misc]
                lambda place: hanging.get(place, ()),
            )

    def _answer(self, place: Place, record: _Record) -> Asked:
        item, visit, row = place
        branched = self._branched[item]
        texts = record.texts_on(branched.form, visit, row)
        values = {one.name: self._value(one, row, texts, record) for one in self._looked_at(item, visit)}
        expression = branched.expression
        key = (expression.text, tuple(values.values()))
        if key not in self._remembered:
            self._remembered[key] = _answered(expression, values)
        return self._remembered[key]

    def _value(self, one: _LookedAt, row: str, texts: Texts, record: _Record) -> Compared | _Unknown:
        if one.at is None:
            return _Unknown.FOR_GOOD
        if one.name.item == EVENT_NAME:
            return one.at
        if not record.there.issuperset(one.places(row)):
            return _Unknown.YET
        found = found_at(self._rules, texts, Name(one.name.item, one.at))[0]
        if found is not None:
            return found
        missing = {place for place in one.places(row) if place[:2] not in texts}
        if missing and missing <= record.not_asked:
            return NOT_ASKED  # a calculation or score, too, that only misses what is not asked
        return None if record.in_doubt.isdisjoint(missing) else _Unknown.IN_DOUBT

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


def _place(final: FinalLine) -> Place:
    return (final.item, final.visit, final.row)


@dataclass(frozen=True, slots=True)
class _Record:
    """One subject's final values as branching reads them."""

    texts: Texts
    there: set[Place]
    lines: dict[tuple[str, str, str], dict[tuple[str, str], str]] = field(default_factory=dict)
    not_asked: set[Place] = field(default_factory=set)  # and no value stands there
    in_doubt: set[Place] = field(default_factory=set)  # no value, and what decides is not there yet

    def texts_on(self, form: str, visit: str, row: str) -> Texts:
        own = self.lines.get((form, visit, row))
        return {**self.texts, **own} if own else self.texts


class _Unknown(Enum):
    YET = "not in the final record yet"
    IN_DOUBT = "missing, or not asked: not known yet"
    FOR_GOOD = "nobody can tell which value is meant"


def _answered(expression: Expression, values: Mapping[Name, object]) -> Asked:
    answer = evaluate(expression, _look_up_in(values), unreadable_is_missing=True)
    if answer is False:
        return Asked.NO
    waits = answer is None and any(one in (_Unknown.YET, _Unknown.IN_DOUBT) for one in values.values())
    return Asked.WAITING if waits else Asked.YES


def _look_up_in(values: Mapping[Name, object]) -> Callable[[Name], Compared]:
    def value(name: Name) -> Compared:
        found = values[name]
        if found is _Unknown.IN_DOUBT:
            return None
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
