"""Whether an entry can be said to estimate its estimand: by its set, its method and the summary it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialkit.plan.errors import PlanError
from trialkit.plan.method import Declaration
from trialkit.plan.model import Analysis, AnalysisSet, Estimand, Plan, Strategy
from trialkit.wording import said

EVERYBODY = re.compile(r"(all|every(one|body)) randomi[sz]ed", re.IGNORECASE)
SUMMARIES = (
    "difference in means",
    "risk difference",
    "risk ratio",
    "odds ratio",
    "hazard ratio",
    "rate ratio",
)


def estimand_problems(entry: Analysis, plan: Plan, method: Declaration) -> Iterator[PlanError]:
    """What an entry's report would say of its estimand and that is not so."""
    estimand = plan.estimands.get(entry.estimand)
    if estimand is None:
        return
    where = f"{entry.where} ({entry.id})"
    chosen = plan.sets.get(entry.set)
    if chosen is not None and EVERYBODY.fullmatch(estimand.population.strip()) and not _everybody(chosen):
        yield PlanError(
            expected=said("the population of its estimand, {population}", population=estimand.population),
            found=said("the set {name}, which is not everybody", name=entry.set),
            where=where,
            next_step="Give the entry an estimand of the people it analyses, or none.",
        )
    stated = next((one for one in SUMMARIES if one in estimand.summary.lower()), "")
    if stated and method.summaries and stated not in method.summaries:
        yield PlanError(
            expected=said("a method that gives the summary of its estimand, {summary}", summary=stated),
            found=said("{method}: {given}", method=entry.method, given=", ".join(method.summaries)),
            where=where,
            next_step="Give the entry an estimand with the summary it makes.",
        )
    if method.principal_stratum != _has_stratum(estimand) and (method.principal_stratum or method.summaries):
        yield PlanError(
            expected="an estimand of a principal stratum for a method that estimates the effect in one"
            if method.principal_stratum
            else "a method that estimates the effect in a principal stratum, as its estimand asks",
            found=said("estimand {name}, by {method}", name=estimand.name, method=entry.method),
            where=where,
            next_step="Give the entry an estimand that says whose effect it is.",
        )


def _everybody(one: AnalysisSet) -> bool:
    return one.randomized and not one.requires and not one.without


def _has_stratum(estimand: Estimand) -> bool:
    return any(event.strategy is Strategy.PRINCIPAL_STRATUM for event in estimand.intercurrent)
