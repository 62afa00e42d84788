"""Reads an R-style formula without evaluating anything.

formulaic tokenizes and expands the formula; its evaluator, which runs Python in braces and in unknown
functions, is never called. Every token is checked first: names must be plain column names, and a call
must be one of the short list in ``transforms`` around one column.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trialkit.limits import (
    HIGHEST_FORMULA_POWER,
    LONGEST_FORMULA_CHARACTERS,
    MOST_FORMULA_TERMS,
)
from trialkit.stats import transforms
from trialkit.stats.errors import FormulaError
from trialkit.wording import said, written

_CALL = re.compile(
    r"^(?P<function>\w+)\(\s*(?P<column>`[^`]+`|[^\W\d]\w*)\s*(?:,\s*(?P<argument>\d+)\s*)?\)$"
)
_OPERATORS = {"~", "+", "-", "*", ":", "^", "**", "/", "in"}
_PLUS_MINUS = re.compile(r"\+\s*-")
_ZERO_WITHIN = re.compile(r"\([^()]*\b0\b[^()]*\)|(?<![\w.])0\s*[:*/^]|[:*/-]\s*0(?![\w.])")
_SMALL_NUMBER = re.compile(r"^\d$")
_EXAMPLE = "Write it like 'chg ~ arm + base + site'."


@dataclass(frozen=True)
class Variable:
    """One column as the formula uses it: bare, or inside one transform with its ``argument``."""

    column: str
    transform: str | None = None
    argument: int | None = None

    @property
    def label(self) -> str:
        if self.transform is None or self.transform in transforms.FACTOR_WRAPPERS:
            return self.column
        argument = "" if self.argument is None else f", {self.argument}"
        return f"{self.transform}({self.column}{argument})"

    @property
    def is_factor_wrapper(self) -> bool:
        return self.transform in transforms.FACTOR_WRAPPERS


@dataclass(frozen=True)
class Formula:
    """A formula taken apart: the outcome, whether there is an intercept, and the terms by degree, as R
    orders them.
    """

    text: str
    outcome: Variable | None
    intercept: bool
    terms: tuple[tuple[Variable, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column named, each once, the outcome first."""
        named = [self.outcome.column] if self.outcome else []
        named += [variable.column for term in self.terms for variable in term]
        return tuple(dict.fromkeys(named))


def parse_formula(text: str, *, outcome: bool = True) -> Formula:
    """Take a formula apart, refusing whatever is not a plain model formula.

    Parameters
    ----------
    text
        ``"y ~ a * b + log(x)"``; operators ``+ - * : / ^ %in%``, parentheses, ``0``/``1`` for the intercept.
    outcome
        Whether a left side is required (True) or forbidden (False, as for a Cox model).

    Raises
    ------
    FormulaError
        Code, dotted names without backticks, unlisted functions, bad syntax, a missing or unwanted left side.
    """
    if not isinstance(text, str) or not text.strip():
        raise FormulaError(expected="a model formula as text", found=written(text), next_step=_EXAMPLE)
    if len(text) > LONGEST_FORMULA_CHARACTERS:
        raise FormulaError(
            expected=said("a model formula of at most {most:,} characters", most=LONGEST_FORMULA_CHARACTERS),
            found=said("{length:,}", length=len(text)),
            next_step=_EXAMPLE,
        )
    if text.rstrip().endswith("~"):
        raise FormulaError(expected="terms right of '~'", found=written(text), next_step=_EXAMPLE)
    return _parse(text, outcome)


@lru_cache(maxsize=512)
def _parse(text: str, outcome: bool) -> Formula:
    tokens = _checked_tokens(text)
    _refuse_explosion(text)
    left, right = _sides(text)
    if outcome and left is None:
        raise FormulaError(expected="an outcome left of '~'", found=written(text), next_step=_EXAMPLE)
    if not outcome and left is not None:
        raise FormulaError(
            expected="a formula without a left side",
            found=written(text),
            next_step="Give the terms alone: 'arm + age'.",
        )
    parsed_left = None if left is None else _outcome(left, text, tokens)
    intercept, terms = _right_terms(right, text, tokens)
    if parsed_left and any(v.column == parsed_left.column for term in terms for v in term):
        raise FormulaError(
            expected="an outcome that is not also a predictor",
            found=written(text),
            next_step="Remove it on the right.",
        )
    return Formula(text=text, outcome=parsed_left, intercept=intercept, terms=terms)


def _checked_tokens(text: str) -> dict[str, Variable]:
    """Every name and call in ``text`` as a variable, by the text formulaic gives it."""
    from formulaic.parser import DefaultFormulaParser

    if "{" in text or "}" in text:
        raise _refused(text, "braces, which would run code")
    try:
        tokens = list(DefaultFormulaParser().get_tokens(text))
    except _unreadable_errors() as error:
        raise _unreadable(text, error) from None
    if _ZERO_WITHIN.search(text):
        raise FormulaError(
            expected="the number 0 alone among the terms, where it takes the intercept out",
            found="it in parentheses, or beside another operator than +",
            where=said("formula {text!r}", text=text),
            next_step="Write it like 'chg ~ 0 + arm'.",
        )
    variables: dict[str, Variable] = {}
    for token in tokens:
        kind, written = token.kind.value if token.kind else "", token.token
        if kind == "name":
            if "." in written and f"`{written}`" not in text:
                raise _refused(text, said("the dotted name {written!r}", written=written))
            variables[written] = Variable(written)
        elif kind == "python":
            variables[written] = _call(text, written)
        elif kind == "operator" and written not in _OPERATORS:
            if written == "+-" and not _PLUS_MINUS.search(text):
                continue  # formulaic reads + 0 as + -1, and a text without ~ as 1 + text
            raise _refused(text, said("the operator {written!r}", written=written))
        elif kind == "value" and not _SMALL_NUMBER.match(written):
            raise _refused(text, said("the value {written}", written=written))
    return variables


