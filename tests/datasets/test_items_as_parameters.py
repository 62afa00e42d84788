"""An endpoint may be an item: it is read as a score is, and only where it gives one number a form."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.datasets.assessments import assessment_dataset
from trialkit.datasets.errors import DatasetError
from trialkit.datasets.scores import item_table, score_table
from trialkit.plan.model import VisitRule
from trialkit.study import load_study
from trialkit.study.measured import measured_items

RULES = {
    "baseline": VisitRule("baseline", "randomization", 0, (-28, 0), "last"),
    "month_12": VisitRule("month_12", "randomization", 365, (305, 425), "closest, then later"),
}
COLUMNS = ["subject_id", "visit", "form", "row", "item", "value", "state", "missing_code"]


def rows(*found: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [("1", visit, form, "", item, value, "value", "") for visit, form, item, value in found],
        columns=COLUMNS,
    )


@pytest.fixture(scope="module")
def study():
    return load_study(resources.folder("sample_data"))


def test_an_item_has_the_visits_and_changes_of_the_score_made_of_it_alone(study) -> None:
    values = rows(("baseline", "vas", "vas_mm", "60"), ("month_12", "vas", "vas_mm", "22"))
    visits = pd.DataFrame(
        [("1", "baseline", "2026-01-01"), ("1", "month_12", "2027-01-02")],
        columns=["subject_id", "visit", "date"],
    )
    day = pd.to_datetime(["2026-01-01"])
    subjects = pd.DataFrame({"subject_id": ["1"], "consent_date": day, "randomization_date": day})
    snapshot = SimpleNamespace(tables={"values": values, "visits": visits})
    parameters = pd.concat([score_table(values, study), item_table(values, study, {"vas_mm"})])
    both = assessment_dataset(snapshot, study, RULES, subjects, parameters).set_index(["parameter", "visit"])
    assert both.loc[("vas_mm", "month_12"), "chg"] == -38
    columns = ["value", "base", "chg", "day", "analysis_flag"]
    assert both.loc["vas_mm", columns].equals(both.loc["vas", columns])


def test_a_choice_counts_as_its_code(study) -> None:
    found = item_table(rows(("month_12", "nass", "nass_satisfaction", "3")), study, {"nass_satisfaction"})
    assert list(found["value"]) == [3.0]


def test_a_value_that_is_no_number_is_refused_by_name(study) -> None:
    with pytest.raises(DatasetError, match="nass_satisfaction"):
        item_table(rows(("month_12", "nass", "nass_satisfaction", "much")), study, {"nass_satisfaction"})


def test_dates_texts_and_rows_of_repeating_forms_give_no_one_number(study) -> None:
    known = measured_items(study)
    for form in study.forms:
        for item in form.items:
            if form.repeating or item.type.value in ("text", "date", "time", "datetime"):
                assert item.name not in known
    assert {"vas_mm", "nass_satisfaction"} <= set(known)


def test_the_plan_takes_an_item_as_an_endpoint_and_names_what_it_would_take() -> None:
    plan = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    study = load_study(resources.folder("sample_data"))
    assert plan.count('parameter = "vas"') >= 1
    item = plan.replace('parameter = "vas"', 'parameter = "vas_mm"')
    problems = [str(one) for one in plan_problems(load_plan_text(item), study)]
    assert not [one for one in problems if "vas_mm" in one]
    wrong = plan.replace('parameter = "vas"', 'parameter = "ae_term"')
    said = " ".join(str(one) for one in plan_problems(load_plan_text(wrong), study))
    assert "an item that gives one number a form" in said and "'ae_term'" in said
