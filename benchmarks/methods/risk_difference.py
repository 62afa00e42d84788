"""Risk difference with a score interval; the answer is its limits."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.measure import Measure, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import risk_difference


def ours(method: Any) -> Any:
    def work(data: pd.DataFrame) -> Any:
        res = risk_difference(data, "response", by="arm", reference="control", method=method)
        return [res.contrasts[name].to_numpy()[0] for name in ("ci_lower", "ci_upper")]

    return work


def statsmodels(method: str) -> Any:
    def work(data: pd.DataFrame) -> tuple[float, float]:
        from statsmodels.stats.proportion import confint_proportions_2indep

        (x0, n0), (x1, n1) = data.groupby("arm")["response"].agg(["sum", "count"]).to_numpy()
        found: tuple[float, float] = confint_proportions_2indep(x1, n1, x0, n0, compare="diff", method=method)
        return found

    return work


NEWCOMBE_IN_R = RPeer(
    name="R prop.test, twice, and Newcombe by hand",
    packages=("stats",),
    work="""
      x <- tapply(d$response, d$arm, sum); n <- tapply(d$response, d$arm, length); p <- x / n
      limits <- sapply(1:2, function(arm) prop.test(x[arm], n[arm], correct = FALSE)$conf.int)
      p[2] - p[1] + c(-1, 1) * sqrt(c((p[2] - limits[1, 2])^2 + (limits[2, 1] - p[1])^2,
                                      (limits[2, 2] - p[2])^2 + (p[1] - limits[1, 1])^2))""",
    within=1e-6,
)

SCORE_IN_R = RPeer(
    name="R uniroot of the score statistic, by hand",
    packages=("stats",),
    work="""
      x <- tapply(d$response, d$arm, sum); n <- tapply(d$response, d$arm, length); N <- sum(n); p <- x / n
      score <- function(delta) {
        b <- (n[2] + 2 * n[1]) * delta - N - sum(x); c <- (n[1] * delta - N - 2 * x[1]) * delta + sum(x)
        e <- x[1] * delta * (1 - delta); q <- b^3 / (27 * N^3) - b * c / (6 * N^2) + e / (2 * N)
        r <- sign(q) * sqrt(max(b^2 / (9 * N^2) - c / (3 * N), 0))
        w <- (pi + acos(max(min(q / r^3, 1), -1))) / 3
        p1 <- 2 * r * cos(w) - b / (3 * N); p2 <- p1 + delta
        (p[2] - p[1] - delta) / sqrt((p2 * (1 - p2) / n[2] + p1 * (1 - p1) / n[1]) * N / (N - 1)) }
      z <- qnorm(0.975); d0 <- p[2] - p[1]
      c(uniroot(function(v) score(v) - z, c(-0.9999, d0), tol = 1e-10)$root,
        uniroot(function(v) score(v) + z, c(d0, 0.9999), tol = 1e-10)$root)""",
    within=1e-6,
)

MEASURES = (
    Measure(
        what="Newcombe",
        data=two_arms,
        ours=ours("newcombe"),
        sizes=(314, 31_400),
        quick=60,
        peers=(
            PythonPeer(name="pandas and statsmodels", work=statsmodels("newcomb"), within=1e-6),
            NEWCOMBE_IN_R,
        ),
    ),
    Measure(
        what="Miettinen-Nurminen",
        data=two_arms,
        ours=ours("miettinen-nurminen"),
        sizes=(314, 31_400),
        quick=60,
        peers=(
            # Its limits are not where the score statistic is 1.96: for 16/30 against 6/30 by 0.006.
            PythonPeer(
                name="pandas and statsmodels (limits less exact)", work=statsmodels("score"), within=0.05
            ),
            SCORE_IN_R,
        ),
    ),
)
