"""The models of study A's plan on one trial of 314: what the plan runs, and an R script doing the same.

ANCOVA on data imputed within arms and pooled, ANCOVA of complete cases, a responder's logistic model, Cox
and Kaplan-Meier of recurrence, Poisson with robust errors of events, a linear mixed model of all visits.
The script stands in ``study_a.R``. The answer is the treatment's effect in each with its standard error; what
is imputed differs by chance, and is held against the error.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, RPeer
from trialkit.stats import ancova, cox, impute, kaplan_meier, lmm, log_rank, logistic, poisson, pool

IMPUTATIONS = 20
SCRIPT = Path(__file__).with_suffix(".R")
VISITS = ["week6", "month3", "month6", "month12"]
DAY_OF = {"week6": 42, "month3": 91, "month6": 182, "month12": 365}


def trial(subjects: int) -> pd.DataFrame:
    """One row a subject; a sixth of the last visits are missing."""
    rng = np.random.default_rng(314)
    test = np.arange(subjects) % 2
    data = pd.DataFrame({"arm": np.where(test, "exercise", "control")})
    data["male"], data["base"] = rng.integers(0, 2, subjects), rng.normal(42, 9, subjects)
    level, gone = rng.normal(0, 6, subjects), np.zeros(subjects, dtype=bool)
    for place, visit in enumerate(VISITS, start=1):
        values = 8 + 0.6 * data["base"] - 1.4 * place * test + level + rng.normal(0, 6, subjects)
        gone |= rng.random(subjects) < 0.04
        data[visit] = np.where(gone, np.nan, values)
    data["response"] = (rng.random(subjects) < 0.35 + 0.15 * test).astype(int)
    recurrence, left = rng.exponential(np.where(test, 900, 600)), rng.uniform(200, 700, subjects)
    data["days"] = np.ceil(np.minimum(np.minimum(recurrence, left), 365))
    data["recurred"] = (recurrence <= np.minimum(left, 365)).astype(int)
    data["events"] = rng.poisson(np.where(test, 0.8, 1.1))
    return data


def ours(data: pd.DataFrame) -> Numbers:
    imputed = impute(data, ["male", "base", *VISITS], n=IMPUTATIONS, seed=1)
    primary = pool(
        [ancova("month12 ~ arm + base + male", one, treatment="arm") for one in imputed]
    ).contrasts()
    complete = ancova("month12 ~ arm + base + male", data, treatment="arm").contrasts()
    responders = logistic("response ~ arm + base + male", data).coefficients
    hazards = cox("arm + base + male", data, time="days", event="recurred").coefficients
    counts = poisson("events ~ arm + base", data, errors="robust").coefficients
    kaplan_meier(data, time="days", event="recurred", by="arm")
    log_rank(data, time="days", event="recurred", by="arm")
    mixed = lmm("y ~ arm * day + base", _long(data), "1 | subject").coefficients
    of_arm = [table.loc[table["term"] == "arm[T.exercise]"] for table in (responders, hazards, counts, mixed)]
    rows = [table.iloc[0] for table in (primary, complete, *of_arm)]
    return np.array([[row["estimate"], row["standard_error"]] for row in rows]).ravel().astype(float)


def _long(data: pd.DataFrame) -> pd.DataFrame:
    wide = data.assign(subject=np.arange(len(data)))
    long = wide.melt(["subject", "arm", "base"], VISITS, "visit", "y").dropna(subset=["y"])
    return long.assign(day=long["visit"].map(DAY_OF).to_numpy() / 365)


def gap(ours: Numbers, theirs: Numbers) -> float:
    """In errors, of the imputed at a twentieth: what chance leaves between two imputations."""
    mine, others = ours.reshape(-1, 2), theirs.reshape(-1, 2)
    apart = np.abs(mine[:, 0] - others[:, 0]) / others[:, 1]
    errors = np.abs(np.log(mine[:, 1] / others[:, 1]))
    scale = np.array([0.002, *np.ones(len(mine) - 1)])
    return float(np.max(np.maximum(apart, errors) * scale))


MEASURES = (
    Measure(
        what=f"the plan's models, {IMPUTATIONS} imputations",
        data=trial,
        ours=ours,
        sizes=(314,),
        quick=120,
        peers=(
            RPeer(
                name="an R script doing the same; gap in errors",
                packages=("mice", "survival", "lmerTest", "sandwich", "emmeans"),
                setup="library(mice); library(survival); library(lmerTest)",
                work=SCRIPT.read_text(encoding="utf-8"),
                gap=gap,
                within=1e-3,
                aim={314: 5},
            ),
        ),
    ),
)
