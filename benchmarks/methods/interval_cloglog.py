"""Discrete-time proportional hazards of visit intervals; the answer is coefficients and errors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import follow_up
from trialkit.stats import interval_cloglog

ENDS = np.array([45, 75, 135, 225, 365])


def trial(subjects: int) -> pd.DataFrame:
    """The visit at which the event was found, or the last one attended without it."""
    data = follow_up(subjects)
    rng = np.random.default_rng(1)
    return data.assign(base=rng.normal(42, 9, subjects), visit=np.searchsorted(ENDS, data["time_days"]) + 1)


def person_visits(data: pd.DataFrame) -> pd.DataFrame:
    """One row a subject and visit at which it was at risk, which both peers need first."""
    long = data.loc[data.index.repeat(data["visit"])]
    interval = long.groupby(level=0).cumcount().to_numpy() + 1
    happened = (interval == long["visit"]) & (long["event"] == 1)
    return long.assign(interval=interval, happened=happened.astype(int))


def ours(data: pd.DataFrame) -> Numbers:
    fit = interval_cloglog("arm + base", data, interval="visit", event="event", reference="control")
    table = fit.coefficients.tail(2)
    return table[["estimate", "standard_error"]].to_numpy().ravel()


def statsmodels(data: pd.DataFrame) -> Numbers:
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    family = sm.families.Binomial(sm.families.links.CLogLog())
    fit = smf.glm("happened ~ 0 + C(interval) + arm + base", person_visits(data), family=family).fit(
        tol=1e-10
    )
    return np.column_stack([fit.params, fit.bse])[-2:].ravel()


MEASURES = (
    Measure(
        what="five intervals, two covariates",
        data=trial,
        ours=ours,
        sizes=(314, 10_000),
        quick=100,
        peers=(
            PythonPeer(name="pandas and statsmodels GLM", work=statsmodels, within=1e-4),
            RPeer(
                name="R glm (rows of visits made beforehand)",
                packages=("stats",),
                table=person_visits,
                work="""
                  m <- glm(happened ~ 0 + factor(interval) + arm + base, binomial("cloglog"), d)
                  t(tail(summary(m)$coefficients[, 1:2], 2))""",
                within=1e-4,
            ),
        ),
    ),
)
