"""Marginal risks after a logistic model, the model included; the answer is the difference and its error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import g_computation, logistic

FORMULA = "response ~ arm + base + sex + site"


def ours(data: pd.DataFrame) -> Numbers:
    res = g_computation(logistic(FORMULA, data, treatment="arm", reference="control"))
    table = res.contrasts.set_index("measure")
    return table.loc["risk difference", ["estimate", "standard_error"]].to_numpy(dtype=float)


def by_hand(data: pd.DataFrame) -> list[float]:
    """Everyone in one arm, then in the other; the delta method for the difference alone."""
    import statsmodels.formula.api as smf

    fit = smf.logit(FORMULA, data).fit(disp=0)
    column = list(fit.params.index).index("arm[T.exercise]")
    risks, slopes = [], []
    for treated in (0.0, 1.0):
        X = fit.model.exog.copy()
        X[:, column] = treated
        p = fit.model.predict(fit.params, X)
        risks.append(p.mean())
        slopes.append((p * (1 - p)) @ X / len(X))
    slope = slopes[1] - slopes[0]
    return [risks[1] - risks[0], float(np.sqrt(slope @ fit.cov_params().to_numpy() @ slope))]


MEASURES = (
    Measure(
        what="logistic model, then risks and contrasts",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=100,
        peers=(
            PythonPeer(name="statsmodels Logit, delta method by hand", work=by_hand, within=1e-6),
            RPeer(
                name="R glm, delta method by hand",
                packages=("stats",),
                work=f"""
                  m <- glm({FORMULA}, binomial, d, control = list(epsilon = 1e-12)); X <- model.matrix(m)
                  found <- lapply(0:1, function(arm) {{
                    X[, "armexercise"] <- arm; p <- plogis(X %*% coef(m))
                    list(mean(p), colMeans(X * as.vector(p * (1 - p)))) }})
                  slope <- found[[2]][[2]] - found[[1]][[2]]
                  c(found[[2]][[1]] - found[[1]][[1]], sqrt(slope %*% vcov(m) %*% slope))""",
                within=1e-6,
            ),
        ),
    ),
)
