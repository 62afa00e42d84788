"""Rules that name what they cannot see: a line of many, or another form while one is typed."""

from __future__ import annotations

from collections.abc import Iterator

from trialkit.expressions import parse
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Study


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
    """Branching that is not looked at when the form is typed: the passes of other forms are not seen."""
    found = []
    for form in study.forms:
        own = {item.name for item in form.items}
        for item in form.items:
            others = [name for name in _names(item.branching) if name not in own]
            visits = (
                [str(name) for name in parse(item.branching).names if name.visit] if item.branching else []
            )
            found += [
                (f"dictionary {item.name}", f"it names {name}, which is not typed with it")
                for name in dict.fromkeys([*others, *visits])
                if name != "event-name"
            ]
    if found:
        yield Finding(
            "branching-of-another-form",
            Severity.NOTE,
            "Branching names what stands on another form, or at another visit",
            _listed(found)
            + " A form is typed by itself: where such a name decides, the item is asked of all.",
            tuple(dict.fromkeys(where for where, _ in found)),
            "Ask for what decides on the same form too, or take a blank there for not asked.",
        )


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
