"""Cumulative incidence of two causes by arm, Gray's test; the answer is the incidences at two days."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import follow_up
from trialkit.stats import cumulative_incidence

DAYS = [90, 180]


def ours(data: pd.DataFrame) -> Numbers:
    res = cumulative_incidence(data, time="time_days", event_type="cause", by="arm")
    res.gray_test  # noqa: B018 - it is part of what is timed
    by_arm = res.at(DAYS)["estimate"].to_numpy().reshape(2, 2, len(DAYS))  # arm, cause, day
    return by_arm.transpose(1, 0, 2).ravel()


def lifelines(data: pd.DataFrame) -> list[float]:
    """Tied times of different causes are moved apart by a random amount, as it does of itself."""
    from lifelines import AalenJohansenFitter

    found = []
    for cause in (1, 2):
        for _, group in data.groupby("arm"):
            fit = AalenJohansenFitter(seed=1).fit(group["time_days"], group["cause"], event_of_interest=cause)
            curve = fit.cumulative_density_.iloc[:, 0]
            found += [float(curve[curve.index <= day + 0.5].iloc[-1]) for day in DAYS]
    return found


MEASURES = (
    Measure(
        what="two causes, two arms, Gray's test",
        data=follow_up,
        ours=ours,
        sizes=(314, 3140),
        quick=60,
        peers=(
            PythonPeer(name="lifelines AalenJohansen, no test", work=lifelines, within=2e-2),
            RPeer(
                name="R cmprsk::cuminc",
                packages=("cmprsk",),
                work=f"""
                  found <- cmprsk::cuminc(d$time_days, d$cause, d$arm)
                  t(cmprsk::timepoints(found, c({", ".join(map(str, DAYS))}))$est)""",
                within=1e-6,
            ),
        ),
    ),
)
