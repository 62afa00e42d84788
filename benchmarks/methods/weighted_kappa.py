"""Weighted kappa of two readers' grades; the answer is kappa and its error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_readers
from trialkit.stats import weighted_kappa


def ours(data: pd.DataFrame) -> Numbers:
    res = weighted_kappa(data, target="scan", reader="reader", value="grade")
    return np.array([res.table[name].to_numpy()[0] for name in ("estimate", "standard_error")])


def statsmodels(data: pd.DataFrame) -> list[float]:
    from statsmodels.stats.inter_rater import cohens_kappa

    wide = data.pivot(index="scan", columns="reader", values="grade")
    grades = range(int(data["grade"].min()), int(data["grade"].max()) + 1)
    counts = pd.crosstab(wide["first"], wide["second"]).reindex(index=grades, columns=grades, fill_value=0)
    found = cohens_kappa(counts.to_numpy(), wt="quadratic")
    return [found.kappa, found.std_kappa]


MEASURES = (
    Measure(
        what="quadratic weights, five grades",
        data=two_readers,
        ours=ours,
        sizes=(60, 3140),
        quick=20,
        unit="scans",
        peers=(
            PythonPeer(name="pandas and statsmodels", work=statsmodels, within=1e-6),
            RPeer(
                name="R reshape, table, formulas by hand",
                packages=("stats",),
                work="""
                  wide <- reshape(d[c("scan", "reader", "grade")], direction = "wide", idvar = "scan",
                    timevar = "reader")
                  grades <- min(d$grade):max(d$grade)
                  counts <- table(factor(wide[, 2], grades), factor(wide[, 3], grades))
                  p <- counts / sum(counts); k <- nrow(p); first <- rowSums(p); second <- colSums(p)
                  w <- 1 - outer(1:k, 1:k, function(i, j) (i - j)^2 / (k - 1)^2)
                  seen <- sum(w * p); chance <- sum(w * outer(first, second))
                  mean <- outer(c(w %*% second), c(t(w) %*% first), "+")
                  spread <- sum(p * (w * (1 - chance) - mean * (1 - seen))^2)
                  centre <- seen * chance - 2 * chance + seen
                  c((seen - chance) / (1 - chance),
                    sqrt((spread - centre^2) / (sum(counts) * (1 - chance)^4)))""",
                within=1e-9,
            ),
        ),
    ),
)
