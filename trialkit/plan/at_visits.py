"""Visits and events at which there is nothing to analyse, or the same twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialkit.errors import TrialkitError
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.keys import read_formula
from trialkit.plan.model import Analysis, Derivation, Plan
from trialkit.plan.schedule import baselines, offsets, span, visits_of
from trialkit.study.model import Study
from trialkit.wording import said


def nothing_at_baseline(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """A change is 0 for everybody at the baseline it is counted from; an event has not begun there."""
    first = [name for name in visits_of(entry) if name in baselines(plan)]
    names = [entry.keys.get("endpoint"), *(entry.keys.get("endpoints") or ())]
    for endpoint in (plan.endpoints[name] for name in names if name in plan.endpoints):
        changes = endpoint.derive is Derivation.CHANGE or bool(re.search(r"\bchg\b", endpoint.rule))
        timed = endpoint.derive is Derivation.TIME_TO_EVENT
        if first and (changes or timed or _adjusts_for_itself(entry)):
            yield PlanError(
                expected="visits after the baseline",
                found=said(
                    "{visit}, where {name} is 0, or known beforehand", visit=first[0], name=endpoint.name
                ),
                where=f"{entry.where} ({entry.id})",
                next_step="Leave the baseline visit out: nothing has happened there yet.",
            )
            return


def _adjusts_for_itself(entry: Analysis) -> bool:
    formula = entry.keys.get("formula")
    try:
        return isinstance(formula, str) and "base" in read_formula(formula).columns
    except TrialkitError:
        return False  # told by the formula's own check


def same_assessments(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """A visit and its other reading are chosen from the same assessments: one would count twice."""
    names = visits_of(entry)
    for name in names:
        other = plan.visits[name].instead_of if name in plan.visits else ""
        if other and other in names:
            yield PlanError(
                expected=said("{visit} or its other reading, {name}", visit=other, name=name),
                found="both: the same assessment would count twice",
                where=f"{entry.where} ({entry.id})",
                next_step="Leave one of them out.",
            )


def after_the_last_visit(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A horizon when nobody is followed any more."""
    horizon = entry.keys.get("horizon_days")
    ends = [span(rule, study)[1] for rule in plan.visits.values() if rule.anchor in offsets(study)]
    if horizon and ends and horizon > max(ends) > 0:
        yield PlanWarning(
            expected=said("a horizon up to the end of the last window, day {day}", day=max(ends)),
            found=said("day {day}", day=horizon),
            where=f"{entry.where} ({entry.id})",
            next_step="Whoever is free of the event then was not followed so long: move the horizon.",
        )


def competing_with_itself(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """An event that ends the wait for itself leaves nobody with it."""
    for endpoint in plan.endpoints.values():
        for other in endpoint.competing:
            same = (other.form, other.date) == (endpoint.form, endpoint.date)
            if same and other.rule in ("", endpoint.rule):
                yield PlanError(
                    expected=said("an event other than {name} itself", name=endpoint.name),
                    found=said("{label}: the same rows of {form}", label=other.label, form=other.form),
                    where=said("endpoints/{name}/competing", name=endpoint.name),
                    next_step="Name the form of the other event, or a rule that tells them apart.",
                )


def censored_before(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """What the report says of censoring is what is done: at the last contact."""
    for endpoint in plan.endpoints.values():
        if endpoint.censor and not re.search(r"\b(last|end)\b", endpoint.censor, re.IGNORECASE):
            yield PlanWarning(
                expected="the last contact at which the event's status was known: what is done",
                found=endpoint.censor,
                where=said("endpoints/{name}/censor", name=endpoint.name),
                next_step="Say it so: the report prints these words.",
            )
