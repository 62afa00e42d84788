"""Logistic regression, Wald and profile intervals; the answer is estimates and errors, or limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer, smallest_first
from benchmarks.trials import two_arms
from trialkit.stats import logistic

FORMULA = "response ~ arm + base + sex + site"


def ours(data: pd.DataFrame) -> Numbers:
    fit = logistic(FORMULA, data)
    fit.odds_ratios  # noqa: B018 - the table is part of what is timed
    return smallest_first(fit.coefficients)


def limits(data: pd.DataFrame) -> Numbers:
    table = logistic("response ~ arm + base", data, intervals="profile").coefficients
    return np.sort(table[["ci_lower", "ci_upper"]].to_numpy().ravel())


def statsmodels(data: pd.DataFrame) -> Numbers:
    import statsmodels.formula.api as smf

    fit = smf.logit(FORMULA, data).fit(disp=0)
    np.exp(fit.conf_int())
    table = pd.DataFrame({"estimate": fit.params, "error": fit.bse})
    return table.sort_values("estimate").to_numpy().ravel()


MEASURES = (
    Measure(
        what="odds ratios with Wald intervals",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=100,
        peers=(
            PythonPeer(name="statsmodels Logit", work=statsmodels, within=1e-5),
            RPeer(
                name="R glm",
                packages=("stats",),
                work=f"""
                  m <- glm({FORMULA}, binomial, d); exp(confint.default(m))
                  found <- summary(m)$coefficients[, 1:2]
                  t(found[order(found[, 1]), ])""",
                within=1e-3,
            ),
        ),
    ),
    Measure(
        what="profile intervals",
        data=two_arms,
        ours=limits,
        sizes=(314,),
        quick=100,
        peers=(
            RPeer(
                name="R glm, confint (interpolated)",
                packages=("MASS",),
                work="sort(suppressMessages(confint(glm(response ~ arm + base, binomial, d))))",
                within=1e-2,
            ),
        ),
    ),
)
