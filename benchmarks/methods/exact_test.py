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


# Every pair of counts at least as rare by Fisher's p value, at the probability where they are likeliest.
BOSCHLOO_IN_R = RPeer(
    name="R fisher.test of every table, by hand",
    packages=("stats",),
    work="""
      n <- tapply(d$response, d$arm, length); x <- tapply(d$response, d$arm, sum)
      fisher <- function(a, b) { k <- a + b; p <- dhyper(0:k, n[1], n[2], k)
        sum(p[p <= dhyper(a, n[1], n[2], k) * (1 + 1e-7)]) }
      every <- outer(0:n[1], 0:n[2], Vectorize(fisher))
      rare <- every <= every[x[1] + 1, x[2] + 1] * (1 + 1e-7)
      at <- function(p) sum(outer(dbinom(0:n[1], n[1], p), dbinom(0:n[2], n[2], p))[rare])
      grid <- seq(0.001, 0.999, length.out = 65); best <- grid[which.max(sapply(grid, at))]
      optimize(at, best + c(-0.02, 0.02), maximum = TRUE, tol = 1e-9)$objective""",
    within=2e-2,
)

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
            BOSCHLOO_IN_R,
        ),
    ),
)
