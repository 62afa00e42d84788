"""The tree both syntaxes are parsed into. Every node knows where in the text it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Value = bool | float | int | str | date


class Kind(StrEnum):
    """What a node yields; a name's kind is known only when it has a value."""

    LOGICAL = "logical"
    NUMBER = "number"
    TEXT = "text"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """An item, at the visit named or (None) at the visit the expression is asked about."""

    item: str
    visit: str | None = None

    def __str__(self) -> str:
        return f"{self.item}@{self.visit}" if self.visit else self.item


@dataclass(frozen=True, slots=True)
class Place:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal:
    value: bool | float | str
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    name: Name
    place: Place


@dataclass(frozen=True, slots=True)
class Negation:
    """Logical ``not``."""

    operand: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Minus:
    operand: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str  # = <> < > <= >=
    left: Node
    right: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Connective:
    """``and`` or ``or`` over any number of operands: a long chain stays flat."""

    operator: str
    operands: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``first`` and then each operator applied to what came before, left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]
    place: Place


Node = Literal | Reference | Negation | Minus | Comparison | Connective | Arithmetic | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: its text, its tree, and the names it needs, each once, in order of first use."""

    text: str
    syntax: str
    root: Node
    kind: Kind
    names: tuple[Name, ...]


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Negation() | Minus():
            return (node.operand,)
        case Comparison():
            return (node.left, node.right)
        case Connective():
            return node.operands
        case Arithmetic():
            return (node.first, *(operand for _, operand in node.rest))
        case Call():
            return node.arguments
        case Literal() | Reference():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything under it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)
