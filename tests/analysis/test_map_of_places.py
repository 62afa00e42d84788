"""The map of places where a ratio has no colour."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from trialkit.analysis.methods.imaging_links import EVENT, _drawing
from trialkit.documents.declared.rows import ResultRow


class Held:
    """What a figure is given: rows, and nothing else."""

    def __init__(self, estimates: list[float]) -> None:
        self.estimates = estimates

    def rows(self, name: str) -> list[ResultRow]:
        values = [
            {"row": "Psoas", "column": f"L{i}", "estimate": one} for i, one in enumerate(self.estimates)
        ]
        return [ResultRow("I3", name, i, one) for i, one in enumerate(values)]


@pytest.mark.parametrize("odd", [0.0, math.inf, math.nan])
def test_ratios_without_a_colour_are_left_out_of_the_map(odd: float):
    draw: Callable[[Any, str], Any] = _drawing(EVENT)
    assert draw(Held([odd]), "key") is None
    drawn = draw(Held([odd, 1.5]), "key")
    assert drawn is not None
    assert "1.50" in str(drawn.svg)
