"""What a function of an expression is: a name, how many values it takes, what it yields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trialkit.expressions.tree import Kind, Value
from trialkit.wording import said

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
        if self.fewest == self.most == 1:
            return said("one argument")
        if self.fewest == self.most:
            return said("{number} arguments", number=self.most)
        if self.most < ANY_NUMBER:
            return said("{fewest} to {most} arguments", fewest=self.fewest, most=self.most)
        if self.fewest == 1:
            return said("at least one argument")
        return said("at least {fewest} arguments", fewest=self.fewest)
