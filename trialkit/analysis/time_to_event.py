"""Time to event: Kaplan-Meier by arm, stratified log-rank, Cox, proportional hazards, restricted mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.analysis.context import Context, in_arm_order
from trialkit.analysis.linear import used_rows
from trialkit.analysis.results import AnalysisResult
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd


def time_to_event(context: Context, entry: Analysis) -> AnalysisResult:
    """Carry out a time-to-event entry.

    The curves and the log-rank test compare arms whatever else the formula adjusts for; the Cox model is
    the formula's, stratified as the plan says.
    """
    from trialkit.stats import cox, kaplan_meier, log_rank, restricted_mean

    assert entry.test is not None and entry.interval is not None and entry.horizon_days is not None
    data = _times(context, entry)
    used = used_rows(entry.formula, data) & data["time_days"].notna()
    strata = list(entry.strata)
    level = entry.interval.level
    curves = kaplan_meier(data, time="time_days", event="event", by="arm", confidence_level=level)
    test = log_rank(data, time="time_days", event="event", by="arm", strata=strata)
    model = cox(
        entry.formula,
        data,
        "time_days",
        "event",
        strata=strata,
        reference=context.reference_arm,
        ties=entry.ties,
        confidence_level=level,
    )
    tau = min(entry.horizon_days, *(data.loc[data["arm"] == arm, "time_days"].max() for arm in context.arms))
    means = restricted_mean(
        data, "time_days", "event", by="arm", tau=tau, reference=context.reference_arm, confidence_level=level
    )
    arms = context.arms
    at = in_arm_order(curves.at(list(entry.times_days)), arms).rename(columns={"time": "time_days"})
    return AnalysisResult(
        id=entry.id,
        kind="time_to_event",
        role=entry.role.value,
        title=entry.title,
        method=_method(entry),
        analysis_set=context.plan.sets[entry.set].label,
        counts=context.counts(data, used, "covariate missing, or no follow-up"),
        tables={
            "curves": in_arm_order(curves.curves, arms),
            "at_risk": at[["arm", "time_days", "n_at_risk"]],
            "at": at,
            "medians": in_arm_order(curves.medians, arms),
            "log_rank": _log_rank_row(test, strata),
            "hazard_ratios": model.hazard_ratios,
            "proportional_hazards": model.proportional_hazards,
            "restricted_mean": means.contrasts.assign(tau_days=tau),
            "scales": context.scales(entry),
        },
        estimand=context.estimand(entry),
        notes=_notes(context, entry, tau),
    )


def _method(entry: Analysis) -> str:
    return (
        f"Kaplan-Meier (log-log intervals); log-rank and Cox ({entry.formula}, {entry.ties} ties) "
        f"stratified by {' and '.join(entry.strata)}; {entry.missing}"
    )


def _times(context: Context, entry: Analysis) -> pd.DataFrame:
    """Times of the set's subjects, cut at the horizon: later events are not this endpoint's."""
    assert entry.horizon_days is not None
    times = context.datasets.times
    chosen = times[times["parameter"] == entry.endpoint]
    data = context.subjects(entry).merge(
        chosen[["subject_id", "time_days", "event"]], on="subject_id", how="left", validate="one_to_one"
    )
    beyond = data["time_days"] > entry.horizon_days
    data.loc[beyond, "event"] = 0
    data.loc[beyond, "time_days"] = entry.horizon_days
    return data


def _log_rank_row(test: object, strata: list[str]) -> pd.DataFrame:
    import pandas as pd

    row = {name: getattr(test, name) for name in ("statistic", "df", "p_value")}
    return pd.DataFrame([{**row, "strata": ", ".join(strata)}])


def _notes(context: Context, entry: Analysis, tau: float) -> tuple[str, ...]:
    endpoint = context.endpoint(entry)
    notes = [
        f"Event: {endpoint.definition}. Time zero: {endpoint.origin}. Censored at the {endpoint.censor}.",
        *context.datasets.time_notes.get(entry.endpoint, ()),
    ]
    if entry.horizon_days is not None and tau < entry.horizon_days:
        notes.append(f"Restricted mean to day {tau:.0f}, where an arm's follow-up ends.")
    return tuple(notes)
