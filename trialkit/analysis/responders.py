"""Responders: who improved by at least so much, as proportions and their differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.analysis.results import AnalysisResult
from trialkit.expressions import Name, evaluate, parse
from trialkit.plan import Analysis, Endpoint

if TYPE_CHECKING:
    import pandas as pd


def responders(context: Context, entry: Analysis) -> AnalysisResult:
    """Proportions by arm and their contrasts, for each definition of response; observed cases."""
    import pandas as pd

    from trialkit.stats import two_proportions

    assert entry.interval is not None
    proportions, contrasts = [], []
    for name in entry.endpoints:
        endpoint = context.plan.endpoints[name]
        data = context.at_visit(entry, endpoint, entry.visit)
        data["response"] = _responses(endpoint, data)
        result = two_proportions(
            data,
            outcome="response",
            by="arm",
            reference=context.reference_arm,
            confidence_level=entry.interval.level,
        )
        proportions.append(result.proportions.assign(definition=endpoint.label))
        contrasts.append(result.contrasts.assign(definition=endpoint.label))
    return AnalysisResult(
        id=entry.id,
        kind="responders",
        role=entry.role.value,
        title=entry.title,
        method=f"Risk difference (Newcombe), ratio and number needed to treat; missing data: {entry.missing}",
        analysis_set=context.plan.sets[entry.set].label,
        counts=context.counts(data, data["response"].notna(), "outcome missing"),
        tables={
            "proportions": pd.concat(proportions, ignore_index=True).rename(
                columns={"events": "responders", "estimate": "proportion"}
            ),
            "contrasts": pd.concat(contrasts, ignore_index=True),
            "scales": context.scales(entry),
        },
        estimand=context.estimand(entry),
    )


def _responses(endpoint: Endpoint, data: pd.DataFrame) -> pd.Series:
    """The plan's rule on each subject's base, value and change; missing where the rule cannot be decided."""
    import pandas as pd

    rule = parse(endpoint.rule, syntax="rule")
    answers = []
    for numbers in zip(data["base"], data["value"], data["chg"], strict=True):
        known = dict(zip(("base", "value", "chg"), numbers, strict=True))
        answers.append(evaluate(rule, _look_up(known)))
    return pd.Series(answers, index=data.index, dtype="boolean").astype("Float64").astype(float)


def _look_up(known: dict[str, float]) -> Callable[[Name], float | None]:
    def value(name: Name) -> float | None:
        number = known[name.item]
        return None if math.isnan(number) else float(number)

    return value
