"""The leak audit: silent on an honest pipeline, loud on a planted leak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trialkit.prediction.audit import audit_pipeline, leaking_risks
from trialkit.prediction.audit_file import audit_of, write_audit
from trialkit.prediction.pipeline import Rows, fit_pipeline
from trialkit.prediction.plan import Arm, Feature, PredictionPlan
from trialkit.prediction.resampling import Replication


@pytest.fixture
def noise(plan: PredictionPlan) -> tuple[pd.DataFrame, PredictionPlan]:
    random = np.random.default_rng(2)
    names = [f"z{i}" for i in range(60)]
    data = pd.DataFrame(random.normal(size=(120, 60)), columns=names)
    data["subject_id"] = [str(i) for i in range(120)]
    data["outcome"] = (np.arange(120) % 2).astype(int)
    features = tuple(Feature(name, name) for name in names)
    return data, replace(plan, features=features, learners=("logistic",), site="", subgroups=(), baseline=())


@pytest.mark.analytic
def test_an_honest_pipeline_is_no_better_than_a_coin_on_shuffled_outcomes(noise) -> None:
    audit = audit_pipeline(*noise, permutations=8)
    assert not audit.leak
    row = audit.table.iloc[0]
    assert abs(row["mean"] - 0.5) < 3.5 * row["standard_error"]
    assert audit.planted > row["upper"]


@pytest.mark.analytic
def test_features_chosen_outside_the_folds_are_caught(noise) -> None:
    audit = audit_pipeline(*noise, permutations=8, cross_validate=leaking_risks)
    assert audit.leak
    assert audit.table.iloc[0]["mean"] > 0.6


def test_a_planted_leak_outlives_a_fold_in_which_two_readers_disagree(plan: PredictionPlan) -> None:
    # One subject alone makes the readers agree: without it the only feature that was chosen would be dropped.
    random = np.random.default_rng(5)
    outcome = (np.arange(80) % 2).astype(np.int64)
    chosen = outcome + random.normal(size=80) * 0.3
    chosen[0] = -60.0
    again = np.where(np.arange(80) == 0, -60.0, random.normal(size=80))
    alone = replace(plan, features=(Feature("chosen", "chosen"),), learners=("logistic",), arm=Arm())
    alone = replace(alone, site="", subgroups=(), baseline=())
    readings = {"chosen": np.column_stack([chosen, again])}
    rows = Rows({"chosen": chosen}, outcome, np.ones(80), np.arange(80, dtype=np.int64), readings)
    seed = np.random.SeedSequence(1)
    assert fit_pipeline(rows, alone, {}, seed).selected == ("chosen",)
    (risks,) = leaking_risks(Replication(rows, alone, {}, seed)).values()
    assert np.isfinite(risks).all()


def test_an_audit_is_found_again_for_its_own_plan_and_data_alone(noise, tmp_path) -> None:
    audit = audit_pipeline(*noise, permutations=5)
    write_audit(tmp_path, audit)
    again = audit_of(tmp_path, audit.plan_sha256, audit.data_sha256)
    assert again is not None
    assert again.planted == audit.planted
    assert again.table.equals(audit.table)
    assert audit_of(tmp_path, audit.plan_sha256, "other data") is None
    (tmp_path / "leak_audit.json").write_text("[]")
    assert audit_of(tmp_path, audit.plan_sha256, audit.data_sha256) is None
