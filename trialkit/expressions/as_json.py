"""A tree as JSON, for an evaluator in another language: ``web/static/logic.js`` answers as Python does."""

from __future__ import annotations

from trialkit.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Connective,
    Expression,
    Literal,
    Minus,
    Negation,
    Node,
    Reference,
)

Json = bool | float | str | None | list["Json"]


def as_json(expression: Expression) -> Json:
    """The tree as nested lists, each beginning with what it is; texts and places are left out.

    ``["value", 1.0]``, ``["item", name, visit or None]``, ``["not", x]``, ``["minus", x]``,
    ``["compare", "<=", left, right]``, ``["and", [x, ...]]``, ``["or", [x, ...]]``,
    ``["count", first, [["+", x], ...]]``, ``["call", "round", [x, ...]]``.
    """
    return _json(expression.root)


def _json(node: Node) -> Json:
    match node:
        case Literal():
            return ["value", node.value]
        case Reference():
            return ["item", node.name.item, node.name.visit]
        case Negation():
            return ["not", _json(node.operand)]
        case Minus():
            return ["minus", _json(node.operand)]
        case Comparison():
            return ["compare", node.operator, _json(node.left), _json(node.right)]
        case Connective():
            return [node.operator, [_json(operand) for operand in node.operands]]
        case Arithmetic():
            return [
                "count",
                _json(node.first),
                [[operator, _json(operand)] for operator, operand in node.rest],
            ]
        case Call():
            return ["call", node.function, [_json(argument) for argument in node.arguments]]
