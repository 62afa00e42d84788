"""Assessments without a day count for the visit their form names, where the plan says so and only there."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from trialkit import resources
from trialkit.datasets.assessments import assessment_dataset
from trialkit.datasets.scores import score_table
from trialkit.plan.model import VisitRule
from trialkit.study import load_study

RULES = {
    "baseline": VisitRule("baseline", "randomization", 0, (-28, 0), "last"),
    "month_12": VisitRule("month_12", "randomization", 365, (305, 425), "closest, then later"),
}
AS_NAMED = {name: replace(rule, undated="as named") for name, rule in RULES.items()}
NO_DAY = ""


def assess(
    rules: dict[str, VisitRule], pain: list[tuple[str, str, int]], *, randomized_on: str = "2026-01-01"
) -> pd.DataFrame:
    """The VAS of one subject: (visit of the form, its day, millimetres)."""
    values = pd.DataFrame(
        [
            {"subject_id": "1", "visit": visit, "form": "vas", "row": "", "item": "vas_mm",
             "value": str(mm), "state": "value", "missing_code": ""}
            for visit, _, mm in pain
        ]
    )  # fmt: skip
    visits = pd.DataFrame(
        [("1", visit, day) for visit, day, _ in pain if day], columns=["subject_id", "visit", "date"]
    )
    subjects = pd.DataFrame(
        {"subject_id": ["1"], "consent_date": [pd.NaT], "randomization_date": [randomized_on]}
    )
    for column in ("consent_date", "randomization_date"):
        subjects[column] = pd.to_datetime(subjects[column].replace("", None))
    study = load_study(resources.folder("sample_data"))
    snapshot = SimpleNamespace(tables={"values": values, "visits": visits})
    scores = score_table(values, study)
    return assessment_dataset(snapshot, study, rules, subjects, scores).set_index("crf_visit")  # type: ignore[arg-type]


def test_an_undated_assessment_counts_for_no_visit_unless_the_plan_says_so() -> None:
    found = assess(RULES, [("baseline", NO_DAY, 60), ("month_12", NO_DAY, 20)])
    assert list(found["visit"]) == ["", ""]
    assert not found["analysis_flag"].any()


def test_as_named_an_undated_assessment_counts_for_the_visit_its_form_names() -> None:
    found = assess(AS_NAMED, [("baseline", NO_DAY, 60), ("month_12", NO_DAY, 20)])
    assert found.loc["month_12", "visit"] == "month_12"
    assert found.loc["month_12", "chg"] == -40
    assert found["analysis_flag"].all()


def test_a_dated_visit_of_a_trial_without_days_of_randomization_counts_as_named() -> None:
    found = assess(AS_NAMED, [("baseline", "2026-01-01", 60)], randomized_on=NO_DAY)
    assert found.loc["baseline", "visit"] == "baseline"


def test_a_dated_assessment_in_the_window_comes_before_an_undated_one() -> None:
    found = assess(AS_NAMED, [("week_6", "2026-12-30", 30), ("month_12", NO_DAY, 20)])
    assert found.loc["week_6", "visit"] == "month_12"
    assert found["analysis_flag"].to_dict() == {"week_6": True, "month_12": False}


def test_a_dated_assessment_outside_every_window_is_not_saved_by_its_name() -> None:
    found = assess(AS_NAMED, [("month_12", "2026-03-01", 20)])
    assert found.loc["month_12", "visit"] == ""
    assert not found.loc["month_12", "analysis_flag"]
