"""Small invented trials for the survival tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def invented_trial(seed: int, n: int = 60, *, tied: bool = True) -> pd.DataFrame:
    """Two arms, two sites, a baseline score, times with or without ties, some entering late."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["control", "exercise"], n)
    base = rng.normal(size=n)
    time = rng.exponential(8 * np.exp(-0.4 * base), n)
    censoring = rng.uniform(2, 20, n)
    event = (time <= censoring).astype(int)
    time = np.minimum(time, censoring)
    time = np.ceil(time) if tied else time
    entry = np.clip(rng.uniform(-4, 4, n), 0, None)
    entry = np.minimum(np.floor(entry) if tied else entry, time / 2)
    site = rng.choice(["A", "B"], n)
    return pd.DataFrame(
        {"arm": arm, "site": site, "base": base, "time": time, "event": event, "entry": entry}
    )


@pytest.fixture(scope="session")
def veteran(shared_data) -> pd.DataFrame:
    data = shared_data("veteran")
    data["trt"] = pd.Categorical(data["trt"].map({1: "standard", 2: "test"}))
    data["celltype"] = pd.Categorical(data["celltype"], ["squamous", "smallcell", "adeno", "large"])
    data["prior10"] = (data["prior"] == 10).astype(int)
    return data


@pytest.fixture(scope="session")
def colon(shared_data) -> pd.DataFrame:
    data = shared_data("colon")
    data["rx"] = pd.Categorical(data["rx"], ["Obs", "Lev", "Lev+5FU"])
    return data
