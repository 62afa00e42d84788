"""The six Shrout-Fleiss intraclass correlations with F, df and intervals; the answer is the six."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer
from benchmarks.trials import two_readers
from trialkit.stats import icc


def ours(data: pd.DataFrame) -> Numbers:
    return icc(data, target="scan", reader="reader", value="value").table["estimate"].to_numpy()


def pingouin(data: pd.DataFrame) -> Numbers:
    import pingouin as pg

    return pg.intraclass_corr(data, targets="scan", raters="reader", ratings="value")["ICC"].to_numpy()


MEASURES = (
    Measure(
        what="six forms with intervals, two readers",
        data=two_readers,
        ours=ours,
        sizes=(60, 3140),
        quick=20,
        unit="scans",
        peers=(PythonPeer(name="pingouin", work=pingouin, within=1e-6),),
    ),
)
