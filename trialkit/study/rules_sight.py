"""Rules that name what has no one value: a line of many, or a visit of several."""

from __future__ import annotations

from collections.abc import Iterator

from trialkit.expressions import Name, parse
from trialkit.study.findings import Finding, Severity
from trialkit.study.lines_and_visits import form_of, visit_meant
from trialkit.study.model import Form, Study


def items_of_several_lines(study: Study) -> Iterator[Finding]:
    """A calculation or criterion on an item of a form with several lines, of which it can take none."""
    lines = {item.name: form.name for form in study.forms if form.repeating for item in form.items}
    faults = [
        (where, f"{name} is an item of {lines[name]}, which has several lines")
        for where, own, text in _calculated(study)
        for name in _names(text)
        if name in lines and lines[name] != own
    ]
    if faults:
        yield Finding(
            "item-of-several-lines",
            Severity.CONTRADICTION,
            "A rule names an item of a form with several lines, and so has no answer",
            _listed(faults),
            tuple(dict.fromkeys(where for where, _ in faults)),
            "Ask for it on a form without lines, or leave the count to the analysis plan.",
        )


def branching_of_another_form(study: Study) -> Iterator[Finding]:
    """Branching on what has no one value where it is asked: nobody can tell which visit or line is meant."""
    found = [
        (f"dictionary {item.name}", f"{name} {_why(study, name, form, visits)}")
        for form in study.forms
        for item in form.items
        for name in (parse(item.branching).names if item.branching else ())
        if (visits := [visit for visit in form.visits if visit_meant(study, name, form.name, visit) is None])
    ]
    if found:
        yield Finding(
            "branching-of-another-form",
            Severity.NOTE,
            "Branching names what has no one value where it is asked",
            _listed(found) + " Where such a name decides, the item is asked of all.",
            tuple(dict.fromkeys(where for where, _ in found)),
            "Name the visit, [visit][item]; or ask for what decides on a form without lines.",
        )


def _why(study: Study, name: Name, form: Form, visits: list[str]) -> str:
    holder = form_of(study, name.item)
    if holder is not None and holder.repeating:
        return f"is an item of {holder.name}, which has several lines"
    asked = ", ".join(holder.visits) if holder is not None else ""
    return f"is asked at {asked}, and {form.name} also at {', '.join(visits)}"


def _calculated(study: Study) -> Iterator[tuple[str, str, str]]:
    """Where a calculation or criterion stands, the form it is of, and its text."""
    for form in study.forms:
        for item in form.items:
            if item.calculation:
                yield f"dictionary {item.name}", form.name, item.calculation
    for criterion in study.criteria:
        yield f"criteria.{criterion.name}", "", criterion.rule


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.item for name in parse(text).names)) if text else []


def _listed(faults: list[tuple[str, str]]) -> str:
    return "; ".join(dict.fromkeys(f"{where}: {found}" for where, found in faults)) + "."
