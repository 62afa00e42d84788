"""Restricted mean survival time to day 330 by arm; the answer is the means."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import follow_up
from trialkit.stats import restricted_mean

TAU = 330


def ours(data: pd.DataFrame) -> Numbers:
    res = restricted_mean(data, time="time_days", event="event", by="arm", tau=TAU, reference="control")
    return res.means["estimate"].to_numpy()


def lifelines(data: pd.DataFrame) -> list[float]:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    found = []
    for _, group in data.groupby("arm"):
        fit = KaplanMeierFitter().fit(group["time_days"], group["event"])
        found.append(restricted_mean_survival_time(fit, t=TAU, return_variance=True)[0])
    return found


MEASURES = (
    Measure(
        what="means with errors, difference",
        data=follow_up,
        ours=ours,
        sizes=(314, 100_000),
        quick=100,
        peers=(
            PythonPeer(name="lifelines, means with errors", work=lifelines, within=1e-4),
            RPeer(
                name="R survfit, means with errors",
                packages=("survival",),
                setup="library(survival)",
                work=f"""
                  m <- survfit(Surv(time_days, event) ~ arm, d)
                  summary(m, rmean = {TAU})$table[, "rmean"]""",
                within=1e-6,
            ),
        ),
    ),
)
