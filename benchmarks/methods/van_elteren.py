"""Van Elteren's test of a graded outcome over five sites; the answer is the statistic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, PythonPeer
from benchmarks.trials import two_arms
from trialkit.stats import van_elteren


def ours(data: pd.DataFrame) -> list[float]:
    res = van_elteren(data, "satisfaction", by="arm", reference="control", strata="site")
    return [abs(res.statistic)]


def site_after_site(data: pd.DataFrame) -> list[float]:
    """Ranks within each site, weighted by 1 / (n + 1)."""
    from scipy import stats

    total = variance = 0.0
    for _, site in data.groupby("site"):
        ranks, n = stats.rankdata(site["satisfaction"]), len(site)
        exercise = (site["arm"] == "exercise").to_numpy()
        m = exercise.sum()
        total += (ranks[exercise].sum() - m * (n + 1) / 2) / (n + 1)
        variance += m * (n - m) / n * ranks.var(ddof=1) / (n + 1) ** 2
    return [abs(total) / float(np.sqrt(variance))]


MEASURES = (
    Measure(
        what="four grades, five sites",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=60,
        peers=(PythonPeer(name="scipy ranks, site after site", work=site_after_site, within=1e-9),),
    ),
)
