"""Log-rank test of two arms; the answer is its statistic."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, PythonPeer, RPeer
from benchmarks.trials import follow_up
from trialkit.stats import log_rank


def ours(data: pd.DataFrame) -> list[float]:
    return [log_rank(data, time="time_days", event="event", by="arm").statistic]


def lifelines(data: pd.DataFrame) -> list[float]:
    from lifelines.statistics import multivariate_logrank_test

    return [multivariate_logrank_test(data["time_days"], data["arm"], data["event"]).test_statistic]


MEASURES = (
    Measure(
        what="two arms",
        data=follow_up,
        ours=ours,
        sizes=(314, 100_000),
        quick=60,
        peers=(
            PythonPeer(name="lifelines", work=lifelines, within=1e-6),
            RPeer(
                name="R survdiff",
                packages=("survival",),
                setup="library(survival)",
                work="survdiff(Surv(time_days, event) ~ arm, d)$chisq",
                within=1e-6,
            ),
        ),
    ),
)
