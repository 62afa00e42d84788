"""Generated data of the sizes asked for; the same on every machine."""

from __future__ import annotations

import numpy as np
import pandas as pd

SEED = 314


def two_arms(subjects: int) -> pd.DataFrame:
    """One row a subject: arm, sex, five sites, a baseline, a change, a response and a graded satisfaction."""
    rng = np.random.default_rng(SEED)
    trial = pd.DataFrame({"arm": np.where(np.arange(subjects) % 2 == 0, "control", "exercise")})
    trial["sex"] = rng.choice(["female", "male"], subjects)
    trial["site"] = rng.choice(list("ABCDE"), subjects)
    trial["base"] = rng.normal(42, 9, subjects)
    exercise = (trial["arm"] == "exercise").to_numpy()
    trial["chg"] = 8 - 0.4 * trial["base"] - 5 * exercise + rng.normal(0, 8, subjects)
    towards = 0.6 * exercise - 0.02 * (trial["base"] - 42).to_numpy()
    trial["response"] = (rng.random(subjects) < 1 / (1 + np.exp(0.4 - towards))).astype(int)
    latent = towards + rng.logistic(size=subjects)
    trial["satisfaction"] = np.searchsorted([-1.5, 0.0, 1.5], latent) + 1
    return trial


def follow_up(subjects: int) -> pd.DataFrame:
    """A year of follow-up in whole days; ``cause`` says what ended it (0: nothing)."""
    rng = np.random.default_rng(SEED)
    arm = np.where(np.arange(subjects) % 2 == 0, "control", "exercise")
    recurrence = rng.exponential(np.where(arm == "exercise", 500, 300))
    surgery, left = rng.exponential(1500, subjects), rng.uniform(60, 900, subjects)
    ended = np.minimum(np.minimum(recurrence, surgery), np.minimum(left, 365))
    cause = np.where(ended == recurrence, 1, np.where(ended == surgery, 2, 0))
    trial = pd.DataFrame({"arm": arm, "time_days": np.ceil(ended), "cause": cause})
    return trial.assign(event=(cause == 1).astype(int))


def visits(subjects: int, count: int = 5) -> pd.DataFrame:
    """One row a subject and visit, 14 % of five visits missing by dropout or by chance."""
    rng = np.random.default_rng(SEED)
    arm, sex = rng.choice(["control", "exercise"], subjects), rng.choice(["female", "male"], subjects)
    site, base = rng.choice(list("ABCDE"), subjects), rng.normal(40.0, 9.0, subjects)
    y = 0.5 * base[:, None] + rng.normal(0, 6, subjects)[:, None] + rng.normal(0, 5, (subjects, count))
    y = y - np.arange(count) * (1.5 + 0.5 * (arm == "exercise")[:, None])
    dropped = np.maximum.accumulate(rng.random((subjects, count)) < 0.04, axis=1)
    y[dropped | (rng.random((subjects, count)) < 0.05)] = np.nan
    wide = {"id": np.arange(subjects), "arm": arm, "sex": sex, "site": site, "base": base}
    long = {name: np.repeat(values, count) for name, values in wide.items()}
    return pd.DataFrame({**long, "visit": np.tile(np.arange(1, count + 1), subjects), "y": y.ravel()})


def two_readers(scans: int) -> pd.DataFrame:
    """Two readings of each scan: a measure, and a grade from 0 to 4."""
    rng = np.random.default_rng(SEED)
    truth = rng.normal(45, 10, scans)
    readers = ["first", "second"]
    value = np.concatenate([truth + shift + rng.normal(0, 3, scans) for shift in (0, 1)])
    grade = np.clip(np.round((value - 25) / 10), 0, 4).astype(int)
    return pd.DataFrame(
        {
            "scan": np.tile(np.arange(scans), 2),
            "reader": np.repeat(readers, scans),
            "value": value,
            "grade": grade,
        }
    )
