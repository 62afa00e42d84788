"""All episodes, not the first alone: Andersen-Gill model and mean cumulative count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.at_risk import competing_words, end_of_period, end_words, reasons
from trialkit.analysis.context import Context, in_arm_order
from trialkit.analysis.formula_words import stratified_words, terms_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.time_to_event import CENSORED
from trialkit.analysis.parts import Parts
from trialkit.analysis.per_units import PER, per_units
from trialkit.analysis.tables import hazard_ratios
from trialkit.documents.declared import Col, Count, Estimate, Listed, Plain
from trialkit.documents.declared.wording import lower_first
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd


def compute(context: Context, entry: Analysis) -> Answer:
    subjects = context.subjects(entry)
    episodes = context.datasets.episodes
    here = episodes[episodes["parameter"] == keys.ENDPOINT.of(entry)]
    data = here.merge(subjects, on="subject_id", how="inner")
    horizon = keys.HORIZON.of(entry)
    data = data[data["start_days"] < horizon].copy()
    beyond = data["stop_days"] > horizon
    data.loc[beyond, ["stop_days", "event"]] = [horizon, 0]
    data.loc[beyond, "event_description"] = end_of_period(horizon)
    parts = Parts()
    parts.add("The mean cumulative count", lambda: _counts_over_time(context, entry, data))
    parts.add("The Andersen-Gill model", lambda: _model(context, entry, data))
    parts.require_one()
    followed = subjects["subject_id"].isin(set(data["subject_id"]))
    return Answer(
        tables={
            "episodes": _episodes(context, entry, data),
            **parts.tables,
            "scales": context.scales(entry),
        },
        counts=context.counts_of_parts(
            subjects,
            {
                "Mean cumulative count": (followed, "no follow-up"),
                "Andersen-Gill model": (
                    followed & used_rows(keys.FORMULA.of(entry), subjects, keys.STRATA.of(entry)),
                    left_out(
                        context, subjects, keys.FORMULA.of(entry), keys.STRATA.of(entry), "no follow-up"
                    ),
                ),
            },
        ),
        method=_method(context, entry),
        notes=(end_words(context, entry, all_episodes=True),),
        warnings=tuple(parts.warnings),
    )


def _method(context: Context, entry: Analysis) -> str:
    strata = stratified_words(context, keys.STRATA.of(entry), entry.keys.get(keys.STRATA_AS.name))
    return (
        f"Andersen-Gill model ({terms_words(context, keys.FORMULA.of(entry))}){strata} with errors robust to "
        f"several episodes of a subject; mean cumulative count; followed to day {keys.HORIZON.of(entry)}; "
        f"{entry.keys.get('missing', CENSORED)}{competing_words(context, entry)}"
    )


def _episodes(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.DataFrame:
    """Episodes, days at risk, and what each subject's time at risk ended with."""
    import pandas as pd

    rows = []
    last = data.sort_values("stop_days").groupby("subject_id").tail(1)
    for arm in context.arms:
        here = data[data["arm"] == arm]
        events = here[here["event"] == 1]
        days = float((here["stop_days"] - here["start_days"]).sum())
        several = events.groupby("subject_id").size()
        values = {
            "Subjects with an episode": len(several),
            "Subjects with two or more": int((several > 1).sum()),
            "Episodes": len(events),
            "Days at risk": days,
        }
        ends = last.loc[last["arm"] == arm, "event_description"].value_counts()
        for reason in reasons(context.endpoint(entry), keys.HORIZON.of(entry)):
            values[f"At risk until {lower_first(reason)}"] = int(ends.get(reason, 0))
        rows += [{"measure": name, "arm": arm, "n": value} for name, value in values.items()]
    return pd.DataFrame(rows)


def _counts_over_time(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from trialkit.stats import mean_cumulative_count

    result: Any = mean_cumulative_count(
        data,
        "subject_id",
        "start_days",
        "stop_days",
        "event",
        by="arm",
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    at = result.at(list(keys.TIMES.of(entry)))
    return {"mean_count": in_arm_order(at.rename(columns={"time": "time_days"}), context.arms)}


def _model(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from trialkit.stats import cox

    fit: Any = cox(
        keys.FORMULA.of(entry),
        data,
        "stop_days",
        "event",
        entry="start_days",
        strata=list(keys.STRATA.of(entry)) or None,
        cluster="subject_id",
        reference={"arm": context.reference_arm},
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    return {"hazard_ratios": per_units(context, entry, fit.hazard_ratios)}


class _DayLabel(Plain):
    def of(self, shown: Any, row: Any) -> str:
        return f"Day {numbers.integer(row['time_days'])}"


METHOD = Method(
    name="recurrent_events",
    says="All episodes of an event, by the Andersen-Gill model and the mean cumulative count.",
    keys=(keys.ENDPOINT, keys.FORMULA, keys.STRATA, keys.HORIZON, keys.TIMES, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(CENSORED), keys.STRATA_AS, keys.two_sided_test(1)),
    optional=(PER,),
    outputs=(
        Listed(
            source="episodes",
            title="{title}: episodes",
            label=Plain("measure"),
            head="",
            columns=(Col("n", Count("n")),),
            by_arm=True,
        ),
        Listed(
            source="mean_count",
            title="{title}: mean number of episodes a subject",
            label=_DayLabel("time_days"),
            head="Day",
            columns=(Col("Mean ({interval})", Estimate()),),
            by_arm=True,
        ),
        hazard_ratios(title="{title}: Andersen-Gill model"),
    ),
    compute=compute,
    symmetric=frozenset({"hazard_ratios"}),
)
