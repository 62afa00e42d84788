"""The endpoint over time by arm, as observed: figure and the numbers behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Col, Count, DeclaredFigure, Limits, Listed, MeanSD, Plain, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.rows import ResultRow, distinct
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Plan, keys
from trialkit.plan.model import VisitRule

if TYPE_CHECKING:
    from trialkit.study.model import Study


def visits_of(plan: Plan) -> list[VisitRule]:
    return [rule for rule in plan.visits.values() if not rule.instead_of]


def compute(context: Context, entry: Analysis) -> Answer:
    """Mean of the parameter at every visit of the plan, by arm, with t intervals; what was observed."""
    import pandas as pd
    from scipy import stats

    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    endpoint = context.endpoint(entry)
    label, unit = context.datasets.labels[endpoint.parameter]
    rows = []
    for rule in visits_of(context.plan):
        data = context.at_visit(entry, endpoint, rule.name)
        for arm in context.arms:
            values = data.loc[data["arm"] == arm, "value"].dropna().to_numpy(dtype=float)
            n = len(values)
            mean = float(values.mean()) if n else math.nan  # early in a trial nobody has come so far
            sd = float(values.std(ddof=1)) if n > 1 else math.nan
            quantile = float(stats.t.ppf(0.5 + level / 2, n - 1)) if n > 1 else math.nan
            half = quantile * sd / math.sqrt(max(n, 1))
            rows.append(
                {
                    "parameter": endpoint.parameter,
                    "parameter_label": label,
                    "unit": unit,
                    "arm": arm,
                    "visit": rule.name,
                    "visit_label": context.study.visit(rule.name).label,
                    "day": context.datasets.target_day(rule),
                    "n": n,
                    "mean": mean,
                    "sd": sd,
                    "ci_lower": mean - half,
                    "ci_upper": mean + half,
                }
            )
    subjects = context.subjects(entry)
    return Answer(
        tables={"profile": pd.DataFrame(rows), "scales": context.scales(entry)},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="Observed means with t intervals, visit by visit; nothing is imputed or modelled",
    )


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.profile import ProfilePoint, draw_profile

    rows = shown.rows("profile")
    name, last = _name(rows), rows[-1]["visit"]
    points = [
        ProfilePoint(
            str(row["arm"]),
            str(row["visit_label"]),
            float(row["day"]),
            int(row["n"]),
            *(float(row[column]) for column in ("mean", "ci_lower", "ci_upper")),
        )
        for row in rows
    ]
    ends = ", ".join(
        f"{shown.label(row['arm'])} {numbers.fixed(row['mean'], 1)}" for row in rows if row["visit"] == last
    )
    alt = (
        f"Line chart: mean {name} with {shown.interval} at {len(distinct(rows, 'visit'))} visits by arm. "
        f"At {rows[-1]['visit_label']}: {ends}."
    )
    return Drawn(
        draw_profile(points, {arm: shown.label(arm) for arm in shown.arms}, name, key, alt),
        alt,
        (f"Bars: {shown.interval} of the mean. Arms are set apart sideways.",),
    )


def _name(rows: list[ResultRow]) -> str:
    return with_unit(rows[0]["parameter_label"], rows[0]["unit"])


def expected(_entry: Analysis, plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    return {"profile": [{"visit_label": study.visit(rule.name).label} for rule in visits_of(plan)]}


METHOD = Method(
    name="profile",
    says="Observed means of a score at every visit, by arm.",
    keys=(keys.ENDPOINT, keys.TWO_SIDED_INTERVAL),
    outputs=(
        DeclaredFigure(
            "profile",
            "profile",
            "{title}: mean by visit and arm",
            "Observed means with intervals at every visit, a line an arm, with the numbers observed below.",
            draw,
        ),
        Listed(
            source="profile",
            title="{title}: means by visit and arm",
            label=Plain("visit_label"),
            head="Visit",
            columns=(
                Col("n", Count("n")),
                Col("Mean (SD)", MeanSD("mean", "sd")),
                Col("{interval}", Limits()),
            ),
            by_arm=True,
        ),
    ),
    expected=expected,
    compute=compute,
    compares=False,
)
