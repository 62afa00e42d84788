"""Rules for the items the criteria ask about, found by trying values: most people then pass screening."""

from __future__ import annotations

from collections.abc import Sequence

from trialkit.expressions import Name
from trialkit.simulation.branching import Question, parsed_criteria
from trialkit.simulation.scenario import Rule
from trialkit.study.model import Item, Study
from trialkit.vocabulary import ItemType

_FAIL = 0.05  # weight of the answers that fail a criterion, taken together
_TRIED = 101  # values tried over a number's range
_SPAN = 100.0


def screening_rules(study: Study) -> dict[str, Rule]:
    """A rule for each item that a criterion asks about alone.

    Codes that pass share 95 % of the weight. A number is drawn around the middle of the first unbroken
    stretch of passing values. Items that appear only in criteria with other items are left to the dictionary.
    """
    questions: dict[str, list[Question]] = {}
    for question in parsed_criteria(study).values():
        names = {name.item for name in question.expression.names}
        if len(names) == 1:
            questions.setdefault(names.pop(), []).append(question)
    rules = {name: _rule(study.item(name), asked) for name, asked in questions.items()}
    return {name: rule for name, rule in rules.items() if rule is not None}


def _rule(item: Item, questions: Sequence[Question]) -> Rule | None:
    if item.choices:
        return _code_rule(item, questions)
    if item.type in (ItemType.INTEGER, ItemType.NUMBER):
        return _number_rule(item, questions)
    return None


def _passes(text: str, questions: Sequence[Question]) -> bool:
    def lookup(name: Name) -> str:
        return text

    return all(question.holds(lookup) for question in questions)


def _code_rule(item: Item, questions: Sequence[Question]) -> Rule | None:
    codes = [choice.code for choice in item.choices]
    passing = [code for code in codes if _passes(code, questions)]
    if not passing:
        return None
    failing = [code for code in codes if code not in passing]
    return Rule(
        weights={
            **{code: (1 - _FAIL) / len(passing) for code in passing},
            **{code: _FAIL / len(failing) for code in failing},
        }
    )


def _number_rule(item: Item, questions: Sequence[Question]) -> Rule | None:
    low = float(item.minimum) if isinstance(item.minimum, int | float) else 0.0
    high = float(item.maximum) if isinstance(item.maximum, int | float) else low + _SPAN
    step = (high - low) / (_TRIED - 1)
    whole = item.type is ItemType.INTEGER
    values = [low + step * k for k in range(_TRIED)]
    passing = [k for k, value in enumerate(values) if _passes(_text(value, whole), questions)]
    if not passing:
        return None
    first = last = passing[0]
    while last + 1 in passing:
        last += 1
    return Rule(mean=(values[first] + values[last]) / 2, sd=max((values[last] - values[first]) / 5, step / 5))


def _text(value: float, whole: bool) -> str:
    return str(round(value)) if whole else f"{value:.4f}"
