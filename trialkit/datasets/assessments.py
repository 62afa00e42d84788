"""Subject x visit x parameter: which assessment counts for which visit, and the change from baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialkit.datasets.anchors import anchor_dates
from trialkit.plan.model import VisitRule
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

AFTER_ANY_DATED = 1e6  # days: further from the target than any date is

COLUMNS = [
    "subject_id",
    "parameter",
    "visit",
    "crf_visit",
    "date",
    "day",
    "value",
    "base",
    "chg",
    "analysis_flag",
    "source",
]


def assessment_dataset(
    snapshot: Snapshot,
    study: Study,
    rules: Mapping[str, VisitRule],
    subjects: pd.DataFrame,
    scores: pd.DataFrame,
) -> pd.DataFrame:
    """Every score of every assessment, with the visit of the plan it counts for.

    Parameters
    ----------
    rules
        Visit rules of the plan; the one that chooses the last assessment is the baseline.
    subjects
        With ``subject_id``, ``consent_date`` and ``randomization_date``.
    scores
        Every score of every form, and items taken as they are: ``subject_id visit parameter value``.

    Returns
    -------
    DataFrame
        ``visit`` is the plan's visit in whose window the assessment's date lies, or that an undated form
        names where the plan says so; "" for none. ``crf_visit`` is what the form said; ``day`` counts from
        randomization (0 = that day); ``analysis_flag`` is true for the one assessment that counts;
        ``chg = value - base``. Nothing is dropped: what does not count stays, flagged false.
    """
    import pandas as pd

    form_of = {score.name: score.form for score in study.scores}
    scores = scores.rename(columns={"visit": "crf_visit"})
    scores["source"] = scores["crf_visit"] + "/" + scores["parameter"].map(form_of)
    visits = snapshot.tables["visits"][["subject_id", "visit", "date"]].rename(columns={"visit": "crf_visit"})
    visits["date"] = pd.to_datetime(visits["date"].replace("", None), format="%Y-%m-%d")
    records = scores.merge(visits, on=["subject_id", "crf_visit"], how="left", validate="many_to_one")
    records = records.merge(
        subjects[["subject_id", "consent_date", "randomization_date"]],
        on="subject_id",
        validate="many_to_one",
    )
    records["day"] = (records["date"] - records["randomization_date"]).dt.days
    choosing = {name: rule for name, rule in rules.items() if not rule.instead_of}
    again = [
        _chosen_again(records, study, name, rule) for name, rule in rules.items() if rule.instead_of in rules
    ]
    records = pd.concat([_with_plan_visit(records, study, choosing), *again], ignore_index=True)
    return _with_change(records, rules)[COLUMNS].sort_values(
        ["parameter", "subject_id", "day", "crf_visit"], ignore_index=True
    )


def _with_plan_visit(records: pd.DataFrame, study: Study, rules: Mapping[str, VisitRule]) -> pd.DataFrame:
    """To each record the rule whose window holds its date, nearest target first; then one record a rule."""
    import numpy as np
    import pandas as pd

    distance = pd.DataFrame(index=records.index)
    for name, rule in rules.items():
        day = (records["date"] - anchor_dates(records, study, rule.anchor)).dt.days
        inside = day.between(*rule.window_days)
        distance[name] = np.where(inside, (day - rule.target_days).abs(), np.inf)
        if rule.undated:
            named = day.isna() & (records["crf_visit"] == name)
            distance[name] = distance[name].mask(named, AFTER_ANY_DATED)
    nearest = distance.idxmin(axis=1).where(np.isfinite(distance.min(axis=1)), "")
    records = records.assign(visit=nearest, distance=distance.min(axis=1))
    choose_last = records["visit"].map(lambda name: bool(name) and rules[name].choose == "last")
    # The baseline takes the last; any other visit the closest, and of two equally close the later.
    records["rank"] = np.where(choose_last, 0, records["distance"])
    ordered = records.sort_values(["rank", "date"], ascending=[True, False])
    chosen = ordered.drop_duplicates(["subject_id", "parameter", "visit"]).index
    records["analysis_flag"] = records.index.isin(chosen) & (records["visit"] != "")
    return records


def _chosen_again(records: pd.DataFrame, study: Study, name: str, rule: VisitRule) -> pd.DataFrame:
    """The assessments that a second way of choosing for a visit counts: rows beside the others."""
    found = _with_plan_visit(records, study, {name: rule})
    return found[found["analysis_flag"]]


def _with_change(records: pd.DataFrame, rules: Mapping[str, VisitRule]) -> pd.DataFrame:
    baseline = [name for name, rule in rules.items() if rule.choose == "last"]
    at_baseline = records[records["analysis_flag"] & records["visit"].isin(baseline)]
    base = at_baseline[["subject_id", "parameter", "value"]].rename(columns={"value": "base"})
    records = records.merge(base, on=["subject_id", "parameter"], how="left", validate="many_to_one")
    records["chg"] = records["value"] - records["base"]
    return records
