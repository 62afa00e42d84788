"""What a rule counts with, puts in order or takes as a day, held against what its items can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from trialkit.expressions import parse
from trialkit.expressions.date_functions import UNITS
from trialkit.expressions.functions import FUNCTIONS
from trialkit.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Kind,
    Literal,
    Minus,
    Node,
    Reference,
    walk,
)
from trialkit.expressions.values import MeaningError, as_moment, as_number, as_time
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Item, Study
from trialkit.study.rules_expressions import expressions_of
from trialkit.vocabulary import ItemType


class Holds(StrEnum):
    """What a value is good for; a word is a text that reads as none of the others."""

    NUMBER = "a number"
    DAY = "a day or moment"
    TIME = "a time of day"
    WORD = "a word"
    ANY_TEXT = "any text"
    NO_NUMBER = "texts that are no number, by its validation"
    UNKNOWN = "unknown"


_OF_TYPE = {
    ItemType.INTEGER: Holds.NUMBER,
    ItemType.NUMBER: Holds.NUMBER,
    ItemType.YES_NO: Holds.NUMBER,
    ItemType.DATE: Holds.DAY,
    ItemType.DATETIME: Holds.DAY,
    ItemType.TIME: Holds.TIME,
    ItemType.TEXT: Holds.ANY_TEXT,
}
_NEVER_NUMBERS = frozenset({"time_mm_ss", "alpha_only", "email"})
"""Validations of texts of which none can be counted with; those of postal codes and numbers may."""
_SUMMARIES = ("sum", "min", "max", "mean", "median", "stdev")
_COUNTING = frozenset({*_SUMMARIES, "round", "roundup", "rounddown", "abs", "sqrt", "log", "mod"})
_OF_A_DAY = frozenset({"year", "month", "day"})


def kinds_that_do_not_fit(study: Study) -> Iterator[Finding]:
    """A rule that has no answer whatever is entered, or none for texts that entry takes."""
    never: list[tuple[str, str]] = []
    sometimes: list[tuple[str, str]] = []
    known = _Known(study)
    for where, text in expressions_of(study):
        for node in walk(parse(text).root):
            for found, cannot in known.faults(node):
                (never if cannot else sometimes).append((where, found))
    if never:
        yield Finding(
            "rule-of-another-kind",
            Severity.CONTRADICTION,
            "A rule uses items in a way that has no answer",
            _listed(never),
            tuple(dict.fromkeys(where for where, _ in never)),
            "Name an item of the kind the rule needs, or give the item the validation of that kind.",
        )
    if sometimes:
        yield Finding(
            "rule-on-any-text",
            Severity.NOTE,
            "A rule counts with an item that takes any text",
            _listed(sometimes) + " Where the text is no number, the answer is missing.",
            tuple(dict.fromkeys(where for where, _ in sometimes)),
            "Give the item a validation (number, date_ymd, time), so that a mistyped text is refused.",
        )


def _listed(faults: list[tuple[str, str]]) -> str:
    return "; ".join(dict.fromkeys(f"{where}: {found}" for where, found in faults)) + "."


class _Known:
    """What every item, score and calculation of a study holds."""

    def __init__(self, study: Study) -> None:
        self._items: Mapping[str, Item] = {item.name: item for form in study.forms for item in form.items}
        self._scores = {score.name for score in study.scores}
        self._asked: set[str] = set()

    def holds(self, node: Node) -> Holds:
        match node:
            case Reference():
                return self._of_name(node.name.item)
            case Literal():
                return _of_literal(node.value)
            case Call(function="calcdate"):
                return Holds.DAY
            case Call(function="if"):
                branches = {self.holds(branch) for branch in node.arguments[1:]}
                return branches.pop() if len(branches) == 1 else Holds.UNKNOWN
            case Call():
                of_number = FUNCTIONS[node.function].kind in (Kind.NUMBER, Kind.LOGICAL)
                return Holds.NUMBER if of_number else Holds.UNKNOWN
            case _:
                return Holds.NUMBER

    def _of_name(self, name: str) -> Holds:
        item = self._items.get(name)
        if item is None:
            return Holds.NUMBER if name in self._scores else Holds.WORD
        if item.type is ItemType.CODED:
            numbers = all(_of_literal(choice.code) is Holds.NUMBER for choice in item.choices)
            return Holds.NUMBER if numbers else Holds.WORD
        if item.type is ItemType.TEXT and item.validation in _NEVER_NUMBERS:
            return Holds.NO_NUMBER
        if item.type is not ItemType.DERIVED:
            return _OF_TYPE[item.type]
        if name in self._asked:  # a calculation may name itself at another visit
            return Holds.UNKNOWN
        self._asked.add(name)
        try:
            return self.holds(parse(item.calculation).root)
        finally:
            self._asked.discard(name)

    def _has_codes(self, node: Node) -> bool:
        """Whether another rule holds what the node is compared with against its codes."""
        item = self._items.get(node.name.item) if isinstance(node, Reference) else None
        return item is not None and bool(item.choices)

    def faults(self, node: Node) -> Iterator[tuple[str, bool]]:
        """Each fault of one node in words, and whether it never has an answer."""
        match node:
            case Minus():
                yield from self._needed((node.operand,), (Holds.NUMBER,), "is counted with")
            case Arithmetic():
                operands = (node.first, *(operand for _, operand in node.rest))
                yield from self._needed(operands, (Holds.NUMBER,), "is counted with")
            case Comparison():
                yield from self._compared(node)
            case Call():
                yield from self._called(node)

    def _called(self, node: Call) -> Iterator[tuple[str, bool]]:
        name, given = node.function, node.arguments
        if name in _COUNTING:
            yield from self._needed(given, (Holds.NUMBER,), f"stands in {name}")
        elif name in _OF_A_DAY:
            yield from self._needed(given, (Holds.DAY,), f"stands in {name}")
        elif name == "calcdate":
            yield from self._needed(given[:1], (Holds.DAY,), "stands in calcdate")
            yield from self._needed(given[1:2], (Holds.NUMBER,), "stands in calcdate")
        elif name == "datediff":
            yield from self._needed(given[:2], (Holds.DAY, Holds.TIME), "stands in datediff", loose=False)
            sides = [self.holds(side) for side in given[:2]]
            if set(sides) == {Holds.DAY, Holds.TIME}:
                yield "datediff has a day and a time of day, which have no difference", True
        if name in ("calcdate", "datediff"):
            unit = given[2]
            if isinstance(unit, Literal) and unit.value not in UNITS:
                yield f"{name} counts in {_name(unit)}, which is none of {', '.join(UNITS)}", True

    def _needed(
        self, nodes: tuple[Node, ...], kinds: tuple[Holds, ...], doing: str, *, loose: bool = True
    ) -> Iterator[tuple[str, bool]]:
        """``loose``: a text that may read as what is needed is only noted."""
        for node in nodes:
            held = self.holds(node)
            if held is Holds.UNKNOWN or held in kinds:
                continue
            if isinstance(node, Literal) and node.value == "":
                continue
            yield f"{_name(node)} {doing} and holds {held}", held is not Holds.ANY_TEXT or not loose

    def _compared(self, node: Comparison) -> Iterator[tuple[str, bool]]:
        left, right = self.holds(node.left), self.holds(node.right)
        if Holds.UNKNOWN in (left, right) or any(
            isinstance(side, Literal) and side.value == "" for side in (node.left, node.right)
        ):
            return
        both = f"{_name(node.left)} ({left}) is compared with {_name(node.right)} ({right})"
        ordered = node.operator not in ("=", "<>")
        texts = {Holds.ANY_TEXT, Holds.NO_NUMBER} & {left, right}
        if texts:
            if ordered:
                yield both, bool({Holds.WORD, Holds.NO_NUMBER} & {left, right})
        elif left != right or (ordered and left is Holds.WORD):
            coded = any(self._has_codes(side) for side in (node.left, node.right))
            if not (coded and not ordered and {left, right} == {Holds.WORD, Holds.NUMBER}):
                yield both, True


def _of_literal(value: bool | float | str) -> Holds:
    for reading, held in ((as_number, Holds.NUMBER), (as_moment, Holds.DAY), (as_time, Holds.TIME)):
        try:
            reading(value)
        except MeaningError:
            continue
        return held
    return Holds.WORD


def _name(node: Node) -> str:
    match node:
        case Reference():
            return str(node.name)
        case Literal():
            return repr(node.value).removesuffix(".0")
        case Call():
            return f"{node.function}(...)"
        case _:
            return "a count"
