"""The level of an interval is printed as it was asked for: 97.5 % is no 98 %, 99.9 % no 100 %."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trialkit.stats import exact_test, risk_difference, risk_ratio, roc, two_proportions

DATA = pd.DataFrame(
    {
        "arm": ["a", "b"] * 40,
        "had": [1, 0, 0, 1, 1, 1, 0, 0] * 10,
        "marker": np.linspace(0, 1, 80),
    }
)
GROUPS: dict[str, Any] = {"outcome": "had", "by": "arm", "reference": "b"}
CALLS: dict[str, Callable[[float], object]] = {
    "two_proportions": lambda level: two_proportions(DATA, **GROUPS, confidence_level=level),
    "exact_test": lambda level: exact_test(DATA, **GROUPS, confidence_level=level),
    "risk_difference": lambda level: risk_difference(DATA, **GROUPS, confidence_level=level),
    "risk_ratio": lambda level: risk_ratio(DATA, **GROUPS, confidence_level=level),
    "roc": lambda level: roc(DATA, outcome="had", score="marker", confidence_level=level),
}


@pytest.mark.analytic
@pytest.mark.parametrize("level", [0.9, 0.95, 0.975, 0.999])
@pytest.mark.parametrize("name", CALLS)
def test_an_interval_says_the_level_it_has(name: str, level: float) -> None:
    printed = repr(CALLS[name](level))
    said = re.findall(r"([\d.]+)%(?= (?:CI|interval)|$)|interval[s]?, ([\d.]+)%", printed, re.MULTILINE)
    assert {one or other for one, other in said} == {f"{100 * level:g}"}
