"""What ``define.html`` says below its columns: how scores, endpoints and visits are made, for who makes them
again with another program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trialkit.datasets.anchors import anchor_offset
from trialkit.instruments import INSTRUMENTS
from trialkit.plan.model import Derivation, Endpoint, Plan, VisitRule
from trialkit.study.model import Study

Rows = list[tuple[str, ...]]


class Below(NamedTuple):
    title: str
    heads: tuple[str, ...]
    rows: Rows


def tables_below(study: Study, plan: Plan, parameters: Rows) -> Iterator[Below]:
    """``parameters`` are the rows of the parameters of the long datasets."""
    yield Below("Parameters", ("Parameter", "Label", "Unit", "Better", "Rule"), parameters)
    yield Below("Scoring", ("Instrument", "Label", "Unit", "Rule", "Source"), list(_scoring(study)))
    heads = ("Endpoint", "Label", "Unit", "Parameter", "Made from", "Rule", "Missing")
    yield Below("Endpoints", heads, [_endpoint(one) for one in plan.endpoints.values()])
    of_visits = ("Visit", "Label", "Anchor", "Target, days", "Window, days", "Of several")
    yield Below("Visits of the plan", of_visits, [_visit(study, one) for one in plan.visits.values()])


def _scoring(study: Study) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(score.instrument for score in study.scores):
        known = INSTRUMENTS[name]
        settings = ", ".join(f"{one.name} {one.default} ({one.meaning})" for one in known.settings)
        rule = known.missing_rule + (f" Unless a score says otherwise: {settings}." if settings else "")
        yield name, known.label, known.unit, rule, known.reference


def _endpoint(endpoint: Endpoint) -> tuple[str, ...]:
    made, rule = endpoint.derive.value, endpoint.rule
    if endpoint.derive is Derivation.TIME_TO_EVENT:
        made = (
            f"rows of form {endpoint.form}, dated by {endpoint.date}; from {endpoint.origin}; "
            f"censored at {endpoint.censor}"
        )
        if endpoint.assessed_form:
            made += f" (form {endpoint.assessed_form}{_where(endpoint.assessed_rule)})"
        for one in endpoint.competing:
            made += f"; ended by {one.label}: form {one.form}, dated by {one.date}{_where(one.rule)}"
        if endpoint.partial_dates:
            made += f"; a date known in part: {endpoint.partial_dates}"
    elif endpoint.derive is Derivation.RESPONSE:
        made = "true or false"
    name = endpoint.parameter or endpoint.name
    return endpoint.name, endpoint.label, endpoint.unit, name, made, rule, endpoint.missing


def _where(rule: str) -> str:
    return f" where {rule}" if rule else ""


def _visit(study: Study, visit: VisitRule) -> tuple[str, ...]:
    event, days = anchor_offset(study, visit.anchor)
    anchor = visit.anchor if visit.anchor == event else f"{visit.anchor}: {days} days after {event}"
    low, high = visit.window_days
    several = visit.choose
    if visit.undated:
        several += f"; undated: {visit.undated}"
    if visit.instead_of:
        several += f"; chosen a second time, instead of {visit.instead_of}"
    label = visit.label or next((one.label for one in study.visits if one.name == visit.name), visit.name)
    return visit.name, label, anchor, str(visit.target_days), f"{low} to {high}", several
