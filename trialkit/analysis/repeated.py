"""Repeated measurements of a score as analyses want them: long by visit, or wide by visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd


def visits_after_baseline(context: Context) -> list[str]:
    rules = context.plan.visits.items()
    return [name for name, rule in rules if rule.choose != "last" and not rule.instead_of]


def baseline_visit(context: Context) -> str:
    return next(name for name, rule in context.plan.visits.items() if rule.choose == "last")


def measured_at(context: Context, parameter: str) -> list[str]:
    """The visits, baseline first, at which anybody has a value of a parameter."""
    long = context.datasets.assessments
    seen = set(long.loc[(long["parameter"] == parameter) & long["analysis_flag"], "visit"])
    return [name for name in (baseline_visit(context), *visits_after_baseline(context)) if name in seen]


def long_data(
    context: Context, entry: Analysis, parameter: str, visits: Sequence[str], *, label_visits: bool = True
) -> pd.DataFrame:
    """One row a subject of the set and visit, ``value``, ``base`` and ``chg`` missing where not observed.

    ``visit`` is a categorical in the plan's order, named as the study calls its visits; ``day`` is the
    visit's target.
    """
    import pandas as pd

    if not visits:
        raise AnalysisError(
            expected="values after baseline",
            found="none at any visit",
            next_step="Run the entry when there are data of a visit after baseline.",
        )
    subjects = context.subjects(entry).drop(columns=["base", "value", "chg"], errors="ignore")
    long = context.datasets.assessments
    rows = long[(long["parameter"] == parameter) & long["analysis_flag"]]
    base = rows.drop_duplicates("subject_id").set_index("subject_id")["base"]
    frames = []
    for name in visits:
        here = rows[rows["visit"] == name].set_index("subject_id")[["value", "chg"]]
        days = context.datasets.target_day(context.plan.visits[name])
        frames.append(subjects.join(here, on="subject_id").assign(visit=name, day=days))
    data = pd.concat(frames, ignore_index=True)
    data["base"] = data["subject_id"].map(base)
    names = {name: context.study.visit(name).label if label_visits else name for name in visits}
    data["visit"] = pd.Categorical(data["visit"].map(names), categories=list(names.values()))
    return data


def wide_data(context: Context, entry: Analysis, wanted: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Subjects of the set with one column ``parameter@visit`` for each (parameter, visit) wanted."""
    import pandas as pd

    subjects = context.subjects(entry)
    long = context.datasets.assessments
    parameters, of_parameter = pd.factorize(long["parameter"].to_numpy())
    visits, of_visit = pd.factorize(long["visit"].to_numpy())
    names = [f"{parameter}@{visit}" for parameter, visit in wanted]
    columns = {name: i for i, name in enumerate(dict.fromkeys(names))}
    column = np.array([[columns.get(f"{p}@{v}", -1) for v in of_visit] for p in of_parameter], dtype=int)
    at = column.reshape(len(of_parameter), len(of_visit))[parameters, visits]
    row = pd.Index(subjects["subject_id"]).get_indexer(long["subject_id"])
    mine = long["analysis_flag"].to_numpy(dtype=bool) & (at >= 0) & (row >= 0)
    values = np.full((len(subjects), len(columns)), np.nan)
    values[row[mine], at[mine]] = long["value"].to_numpy(dtype=float)[mine]
    found = pd.DataFrame(values, index=subjects.index, columns=list(columns))
    return pd.concat([subjects.drop(columns=names, errors="ignore"), found], axis=1)


def matching(context: Context, patterns: Sequence[str]) -> list[tuple[str, str]]:
    """``odi@*`` as every visit at which ODI was measured; ``vas@month_12`` as that one."""
    found = []
    for pattern in patterns:
        parameter, _, visit = pattern.partition("@")
        places = measured_at(context, parameter) if visit in ("", "*") else [visit]
        found += [(parameter, place) for place in places]
    return list(dict.fromkeys(found))
