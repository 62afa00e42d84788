"""Two-stage least squares; the answer is the effect and its error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import complier_effect


def partly_taken(subjects: int) -> pd.DataFrame:
    trial = two_arms(subjects)
    keen = np.random.default_rng(5).normal(size=subjects)
    return trial.assign(received=((trial["arm"] == "exercise") & (keen > -0.8)).astype(int))


def ours(data: pd.DataFrame) -> Numbers:
    effect = complier_effect("chg ~ base + sex", data, "received", "arm", "control").effect
    return effect[["estimate", "standard_error"]].to_numpy().ravel()


MEASURES = (
    Measure(
        what="one instrument, two covariates",
        data=partly_taken,
        ours=ours,
        sizes=(314,),
        quick=80,
        peers=(
            RPeer(
                name="R AER::ivreg",
                packages=("AER",),
                setup="library(AER)",
                work="""
                  m <- ivreg(chg ~ received + base + sex | arm + base + sex, data = d)
                  summary(m)$coefficients[2, 1:2]""",
                within=1e-8,
            ),
            RPeer(
                name="R lm, twice, errors by hand",
                packages=("stats",),
                work="""
                  first <- lm(received ~ arm + base + sex, d)
                  m <- lm(chg ~ fitted(first) + base + sex, d)
                  X <- model.matrix(~ received + base + sex, d)
                  left <- d$chg - X %*% coef(m)
                  s2 <- sum(left^2) / (nrow(d) - ncol(X))
                  c(coef(m)[2], sqrt(s2 * summary(m)$cov.unscaled[2, 2]))""",
                within=1e-8,
            ),
        ),
    ),
)
