"""Limits of agreement of two readers; the answer is mean difference and limits."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer
from benchmarks.trials import two_readers
from trialkit.stats import bland_altman


def ours(data: pd.DataFrame) -> Numbers:
    res = bland_altman(data, target="scan", reader="reader", value="value", reference="first")
    return res.table["estimate"].to_numpy()


def plain_pandas(data: pd.DataFrame) -> list[float]:
    """Pivot, subtract, mean and 1.96 SD. No intervals of the limits, no trend."""
    wide = data.pivot(index="scan", columns="reader", values="value")
    difference = wide["second"] - wide["first"]
    mean, half = difference.mean(), 1.959963984540054 * difference.std()
    return [mean, mean - half, mean + half]


MEASURES = (
    Measure(
        what="limits with exact intervals, trend",
        data=two_readers,
        ours=ours,
        sizes=(60, 3140),
        quick=20,
        unit="scans",
        peers=(PythonPeer(name="plain pandas, limits alone", work=plain_pandas, within=1e-9),),
    ),
)
