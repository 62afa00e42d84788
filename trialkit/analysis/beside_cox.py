"""What stands beside a Cox model where the plan asks for it: log-rank, restricted mean, incidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, get_args

from trialkit import numbers
from trialkit.analysis import comparisons
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import ResultRow, Shown
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Beside = Literal["log_rank", "restricted_mean", "cumulative_incidence"]
LOG_RANK, RESTRICTED_MEAN, INCIDENCE = get_args(Beside)
WORDS = get_args(Beside)


def _read(section: Section, key: str) -> tuple[str, ...]:
    found = section.texts(key)
    for word in found:
        if word not in WORDS:
            section.refuse(key, keys.any_of(WORDS), repr(word))
    return found


def _check(value: Sequence[str], place: Place) -> Iterator[PlanError]:
    endpoint = place.plan.endpoints.get(str(place.entry.keys.get("endpoint", "")))
    if INCIDENCE in value and endpoint is not None and not endpoint.competing:
        yield PlanError(
            expected=said(
                "competing events of {endpoint} for its cumulative incidence", endpoint=endpoint.name
            ),
            found="none",
            where=place.where,
            next_step="Name them under competing, or leave cumulative_incidence out of also.",
        )


ALSO: Key[tuple[str, ...]] = Key(
    "also",
    "what is estimated beside the Cox model; log_rank and restricted_mean where it is left out",
    f"list of {keys.any_of(WORDS)}",
    _read,
    _check,
    absent=(LOG_RANK, RESTRICTED_MEAN),
)

AS_PLANNED, WITH_MEAN = "report as planned", "report as planned; restricted mean beside it"


def _check_mean(value: str, place: Place) -> Iterator[PlanError]:
    if value == WITH_MEAN and RESTRICTED_MEAN not in ALSO.of(place.entry):
        yield PlanError(
            expected=said('"{word}" in also, which stands beside it', word=RESTRICTED_MEAN),
            found=said("{words}", words=", ".join(ALSO.of(place.entry)) or "nothing"),
            where=place.where,
            next_step=said('Add it, or write if_ph_fails = "{words}".', words=AS_PLANNED),
        )


IF_PH_FAILS: Key[str] = keys.word(
    "if_ph_fails",
    "what is read where hazards are not proportional, said beforehand",
    AS_PLANNED,
    WITH_MEAN,
    check=_check_mean,
    absent="",
)


def if_ph_fails_words(entry: Analysis) -> tuple[str, ...]:
    """What the plan says of a hazard ratio whose hazards are not proportional; nothing where it is silent."""
    chosen = IF_PH_FAILS.of(entry)
    if not chosen:
        return ()
    mean = "; the restricted mean, which assumes nothing of them, stands beside it"
    return (
        "Whatever the test of proportional hazards says, the hazard ratio is reported as planned: where "
        "hazards are not proportional it is an average over the follow-up"
        f"{mean if chosen == WITH_MEAN else ''}.",
    )


def log_rank_table(entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    import pandas as pd

    from trialkit.stats import log_rank

    strata = list(keys.STRATA.of(entry))
    test = log_rank(data, time="time_days", event="event", by="arm", strata=strata or None)
    row = {name: getattr(test, name) for name in ("statistic", "df", "p_value")}
    return {"log_rank": pd.DataFrame([{**row, "strata": ", ".join(strata)}])}


def restricted_mean_table(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    import pandas as pd

    from trialkit.stats import restricted_mean

    last = [data.loc[data["arm"] == arm, "time_days"].max() for arm in context.arms]
    if not all(day > 0 for day in last):
        raise AnalysisError(
            expected="follow-up beyond the first day in every arm",
            found="none in one",
            where="",
            next_step="Run the entry when there is some.",
        )
    tau = min(keys.HORIZON.of(entry), *last)

    def compare(of_two: pd.DataFrame, reference: str) -> pd.DataFrame:
        means = restricted_mean(
            of_two,
            "time_days",
            "event",
            by="arm",
            tau=tau,
            reference=reference,
            confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
        )
        return means.contrasts

    found = pd.concat(comparisons.over_pairs(context, entry, data, compare), ignore_index=True)
    return {"restricted_mean": comparisons.adjusted(context, entry, found.assign(tau_days=tau))}


def _tau_note(_shown: Shown, rows: Sequence[ResultRow]) -> tuple[str, ...]:
    if not rows[0].has("tau_days"):
        return ()
    return (f"Mean event-free time up to day {numbers.fixed(rows[0]['tau_days'], 0)}.",)


def log_rank_label(row: ResultRow) -> str:
    strata = f", stratified by {row['strata']}" if row.has("strata") and row["strata"] else ""
    return f"Log-rank test{strata}"


RESTRICTED = estimates(
    "restricted_mean",
    "{title}: difference in restricted mean event-free time, days",
    "contrast",
    "Contrast",
    once=True,
    notes_of=_tau_note,
    asked=f"{ALSO.name}:{RESTRICTED_MEAN}",
)
