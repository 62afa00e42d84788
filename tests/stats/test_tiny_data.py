"""Data too small, too tied or too empty for a method give a number, NaN or an error that names the trouble.

Invented data sets of at most thirteen rows, some with gaps, some without events. A warning is a
failure here (see the pytest settings), and so is any error that is not of trialkit.
"""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest

from trialkit import stats
from trialkit.errors import TrialkitError

FEW, MANY = 50, 1000


def tiny_trial(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 14))
    arms = ["control", "exercise", "usual"][: int(rng.integers(1, 4))]
    time = rng.integers(0, 6, n) * 1.0 if rng.random() < 0.7 else rng.exponential(5, n)
    event = (rng.random(n) < rng.choice([0, 0.3, 0.7, 1])).astype(int)
    data = pd.DataFrame(
        {
            "id": np.arange(n),
            "arm": rng.choice(arms, n),
            "site": rng.choice(["A", "B", "C"], n),
            "x": rng.integers(0, 3, n) * 1.0,
            "y": rng.integers(0, 2, n),
            "time": time,
            "event": event,
            "cause": event * rng.integers(1, 3, n),
            "visit": rng.integers(1, 4, n),
            "p": rng.random(n),
            "entry": np.where(rng.random(n) < 0.5, 0, time / 2),
        }
    )
    if rng.random() < 0.3:
        for column in ("time", "event", "arm", "x"):
            data.loc[rng.random(n) < 0.15, column] = np.nan
    return data


def tiny_readings(data: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(len(data))
    value = rng.integers(0, 3, 2 * len(data)) * 1.0
    value[rng.random(len(value)) < 0.1] = np.nan
    return pd.DataFrame({"scan": np.repeat(data["id"], 2), "reader": ["a", "b"] * len(data), "v": value})


def late(data: pd.DataFrame) -> pd.DataFrame:
    return data[data["entry"] < data["time"]]


T = {"time": "time", "event": "event"}
READ = ("scan", "reader", "v")
RANKS = {"x": "mann-whitney", "time": "kruskal-wallis", "site": "chi-square"}
CALLS = {
    "kaplan_meier": lambda d: stats.kaplan_meier(d, **T, by="arm").contrasts([0, 1, 9]),
    "kaplan_meier, delayed": lambda d: stats.kaplan_meier(late(d), **T, entry="entry").at([0, 1, 9]),
    "log_rank": lambda d: stats.log_rank(d, **T, by="arm", strata="site"),
    "log_rank, delayed": lambda d: stats.log_rank(late(d), **T, by="arm", entry="entry", rho=1),
    "restricted_mean": lambda d: stats.restricted_mean(d, **T, by="arm", tau=2),
    "cumulative_incidence": lambda d: stats.cumulative_incidence(d, "time", "cause", "arm", strata="site"),
    "mean_cumulative_count": lambda d: stats.mean_cumulative_count(late(d), "id", "entry", "time", "event"),
    "cox": lambda d: (stats.cox("arm + x", d, **T).terms, stats.cox("x", d, **T).baseline_hazard()),
    "cox, delayed": lambda d: stats.cox("x", late(d), **T, entry="entry", strata="site", cluster="site"),
    "cox, residuals": lambda d: stats.cox("x + y", d, **T, strata="site").scaled_schoenfeld_residuals,
    "interval_cloglog": lambda d: stats.interval_cloglog("arm", d, "visit", "event"),
    "parametric_survival": lambda d: stats.parametric_survival(
        "arm", d, **T, distribution=("weibull", "lognormal", "loglogistic", "exponential")[len(d) % 4]
    ),
    "roc": lambda d: (stats.roc(d, "y", "x", resamples=5, seed=1), stats.roc(d, "y", "p").at(0.5)),
    "compare_rocs": lambda d: stats.compare_rocs(d, "y", "x", "p"),
    "calibration": lambda d: stats.calibration(d, "y", "p", groups=4),
    "icc": lambda d: stats.icc(tiny_readings(d), *READ),
    "bland_altman": lambda d: stats.bland_altman(tiny_readings(d), *READ),
    "weighted_kappa": lambda d: stats.weighted_kappa(tiny_readings(d), *READ),
    "compare_groups": lambda d: stats.compare_groups(d, "arm", ["x", "site", "time"], tests="by-normality"),
    "compare_groups, ranks": lambda d: stats.compare_groups(d, "arm", list(RANKS), tests=RANKS),
}


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
@pytest.mark.parametrize("method", CALLS)
def test_tiny_data_never_end_in_a_traceback_from_inside(method, cases):
    answered = 0
    for seed in range(cases):
        with contextlib.suppress(TrialkitError):
            assert repr(CALLS[method](tiny_trial(seed)))
            answered += 1
    assert answered > 0
