"""Cumulative incidence of an event when death or another event may come first."""

from __future__ import annotations

from trialkit.analysis.context import Context
from trialkit.analysis.incidence import HOW_INCIDENCE, incidence_outputs, incidence_tables
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.time_to_event import times_of
from trialkit.plan import Analysis, keys
from trialkit.plan.method import Several


def compute(context: Context, entry: Analysis) -> Answer:
    data = times_of(context, entry)
    tables = incidence_tables(context, entry, data)
    return Answer(
        tables={**tables, "scales": context.scales(entry)},
        counts=context.counts(data, data["time_days"].notna(), "no follow-up"),
        method=f"{HOW_INCIDENCE}; followed to day {keys.HORIZON.of(entry)}",
    )


METHOD = Method(
    name="competing_risks",
    says="Cumulative incidence of each cause where one event ends the wait for the others.",
    keys=(keys.ENDPOINT, keys.HORIZON, keys.TIMES, keys.TWO_SIDED_INTERVAL),
    outputs=incidence_outputs(),
    compute=compute,
    several=Several.DESCRIBED,
)
