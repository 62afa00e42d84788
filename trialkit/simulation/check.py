"""A scenario held against its study: every name in it must exist there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from trialkit.simulation.errors import SimulationError
from trialkit.simulation.scenario import Scenario
from trialkit.study.model import Study
from trialkit.wording import said


def check_scenario(study: Study, scenario: Scenario) -> None:
    """Refuse a scenario that names what the study does not have.

    Raises
    ------
    SimulationError
        With the kind of thing, the unknown name, and the nearest known one.
    """
    if scenario.study != study.id:
        raise SimulationError(
            expected=said("a scenario for study {id!r}", id=study.id),
            found=said("one for {study!r}", study=scenario.study),
            next_step="Use the scenario that lies beside the study definition.",
        )
    items = {item.name for form in study.forms for item in form.items}
    known = {
        "site": {site.code for site in study.sites},
        "arm": {arm.name for arm in study.arms},
        "form": {form.name for form in study.forms},
        "visit": {visit.name for visit in study.visits},
        "score": {score.name for score in study.scores},
        "item": items,
        "measure": {measure.name for measure in scenario.measures},
    }
    for kind, name, place in _names(scenario):
        if name not in known[kind]:
            near = difflib.get_close_matches(name, sorted(known[kind]), n=1)
            raise SimulationError(
                expected=said("a {kind} of study {id}", kind=kind, id=study.id),
                found=repr(name),
                where=said("scenario, {place}", place=place),
                next_step=said("Did you mean {near!r}?", near=near[0]) if near else "",
            )
    for estimand in scenario.estimands:
        if estimand.visit not in scenario.measure(estimand.measure).visits:
            raise SimulationError(
                expected=said("a visit at which {measure!r} is measured", measure=estimand.measure),
                found=repr(estimand.visit),
                where=said("scenario, estimands.{name}", name=estimand.name),
            )


def _names(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Every name the scenario takes from the study: kind, name, place."""
    yield from _each("site", scenario.recruitment.sites, "recruitment.sites")
    yield from _each("form", scenario.recruitment.screening_forms, "recruitment.screening_forms")
    for measure in scenario.measures:
        place = f"measures.{measure.name}"
        yield "visit", measure.baseline_visit, place
        yield from _each("visit", measure.visits, place)
        yield from _each("item", measure.missing_items, place)
        for spec in measure.visits.values():
            yield from _each("arm", spec.effect, place)
        if measure.score is not None:
            yield "score", measure.score, place
        if measure.item is not None:
            yield "item", measure.item, place
    for failure in scenario.failures:
        yield from _each("item", failure.values, f"screening.{failure.name}")
    for event in scenario.events:
        yield "form", event.form, f"events.{event.name}"
        yield from _each("arm", event.rate_per_year, f"events.{event.name}")
    if scenario.recurrence is not None:
        yield "form", scenario.recurrence.form, "recurrence"
        yield from _each("arm", scenario.recurrence.hazard_per_100_days, "recurrence")
    if scenario.dropout.measure is not None:
        yield "measure", scenario.dropout.measure, "dropout"
    if scenario.dropout.form is not None:
        yield "form", scenario.dropout.form, "dropout"
    yield from _each("item", scenario.items, "items")
    yield from _each("form", scenario.form_missing, "form_missing")
    yield from _each("form", scenario.repeats, "repeats")
    for estimand in scenario.estimands:
        yield from _each("arm", (estimand.test, estimand.reference), f"estimands.{estimand.name}")
        yield "measure", estimand.measure, f"estimands.{estimand.name}"
        yield "visit", estimand.visit, f"estimands.{estimand.name}"


def _each(kind: str, names: Iterable[str], place: str) -> Iterator[tuple[str, str, str]]:
    for name in names:
        yield kind, name, place
