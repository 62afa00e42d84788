"""Improvement rate of a score with a ceiling, and its grades at cut points that the plan states."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any

from trialkit import permitted
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.left_out import left_out
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Count, MeanSD, Percent, Span, Stacked
from trialkit.documents.declared.stacked import ByArm, Each, Section
from trialkit.numbers import fixed
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.reachable import score_range
from trialkit.strict_toml import Section as TomlSection
from trialkit.vocabulary import Better
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


def _read_grades(section: TomlSection, key: str) -> dict[str, float]:
    here = section.section(key)
    grades = {name: here.number(name, within=permitted.ANY) for name in here.names()}
    if len(grades) < 2 or list(grades.values()) != sorted(set(grades.values()), reverse=True):
        section.refuse(key, "grades with their lowest rate, the best first", str(grades))
    here.done()
    return grades


def _check_ceiling(value: float, place: Place) -> Iterator[PlanError]:
    """The rate is of the way up to the ceiling: the score ends there, and more of it is better."""
    endpoint = place.plan.endpoints.get(str(place.entry.keys.get("endpoint", "")))
    if endpoint is None:
        return
    if endpoint.better is not Better.HIGHER:
        yield PlanError(
            expected="an endpoint of which more is better",
            found=endpoint.name,
            where=place.where,
            next_step="An improvement rate is the share of the way up to the ceiling: use the change itself.",
        )
    highest = score_range(place.study, endpoint.parameter)[1]
    if isfinite(highest) and value != highest:
        yield PlanError(
            expected=said(
                "the highest value of {name}, {highest:g}", name=endpoint.parameter, highest=highest
            ),
            found=said("{value:g}", value=value),
            where=place.where,
            next_step="Of another ceiling the rates would be another score's.",
        )


CEILING = Key(
    "ceiling", "the best possible score", "a number", lambda s, k: s.number(k, within=permitted.ANY),
    _check_ceiling,
)  # fmt: skip
GRADES = Key(
    "grades", "each grade with the lowest rate in it, in percent, best first", "a table", _read_grades
)


def compute(context: Context, entry: Analysis) -> Answer:
    """(value - base) / (ceiling - base) x 100; undefined for whoever starts at the ceiling."""
    import numpy as np
    import pandas as pd

    ceiling, grades = CEILING.of(entry), GRADES.of(entry)
    data = context.assessments(entry)
    room = ceiling - data["base"]
    data["rate"] = np.where(room > 0, 100 * (data["value"] - data["base"]) / room, np.nan)
    why = left_out(context, data, "value ~ arm + base", otherwise="baseline at the ceiling")
    rows, by_grade = [], []
    for arm in context.arms:
        rate = data.loc[data["arm"] == arm, "rate"].dropna()
        if rate.empty:
            raise AnalysisError(
                expected="scores at both visits in each arm",
                found="none in one",
                next_step="Check endpoint and visit.",
            )
        q = rate.quantile([0.25, 0.5, 0.75])
        rows.append(
            {
                "arm": arm, "n": len(rate), "mean": rate.mean(), "sd": rate.std(),
                "median": q[0.5], "q1": q[0.25], "q3": q[0.75],
            }
        )  # fmt: skip
        by_grade += _grades(arm, rate, grades)
    return Answer(
        tables={
            "rates": pd.DataFrame(rows),
            "grades": pd.DataFrame(by_grade),
            "scales": context.scales(entry),
        },
        counts=context.counts(data, data["rate"].notna(), why),
        method=f"Improvement rate (value - baseline) / ({ceiling:g} - baseline) x 100; grades: "
        + _grade_words(grades),
        notes=_of_little_room(data, ceiling),
    )


def _grade_words(grades: dict[str, float]) -> str:
    """The lowest grade is whatever is below the one before it: its own number bounds nothing."""
    *better, last = grades
    told = [f"{name} from {grades[name]:g} %" for name in better]
    return ", ".join([*told, f"{last} below {grades[better[-1]]:g} %"])


def _of_little_room(data: pd.DataFrame, ceiling: float) -> tuple[str, ...]:
    """What a rate does where there is little way left up to the ceiling; none is cut."""
    known = data[data["rate"].notna()]
    if known.empty:
        return ()
    room, lowest = float((ceiling - known["base"]).min()), float(known["rate"].min())
    return (
        "A loss is a share of the room left above baseline, so it may be far below -100 %: the least room "
        f"here is {room:g}, the lowest rate {fixed(lowest, 0)} %. No rate is cut: low ones move the mean, "
        "and hardly the median.",
    )


def _grades(arm: str, rate: pd.Series, grades: dict[str, float]) -> list[dict[str, Any]]:
    rows, upper = [], float("inf")
    for position, (name, lower) in enumerate(grades.items()):
        last = position == len(grades) - 1
        n = int(((rate < upper) & ((rate >= lower) | last)).sum())
        rows.append(
            {"place": position, "grade": name, "arm": arm, "count": n, "percent": 100 * n / len(rate)}
        )
        upper = lower
    return rows


class _ByGrade(Each):
    def lines(self, shown: Any, layout: Any) -> Any:
        rows = shown.rows(self.source)
        names = list(dict.fromkeys(row["grade"] for row in rows))
        for name in names:
            yield layout.row(shown, name, self.kind, [row for row in rows if row["grade"] == name], 1)


METHOD = Method(
    name="improvement",
    says="Improvement rate of a score with a ceiling, and its grades.",
    keys=(keys.ENDPOINT, keys.VISIT, CEILING, GRADES),
    outputs=(
        Stacked(
            name="improvement",
            title="{title}",
            lines=(
                Section("Improvement rate, %"),
                ByArm("n", "rates", Count("n")),
                ByArm("Mean (SD)", "rates", MeanSD("mean", "sd")),
                ByArm("Median (Q1–Q3)", "rates", Span("q1", "q3", "median")),
                Section("Grade, n (%)"),
                _ByGrade("grades", "grade", Percent("count", "percent")),
            ),
        ),
    ),
    page="secondary",
    compute=compute,
    compares=False,
)
