"""Events known only to lie between two visits: proportional hazards in discrete time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.at_risk import ENDED, ENDS, competing_words, ended, only_ends
from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import terms_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import strata_words, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.mmrm import VISITS
from trialkit.analysis.methods.time_to_event import CENSORED, times_of
from trialkit.analysis.per_units import PER, per_units
from trialkit.analysis.tables import hazard_ratios
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import interval_cloglog

    data = _by_visit(context, entry)
    used = data["interval"].notna() & used_rows(keys.FORMULA.of(entry), data)
    fit: Any = interval_cloglog(
        keys.FORMULA.of(entry),
        data[used],
        "interval",
        "event",
        reference={"arm": context.reference_arm},
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    return Answer(
        tables={
            ENDED: ended(context, entry, data[used]),
            "hazard_ratios": per_units(context, entry, fit.hazard_ratios),
            "scales": context.scales(entry),
        },
        counts=context.counts(
            data,
            used,
            left_out(context, data, keys.FORMULA.of(entry), otherwise="no follow-up to the first visit"),
        ),
        method="Discrete-time proportional hazards (complementary log-log), "
        f"{terms_words(context, keys.FORMULA.of(entry))}; an event counts for the first visit at or after it"
        f"{'; ' if strata_words(context, entry) else ''}{strata_words(context, entry)}"
        f"; {entry.keys.get('missing', CENSORED)}{competing_words(context, entry)}",
    )


def _by_visit(context: Context, entry: Analysis) -> pd.DataFrame:
    """The visit at which an event would have been found, or the last visit reached without one."""
    import numpy as np

    data = times_of(context, entry)
    days = np.array([context.datasets.target_day(context.plan.visits[name]) for name in VISITS.of(entry)])
    time = data["time_days"].to_numpy(dtype=float)
    found = np.searchsorted(days, time, side="left") + 1.0  # the first visit at or after the event
    window = np.array([context.plan.visits[name].window_days[0] for name in VISITS.of(entry)])
    anchors = [context.datasets.target_day(context.plan.visits[n]) - context.plan.visits[n].target_days
               for n in VISITS.of(entry)]  # fmt: skip
    reached = np.searchsorted(window + np.array(anchors), time, side="right").astype(float)
    happened = data["event"].to_numpy(dtype=float) == 1
    interval = np.where(happened, np.minimum(found, len(days)), reached)
    data["interval"] = np.where(interval >= 1, interval, np.nan)
    return data


METHOD = Method(
    name="interval_hazard",
    says="Time to an event of which only the visit it was found at is used.",
    keys=(keys.ENDPOINT, VISITS, keys.FORMULA, keys.HORIZON),
    confirmatory=(
        keys.missing(CENSORED),
        keys.STRATA_SOURCE,
        keys.TWO_SIDED_INTERVAL,
        keys.two_sided_test(1),
    ),
    optional=(PER,),
    outputs=(ENDS, hazard_ratios(title="{title}: discrete-time model")),
    expected=only_ends,
    compute=compute,
    symmetric=frozenset({"hazard_ratios"}),
)
