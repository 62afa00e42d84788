"""A scenario for any study, from its definition alone: no effects, values drawn from the dictionary."""

from __future__ import annotations

from datetime import date

from trialkit.simulation.branching import parsed_criteria
from trialkit.simulation.default_items import screening_rules
from trialkit.simulation.scenario import (
    Dropout,
    Event,
    Recruitment,
    Scenario,
    Typing,
    VisitHabits,
)
from trialkit.study.model import Form, Study

_START = date(2025, 1, 6)
_DAYS = 365
_EVENTS_PER_YEAR = 0.3
_WITHOUT_SIZE = 100


def default_scenario(study: Study) -> Scenario:
    """The scenario used where nobody has written one.

    Sites recruit by their targets (evenly where none are stated), 5 % leave by chance, forms that are
    expected only when something happened come at 0.3 a year in every arm, most people meet the criteria, and
    every item has a value its dictionary row permits. Nothing has an effect on anything, so that there is no
    estimand.
    """
    asked = {
        study.item(name.item).form
        for question in parsed_criteria(study).values()
        for name in question.expression.names
    }
    return Scenario(
        study=study.id,
        title=f"Study {study.id} with values drawn from its dictionary and no effects",
        eligible=study.sample_size.total if study.sample_size else _WITHOUT_SIZE,
        recruitment=Recruitment(
            start=_START,
            days=_DAYS,
            sites={site.code: float(site.target or 1) for site in study.sites},
            days_to_randomization=(0, 3),
            screening_forms=tuple(sorted(asked)),
        ),
        facts=(),
        later_facts=(),
        measures=(),
        failures=(),
        visits=VisitHabits(missed=0.02),
        dropout=Dropout(0.05, depends_on_outcome=False, measure=None, log_odds_per_sd=0.0, form=None),
        events=tuple(_event(study, form) for form in study.forms if form.optional),
        recurrence=None,
        items=screening_rules(study),
        form_missing={},
        typing=Typing(),
        estimands=(),
    )


def _event(study: Study, form: Form) -> Event:
    return Event(
        name=form.name,
        form=form.name,
        rate_per_year=dict.fromkeys(form.for_arms or [arm.name for arm in study.arms], _EVENTS_PER_YEAR),
        days=(1, 365),
        duration_days=(0, 14),
        most=3 if form.repeating else 1,
    )
