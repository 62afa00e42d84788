"""A tree and values to an answer, in three-valued logic."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from trialkit.expressions.comparison import NOT_ASKED, Compared, compare
from trialkit.expressions.errors import ExpressionError
from trialkit.expressions.exact import apply, exact, nearest
from trialkit.expressions.functions import FUNCTIONS
from trialkit.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Connective,
    Expression,
    Literal,
    Minus,
    Name,
    Negation,
    Node,
    Reference,
    Value,
)
from trialkit.expressions.values import MeaningError, as_number, as_truth, is_empty

Lookup = Callable[[Name], Compared]


class NotKnownYet(Exception):
    """Raised by a lookup: not even whether the value is missing is known; what hangs on it stays open."""


def evaluate(expression: Expression, lookup: Lookup, *, unreadable_is_missing: bool = False) -> Value | None:
    """The value of an expression.

    Parameters
    ----------
    expression
        From :func:`trialkit.expressions.parse`.
    lookup
        Gives the value of a name; None where it is missing, whatever the reason. Where it raises
        ``NotKnownYet``, ``[x] = ''`` is open too; where it gives ``NOT_ASKED`` (branching alone does), the
        name is the empty text in comparisons, false where a truth is wanted, and missing in what is computed.
    unreadable_is_missing
        True during data entry: a text that cannot be counted or put in order is as good as missing here,
        since the item's own check has the word on it.

    Returns
    -------
    bool, float, str, date or None
        None where the missing values leave the answer open: ``false and missing`` is false, ``true and
        missing`` is missing. Division by zero, and a number too large to hold, are missing too.

    Raises
    ------
    ExpressionError
        Where a value has a meaning the expression cannot use (a text in a sum, an order between two words),
        unless ``unreadable_is_missing``.

    Degenerate cases: comparing with the empty text asks whether a value is missing (``[x] = ''``), as in
    REDCap; any other comparison with a missing value is missing, where REDCap would say that
    ``[x] <> '1'`` is true.
    """
    try:
        value = _Evaluator(expression.text, lookup, lenient=unreadable_is_missing).value(expression.root)
    except NotKnownYet:
        return None
    return None if isinstance(value, str) and is_empty(value) else value


class _Evaluator:
    def __init__(self, text: str, lookup: Lookup, *, lenient: bool) -> None:
        self._text = text
        self._lookup = lookup
        self._lenient = lenient

    def value(self, node: Node) -> Value | None:
        found = self._counted(node)
        return nearest(found) if isinstance(found, Fraction) else found

    def _counted(self, node: Node) -> Value | Fraction | None:
        """The value; a count within a larger count is not yet rounded."""
        try:
            return self._value(node)
        except MeaningError as error:
            if self._lenient:
                return None
            raise ExpressionError(
                text=self._text,
                start=node.place.start,
                end=node.place.end,
                expected=str(error),
                found="a value of another kind",
                next_step="Check the item's type and the expression.",
            ) from None

    def _value(self, node: Node) -> Value | Fraction | None:
        match node:
            case Literal():
                return node.value
            case Reference():
                found = self._lookup(node.name)
                return None if found is NOT_ASKED else found
            case Negation():
                truth = self._truth(node.operand)
                return None if truth is None else not truth
            case Minus():
                operand = self._number(node.operand)
                return None if operand is None else -operand
            case Comparison():
                return self._comparison(node)
            case Connective():
                return self._connective(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Call():
                return self._call(node)

    def _comparison(self, node: Comparison) -> bool | None:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, Literal) and side.value == "" and node.operator in ("=", "<>"):
                return is_empty(self.value(other)) == (node.operator == "=")
        return compare(node.operator, self._side(node.left), self._side(node.right))

    def _side(self, node: Node) -> Compared:
        return self._lookup(node.name) if isinstance(node, Reference) else self.value(node)

    def _truth(self, node: Node) -> bool | None:
        found = self._side(node)
        return False if found is NOT_ASKED else as_truth(found)

    def _connective(self, node: Connective) -> bool | None:
        decisive = node.operator == "or"
        open_ = False
        for operand in node.operands:
            try:
                truth = self._truth(operand)
            except NotKnownYet:
                truth = None
            if truth is decisive:
                return decisive
            open_ = open_ or truth is None
        return None if open_ else not decisive

    def _arithmetic(self, node: Arithmetic) -> Fraction | float | None:
        total = self._number(node.first)
        for operator, operand in node.rest:
            number = self._number(operand)
            total = None if total is None or number is None else apply(operator, total, number)
        return total

    def _number(self, node: Node) -> Fraction | float | None:
        """Exact; a float only where a text names a number beyond all floats."""
        value = self._counted(node)
        if value is None or isinstance(value, Fraction):
            return value
        if is_empty(value):
            return None
        number = as_number(value)
        return exact(number) if math.isfinite(number) else number

    def _call(self, node: Call) -> Value | None:
        if node.function == "if":  # only the branch that is taken may fail
            condition = self._truth(node.arguments[0])
            return None if condition is None else self.value(node.arguments[1 if condition else 2])
        return FUNCTIONS[node.function].compute([self.value(argument) for argument in node.arguments])
