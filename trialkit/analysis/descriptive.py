"""Descriptions: flow, baseline, profile over time, adverse events, double entry. They test nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.results import AnalysisResult
from trialkit.entry import clopper_pearson
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "total"

METHODS = {
    "flow": "Counted from the status of every person screened",
    "outside_flow": "Counted from the imported data, which say nothing of screening or of treatment received",
    "baseline": "Observed values by arm; nothing is tested, since randomization made the arms",
    "profile": "Observed means with t intervals, visit by visit; nothing is imputed or modelled",
    "adverse_events": "Subjects with at least one event, and events, by the arm received; nothing is tested",
    "quality": "Counted over the final records and the two passes they were made of",
}


def flow(context: Context, entry: Analysis) -> AnalysisResult:
    """The participant flow of CONSORT, counted from subject status, with reasons.

    Of a trial that was run elsewhere only the stages that its data file speaks of.
    """
    from trialkit.analysis.flow import flow_table, outside_flow_table

    data = context.assessments(entry)
    observed = data[context.endpoint(entry).column].notna()
    if context.study.import_mapping is not None:
        table = outside_flow_table(context, data, observed)
        return _result(context, entry, {"flow": table}, data, observed, METHODS["outside_flow"])
    table = flow_table(context, data, observed, _stopped_treatment(context, entry))
    return _result(context, entry, {"flow": table}, data, observed)


def _stopped_treatment(context: Context, entry: Analysis) -> pd.Series:
    stops = context.datasets.records[entry.records].drop_duplicates("subject_id")
    return stops.set_index("subject_id")["category"]


def baseline(context: Context, entry: Analysis) -> AnalysisResult:
    """Baseline characteristics by arm and in total; without p-values, as CONSORT asks."""
    import pandas as pd

    data = context.subjects(entry)
    rows: list[dict[str, Any]] = []
    for variable in entry.variables:
        label, unit = context.datasets.labels[variable]
        for arm in (*context.arms, TOTAL):
            values = data[variable] if arm == TOTAL else data.loc[data["arm"] == arm, variable]
            rows += _summaries({"variable": variable, "label": label, "unit": unit, "arm": arm}, values)
    return _result(context, entry, {"baseline": pd.DataFrame(rows)}, data, data["arm"].notna())


def _summaries(head: dict[str, str], values: pd.Series) -> list[dict[str, Any]]:
    import pandas as pd

    present = values.dropna()
    common = {"n": len(present), "missing": len(values) - len(present)}
    if isinstance(values.dtype, pd.CategoricalDtype):
        counts = present.value_counts()
        return [
            {
                **head,
                "level": str(level),
                **common,
                "count": int(counts[level]),
                "percent": 100 * int(counts[level]) / len(present) if len(present) else None,
            }
            for level in values.cat.categories
        ]
    quartiles = present.quantile([0.25, 0.5, 0.75])
    return [
        {
            **head,
            "level": "",
            **common,
            "mean": present.mean(),
            "sd": present.std(),
            "median": quartiles[0.5],
            "q1": quartiles[0.25],
            "q3": quartiles[0.75],
            "minimum": present.min(),
            "maximum": present.max(),
        }
    ]


def profile(context: Context, entry: Analysis) -> AnalysisResult:
    """Mean of the parameter at every visit of the plan, by arm, with t intervals; what was observed."""
    import pandas as pd
    from scipy import stats

    assert entry.interval is not None
    endpoint = context.endpoint(entry)
    label, unit = context.datasets.labels[endpoint.parameter]
    rows = []
    for rule in context.plan.visits.values():
        data = context.at_visit(entry, endpoint, rule.name)
        for arm in context.arms:
            values = data.loc[data["arm"] == arm, "value"].dropna().to_numpy(dtype=float)
            n = len(values)
            mean = float(values.mean()) if n else math.nan  # early in a trial nobody has come so far
            sd = float(values.std(ddof=1)) if n > 1 else math.nan
            quantile = float(stats.t.ppf(0.5 + entry.interval.level / 2, n - 1)) if n > 1 else math.nan
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
    tables = {"profile": pd.DataFrame(rows), "scales": context.scales(entry)}
    return _result(context, entry, tables, subjects, subjects["arm"].notna())


def adverse_events(context: Context, entry: Analysis) -> AnalysisResult:
    """Subjects with at least one event, and events, by arm received; by category."""
    import pandas as pd

    subjects = context.subjects(entry)
    events = context.datasets.records[entry.records].merge(subjects[["subject_id", "arm"]], on="subject_id")
    overview = [
        {"measure": measure, **row}
        for measure, chosen in _measures(context, entry, events).items()
        for row in _subjects_and_events(context, subjects, chosen)
    ]
    by_category = [
        {"category": str(category), **row}
        for category in sorted(events["category"].dropna().unique())
        for row in _subjects_and_events(context, subjects, events[events["category"] == category])
    ]
    tables = {"overview": pd.DataFrame(overview), "by_category": pd.DataFrame(by_category)}
    return _result(context, entry, tables, subjects, subjects["arm"].notna())


def _measures(context: Context, entry: Analysis, events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    flags = context.plan.records[entry.records].flags
    return {"Any": events, **{label: events[events[label]] for label in flags}}


def _subjects_and_events(
    context: Context, subjects: pd.DataFrame, events: pd.DataFrame
) -> list[dict[str, Any]]:
    rows = []
    for arm in context.arms:
        n_arm = int((subjects["arm"] == arm).sum())
        here = events[events["arm"] == arm]
        n_subjects = here["subject_id"].nunique()
        rows.append(
            {
                "arm": arm,
                "n_subjects": n_subjects,
                "percent": 100 * n_subjects / n_arm if n_arm else None,
                "n_events": len(here),
            }
        )
    return rows


def quality(context: Context, entry: Analysis) -> AnalysisResult:
    """How the data were made: fields typed twice, discrepancies, adjudications."""
    import pandas as pd

    data = context.subjects(entry)
    counted = context.datasets.quality
    table = pd.concat([counted, _discrepancy_rate(counted)], ignore_index=True)
    return _result(context, entry, {"quality": table}, data, data["arm"].notna())


def _discrepancy_rate(counted: pd.DataFrame) -> pd.DataFrame:
    """Fields that differed per 10,000 compared, with the exact interval; nothing where none were compared."""
    import pandas as pd

    counts = counted.set_index("measure")["value"]
    fields = int(counts.get("fields_compared", 0))
    if not fields:
        return pd.DataFrame(columns=counted.columns)
    discordant = int(counts.get("fields_discordant", 0))
    lower, upper = clopper_pearson(discordant, fields, 0.95)
    rates = {"errors_per_10000": discordant / fields, "ci_lower": lower, "ci_upper": upper}
    return pd.DataFrame([{"measure": name, "value": 10_000 * rate} for name, rate in rates.items()])


def _result(
    context: Context,
    entry: Analysis,
    tables: dict[str, pd.DataFrame],
    data: pd.DataFrame,
    observed: pd.Series,
    method: str = "",
) -> AnalysisResult:
    return AnalysisResult(
        id=entry.id,
        kind=entry.method,
        role=entry.role.value,
        title=entry.title,
        method=method or METHODS[entry.method],
        analysis_set=context.plan.sets[entry.set].label,
        counts=context.counts(data, observed, "outcome missing"),
        tables=tables,
        estimand=context.estimand(entry),
    )
