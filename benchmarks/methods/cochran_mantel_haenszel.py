"""General association of arm and grade over sites; the answer is its statistic."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import cochran_mantel_haenszel


def ours(data: pd.DataFrame) -> list[float]:
    return [cochran_mantel_haenszel(data, "satisfaction", "arm", "site").tests.statistic.iloc[-1]]


MEASURES = (
    Measure(
        what="two arms by four grades over five sites",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=200,
        peers=(
            RPeer(
                name="R mantelhaen.test",
                packages=("stats",),
                work="mantelhaen.test(table(d$arm, d$satisfaction, d$site), correct = FALSE)$statistic",
                within=1e-8,
            ),
        ),
    ),
)
