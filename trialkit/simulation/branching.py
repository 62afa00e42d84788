"""Which items a row asks for: branching logic on the texts of the row and of the subject's earlier forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field

from trialkit.expressions import Expression, Name, Value, evaluate, parse
from trialkit.simulation.paper import FormRow
from trialkit.simulation.texts import MISSING_MARK
from trialkit.study.model import Form, Study

Known = Mapping[tuple[str, str | None], str]
"""(item, visit) -> text of an earlier form; visit None for the latest."""

Lookup = Callable[[Name], str]


@dataclass
class Question:
    """One logical expression, with its answers remembered: few combinations of values ever occur."""

    expression: Expression
    answers: MutableMapping[tuple[str, ...], bool] = field(default_factory=dict)

    def holds(self, lookup: Lookup) -> bool:
        """True only where it is certainly true; missing values leave the item out."""
        texts = (lookup(name) for name in self.expression.names)
        values = tuple("" if text.startswith(MISSING_MARK) else text for text in texts)
        if values not in self.answers:
            by_name: dict[Name, Value | None] = {
                name: value or None for name, value in zip(self.expression.names, values, strict=True)
            }
            answer = evaluate(self.expression, by_name.__getitem__, unreadable_is_missing=True)
            self.answers[values] = answer is True
        return self.answers[values]


class Branching:
    """The branching of a whole study, parsed once."""

    def __init__(self, study: Study) -> None:
        self._questions: dict[str, dict[str, Question]] = {}
        outside: set[str] = set()
        for form in study.forms:
            own = {item.name for item in form.items}
            asked = {item.name: Question(parse(item.branching)) for item in form.items if item.branching}
            self._questions[form.name] = asked
            for question in asked.values():
                for name in question.expression.names:
                    if name.visit is not None or name.item not in own:
                        outside.add(name.item)
        self.used_elsewhere = frozenset(outside)
        """Items that branching on another form or visit asks about."""

    def controls(self, form: Form) -> frozenset[str]:
        """Items of the form on whose values other items of it depend."""
        return frozenset(
            name.item
            for question in self._questions[form.name].values()
            for name in question.expression.names
        )

    def hide(self, form: Form, values: MutableMapping[str, str], visit: str, known: Known) -> list[str]:
        """Blank the items the row does not ask for; returns the names of those that had something in them."""
        hidden = []

        def lookup(name: Name) -> str:
            if name.visit in (None, visit) and name.item in values:
                return values[name.item]
            return known.get((name.item, name.visit), "")

        for item, question in self._questions[form.name].items():
            if values.get(item) and not question.holds(lookup):
                values[item] = ""
                hidden.append(item)
        return hidden


def known_by_subject(
    branching: Branching, rows: Iterable[FormRow]
) -> dict[str, dict[tuple[str, str | None], str]]:
    """Subject -> what the rows say of the items that branching elsewhere asks about."""
    known: dict[str, dict[tuple[str, str | None], str]] = {}
    for row in rows:
        of_subject = known.setdefault(row.subject_id, {})
        for item in branching.used_elsewhere.intersection(row.values):
            of_subject[item, row.visit] = of_subject[item, None] = row.values[item]
    return known


def parsed_criteria(study: Study) -> dict[str, Question]:
    """The eligibility criteria, by name, as questions about a subject's forms."""
    return {criterion.name: Question(parse(criterion.rule)) for criterion in study.criteria}
