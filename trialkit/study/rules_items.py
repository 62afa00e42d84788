"""Items nobody could ever answer: ranges without a value in them, and branching that waits for itself."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from trialkit.expressions import parse
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Item, Study


def ranges_without_a_value(study: Study) -> Iterator[Finding]:
    """A minimum above the maximum: every value would be out of range."""
    wrong = [item for item in _items(study) if _is_empty(item)]
    if wrong:
        yield Finding(
            "range-without-a-value",
            Severity.CONTRADICTION,
            "A range has its minimum above its maximum",
            "; ".join(f"{item.name}: {_shown(item.minimum)} to {_shown(item.maximum)}" for item in wrong)
            + ".",
            tuple(f"dictionary {item.name}" for item in wrong),
            "Exchange the two, or correct the one that is wrong.",
        )


def items_never_asked(study: Study) -> Iterator[Finding]:
    """Branching that waits for the item itself, or for items that wait for it, never opens."""
    branched = {item.name: item.branching for item in _items(study) if item.branching}
    circle = _circle(branched)
    if circle:
        yield Finding(
            "item-never-asked",
            Severity.CONTRADICTION,
            "An item is asked only after its own answer",
            f"The branching of {', '.join(circle)} leads back to where it starts.",
            tuple(f"dictionary {name}" for name in circle),
            "Ask one of them of everybody, or of those another item names.",
        )


def _items(study: Study) -> Iterator[Item]:
    for form in study.forms:
        yield from form.items


def _is_empty(item: Item) -> bool:
    low, high = item.minimum, item.maximum
    return low is not None and high is not None and low > high  # type: ignore[operator]


def _shown(bound: object) -> str:
    return str(bound).removesuffix(".0")


def _circle(branched: dict[str, str]) -> list[str]:
    """Items that wait for one another at one visit, sorted; empty where there are none."""
    needs = {
        name: {used.item for used in parse(text).names if used.visit is None} & set(branched)
        for name, text in branched.items()
    }
    alone = sorted(name for name, used in needs.items() if name in used)
    if alone:
        return alone
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return sorted(set(error.args[1]))
    return []
