"""Completed data that differ in the outcome alone share a design; whatever else differs is fitted anew."""

import numpy as np
import pandas as pd
import pytest

from trialkit.analysis.one_design import OneDesign
from trialkit.stats import ancova


@pytest.fixture
def trial() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 60
    base = rng.normal(40, 8, n)
    arm = pd.Categorical(np.tile(["sham", "real"], n // 2), categories=["sham", "real"])
    return with_values(pd.DataFrame({"arm": arm, "base": base}), base + rng.normal(-5, 6, n))


def with_values(trial: pd.DataFrame, value: np.ndarray) -> pd.DataFrame:
    return trial.assign(value=value, chg=value - trial["base"].to_numpy())


def counted(formula: str):
    calls = []

    def fitting(data: pd.DataFrame):
        calls.append(len(data))
        return ancova(formula, data, treatment="arm", reference="sham")

    return fitting, calls


@pytest.mark.parametrize("formula", ["chg ~ arm + base", "value ~ arm + base"])
def test_other_outcomes_of_the_same_rows_are_read_once_and_give_the_same(trial, formula):
    fitting, calls = counted(formula)
    once = OneDesign(fitting)
    sets = [with_values(trial, trial["value"].to_numpy() + shift) for shift in (0.0, 1.5, np.arange(60.0))]
    found = [once(data).contrasts() for data in sets]
    assert calls == [60]
    for table, data in zip(found, sets, strict=True):
        alone = ancova(formula, data, treatment="arm", reference="sham").contrasts()
        pd.testing.assert_frame_equal(table, alone, check_exact=True)


@pytest.mark.parametrize(
    ("formula", "changed"),
    [
        ("chg ~ arm + base", lambda trial: trial.iloc[1:]),  # the jackknife's
        ("chg ~ arm + base", lambda trial: trial.assign(base=trial["base"] + trial.index)),
        ("log(value) ~ arm + base", lambda trial: trial.assign(value=trial["value"] + 1.0)),
        ("chg ~ arm + value", lambda trial: with_values(trial, trial["value"].to_numpy() + trial.index)),
    ],
)
def test_what_differs_in_more_is_fitted_anew(trial, formula, changed):
    trial["value"] = trial["value"].abs() + 1.0
    fitting, calls = counted(formula)
    once = OneDesign(fitting)
    once(trial)
    other = changed(trial)
    found = once(other).contrasts()
    assert len(calls) == 2
    alone = ancova(formula, other, treatment="arm", reference="sham").contrasts()
    pd.testing.assert_frame_equal(found, alone, check_exact=True)


def test_rows_that_the_model_leaves_out_are_left_out_of_every_data_set(trial):
    trial.loc[3, "base"] = np.nan
    fitting, calls = counted("value ~ arm + base")
    once = OneDesign(fitting)
    once(trial)
    found = once(with_values(trial, trial["value"].to_numpy() + 1.0))
    assert (found.n, len(calls)) == (59, 2)
