"""Mean cumulative count of recurrent episodes by arm; the answer is the counts at days 90, 180 and 330."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from trialkit.stats import mean_cumulative_count

DAYS = [90, 180, 330]


def episodes(subjects: int) -> pd.DataFrame:
    """Periods between the episodes of a year, two or one on average by arm."""
    rng = np.random.default_rng(314)
    periods = []
    for subject in range(subjects):
        end = int(rng.integers(335, 366))
        cuts = np.unique(np.ceil(rng.uniform(0, 365, rng.poisson(1 if subject % 2 else 2))))
        ends = [*cuts[cuts < end], end]
        arm = "exercise" if subject % 2 else "control"
        periods += [(subject, arm, a, b, int(b < end)) for a, b in zip([0, *ends], ends, strict=False)]
    return pd.DataFrame(periods, columns=["subject_id", "arm", "start", "stop", "event"])


def ours(data: pd.DataFrame) -> Numbers:
    res = mean_cumulative_count(data, id="subject_id", start="start", stop="stop", event="event", by="arm")
    return res.at(DAYS)["estimate"].to_numpy()


def plain_loop(data: pd.DataFrame) -> list[float]:
    """One event time after another: events over subjects at risk, added up. No intervals."""
    found = []
    for _, group in data.groupby("arm"):
        start, stop = group["start"].to_numpy(), group["stop"].to_numpy()
        ended = stop[group["event"] == 1]
        steps = [
            (time, (ended == time).sum() / ((start < time) & (stop >= time)).sum())
            for time in np.unique(ended)
        ]
        found += [float(sum(step for time, step in steps if time <= day)) for day in DAYS]
    return found


MEASURES = (
    Measure(
        what="recurrent episodes, two arms, robust limits",
        data=episodes,
        ours=ours,
        sizes=(314, 10_000),
        quick=60,
        peers=(
            PythonPeer(name="plain NumPy loop over times, no limits", work=plain_loop, within=1e-9),
            RPeer(
                name="R survfit with id",
                packages=("survival",),
                setup="library(survival)",
                work=f"""
                  m <- survfit(Surv(start, stop, event) ~ arm, d, id = subject_id)
                  summary(m, times = c({", ".join(map(str, DAYS))}))$cumhaz""",
                within=1e-6,
            ),
        ),
    ),
)
