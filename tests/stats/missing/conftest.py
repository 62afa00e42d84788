"""An invented long trial, and the account of who stopped in the antidepressant trial."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

VISITS = (6, 12, 26)


@pytest.fixture
def long_trial() -> pd.DataFrame:
    """60 subjects, two arms, three visits; subjects 0-7 stop before the last visit, 8 misses the first."""
    rng = np.random.default_rng(77)
    subjects = pd.DataFrame({"id": np.arange(60), "arm": np.tile(["control", "exercise"], 30)})
    subjects["base"] = rng.normal(45, 8, 60).round(1)
    level = rng.normal(0, 5, 60) - 8.0 * (subjects.arm == "exercise")
    frame = pd.concat([subjects] * 3).sort_values("id", kind="stable", ignore_index=True)
    frame["week"] = np.tile(VISITS, 60)
    frame["odi"] = np.repeat(level.to_numpy(), 3) + 0.5 * frame["base"] + rng.normal(0, 3, 180)
    frame.loc[(frame.id < 8) & (frame.week == 26), "odi"] = np.nan
    frame.loc[(frame.id == 8) & (frame.week == 6), "odi"] = np.nan
    return frame


@pytest.fixture
def names() -> dict:
    """The columns of ``long_trial``, as ``impute_reference_based`` takes them."""
    return {
        "subject": "id",
        "visit": "week",
        "outcome": "odi",
        "arm": "arm",
        "reference": "control",
        "covariates": ["base"],
    }


@pytest.fixture(scope="session")
def antidepressant(shared_data) -> pd.DataFrame:
    return shared_data("antidepressant")


@pytest.fixture(scope="session")
def stopped(antidepressant) -> dict:
    """First missing visit of each patient, but for 3618, whose one gap is followed by a value."""
    seen = antidepressant.pivot(index="PATIENT", columns="VISIT", values="CHANGE")
    first = seen.isna().idxmax(axis=1)[seen.isna().any(axis=1)]
    return {patient: visit for patient, visit in first.items() if patient != 3618}
