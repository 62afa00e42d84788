"""Intercurrent events held against the study: where they are recorded, and what becomes of data after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.model import (
    Analysis,
    CompetingEvent,
    Derivation,
    Endpoint,
    IntercurrentEvent,
    Plan,
    Strategy,
)
from trialkit.plan.references import rule_problems, unknown
from trialkit.study.model import Study
from trialkit.vocabulary import ItemType
from trialkit.wording import said

_SOURCE = re.compile(r"(?P<form>\w+)(?:\.(?P<date>\w+))?(?:\s+where\s+(?P<rule>.+))?")
DEATH = "death"


@dataclass(frozen=True, slots=True)
class Source:
    """``FORM``, ``FORM.DATE`` or ``FORM.DATE where RULE``: a form, the date of its rows, and which."""

    form: str
    date: str
    rule: str


def source_of(event: IntercurrentEvent) -> Source:
    """The source taken apart; what cannot be read is a form that nobody knows."""
    match = _SOURCE.fullmatch(event.source.strip())
    if match is None:
        return Source(event.source, "", "")
    return Source(match["form"], match["date"] or "", match["rule"] or "")


def composites(plan: Plan, entry: Analysis) -> tuple[IntercurrentEvent, ...]:
    """The intercurrent events of an entry's estimand that are part of the outcome."""
    estimand = plan.estimands.get(entry.estimand)
    events = estimand.intercurrent if estimand is not None else ()
    return tuple(one for one in events if one.strategy is Strategy.COMPOSITE)


def intercurrent_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Of every estimand, events whose source the study does not have, and deaths with data after them."""
    for estimand in plan.estimands.values():
        for event in estimand.intercurrent:
            where = said("estimands/{name}/intercurrent ({event})", name=estimand.name, event=event.event)
            yield from source_problems(event, study, where)


def source_problems(event: IntercurrentEvent, study: Study, where: str) -> Iterator[PlanError]:
    source = source_of(event)
    form = next((form for form in study.forms if form.name == source.form), None)
    if form is None:
        yield unknown(
            "a form of the study that records the event", source.form, where, [f.name for f in study.forms]
        )
        return
    items = {item.name: item for item in form.items}
    if source.date and (source.date not in items or items[source.date].type is not ItemType.DATE):
        dates = [name for name, item in items.items() if item.type is ItemType.DATE]
        yield unknown(said("a date of form {form}", form=form.name), source.date, where, dates)
    if source.rule:
        yield from rule_problems(source.rule, items, where)
    if event.strategy is Strategy.TREATMENT_POLICY and DEATH in f"{form.name} {form.label}".lower():
        yield PlanError(
            expected="a strategy for death that says what a dead person's outcome is",
            found=said("treatment-policy for {form}", form=form.name),
            where=where,
            next_step="Choose hypothetical, or composite.",
        )
    if event.strategy is Strategy.COMPOSITE and not source.date:
        yield PlanError(
            expected="of a composite event the item that dates it: FORM.DATE",
            found=event.source,
            where=where,
            next_step="Only an event before the visit is part of its outcome: name its date.",
        )


def composite_problems(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """An entry whose estimand has a composite event must be able to carry it out."""
    events = composites(plan, entry)
    if not events:
        return
    where = f"{entry.where} ({entry.id})"
    if not _at_one_visit(entry):
        yield PlanError(
            expected="a composite strategy in an analysis of one visit on what was observed",
            found=said("{method}, missing data: {missing}", method=entry.method, missing=_missing(entry)),
            where=where,
            next_step="Name another estimand, or analyse one visit on complete or observed cases.",
        )
        return
    for endpoint in _endpoints(entry, plan):
        for event in events:
            yield from _value_problems(event, endpoint, plan, entry, where)


def _value_problems(
    event: IntercurrentEvent, endpoint: Endpoint, plan: Plan, entry: Analysis, where: str
) -> Iterator[PlanError]:
    variable = plan.estimands[entry.estimand].variable.partition(" at ")[0]
    of = plan.endpoints.get(variable)
    if event.value is not None and of is not None and of.parameter != endpoint.parameter:
        yield PlanError(
            expected=said(
                "an endpoint of {parameter}, whose value the estimand assigns", parameter=of.parameter
            ),
            found=endpoint.name,
            where=where,
            next_step="Give that endpoint an estimand of its own.",
        )
    if event.value is None and endpoint.derive is not Derivation.RESPONSE:
        yield PlanError(
            expected=said("the value that {event} counts as", event=event.event),
            found="none: only of a response is it plain what the worst is",
            where=where,
            next_step=said("Add value = the worst of {parameter}.", parameter=endpoint.parameter),
        )


def _endpoints(entry: Analysis, plan: Plan) -> list[Endpoint]:
    names = entry.keys.get("endpoints") or (entry.keys.get("endpoint", ""),)
    return [plan.endpoints[name] for name in names if name in plan.endpoints]


def _at_one_visit(entry: Analysis) -> bool:
    return "visit" in entry.keys and _missing(entry) in ("complete cases", "observed cases")


def _missing(entry: Analysis) -> str:
    missing = entry.keys.get("missing", "")
    return str(getattr(missing, "words", missing)) or "not said"


def competing_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Of every estimand of a time to event: what competes with it has a strategy, and one that can be."""
    for estimand in plan.estimands.values():
        endpoint = plan.endpoints.get(estimand.variable.strip())
        for other in endpoint.competing if endpoint is not None else ():
            stated = [event for event in estimand.intercurrent if _is_about(source_of(event), other)]
            where = said("estimands/{name}/intercurrent", name=estimand.name)
            if not stated:
                yield PlanWarning(
                    expected=said(
                        "a strategy for {label}, which ends the time at risk of {endpoint}",
                        label=other.label,
                        endpoint=estimand.variable.strip(),
                    ),
                    found="none",
                    where=where,
                    next_step=said(
                        'Add {{ event = "{label}", source = "{source}", strategy = ... }}: hypothetical '
                        "where the question is what would be without it.",
                        label=other.label,
                        source=_as_source(other),
                    ),
                )
            for event in stated:
                if event.strategy is Strategy.TREATMENT_POLICY:
                    yield PlanWarning(
                        expected=said(
                            "of {label}, which ends the time at risk of {endpoint}, a strategy that says so",
                            label=other.label,
                            endpoint=estimand.variable.strip(),
                        ),
                        found="treatment-policy, by which events after it count",
                        where=where,
                        next_step="Choose another strategy, or take it out of what competes.",
                    )


def _is_about(source: Source, other: CompetingEvent) -> bool:
    """Whether an intercurrent event's source holds every row of the competing event."""
    return source.form == other.form and source.rule in ("", other.rule)


def _as_source(other: CompetingEvent) -> str:
    where = f" where {other.rule}" if other.rule else ""
    return f"{other.form}.{other.date}{where}"
