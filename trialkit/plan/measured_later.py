"""What is measured after the baseline visit, used as if known at it, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trialkit.errors import TrialkitError
from trialkit.expressions import parse
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.keys import read_formula
from trialkit.plan.model import Analysis, Plan
from trialkit.study.model import Study
from trialkit.wording import said

AS_KNOWN = ("modifier", "strata", "variables", "event_strata")


def measured_later(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A column of a later visit: a score measured once is there, and may carry the effect of treatment, which
    is asked about; anything else is no column of baseline, and the entry could not be carried out."""
    later = _later(plan, study)
    used = [name for name in dict.fromkeys(_used(entry)) if name in later]
    where = f"{entry.where} ({entry.id})"
    for name in used:
        if name in _scores_measured_once(study):
            yield PlanWarning(
                expected="covariates, strata and subgroups known at baseline",
                found=said("{name}, measured at {visits}", name=name, visits=", ".join(later[name])),
                where=where,
                next_step="What treatment can change takes away part of its effect: leave it out.",
            )
        else:
            yield PlanError(
                expected="covariates, strata and subgroups known at baseline",
                found=said("{name}, measured at {visits} alone", name=name, visits=", ".join(later[name])),
                where=where,
                next_step="Name a measure of the baseline visit; a later one may be an endpoint.",
            )


def complied_beforehand(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """Who complied is seen after randomization; a rule on what is known before it picks out other people."""
    rule, later = entry.keys.get("complied"), _later(plan, study)
    if not isinstance(rule, str) or not later:
        return
    try:
        names = {name.item for name in parse(rule, syntax="rule").names}
    except TrialkitError:
        return  # told by the rule's own check
    if names and not names & later.keys():
        yield PlanWarning(
            expected="a rule on what somebody did after randomization",
            found=said("{rule}, known before it", rule=rule),
            where=f"{entry.where} ({entry.id})",
            next_step="Name the score or item that says who complied.",
        )


def _later(plan: Plan, study: Study) -> Mapping[str, tuple[str, ...]]:
    """Items and scores of forms that are not filled in at the baseline visit, with the visits they are."""
    baseline = next((rule.name for rule in plan.visits.values() if rule.choose == "last"), "")
    if not plan.arms or not baseline:
        return {}
    forms = {form.name: form for form in study.forms if not form.repeating and baseline not in form.visits}
    items = {item.name: form.visits for form in forms.values() for item in form.items}
    factors = {name for factor in study.factors for name in (factor.name, factor.item)}
    scores = {score.name: forms[score.form].visits for score in study.scores if score.form in forms}
    return {name: visits for name, visits in {**items, **scores}.items() if name not in factors}


def _scores_measured_once(study: Study) -> set[str]:
    once = {form.name for form in study.forms if len(form.visits) == 1}
    return {score.name for score in study.scores if score.form in once}


def _used(entry: Analysis) -> Iterator[str]:
    formula = entry.keys.get("formula")
    if isinstance(formula, str):
        try:
            yield from read_formula(formula.partition("~")[2] or formula).columns
        except TrialkitError:
            return  # told by the formula's own check
        by = entry.keys.get("by")
        yield from by if isinstance(by, Mapping) else ()
    for key in AS_KNOWN:
        value = entry.keys.get(key)
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from value
