"""Repeated yes-or-no outcomes; the answer is estimates and robust errors, smallest first."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, Numbers, RPeer, smallest_first
from benchmarks.trials import visits
from trialkit.stats import gee


def controlled(subjects: int) -> pd.DataFrame:
    rows = visits(subjects).dropna()
    return rows.assign(controlled=(rows["y"] < rows["y"].median()).astype(int))


def ours(data: pd.DataFrame) -> Numbers:
    table = gee("controlled ~ arm + base + visit", data, subject="id").coefficients
    return smallest_first(table)


MEASURES = (
    Measure(
        what="exchangeable, robust errors",
        data=controlled,
        ours=ours,
        sizes=(314,),
        quick=80,
        peers=(
            RPeer(
                name="R geepack",
                packages=("geepack",),
                setup="library(geepack)",
                work="""
                  m <- geeglm(controlled ~ arm + base + visit, binomial, d, id = id, corstr = "exchangeable",
                              scale.fix = TRUE)
                  found <- as.matrix(summary(m)$coefficients[, 1:2])
                  t(found[order(found[, 1]), ])""",
                within=2e-2,
            ),
        ),
    ),
)
