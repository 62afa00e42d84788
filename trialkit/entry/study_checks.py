"""The checks a study writes itself: on one pass, which sees itself only, and on the final record; pure.

A check holds, fails, or cannot be told. It fails only where it is certainly not so: with a missing value it
cannot be told, and on a partial date it fails only if every completion of the date fails.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from trialkit.entry.branching import NONE_ABSENT, NOTHING_TYPED, AbsentForms, Asked, FinalLine
from trialkit.entry.lookup import lookup_in, stands_on, texts_of
from trialkit.entry.meaning import read_typed, value_of
from trialkit.entry.rules import StudyRules
from trialkit.expressions import Expression, Name, Value, evaluate, parse
from trialkit.study.conduct import ReferenceRange
from trialkit.study.model import Check, Item
from trialkit.vocabulary import ItemType, MissingCode, ValueState
from trialkit.wording import said

RANGE, REQUIRED, REFERENCE_RANGE, WINDOW = "range", "required", "reference_range", "window"
AFTER_DEATH, NOT_ASKED = "after_death", "not_asked"
_MOST_COMPLETIONS = 1000


@dataclass(frozen=True, slots=True)
class Failed:
    """One check that one subject's data fail; ``name`` is the study's, or ``range``, ``required``, ...

    ``form`` and ``item`` are empty for a visit out of its window or after death; ``row`` where the form
    repeats. ``reads`` are the values it looked at, as (item, visit, row), those that a score or calculation
    stands on instead of it; empty for a visit out of its window, whose days the message says. ``rule`` is the
    study's, where it is a rule.
    """

    name: str
    visit: str
    form: str
    item: str
    row: str
    message: str
    hard: bool
    reads: tuple[tuple[str, str, str], ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Died:
    """The last day that a subject can have died on, and the value that says so, as (item, visit, row)."""

    day: date
    said: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SubjectDays:
    """What the checks know of a subject beside the values: site, days to count from, and absent forms."""

    site: str
    consent: date | None = None
    randomization: date | None = None
    visits: Mapping[str, date] = field(default_factory=dict)
    died: Died | None = None
    absent: AbsentForms = NONE_ABSENT


@dataclass(frozen=True, slots=True)
class _Prepared:
    check: Check
    expression: Expression
    item: str  # where a query about it belongs: the first item named
    form: str


class StudyChecks:
    """The checks of one study, parsed once."""

    def __init__(self, rules: StudyRules) -> None:
        self._rules = rules
        self._checks = [self._prepared(check) for check in rules.study.checks]
        self._inside: dict[tuple[str, str], list[_Prepared]] = {}
        self._ranges: dict[str, list[ReferenceRange]] = {}
        for known in rules.study.reference_ranges:
            self._ranges.setdefault(known.item, []).append(known)

    def _prepared(self, check: Check) -> _Prepared:
        expression = parse(check.rule)
        names = [name.item for name in expression.names if name.item in self._rules.items]
        item = names[0] if names else ""
        return _Prepared(check, expression, item, self._rules.items[item].form if item else "")

    def on_pass(self, form: str, visit: str, texts: Mapping[str, str]) -> list[str]:
        """Messages of the checks that one row of one pass fails; what lies outside the row is not known."""
        return [check.message for check in self.warning_in_pass(form, visit, texts)]

    def warning_in_pass(self, form: str, visit: str, texts: Mapping[str, str]) -> list[Check]:
        """The checks themselves."""
        look_up = self._in_row(texts)
        return [known.check for known in self._within(form, visit) if self._fails(known.expression, look_up)]

    def _within(self, form: str, visit: str) -> list[_Prepared]:
        """Checks that ask for nothing outside one row of a form at a visit; found once."""
        if (form, visit) not in self._inside:
            items = self._rules.form_items[form]
            self._inside[form, visit] = [
                known
                for known in self._checks
                if all(name.item in items and name.visit in (None, visit) for name in known.expression.names)
                and self._asked_at(known, visit)
            ]
        return self._inside[form, visit]

    def ranges_in_pass(self, visit: str, texts: Mapping[str, str]) -> list[tuple[str, str]]:
        """Items of one row of one pass outside a reference range, with what to say.

        A range for a sex or an age counts where that row says them; one of a site is held against the final
        record alone.
        """
        if self._ranges.keys().isdisjoint(texts):
            return []
        there = {(name, visit): text for name, text in texts.items()}
        found = []
        for name, ranges in self._ranges.items():
            value = value_of(self._rules.items[name], texts[name]) if name in texts else None
            if isinstance(value, float):
                messages = [self._outside(known, value, there, SubjectDays("")) for known in ranges]
                found += [(name, message) for message in messages if message]
        return found

    def on_final(self, finals: Sequence[FinalLine], days: SubjectDays) -> list[Failed]:
        """Every check that one subject's final record fails, in the order of visits and forms.

        Parameters
        ----------
        finals
            The subject's final values.
        days
            The site, consent, randomization and visit days as recorded.
        """
        found = [*self.on_items(finals, finals, days), *self.on_record(finals), *self.on_visits(days)]
        return self.in_order(found)

    def on_items(
        self, asked_about: Sequence[FinalLine], finals: Sequence[FinalLine], days: SubjectDays
    ) -> list[Failed]:
        """What is required, ranges and reference ranges, of some of a subject's final values."""
        texts = texts_of(self._rules, finals)
        branching = self._rules.final_branching
        asked = branching.asked(asked_about, finals, days.absent)
        found: list[Failed] = []
        for final in asked_about:
            of_item = asked.get((final.item, final.visit, final.row), Asked.YES)
            found += self._of_asking(final, of_item)
            found += self._of_item(final, texts, days)
        return found

    def on_record(self, finals: Sequence[FinalLine]) -> list[Failed]:
        """The checks that the study writes itself."""
        return list(self._of_study(finals, texts_of(self._rules, finals)))

    def on_visits(self, days: SubjectDays) -> list[Failed]:
        """Visits outside their window, and those after death: the day of one or of the other is wrong."""
        return [*self._of_windows(days), *_after_death(days)]

    def in_order(self, found: Sequence[Failed]) -> list[Failed]:
        order = {visit: place for place, visit in enumerate(self._rules.visits)}
        return sorted(found, key=lambda one: (order.get(one.visit, 0), one.form, one.row, one.item, one.name))

    def _of_item(
        self, final: FinalLine, texts: Mapping[tuple[str, str], str], days: SubjectDays
    ) -> Iterable[Failed]:
        item = self._rules.items[final.item]
        place = (final.visit, final.form, final.item, final.row)
        own = ((final.item, final.visit, final.row),)
        if final.value.state is not ValueState.VALUE or final.value.text is None:
            return
        oddity = read_typed(item, final.value).oddity
        if item.partial_date and not self._may_lie_within(item, final.value.text):
            oddity = oddity or said("no day of it is within the range")
        if oddity:
            yield Failed(RANGE, *place, oddity, hard=False, reads=own)
        value = value_of(item, final.value.text)
        if isinstance(value, float):
            for known in self._ranges.get(final.item, ()):
                message = self._outside(known, value, texts, days)
                if message:
                    others = self._read_by_range(known, texts)
                    yield Failed(REFERENCE_RANGE, *place, message, hard=False, reads=own + others)

    def _of_asking(self, final: FinalLine, asked: Asked) -> Iterable[Failed]:
        """A blank that is asked for, and a value that is not."""
        place = (final.visit, final.form, final.item, final.row)
        required = self._rules.items[final.item].required
        blank = final.value.state in NOTHING_TYPED
        if blank and required and asked is Asked.YES:
            message = said("required, and blank")
            yield Failed(REQUIRED, *place, message, hard=False, reads=self._reads_asking(final))
        says_so = final.value.missing_code is MissingCode.NOT_APPLICABLE
        if not blank and not says_so and asked is Asked.NO:
            message = said("entered although branching does not ask for it")
            yield Failed(NOT_ASKED, *place, message, hard=False, reads=self._reads_asking(final))

    def _reads_asking(self, final: FinalLine) -> tuple[tuple[str, str, str], ...]:
        decides = self._rules.final_branching.reads(final.item, final.visit, final.row)
        return ((final.item, final.visit, final.row), *decides)

    @staticmethod
    def _may_lie_within(item: Item, text: str) -> bool:
        low, high = item.minimum, item.maximum
        days = completions(text)
        return not days or any(
            (not isinstance(low, date) or day >= low) and (not isinstance(high, date) or day <= high)
            for day in days
        )

    def _outside(
        self,
        known: ReferenceRange,
        value: float,
        texts: Mapping[tuple[str, str], str],
        days: SubjectDays,
    ) -> str:
        """What to say of a value outside a range that holds for this subject; empty where it is inside."""
        if known.site and known.site != days.site:
            return ""
        look_up = lookup_in(self._rules, texts)
        if known.sex and str(look_up(Name(known.sex_item)) or "") != known.sex:
            return ""
        if known.age_from is not None or known.age_below is not None:
            age = look_up(Name(known.age_item))
            years = None if age is None else value_of(self._rules.items[known.age_item], str(age))
            if not isinstance(years, float):
                return ""
            if years < (known.age_from or 0) or (known.age_below is not None and years >= known.age_below):
                return ""
        if known.low is not None and value < known.low:
            return said("below the reference range, {low:g} {unit}", low=known.low, unit=known.unit)
        if known.high is not None and value > known.high:
            return said("above the reference range, {high:g} {unit}", high=known.high, unit=known.unit)
        return ""

    def _of_study(
        self, finals: Sequence[FinalLine], texts: Mapping[tuple[str, str], str]
    ) -> Iterable[Failed]:
        rows: dict[tuple[str, str, str], dict[str, str]] = {}
        for final in finals:
            if final.value.state is ValueState.VALUE and final.value.text is not None:
                rows.setdefault((final.visit, final.form, final.row), {})[final.item] = final.value.text
        entered = {(final.visit, final.form) for final in finals}
        for known in self._checks:
            for visit in self._rules.visits:
                if not self._asked_at(known, visit) or (visit, known.form) not in entered:
                    continue
                repeating = bool(known.form) and self._rules.forms[known.form].repeating
                there = [row for at, form, row in rows if (at, form) == (visit, known.form)]
                lines = there if repeating else [""]
                for row in lines:
                    own = rows.get((visit, known.form, row), {}) if repeating else {}
                    if self._fails(known.expression, self._on_record(texts, visit, own)):
                        yield Failed(
                            known.check.name, visit, known.form, known.item, row, known.check.message,
                            hard=known.check.hard, reads=self._read_by(known, visit, own, row),
                            rule=known.check.rule,
                        )  # fmt: skip

    def _read_by(
        self, known: _Prepared, visit: str, own: Mapping[str, str], row: str
    ) -> tuple[tuple[str, str, str], ...]:
        """Where the values stand that a check looks at, at one visit."""
        found: set[tuple[str, str, str]] = set()
        for name in known.expression.names:
            if name.item in own and name.visit in (None, visit):
                found.add((name.item, visit, row))
            else:
                found |= {(item, at, "") for item, at in stands_on(self._rules, name, visit)}
        return tuple(sorted(found))

    @staticmethod
    def _read_by_range(
        known: ReferenceRange, texts: Mapping[tuple[str, str], str]
    ) -> tuple[tuple[str, str, str], ...]:
        """Sex and age that chose the range, at every visit that has them."""
        chosen_by = {known.sex_item if known.sex else "", known.age_item}
        return tuple(sorted((item, visit, "") for item, visit in texts if item in chosen_by))

    def _on_record(
        self, texts: Mapping[tuple[str, str], str], visit: str, own: Mapping[str, str]
    ) -> Callable[[Name], Value | None]:
        """Values at the visit asked about; a line's own first. A rule never looks at "the latest" visit."""
        look_up = lookup_in(self._rules, texts, visit)

        def value(name: Name) -> Value | None:
            found = own[name.item] if name.visit in (None, visit) and name.item in own else look_up(name)
            return self._readable(name, found)

        return value

    def _in_row(self, texts: Mapping[str, str]) -> Callable[[Name], Value | None]:
        return lambda name: self._readable(name, texts.get(name.item))

    def _readable(self, name: Name, found: Value | None) -> Value | None:
        """What can be no value of its item is missing here: the item's own check has the word on it."""
        item = self._rules.items.get(name.item)
        if item is None or not isinstance(found, str) or item.type is ItemType.DERIVED:
            return found
        return found if value_of(item, found) is not None else None

    def _asked_at(self, known: _Prepared, visit: str) -> bool:
        if known.check.at:
            return visit in known.check.at
        names = known.expression.names
        here = [name.item for name in names if name.visit is None and name.item in self._rules.items]
        if not here:
            named = [name.visit for name in names if name.visit]
            return bool(named) and visit == named[0]
        return all(visit in self._rules.forms[self._rules.items[name].form].visits for name in here)

    def _fails(self, expression: Expression, look_up: Callable[[Name], Value | None]) -> bool:
        """Whether a rule is certainly not so, whatever the missing days of partial dates are."""
        given = {name: look_up(name) for name in expression.names}
        partial = {
            name: completions(str(value))
            for name, value in given.items()
            if value is not None and self._is_partial(name, str(value))
        }
        size = 1
        for days in partial.values():
            size *= len(days)
        if size > _MOST_COMPLETIONS:
            return False
        for chosen in itertools.product(*partial.values()):
            values: dict[Name, Value | None] = {**given, **dict(zip(partial, chosen, strict=True))}
            if evaluate(expression, values.__getitem__, unreadable_is_missing=True) is not False:
                return False
        return True

    def _is_partial(self, name: Name, text: str) -> bool:
        item = self._rules.items.get(name.item)
        return item is not None and item.type is ItemType.DATE and item.partial_date and len(text) < 10

    def _of_windows(self, days: SubjectDays) -> Iterable[Failed]:
        """Visits that took place outside the days the protocol permits, counted from their anchor."""
        for visit in self._rules.study.visits:
            day, begin = days.visits.get(visit.name), self._anchor_day(visit.anchor, days)
            if day is None or begin is None or visit.window_days is None:
                continue
            after = (day - begin).days
            first, last = visit.window_days
            if not first <= after <= last:
                message = said(
                    "day {day} after {anchor}, permitted {first} to {last}",
                    day=after, anchor=str(visit.anchor), first=first, last=last,
                )  # fmt: skip
                yield Failed(WINDOW, visit.name, "", "", "", message, hard=False)

    def _anchor_day(self, anchor: str | None, days: SubjectDays) -> date | None:
        known = {one.name: one for one in self._rules.study.anchors}
        offset = 0
        while anchor in known:
            offset += known[anchor].days
            anchor = known[anchor].after
        begin = {"consent": days.consent, "randomization": days.randomization}.get(anchor or "")
        return None if begin is None else begin + timedelta(days=offset)


def _after_death(days: SubjectDays) -> Iterable[Failed]:
    for visit, day in days.visits.items():
        if days.died is not None and day > days.died.day:
            message = said(
                "{day} is after death ({died})", day=day.isoformat(), died=days.died.day.isoformat()
            )
            yield Failed(AFTER_DEATH, visit, "", "", "", message, hard=True, reads=(days.died.said,))


def completions(text: str) -> list[date]:
    """Every day that a date, ``2024-05`` or ``2024`` may be; none where the text is none of them."""
    parts = text.strip().split("-")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 3:
            return [date(*numbers)]
        months = range(1, 13) if len(numbers) == 1 else [numbers[1]]
        return [
            date(numbers[0], month, day)
            for month in months
            for day in range(1, calendar.monthrange(numbers[0], month)[1] + 1)
        ]
    except (ValueError, IndexError, TypeError):
        return []
