"""Kaplan-Meier by arm with log-log limits; the answer is survival and limits at days 90, 180 and 330."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import follow_up
from trialkit.stats import kaplan_meier

DAYS = [90, 180, 330]


def ours(data: pd.DataFrame) -> Numbers:
    curves = kaplan_meier(data, time="time_days", event="event", by="arm")
    curves.medians  # noqa: B018 - they are part of what is timed
    points = curves.at(DAYS)  # by arm and day
    limits = points[["survival", "ci_lower", "ci_upper"]].to_numpy()
    return limits.ravel()


def lifelines(data: pd.DataFrame) -> Numbers:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    found = []
    for _, group in data.groupby("arm"):
        fit = KaplanMeierFitter().fit(group["time_days"], group["event"])
        median_survival_times(fit.confidence_interval_)
        limits = fit.confidence_interval_
        before = limits.index.searchsorted(DAYS, side="right") - 1
        found.append(np.column_stack([fit.predict(DAYS), limits.to_numpy()[before]]))
    return np.concatenate(found).ravel()


MEASURES = (
    Measure(
        what="two arms, medians, risks at three days",
        data=follow_up,
        ours=ours,
        sizes=(314, 100_000),
        quick=60,
        peers=(
            PythonPeer(name="lifelines", work=lifelines, within=1e-6),
            RPeer(
                name="R survfit",
                packages=("survival",),
                setup="library(survival)",
                work=f"""
                  m <- survfit(Surv(time_days, event) ~ arm, d, conf.type = "log-log"); summary(m)$table
                  at <- summary(m, times = c({", ".join(map(str, DAYS))}))
                  rbind(at$surv, at$lower, at$upper)""",
                within=1e-6,
            ),
        ),
    ),
)
