"""Branching, calculations and criteria held against the items they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trialkit.expressions import parse
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.expressions.tree import Comparison, Literal, Node, Reference, walk
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Item, Study


def codes_that_are_no_choice(study: Study) -> Iterator[Finding]:
    """A comparison with a code that the item does not have is never true, whoever is asked."""
    items = {item.name: item for form in study.forms for item in form.items}
    wrong = []
    for where, text in expressions_of(study):
        for node in walk(parse(text).root):
            found = _no_choice(node, items) or _no_visit(node, [visit.name for visit in study.visits])
            if found:
                wrong.append((where, found))
    if wrong:
        yield Finding(
            "code-no-choice",
            Severity.CONTRADICTION,
            "A rule compares an item with a code that it does not have",
            "; ".join(f"{where}: {found}" for where, found in wrong) + ".",
            tuple(dict.fromkeys(where for where, _ in wrong)),
            "Correct the code, or add the choice.",
        )


def expressions_of(study: Study) -> Iterator[tuple[str, str]]:
    """Where each rule of the definition stands, and its text."""
    for form in study.forms:
        for item in form.items:
            if item.branching:
                yield f"dictionary {item.name}", item.branching
            if item.calculation:
                yield f"dictionary {item.name}", item.calculation
    for criterion in study.criteria:
        yield f"criteria.{criterion.name}", criterion.rule
    for check in study.checks:
        yield f"checks.{check.name}", check.rule


def wrong_levels(text: str, levels: Mapping[str, Sequence[str]]) -> list[str]:
    """Comparisons of a plan's rule with a level that the column does not have, which are never true.

    ``levels`` are of the columns that have some: codes of a form's items, labels of the subject dataset.
    """
    found = []
    for node in walk(parse(text, syntax="rule").root):
        if not isinstance(node, Comparison) or node.operator not in ("=", "<>"):
            continue
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if not isinstance(side, Reference) or not isinstance(other, Literal) or other.value == "":
                continue
            known = levels.get(side.name.item, ())
            if known and not any(_same(level, other.value) for level in known):
                found.append(f"{side.name.item} has {', '.join(known[:12])}, not {_plain(other.value)}")
    return found


def _no_choice(node: Node, items: dict[str, Item]) -> str:
    """``[sex] = '3'``; empty where the node is no such comparison, or the code is there."""
    if not isinstance(node, Comparison) or node.operator not in ("=", "<>"):
        return ""
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(side, Reference) and isinstance(other, Literal) and side.name.item in items:
            codes = [choice.code for choice in items[side.name.item].choices]
            if codes and other.value != "" and not any(_same(code, other.value) for code in codes):
                return f"{side.name.item} has the codes {', '.join(codes[:12])}, not {_plain(other.value)}"
    return ""


def _no_visit(node: Node, visits: Sequence[str]) -> str:
    """``[event-name] = 'baseline_arm_1'``, where the visit is called baseline; empty where it is there."""
    if not isinstance(node, Comparison) or node.operator not in ("=", "<>"):
        return ""
    for side, other in ((node.left, node.right), (node.right, node.left)):
        asked = isinstance(side, Reference) and side.name.item == EVENT_NAME
        if asked and isinstance(other, Literal) and other.value not in ("", *visits):
            return f"{EVENT_NAME} is one of {', '.join(visits[:12])}, not {_plain(other.value)}"
    return ""


def _plain(value: bool | float | str) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _same(code: str, value: bool | float | str) -> bool:
    if code == str(value).strip():
        return True
    try:
        return float(code) == float(value)
    except ValueError:
        return False
