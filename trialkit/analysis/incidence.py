"""Cumulative incidence where one event ends the wait for the others: Aalen-Johansen and Gray's test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context, in_arm_order
from trialkit.documents.declared import Col, Count, Estimate, Listed, Number, Plain, PValue
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd

CENSORED = "censored"
HOW_INCIDENCE = "Aalen-Johansen cumulative incidence (log-log intervals); Gray's test"


def incidence_tables(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What came first, the incidence of each cause at the entry's days, and Gray's test.

    ``data`` are the times of the set's subjects, cut at the horizon.
    """
    from trialkit.stats import cumulative_incidence

    causes = context.datasets.times
    causes = causes[causes["parameter"] == keys.ENDPOINT.of(entry)].set_index("subject_id")
    cause = data["subject_id"].map(causes["cause"]).fillna("")
    late = data["subject_id"].map(causes["time_days"]) > keys.HORIZON.of(entry)
    data = data.assign(cause=cause.where((cause != "") & ~late, CENSORED))
    own = context.endpoint(entry).label  # at incidence 0 where nobody had the event
    result: Any = cumulative_incidence(
        data,
        "time_days",
        "cause",
        by="arm",
        censored=CENSORED,
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
        causes=sorted({own, *data["cause"]} - {CENSORED}),
    )
    at = in_arm_order(
        result.at(list(keys.TIMES.of(entry))).rename(columns={"time": "time_days"}), context.arms
    )
    return {
        "events": _events(context, data),
        "incidence": without_width(at, "estimate"),
        "gray_test": result.gray_test,
    }


def without_width(at: pd.DataFrame, risk: str) -> pd.DataFrame:
    """No interval where nobody had the event yet: the variance estimated from no event is zero, and an
    interval of no width would say that the risk is known."""
    none = at[risk] == 0
    return at.assign(**{limit: at[limit].mask(none) for limit in ("ci_lower", "ci_upper")})


def _events(context: Context, data: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [
            {"cause": cause, "arm": arm, "n": int(((data["cause"] == cause) & (data["arm"] == arm)).sum())}
            for cause in sorted(data["cause"].unique())
            for arm in context.arms
        ]
    )


def _day(value: Any) -> str:
    return f"Day {numbers.integer(value)}"


class _DayLabel(Plain):
    def of(self, shown: Any, row: Any) -> str:
        return _day(row["time_days"])


def incidence_outputs(asked: str = "") -> tuple[Listed, ...]:
    """The three tables; ``asked`` as a listed table has it."""
    return (
        Listed(
            source="events",
            title="{title}: what came first",
            label=Plain("cause"),
            head="First event",
            columns=(Col("Subjects", Count("n")),),
            by_arm=True,
            asked=asked,
        ),
        Listed(
            source="incidence",
            title="{title}: cumulative incidence",
            label=_DayLabel("time_days"),
            head="Day",
            columns=(Col("% ({interval})", Estimate(decimals=1, scale=100)),),
            by_arm=True,
            footnotes=(
                "0.0 without an interval: no event by that day, so there is no variance to estimate.",
            ),
            sections="cause",
            asked=asked,
        ),
        Listed(
            source="gray_test",
            title="{title}: Gray's test",
            label=Plain("cause"),
            head="Cause",
            columns=(Col("χ²", Number("statistic")), Col("df", Number("df", 0)), Col("p", PValue())),
            asked=asked,
        ),
    )
