"""Tokens to a tree, by recursive descent.

From the loosest to the tightest: or, and, not, comparison, + -, * /, unary minus, ^. A comparison does not
chain (``20 <= x <= 60`` is refused: two comparisons and an ``and`` say it).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from trialkit.expressions.errors import ExpressionError
from trialkit.expressions.functions import FUNCTIONS
from trialkit.expressions.lexer import Syntax, Token, tokens
from trialkit.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Connective,
    Expression,
    Kind,
    Literal,
    Minus,
    Name,
    Negation,
    Node,
    Place,
    Reference,
    walk,
)
from trialkit.limits import DEEPEST_NESTING
from trialkit.wording import said, written

_COMPARISONS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_CONNECTIVES = {"and": "and", "&&": "and", "or": "or", "||": "or"}
_CLOCK = ("today", "now")
_Part = Callable[[], Node]
_REMEMBERED = 2_000  # more than a study has expressions; each is evaluated for every subject


@lru_cache(_REMEMBERED)
def parse(text: str, syntax: Syntax = "redcap") -> Expression:
    """Parse one expression; nothing is evaluated, nothing is executed.

    Parameters
    ----------
    text
        REDCap's syntax (``[visit][item] >= 20 and [box(1)] = '1'``), or the plan's rules
        (``lbp_hours >= 24 and vas_mm@month_12 > 20``).
    syntax
        ``"redcap"`` or ``"rule"``.

    Returns
    -------
    Expression
        With the names it needs and the kind of value it yields.

    Raises
    ------
    ExpressionError
        Naming the column and marking the place.

    Degenerate cases: an empty text is an error; ``today`` and ``now`` are refused, since the same data
    would give another answer tomorrow.
    """
    if not text.strip():
        raise ExpressionError(text=text, start=0, end=0, expected="an expression", found="nothing")
    parser = _Parser(text, syntax)
    root = parser.whole()
    names = dict.fromkeys(node.name for node in walk(root) if isinstance(node, Reference))
    return Expression(text, syntax, root, kind_of(root), tuple(names))


def kind_of(node: Node) -> Kind:
    """What a node yields, as far as the text alone can tell."""
    match node:
        case Literal(value=bool()) | Negation() | Comparison() | Connective():
            return Kind.LOGICAL
        case Literal(value=str()):
            return Kind.TEXT
        case Literal() | Minus() | Arithmetic():
            return Kind.NUMBER
        case Call():
            return FUNCTIONS[node.function].kind
        case Reference():
            return Kind.UNKNOWN


class _Parser:
    def __init__(self, text: str, syntax: Syntax) -> None:
        self._text = text
        self._syntax = syntax
        self._tokens = tokens(text, syntax)
        self._at = 0
        self._depth = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._now
        self._at += 1
        return token

    def _error(self, expected: str, token: Token, next_step: str = "") -> ExpressionError:
        return ExpressionError(
            text=self._text,
            start=token.start,
            end=token.end,
            expected=expected,
            found="the end" if token.kind == "end" else written(token.text),
            next_step=next_step,
        )

    def _is(self, *operators: str) -> bool:
        return self._now.kind in ("operator", "word") and self._now.text.lower() in operators

    def _place(self, start: int) -> Place:
        return Place(start, self._tokens[self._at - 1].end)

    def whole(self) -> Node:
        node = self._either()
        if self._now.kind != "end":
            raise self._error("an operator or the end", self._now)
        return node

    def _either(self) -> Node:
        return self._chain("or", self._both)

    def _both(self) -> Node:
        return self._chain("and", self._not)

    def _chain(self, operator: str, part: _Part) -> Node:
        start = self._now.start
        operands = [part()]
        spellings = [spelled for spelled, meant in _CONNECTIVES.items() if meant == operator]
        while self._is(*spellings):
            self._take()
            operands.append(part())
        if len(operands) == 1:
            return operands[0]
        for operand in operands:
            self._must_be_logical(operand)
        return Connective(operator, tuple(operands), self._place(start))

    def _not(self) -> Node:
        if not self._is("not", "!"):
            return self._comparison()
        start = self._take().start
        self._descend(start)
        operand = self._not()
        self._depth -= 1
        self._must_be_logical(operand)
        return Negation(operand, self._place(start))

    def _must_be_logical(self, node: Node) -> None:
        if kind_of(node) in (Kind.NUMBER, Kind.TEXT):
            raise ExpressionError(
                text=self._text,
                start=node.place.start,
                end=node.place.end,
                expected="something true or false",
                found="a number" if kind_of(node) is Kind.NUMBER else "a text",
                next_step="Compare it with something.",
            )

    def _comparison(self) -> Node:
        start = self._now.start
        left = self._sum()
        if not self._is(*_COMPARISONS):
            return left
        operator = _COMPARISONS[self._take().text]
        right = self._sum()
        if self._is(*_COMPARISONS):
            raise self._error("one comparison at a time", self._now, "Join two comparisons with 'and'.")
        return Comparison(operator, left, right, self._place(start))

    def _sum(self) -> Node:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._arithmetic(("*", "/"), self._signed)

    def _arithmetic(self, operators: tuple[str, ...], part: _Part) -> Node:
        start = self._now.start
        first = part()
        rest: list[tuple[str, Node]] = []
        while self._is(*operators):
            operator = self._take().text
            rest.append((operator, part()))
        if not rest:
            return first
        for node in (first, *(operand for _, operand in rest)):
            self._must_be_number(node)
        return Arithmetic(first, tuple(rest), self._place(start))

    def _must_be_number(self, node: Node) -> None:
        if kind_of(node) in (Kind.LOGICAL, Kind.TEXT):
            raise ExpressionError(
                text=self._text,
                start=node.place.start,
                end=node.place.end,
                expected="a number",
                found="something true or false" if kind_of(node) is Kind.LOGICAL else "something quoted",
            )

    def _signed(self) -> Node:
        if not self._is("-", "+"):
            return self._power()
        sign = self._take()
        self._descend(sign.start)
        operand = self._signed()
        self._depth -= 1
        self._must_be_number(operand)
        return operand if sign.text == "+" else Minus(operand, self._place(sign.start))

    def _power(self) -> Node:
        start = self._now.start
        base = self._primary()
        if not self._is("^"):
            return base
        self._take()
        self._descend(start)
        exponent = self._signed()
        self._depth -= 1
        for node in (base, exponent):
            self._must_be_number(node)
        return Arithmetic(base, (("^", exponent),), self._place(start))

    def _primary(self) -> Node:
        token = self._take()
        place = Place(token.start, token.end)
        if token.kind == "number":
            return Literal(float(token.text), place)
        if token.kind == "text":
            return Literal(token.text, place)
        if token.kind == "name":
            return Reference(Name(token.text, token.visit), place)
        if token.kind == "word":
            return self._worded(token)
        if token.kind == "operator" and token.text == "(":
            self._descend(token.start)
            node = self._either()
            self._close()
            self._depth -= 1
            return node
        self._at -= 1
        raise self._error("a value, a name or '('", token)

    def _worded(self, token: Token) -> Node:
        place = Place(token.start, token.end)
        lowered = token.text.lower()
        if token.visit is None and self._is("("):
            return self._call(token)
        if lowered in ("true", "false"):
            return Literal(lowered == "true", place)
        if lowered == "null" and self._syntax == "redcap":  # compared with, or a branch of if(): nothing
            return Literal("", place)
        if lowered in (*_CONNECTIVES, "not"):
            self._at -= 1
            raise self._error("a value, a name or '('", token)
        if lowered in _CLOCK:
            raise self._clock_error(token)
        if self._syntax == "redcap":
            raise self._error(
                "[item], a number or a quoted text",
                token,
                said("Write [{text}] or '{text}'.", text=token.text),
            )
        return Reference(Name(token.text, token.visit), place)

    def _call(self, token: Token) -> Node:
        function = FUNCTIONS.get(token.text.lower())
        if function is None:
            raise self._error(said("one of the functions {functions}", functions=", ".join(FUNCTIONS)), token)
        self._take()
        self._descend(token.start)
        arguments: list[Node] = []
        after_comma = False
        while after_comma or not self._is(")"):
            if arguments and not after_comma:
                if not self._is(","):
                    raise self._error("',' or ')'", self._now)
                self._take()
                after_comma = True
                continue
            after_comma = False
            node = self._argument(function.name, len(arguments))
            if isinstance(node, Literal) and isinstance(node.value, str) and node.value.lower() in _CLOCK:
                raise self._clock_error(self._tokens[self._at - 1])
            arguments.append(node)
        self._close()
        self._depth -= 1
        if not function.fewest <= len(arguments) <= function.most:
            raise self._error(said("{arity} for {name}()", arity=function.arity, name=function.name), token)
        return Call(function.name, tuple(arguments), self._place(token.start))

    def _argument(self, function: str, place: int) -> Node:
        """An argument; a branch of ``if(a,1,)`` that is left empty is nothing, as in REDCap."""
        if function == "if" and place and self._syntax == "redcap" and self._is(",", ")"):
            return Literal("", Place(self._now.start, self._now.start))
        return self._either()

    def _clock_error(self, token: Token) -> ExpressionError:
        step = "Name the item that holds the date: the same data must give the same answer."
        return self._error("an item or a date", token, step)

    def _close(self) -> None:
        if not self._is(")"):
            raise self._error("')'", self._now)
        self._take()

    def _descend(self, start: int) -> None:
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            raise ExpressionError(
                text=self._text,
                start=start,
                end=start + 1,
                expected=said("at most {deepest} levels of brackets", deepest=DEEPEST_NESTING),
                found="more",
            )
