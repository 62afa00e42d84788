"""Mantel-Haenszel over five sites; the answer is odds ratio, its limits and the test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import mantel_haenszel


def ours(data: pd.DataFrame) -> Numbers:
    res = mantel_haenszel(data, "response", by="arm", reference="control", strata="site")
    odds = [res.contrasts[name].to_numpy()[0] for name in ("estimate", "ci_lower", "ci_upper")]
    return np.array([*odds, res.tests["statistic"].to_numpy()[0]], dtype=float)


def statsmodels(data: pd.DataFrame) -> list[float]:
    from statsmodels.stats.contingency_tables import StratifiedTable

    tables = [
        pd.crosstab(site["arm"], site["response"]).to_numpy()[::-1, ::-1] for _, site in data.groupby("site")
    ]
    found = StratifiedTable(tables)
    found.test_equal_odds(adjust=True)
    test = found.test_null_odds(correction=False)
    return [found.oddsratio_pooled, *found.oddsratio_pooled_confint(), test.statistic]


MEASURES = (
    Measure(
        what="five sites, three measures, tests",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=100,
        peers=(
            PythonPeer(name="pandas and statsmodels StratifiedTable", work=statsmodels, within=1e-6),
            RPeer(
                name="R mantelhaen.test",
                packages=("stats",),
                work="""
                  counts <- table(d$response == 0, d$arm != "exercise", d$site) + 0  # integers overflow in it
                  m <- mantelhaen.test(counts, correct = FALSE)
                  c(m$estimate, m$conf.int, m$statistic)""",
                within=1e-6,
            ),
        ),
    ),
)
