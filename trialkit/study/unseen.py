"""The study as whoever is blinded has it: what tells an arm is not there."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

from trialkit.expressions import parse
from trialkit.study.model import Form, Item, Safety, Study


def tells_arm(form: Form) -> bool:
    """Whether the mere existence of this form at a subject tells the arm."""
    return form.reveals_allocation or bool(form.for_arms)


def items_that_tell(study: Study) -> frozenset[str]:
    """Names of the items and scores that tell an arm.

    Those marked so, those of a form that does, and whatever is calculated from one or asked for because of
    one: its value, or its being asked for at all, is the other's answer.
    """
    marked = {
        item.name for form in study.forms for item in form.items if tells_arm(form) or item.reveals_allocation
    }
    needs = {item.name: _named(item) for form in study.forms for item in form.items}
    needs |= {score.name: frozenset(score.items) for score in study.scores}
    while True:
        further = {name for name, others in needs.items() if name not in marked and others & marked}
        if not further:
            return frozenset(marked)
        marked |= further


def without_what_tells(study: Study) -> Study:
    """The same study without the forms, items and scores that tell an arm, and the checks that read one.

    What a check says of a visible item that it holds against a hidden one would tell of that.
    """
    hidden = items_that_tell(study)
    forms = tuple(_shown(form, hidden) for form in study.forms if not tells_arm(form))
    scores = tuple(score for score in study.scores if score.name not in hidden)
    checks = tuple(check for check in study.checks if hidden.isdisjoint(_names_in(check.rule)))
    ranges = tuple(
        known
        for known in study.reference_ranges
        if hidden.isdisjoint((known.item, known.sex_item, known.age_item))
    )
    blank: dict[str, Any] = dict.fromkeys(_hidden_parts(study.safety, forms, hidden), "")
    safety = replace(study.safety, **blank)
    return replace(study, forms=forms, scores=scores, checks=checks, reference_ranges=ranges, safety=safety)


def _hidden_parts(safety: Safety, forms: tuple[Form, ...], hidden: Set[str]) -> list[str]:
    """Which names of ``[safety]`` are of what is hidden; without its form no item of it is left."""
    of_events = ("adverse_events", "term", "start", "serious")
    if safety.adverse_events not in {form.name for form in forms}:
        return [*of_events, *(["death_date"] if safety.death_date in hidden else [])]
    return [part for part in (*of_events[1:], "death_date") if getattr(safety, part) in hidden]


def _shown(form: Form, hidden: Set[str]) -> Form:
    return replace(form, items=tuple(item for item in form.items if item.name not in hidden))


def _named(item: Item) -> frozenset[str]:
    return frozenset().union(*(_names_in(text) for text in (item.calculation, item.branching) if text))


def _names_in(rule: str) -> frozenset[str]:
    return frozenset(name.item for name in parse(rule).names)
