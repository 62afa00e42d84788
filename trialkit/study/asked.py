"""The study as new forms are filled in: what was retired is asked no more."""

from __future__ import annotations

from dataclasses import replace

from trialkit.study.model import Form, Item, Study
from trialkit.study.narrowed import narrowed


def retired_items(study: Study) -> frozenset[str]:
    """Names of the items asked no more: by themselves, or with their form."""
    asked = {visit.name for visit in study.visits if not visit.retired}
    return frozenset(
        item.name for form in study.forms for item in form.items if item.retired or not asked_at(form, asked)
    )


def asked_at(form: Form, asked: set[str]) -> tuple[str, ...]:
    """The visits at which a form is still filled in, of those that are still made."""
    if form.retired:
        return ()
    return tuple(visit for visit in form.visits if visit in asked and visit not in form.retired_visits)


def without_retired(study: Study) -> Study:
    """The same study without retired visits, forms and items, and the checks that read one."""
    visits = tuple(visit for visit in study.visits if not visit.retired)
    names = {visit.name for visit in visits}
    forms = tuple(
        replace(form, visits=asked_at(form, names), retired_visits=())
        for form in study.forms
        if asked_at(form, names) and not all(item.retired for item in form.items)
    )
    hidden = retired_items(study)
    if not hidden and len(visits) == len(study.visits) and forms == study.forms:
        return study
    kept = narrowed(study, forms, hidden)
    checks = tuple(
        replace(check, at=tuple(visit for visit in check.at if visit in names))
        for check in kept.checks
        if not check.at or names.intersection(check.at)
    )
    return replace(kept, visits=visits, checks=checks)


def items_asked(study: Study) -> dict[str, Item]:
    """Every item that new forms ask for, by name."""
    return {item.name: item for form in without_retired(study).forms for item in form.items}
