"""Who responded, by the plan's rule on base, value and change."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from trialkit.expressions import Name, evaluate, parse
from trialkit.plan import Endpoint

if TYPE_CHECKING:
    import pandas as pd


def responses(endpoint: Endpoint, data: pd.DataFrame) -> pd.Series:
    """The plan's rule on each subject's base, value and change; missing where the rule cannot be decided."""
    import pandas as pd

    rule = parse(endpoint.rule, syntax="rule")
    answers = []
    for known_numbers in zip(data["base"], data["value"], data["chg"], strict=True):
        known = dict(zip(("base", "value", "chg"), known_numbers, strict=True))
        answers.append(evaluate(rule, _look_up(known)))
    return pd.Series(answers, index=data.index, dtype="boolean").astype("Float64").astype(float)


def _look_up(known: dict[str, float]) -> Callable[[Name], float | None]:
    def value(name: Name) -> float | None:
        number = known[name.item]
        return None if math.isnan(number) else float(number)

    return value
