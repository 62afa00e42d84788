"""The reference trial's prediction plan, and its table from the datasets of a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from trialkit.errors import PredictionError
from trialkit.prediction import read_prediction_plan
from trialkit.prediction.datasets_table import table_of_datasets
from trialkit.prediction.preparation import columns_of

PLAN = Path(__file__).resolve().parents[2] / "sap" / "study_a_prediction.toml"


def test_the_plan_of_study_a_states_the_protocol() -> None:
    plan = read_prediction_plan(PLAN)
    assert (plan.resampling.bootstraps, plan.resampling.folds, plan.resampling.train_share) == (100, 5, 0.7)
    assert len(plan.learners) == 5
    assert len(columns_of(plan)) == 8 + 30 + 96 + 1  # the last is the arm


def test_the_plan_of_recurrence_weights_for_censoring_and_has_the_same_candidates() -> None:
    response, recurrence = (
        read_prediction_plan(PLAN.with_name(f"study_a_{name}.toml")) for name in ("prediction", "recurrence")
    )
    assert (recurrence.outcome.kind, recurrence.outcome.horizon_days) == ("time_to_event", 365)
    assert not recurrence.outcome.better
    assert recurrence.features == response.features
    assert recurrence.id != response.id  # each has its own test set and its own look
    assert recurrence.resampling == response.resampling


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 2", "seed = -2", "at least 0"),
        ("train_share = 0.7", "train_share = 1.0", "0.1 to 0.9"),
        ("anticipated_auc = 0.75", "anticipated_auc = 0.5", "0.51"),
        ("anticipated_auc = 0.75", "learners = []", "at least one learner"),
        ("[selection]", "[learners.xgboost]\nrounds = 0\n[selection]", "above 0"),
        ('name = "May respond"', 'name = "Likely to respond"', "different names"),
        ("review_weeks = 6", "review_weeks = 0", "more than 0 weeks"),
        ("seed = ", "sead = ", "seed"),
        ("folds = 5", "folds = 1", "at least 2"),
        ('rule = "youden"', 'rule = "best"', "one of youden, fixed"),
        ('"odi", "vas"]', '"odi", "vass"]', "Did you mean 'vas'"),
        ("from_risk = 0.0", "from_risk = 0.1", "begin at risk 0"),
        ('role = "predictor"', 'role = "effect_modifier"', "it modifies"),
    ],
)
def test_a_plan_with_a_slip_is_refused_with_its_line(old, new, message, tmp_path) -> None:
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PredictionError, match=message):
        read_prediction_plan(path)


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    pd.DataFrame(
        {"subject_id": ["0001", "0002", "0003", "0004"], "set_full": [True, True, True, False]}
    ).to_csv(tmp_path / "subjects.csv", index=False)
    pd.DataFrame(
        {
            "subject_id": ["0001", "0002", "0004"],
            "parameter": "odi",
            "visit": "month_12",
            "chg": [-10.0, -9.9, -30.0],
            "analysis_flag": True,
        }
    ).to_csv(tmp_path / "assessments.csv", index=False)
    pd.DataFrame(
        {"subject_id": ["0001"], "parameter": "recurrence", "time_days": [63.0], "event": [1]}
    ).to_csv(tmp_path / "times.csv", index=False)
    return tmp_path


def test_a_response_is_an_improvement_of_at_least_the_limit(datasets: Path) -> None:
    table = table_of_datasets(datasets, "odi", "month_12", 10.0, times="recurrence")
    assert table["subject_id"].tolist() == ["0001", "0002", "0003"]  # of the full set only
    assert table["response"].tolist()[:2] == [1, 0]
    assert pd.isna(table["response"].iloc[2])  # not observed is not "no response"
    assert table["time_days"].iloc[0] == 63.0


def test_a_visit_that_is_not_there_is_named(datasets: Path) -> None:
    with pytest.raises(PredictionError, match="odi at month_12"):
        table_of_datasets(datasets, "odi", "month_6", 10.0)
