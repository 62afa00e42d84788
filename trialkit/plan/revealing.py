"""What of an entry only one arm has, so that it would tell a blinded reader who is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trialkit.errors import TrialkitError
from trialkit.expressions import parse
from trialkit.plan.keys import read_formula
from trialkit.plan.model import Analysis, Plan
from trialkit.study.model import Study


def what_reveals(entry: Analysis, plan: Plan, study: Study) -> list[str]:
    """Forms, items and scores of one arm that an entry uses: in its keys, its formula, or its set's rules."""
    forms = {form.name for form in study.forms if form.reveals_allocation or form.for_arms}
    items = {i.name for f in study.forms for i in f.items if f.name in forms or i.reveals_allocation}
    scores = {score.name for score in study.scores if score.form in forms}
    names = {name for value in entry.keys.values() for name in named_in(value)}
    names |= _of_formula(entry.keys.get("formula"))
    used = {plan.records[name].form for name in names & set(plan.records)}
    for name in names & set(plan.endpoints):
        endpoint = plan.endpoints[name]
        names = names | {endpoint.parameter}
        used |= {endpoint.form}
    names |= _of_set(entry, plan)
    return sorted((used & forms) | (names & (items | scores)))


def reveals(entry: Analysis, plan: Plan, study: Study) -> bool:
    """Whether an entry uses what only one arm has: it says so, or one finds it there."""
    return entry.reveals_arm or bool(what_reveals(entry, plan, study))


def named_in(value: object) -> Iterator[str]:
    """What a key's value may name: words, those of lists and tables, labels too, and columns of rules."""
    if isinstance(value, str):
        yield value
        yield from _of_rule(value)
    elif isinstance(value, Mapping):
        for label, inner in value.items():
            yield str(label)
            yield from named_in(inner)
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from named_in(inner)


def _of_rule(rule: str) -> set[str]:
    try:
        return {name.item for name in parse(rule, syntax="rule").names}
    except TrialkitError:
        return set()  # no rule, or told where it is read


def _of_formula(formula: object) -> set[str]:
    if not isinstance(formula, str):
        return set()
    try:
        return set(read_formula(formula).columns)
    except TrialkitError:
        return set()  # told by the formula's own check


def _of_set(entry: Analysis, plan: Plan) -> set[str]:
    chosen = plan.sets.get(entry.set)
    rules = [chosen.rule, *(rule for rule, _ in chosen.requires)] if chosen is not None else []
    return {name for rule in rules for name in _of_rule(rule)}
