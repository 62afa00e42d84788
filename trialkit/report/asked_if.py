"""Branching in the words of a printed form: "only if 1.2 = 1 Yes", by the numbers that stand on paper.

What is more than comparisons with a value, joined by "and" or "or", is not said, nor what names a value that
is on no form printed or that nobody can tell: the form asks everybody, and the annotated one shows the rule.
"""

from __future__ import annotations

from collections.abc import Mapping

from trialkit.expressions import ExpressionError, parse
from trialkit.expressions.tree import Comparison, Connective, Literal, Name, Node, Reference
from trialkit.report.crf_words import label_of
from trialkit.study.lines_and_visits import form_of, visit_meant
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType

_SIGNS = {"=": "=", "<>": "\u2260", "<": "<", ">": ">", "<=": "\u2264", ">=": "\u2265"}


def asked_if(item: Item, study: Study, words: Mapping[str, str]) -> str:
    """For whom a field is; empty where it is for everybody, or where paper cannot say it shortly.

    Parameters
    ----------
    words
        Of the language of the form, from ``crf_words``.
    """
    asking = form_of(study, item.name)
    if not item.branching or asking is None:
        return ""
    try:
        root = parse(item.branching).root
    except ExpressionError:
        return ""
    condition = _said(root, asking, study, words)
    return f"{words['only_if']} {condition}" if condition else ""


def _said(node: Node, asking: Form, study: Study, words: Mapping[str, str]) -> str:
    if isinstance(node, Comparison):
        return _comparison(node, asking, study, words)
    if not isinstance(node, Connective):
        return ""
    parts = [_said(one, asking, study, words) for one in node.operands]
    bracketed = [
        f"({part})" if isinstance(one, Connective) else part
        for one, part in zip(node.operands, parts, strict=True)
    ]
    return f" {words[node.operator]} ".join(bracketed) if all(parts) else ""


def _comparison(node: Comparison, asking: Form, study: Study, words: Mapping[str, str]) -> str:
    if not isinstance(node.left, Reference) or not isinstance(node.right, Literal):
        return ""
    name, value = node.left.name, _as_typed(node.right.value)
    form = form_of(study, name.item)
    item = next((item for item in form.items if item.name == name.item), None) if form else None
    if form is None or item is None or item.type is ItemType.DERIVED or not value:
        return ""
    if not _can_be_told(name, form, asking, study):
        return ""
    number = form.line_numbers[item.name]
    place = f"{form.place}.{number}" if number else item.label
    if name.visit:
        place += f" ({study.visit(name.visit).label})"
    return f"{place} {_SIGNS[node.operator]} {_answer(item, value, words)}"


def _can_be_told(name: Name, form: Form, asking: Form, study: Study) -> bool:
    """Whether at every visit of the form that asks one value is meant, and is still asked there."""
    meant = {visit_meant(study, name, asking.name, visit) for visit in asking.visits}
    return meant <= set(form.visits) & {visit.name for visit in study.visits}


def _as_typed(value: bool | float | str) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _answer(item: Item, value: str, words: Mapping[str, str]) -> str:
    """A code with its label, as it stands beside the boxes."""
    label = next((label_of(choice, words) for choice in item.choices if choice.code == value), "")
    return f"{value} {label}".strip()
