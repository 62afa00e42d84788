"""Rubin's rules over 200 fits made beforehand; the answer is difference, error and df.

Python's peers have no Barnard-Rubin df: a plain loop over the coefficients stands in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import ancova, pool

SUBJECTS = 314


def completed(imputations: int) -> pd.DataFrame:
    """One row a subject and imputation, the changes of a fifth of the subjects drawn anew each time."""
    rng = np.random.default_rng(1)
    trial = two_arms(SUBJECTS)
    drawn = rng.random(SUBJECTS) < 0.2
    frames = []
    for number in range(imputations):
        shift = np.where(drawn, rng.normal(0, 8, SUBJECTS), 0.0)
        frames.append(trial.assign(chg=trial["chg"] + shift, imputation=number))
    return pd.concat(frames)


def fits(imputations: int) -> list[Any]:
    data = completed(imputations)
    return [ancova("chg ~ arm + base", frame, treatment="arm") for _, frame in data.groupby("imputation")]


def ours(fits: list[Any]) -> Numbers:
    pooled = pool(fits)
    pooled.coefficients  # noqa: B018 - the table is part of what is timed
    return pooled.contrasts().loc[0, ["estimate", "standard_error", "df"]].to_numpy(dtype=float)


def plain_loop(fits: list[Any]) -> list[float]:
    """Barnard and Rubin (1999), one coefficient after another; that of the arm is told."""
    m, complete = len(fits), SUBJECTS - 3
    for term in range(3):
        estimates = [fit.coefficients["estimate"].iloc[term] for fit in fits]
        within = np.mean([fit.coefficients["standard_error"].iloc[term] ** 2 for fit in fits])
        between = (1 + 1 / m) * np.var(estimates, ddof=1)
        share = between / (within + between)
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        df = 1 / (share**2 / (m - 1) + 1 / observed)
        if fits[0].coefficients["term"].iloc[term].startswith("arm"):
            found = [float(np.mean(estimates)), float(np.sqrt(within + between)), float(df)]
    return found


MEASURES = (
    Measure(
        what="Rubin's rules, Barnard-Rubin df, ANCOVA",
        data=fits,
        ours=ours,
        sizes=(200,),
        quick=5,
        unit="fits",
        peers=(
            PythonPeer(name="plain loop over the coefficients", work=plain_loop, within=1e-6),
            RPeer(
                name="R mice::pool",
                packages=("mice",),
                setup="fits <- lapply(split(d, d$imputation), function(one) lm(chg ~ arm + base, one))",
                work="""
                  found <- summary(mice::pool(mice::as.mira(fits)))
                  unlist(found[found$term == "armexercise", c("estimate", "std.error", "df")])""",
                table=lambda fits: completed(len(fits)),
                within=1e-6,
                recorded={200: 0.593},
            ),
        ),
    ),
)
