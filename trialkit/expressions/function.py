"""What a function of an expression is: a name, how many values it takes, what it yields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trialkit.expressions.tree import Kind, Value

Arguments = Sequence[Value | None]
Compute = Callable[[Arguments], Value | None]
ANY_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    fewest: int
    most: int
    kind: Kind
    compute: Compute

    @property
    def arity(self) -> str:
        if self.fewest == self.most:
            return f"{self.fewest} argument{'s' if self.fewest != 1 else ''}"
        return (
            f"{self.fewest} to {self.most} arguments"
            if self.most < ANY_NUMBER
            else f"at least {self.fewest} argument{'s' if self.fewest != 1 else ''}"
        )
