"""Partial correlation of two columns; the answer is r."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, PythonPeer
from benchmarks.trials import two_arms
from trialkit.stats import correlations


def with_age(subjects: int) -> pd.DataFrame:
    trial = two_arms(subjects)
    return trial.assign(age=trial["base"] * 0.5 + trial["satisfaction"])


def ours(data: pd.DataFrame) -> list[float]:
    return [correlations(data, ["chg"], ["age"], given=["base"]).table["estimate"].iloc[0]]


def pingouin(data: pd.DataFrame) -> list[float]:
    import pingouin as pg

    return [float(pg.partial_corr(data, x="chg", y="age", covar="base")["r"].iloc[0])]


MEASURES = (
    Measure(
        what="one pair, one column held",
        data=with_age,
        ours=ours,
        sizes=(314,),
        quick=80,
        peers=(PythonPeer(name="pingouin", work=pingouin, within=1e-6),),
    ),
)
