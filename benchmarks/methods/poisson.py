"""Rates and risks of two arms; the answer is estimates and errors, smallest first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer, smallest_first
from benchmarks.trials import two_arms
from trialkit.stats import log_binomial, negative_binomial, poisson

FORMULA = "episodes ~ arm + base + sex"


def counts(subjects: int) -> pd.DataFrame:
    trial = two_arms(subjects)
    rng = np.random.default_rng(7)
    mean = np.exp(0.3 - 0.4 * (trial["arm"] == "exercise")) * rng.gamma(1.5, 1 / 1.5, subjects)
    return trial.assign(episodes=rng.poisson(mean), years=1.0)


def robust(data: pd.DataFrame) -> Numbers:
    fit = poisson(FORMULA, data, exposure="years", errors="robust")
    return smallest_first(fit.coefficients)


def statsmodels(data: pd.DataFrame) -> Numbers:
    import statsmodels.formula.api as smf
    from statsmodels.genmod.families import Poisson

    fit = smf.glm(FORMULA, data, family=Poisson(), offset=np.log(data["years"])).fit(cov_type="HC0")
    table = pd.DataFrame({"estimate": fit.params, "error": fit.bse})
    return table.sort_values("estimate").to_numpy().ravel()


def overdispersed(data: pd.DataFrame) -> Numbers:
    return np.sort(negative_binomial(FORMULA, data, exposure="years").coefficients.estimate)


def risks(data: pd.DataFrame) -> Numbers:
    return smallest_first(log_binomial("response ~ arm", data).coefficients)


MEASURES = (
    Measure(
        what="Poisson with robust errors",
        data=counts,
        ours=robust,
        sizes=(314, 31_400),
        quick=100,
        peers=(
            PythonPeer(name="statsmodels GLM", work=statsmodels, within=1e-5),
            RPeer(
                name="R glm, sandwich",
                packages=("sandwich",),
                setup="library(sandwich)",
                work=f"""
                  m <- glm({FORMULA}, poisson, d, offset = log(years))
                  found <- cbind(coef(m), sqrt(diag(sandwich(m))))
                  t(found[order(found[, 1]), ])""",
                within=1e-4,
            ),
        ),
    ),
    Measure(
        what="negative binomial",
        data=counts,
        ours=overdispersed,
        sizes=(314,),
        quick=100,
        peers=(
            RPeer(
                name="R glm.nb",
                packages=("MASS",),
                setup="library(MASS)",
                work=f"sort(coef(glm.nb({FORMULA} + offset(log(years)), d)))",
                within=1e-4,
            ),
        ),
    ),
    Measure(
        what="log-binomial",
        data=two_arms,
        ours=risks,
        sizes=(314, 31_400),
        quick=60,
        peers=(
            RPeer(
                name="R glm, log link, given a start",
                packages=("stats",),
                work="""
                  m <- glm(response ~ arm, binomial("log"), d, start = c(-1, 0))
                  found <- coef(summary(m))[, 1:2]
                  t(found[order(found[, 1]), ])""",
                within=1e-4,
            ),
        ),
    ),
)
