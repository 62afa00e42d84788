"""Exact tests of two proportions, from a data frame; the answer is the p value."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.measure import Measure, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import exact_test


def ours(method: Any) -> Any:
    return lambda data: [exact_test(data, "response", by="arm", reference="control", method=method).p_value]


def scipy(test: str, **options: Any) -> Any:
    def work(data: pd.DataFrame) -> list[float]:
        from scipy import stats

        found = getattr(stats, test)(pd.crosstab(data["response"], data["arm"]).to_numpy(), **options)
        return [found.pvalue]

    return work


MEASURES = (
    Measure(
        what="Fisher",
        data=two_arms,
        ours=ours("fisher"),
        sizes=(60, 314),
        quick=24,
        peers=(
            PythonPeer(name="pandas and scipy", work=scipy("fisher_exact"), within=1e-9),
            RPeer(
                name="R fisher.test",
                packages=("stats",),
                work="fisher.test(table(d$response, d$arm))$p.value",
                within=1e-6,
            ),
        ),
    ),
    Measure(
        what="Boschloo",
        data=two_arms,
        ours=ours("boschloo"),
        sizes=(60, 314),
        quick=24,
        peers=(
            PythonPeer(
                name="pandas and scipy, 64 points",
                work=scipy("boschloo_exact", n=64),
                within=2e-2,
                largest=314,
            ),
        ),
    ),
)