def _refuse_explosion(text: str) -> None:
    """A power or a chain of ``*`` over many columns would take hours and all memory to write out."""
    from formulaic.parser import DefaultFormulaParser

    try:
        most = _most_terms(DefaultFormulaParser().get_ast(text), text)
    except _unreadable_errors() as error:
        raise _unreadable(text, error) from None
    if most > MOST_FORMULA_TERMS:
        raise FormulaError(
            expected=said("a formula of at most {most} terms when written out", most=MOST_FORMULA_TERMS),
            found="more",
            where=said("formula {text!r}", text=text),
            next_step="Name the interactions you mean one by one.",
        )


def _most_terms(node: Any, text: str) -> int:
    """How many terms a part of the formula can become; ends early above the limit."""
    parts: list[Any] = list(getattr(node, "args", ()))
    operator = getattr(getattr(node, "operator", None), "symbol", None)
    if operator in ("^", "**"):
        power = str(parts[1])
        if not power.isdigit() or int(power) > HIGHEST_FORMULA_POWER:
            raise FormulaError(
                expected=said("a power of at most {highest}", highest=HIGHEST_FORMULA_POWER),
                found=power if power.isdigit() else "something else",
                where=said("formula {text!r}", text=text),
                next_step="Name the interactions you mean one by one.",
            )
        base = _most_terms(parts[0], text)
        return sum(math.comb(base, order) for order in range(1, int(power) + 1))
    counts = [_most_terms(part, text) for part in parts]
    if operator == "*":
        return math.prod(count + 1 for count in counts) - 1
    if operator in (":", "/", "in"):
        return math.prod(count + 1 for count in counts)
    return sum(counts) if counts else 1


def _call(text: str, written: str) -> Variable:
    match = _CALL.match(written)
    if match is None or match["function"] not in transforms.NAMES:
        raise _refused(text, repr(written))
    function = match["function"]
    argument = None if match["argument"] is None else int(match["argument"])
    if function == transforms.SPLINE:
        argument = transforms.DEFAULT_KNOTS if argument is None else argument
        if argument not in transforms.KNOT_NUMBERS:
            raise _refused(
                text,
                said(
                    "{written!r}, whose number of knots is not in {knot_numbers}",
                    written=written,
                    knot_numbers=transforms.KNOT_NUMBERS,
                ),
            )
    elif argument is not None:
        raise _refused(
            text,
            said(
                "{written!r}, since {function} takes one column and nothing else",
                written=written,
                function=function,
            ),
        )
    return Variable(match["column"].strip("`"), function, argument)


def _sides(text: str) -> tuple[Any, Any]:
    from formulaic.parser import DefaultFormulaParser

    try:
        parsed = DefaultFormulaParser().get_terms(text)
    except _unreadable_errors() as error:
        raise _unreadable(text, error) from None
    left = getattr(parsed, "lhs", None)
    right = parsed.rhs if hasattr(parsed, "rhs") else getattr(parsed, "root", parsed)
    if isinstance(right, tuple) or isinstance(left, tuple):
        raise _refused(text, "more than one model")
    return left, right


def _outcome(left: Any, text: str, variables: dict[str, Variable]) -> Variable:
    terms = list(left)
    factors = list(terms[0].factors) if len(terms) == 1 else []
    if len(factors) != 1 or factors[0].expr not in variables:
        raise FormulaError(expected="one outcome left of '~'", found=written(text), next_step=_EXAMPLE)
    outcome = variables[factors[0].expr]
    if outcome.is_factor_wrapper or outcome.transform == transforms.SPLINE:
        raise _refused(text, said("{transform}() around the outcome", transform=outcome.transform))
    return outcome


def _right_terms(
    right: Any, text: str, variables: dict[str, Variable]
) -> tuple[bool, tuple[tuple[Variable, ...], ...]]:
    intercept = False
    terms: dict[frozenset[str], tuple[Variable, ...]] = {}
    for term in right:
        expressions = [factor.expr for factor in term.factors]
        if expressions == ["1"]:
            intercept = True
            continue
        unknown = [expression for expression in expressions if expression not in variables]
        if unknown:
            raise _refused(text, said("the number {unknown} as a term", unknown=unknown[0]))
        members = tuple(variables[expression] for expression in expressions)
        terms.setdefault(frozenset(member.label for member in members), members)
    if not terms and not intercept:
        raise FormulaError(expected="at least one term right of '~'", found=written(text), next_step=_EXAMPLE)
    return intercept, tuple(sorted(terms.values(), key=len))


def _refused(text: str, what: str) -> FormulaError:
    return FormulaError(
        expected=said(
            "column names joined by + - * : / ^, and no functions but {names}",
            names=", ".join(transforms.NAMES),
        ),
        found=what,
        where=said("formula {text!r}", text=text),
        next_step="Compute anything else as a column first; a formula never runs code.",
    )


def _unreadable_errors() -> tuple[type[Exception], ...]:
    """What formulaic raises on text it cannot read; it parses calls as Python, without running them."""
    from formulaic.errors import FormulaicError

    return (FormulaicError, SyntaxError, ValueError, RecursionError)


def _unreadable(text: str, error: Exception) -> FormulaError:
    plain = re.sub(r"\x1b\[[0-9;]*m|[⧛⧚]", "", str(error)).splitlines()
    return FormulaError(
        expected="a formula that can be read",
        found=plain[0] if plain else "a syntax error",
        where=said("formula {text!r}", text=text),
        next_step=_EXAMPLE,
    )
