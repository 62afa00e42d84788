"""A study with some of its forms and items left out, and with them whatever reads one."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

from trialkit.expressions import parse
from trialkit.study.conduct import Safety
from trialkit.study.model import Form, Item, Study


def narrowed(study: Study, forms: tuple[Form, ...], hidden: Set[str]) -> Study:
    """The study with these forms, without these items and scores, and without the checks that read one."""
    kept = tuple(_without(form, hidden) for form in forms)
    scores = tuple(score for score in study.scores if score.name not in hidden)
    checks = tuple(check for check in study.checks if hidden.isdisjoint(names_in(check.rule)))
    ranges = tuple(
        known
        for known in study.reference_ranges
        if hidden.isdisjoint((known.item, known.sex_item, known.age_item))
    )
    blank: dict[str, Any] = dict.fromkeys(_hidden_parts(study.safety, kept, hidden), "")
    safety = replace(study.safety, **blank)
    return replace(study, forms=kept, scores=scores, checks=checks, reference_ranges=ranges, safety=safety)


def named_by(item: Item) -> frozenset[str]:
    """What an item is calculated from or asked for because of."""
    return frozenset().union(*(names_in(text) for text in (item.calculation, item.branching) if text))


def names_in(rule: str) -> frozenset[str]:
    return frozenset(name.item for name in parse(rule).names)


def _hidden_parts(safety: Safety, forms: tuple[Form, ...], hidden: Set[str]) -> list[str]:
    """Which names of ``[safety]`` are of what is hidden; without its form no item of it is left."""
    of_events = ("adverse_events", "term", "start", "serious")
    if safety.adverse_events not in {form.name for form in forms}:
        return [*of_events, *(["death_date"] if safety.death_date in hidden else [])]
    return [part for part in (*of_events[1:], "death_date") if getattr(safety, part) in hidden]


def _without(form: Form, hidden: Set[str]) -> Form:
    return replace(form, items=tuple(item for item in form.items if item.name not in hidden))
