"""The comparison table of two groups, each variable tested; the answer is the p values."""

from __future__ import annotations

import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import compare_groups

NUMBERS = ["base", "chg"]
LABELS = ["sex", "site"]


def ours(data: pd.DataFrame) -> Numbers:
    tests = {"base": "t", "chg": "mann-whitney", "sex": "chi-square", "site": "chi-square"}
    res = compare_groups(data, by="arm", variables=[*NUMBERS, *LABELS], tests=tests)
    return res.table["p_value"].dropna().to_numpy(dtype=float)


def pandas_and_scipy(data: pd.DataFrame) -> list[float]:
    """The same summaries and tests, one call after another; no differences in SD, no counts of missing."""
    from scipy import stats

    groups = data.groupby("arm")
    groups[NUMBERS].describe()
    control, exercise = (group for _, group in groups)
    found = [
        stats.ttest_ind(control["base"], exercise["base"]).pvalue,
        stats.mannwhitneyu(control["chg"], exercise["chg"], method="asymptotic", use_continuity=False).pvalue,
    ]
    for label in LABELS:
        counts = pd.crosstab(data["arm"], data[label])
        counts.div(counts.sum(axis=1), axis=0)
        found.append(stats.chi2_contingency(counts, correction=False).pvalue)
    return found


MEASURES = (
    Measure(
        what="two numbers and two categories, tested",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=60,
        peers=(
            PythonPeer(name="plain pandas and scipy", work=pandas_and_scipy, within=1e-9),
            RPeer(
                name="R's tests, means, quantiles, shares",
                packages=("stats",),
                work="""
                  for (x in list(d$base, d$chg)) for (f in list(mean, sd, quantile)) tapply(x, d$arm, f)
                  for (x in list(d$sex, d$site)) prop.table(table(d$arm, x), 1)
                  c(t.test(base ~ arm, d, var.equal = TRUE)$p.value,
                    wilcox.test(chg ~ arm, d, exact = FALSE, correct = FALSE)$p.value,
                    chisq.test(table(d$arm, d$sex), correct = FALSE)$p.value,
                    chisq.test(table(d$arm, d$site), correct = FALSE)$p.value)""",
                within=1e-9,
            ),
        ),
    ),
)
