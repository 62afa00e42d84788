"""Remembers the last result of a costly function: a search asks for value and derivatives at one point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from trialkit.stats.distributions import FloatArray

Result = TypeVar("Result")


class LastResult(Generic[Result]):
    """The last parameters and what was computed there; ``result`` is None before the first."""

    def __init__(self) -> None:
        self._parameters: FloatArray | None = None
        self.result: Result | None = None

    def at(self, parameters: FloatArray, compute: Callable[[], Result]) -> Result:
        """The remembered result if the parameters are the same, else a new one."""
        if self.result is None or not np.array_equal(self._parameters, parameters):  # type: ignore[arg-type]
            self.result = compute()
            self._parameters = parameters.copy()
        return self.result
