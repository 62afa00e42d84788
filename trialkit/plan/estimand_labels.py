"""Whether an entry can be said to estimate its estimand: by its set, its method and the summary it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.method import Declaration
from trialkit.plan.model import (
    Analysis,
    AnalysisRole,
    AnalysisSet,
    Derivation,
    Endpoint,
    Estimand,
    Plan,
    Strategy,
)
from trialkit.plan.references import unknown
from trialkit.study.model import Study
from trialkit.vocabulary import ArmRole
from trialkit.wording import said

EVERYBODY = re.compile(r"(all|every(one|body)) randomi[sz]ed", re.IGNORECASE)
_ALL_IN_WORDS = re.compile(
    r"\b(all|every\w*|each|any\w*)\b.*\b(randomi[sz]ed|allocated|assigned)\b|"
    r"\bintent(ion)?[- ]to[- ]treat|\bitt\b|"
    r"\brandomi[sz]ed (participants|patients|people|persons|subjects)\b",
    re.IGNORECASE,
)
_WHATEVER = re.compile(r"\b(whe?ther|whatever|whichever|regardless|irrespective|or not)\b", re.IGNORECASE)
_SOME = re.compile(
    r"complet(er|ed|ing|es)|per[- ]protocol|as treated|complie(d|r)|comply|safety|evaluable|responder|"
    r"\b(un)?treated\b|\b(un)?dosed?\b|\bdoses\b|\badher\w+|\bon[- ]treatment|\bobserved|"
    r"\bavailable|\bmeasured|"
    r"\boutcomes?\b|\bexclud\w+|\bexcept|\bviolat\w+|\bdeviat\w+|\bmodified|\bmitt\b|"
    r"who (took|received|finished|stayed|kept|attended|had|got|were seen)|without (an? )?(important|major)",
    re.IGNORECASE,
)
"""Words of a population that is not everybody randomized."""
SUMMARIES = (
    "difference in means",
    "risk difference",
    "risk ratio",
    "odds ratio",
    "hazard ratio",
    "rate ratio",
)


_TURNED = re.compile(r"\breference\s*(-|\u2212|/|minus|over|against|v|vs)\s*test\b", re.IGNORECASE)
_CONFIRMATORY = (AnalysisRole.PRIMARY, AnalysisRole.SECONDARY)


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
    if chosen is not None and not _has_stratum(estimand):
        yield from _of_some(estimand, chosen, plan, where)
    stated = next((one for one in SUMMARIES if one in estimand.summary.lower()), "")
    if method.summaries and not stated and entry.role in _CONFIRMATORY:
        yield PlanWarning(
            expected=said(
                "a summary that {method} gives: {given}",
                method=entry.method,
                given=", ".join(method.summaries),
            ),
            found=estimand.summary,
            where=where,
            next_step="Name the summary in these words, and then what of it.",
        )
    if stated and method.summaries and stated not in method.summaries:
        yield PlanError(
            expected=said("a method that gives the summary of its estimand, {summary}", summary=stated),
            found=said("{method}: {given}", method=entry.method, given=", ".join(method.summaries)),
            where=where,
            next_step="Give the entry an estimand with the summary it makes.",
        )
    if method.principal_stratum != _has_stratum(estimand) and entry.role is not AnalysisRole.DESCRIPTIVE:
        yield PlanError(
            expected="an estimand of a principal stratum for a method that estimates the effect in one"
            if method.principal_stratum
            else "a method that estimates the effect in a principal stratum, as its estimand asks",
            found=said("estimand {name}, by {method}", name=estimand.name, method=entry.method),
            where=where,
            next_step="Give the entry an estimand that says whose effect it is.",
        )


def _of_some(estimand: Estimand, chosen: AnalysisSet, plan: Plan, where: str) -> Iterator[PlanError]:
    """A population of some, and a set of everybody; or a population that is another set of the plan."""
    population = _bare(estimand.population)
    named = [one for one in plan.sets.values() if population in (_bare(one.name), _bare(one.label))]
    other = bool(named) and chosen not in named
    whole = _everybody(chosen) and not named
    some = bool(_SOME.search(population)) and not _WHATEVER.search(population)
    if whole and not some and not _ALL_IN_WORDS.search(estimand.population):
        yield PlanWarning(
            expected='a population in words that say it is everybody, such as "all randomized"',
            found=estimand.population,
            where=where,
            next_step=said("The set {name} is everybody: say so, or name a set of these.", name=chosen.name),
        )
    if other or (whole and some):
        yield PlanError(
            expected=said(
                "a set of the population of its estimand, {population}", population=estimand.population
            ),
            found=said("the set {name}: {rule}", name=chosen.name, rule=chosen.rule),
            where=where,
            next_step="Give the entry the set of those people, or an estimand of everybody.",
        )


def _bare(text: str) -> str:
    """Without case, hyphens and the word set: "Per-protocol set" is "per protocol"."""
    words = re.sub(r"[-_\s]+", " ", text.casefold()).strip()
    return (
        words.removeprefix("the ").removesuffix(" set").removesuffix(" analysis").removesuffix(" population")
    )


def estimands(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """What an estimand says of the two treatments: the test arm first, as every table and sign has it."""
    if not plan.arms:
        return
    known = {role.value: i for i, role in enumerate((ArmRole.TEST, ArmRole.REFERENCE))}
    known |= {arm: i for i, arm in enumerate(plan.arms)}
    for estimand in plan.estimands.values():
        where = said("estimands/{name}", name=estimand.name)
        places = [known.get(one, -1) for one in estimand.treatment]
        if len(places) < 2 or places != sorted(set(places)) or -1 in places:
            yield PlanError(
                expected='treatment = ["test", "reference"], or the arms in the order of [plan] roles',
                found=str(list(estimand.treatment)),
                where=said("{where}/treatment", where=where),
                next_step="Every difference and ratio of the report is test against reference.",
            )
        variable, _, visit = estimand.variable.partition(" at ")
        if variable.strip() not in plan.endpoints:
            yield unknown(
                "an endpoint of the plan", variable, said("{where}/variable", where=where), plan.endpoints
            )
        if visit and visit not in plan.visits and not visit.startswith("every "):
            yield unknown(
                'a visit of the plan, or "every visit"',
                visit,
                said("{where}/variable", where=where),
                plan.visits,
            )
        if turned := _TURNED.search(estimand.summary):
            yield PlanError(
                expected="a summary of test against reference",
                found=turned[0],
                where=said("{where}/summary", where=where),
                next_step="Write test - reference, or test / reference: so the report has its signs.",
            )


def variable_of_estimand(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """An estimand whose variable is another endpoint or visit than the entry's."""
    estimand = plan.estimands.get(entry.estimand)
    if estimand is None or entry.role is AnalysisRole.DESCRIPTIVE:
        return
    variable, _, visit = estimand.variable.partition(" at ")
    wanted = plan.endpoints.get(variable)
    names = [entry.keys["endpoint"]] if "endpoint" in entry.keys else list(entry.keys.get("endpoints", ()))
    used = [plan.endpoints[name] for name in names if name in plan.endpoints]
    kind = PlanError if entry.role in _CONFIRMATORY else PlanWarning
    if wanted and used and _kind(wanted) not in [_kind(one) for one in used]:
        yield kind(
            expected=said("the endpoint of its estimand, {variable}", variable=variable),
            found=", ".join(names),
            where=f"{entry.where} ({entry.id})",
            next_step="Name the estimand that the entry estimates.",
        )
    if entry.role not in _CONFIRMATORY:
        return
    at = entry.keys.get("visit")
    if at and visit in plan.visits and at != visit:
        firm = PlanError if entry.role is AnalysisRole.PRIMARY else PlanWarning
        yield firm(
            expected=said("the visit of its estimand, {visit}", visit=visit),
            found=str(at),
            where=f"{entry.where} ({entry.id})",
            next_step="Name the estimand that the entry estimates.",
        )
    among = entry.keys.get("visits")
    if among and visit in plan.visits and visit not in among:
        yield PlanWarning(
            expected=said("the visit of its estimand, {visit}, among those modelled", visit=visit),
            found=", ".join(among),
            where=f"{entry.where} ({entry.id})",
            next_step="Name the estimand that the entry estimates.",
        )


def _kind(endpoint: Endpoint) -> tuple[str, str, str]:
    """What a variable is: a change and a value of one score differ by the baseline alone, a response is
    another thing, and so is each rule for one."""
    if endpoint.derive in (Derivation.VALUE, Derivation.CHANGE):
        return endpoint.parameter, "number", ""
    return endpoint.parameter or endpoint.name, endpoint.derive.value, endpoint.rule


def _everybody(one: AnalysisSet) -> bool:
    rule = one.rule.strip()
    return rule == "randomized" and one.randomized and not one.requires and not one.without


def _has_stratum(estimand: Estimand) -> bool:
    return any(event.strategy is Strategy.PRINCIPAL_STRATUM for event in estimand.intercurrent)
