"""ROC curve with DeLong's interval and Youden's cutoff, calibration; the answer is estimates and errors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import two_arms
from trialkit.stats import calibration, roc


def ours(data: pd.DataFrame) -> list[float]:
    res = roc(data, outcome="response", score="base", direction="higher")
    return [res.auc, res.standard_error]


def plain_pairs(data: pd.DataFrame) -> list[float]:
    """DeLong by definition: every subject with the outcome against every one without."""
    score, has = data["base"].to_numpy(), data["response"].to_numpy() == 1
    won = (score[has][:, None] > score[~has]) + 0.5 * (score[has][:, None] == score[~has])
    of_positives, of_negatives = won.mean(axis=1), won.mean(axis=0)
    variance = of_positives.var(ddof=1) / has.sum() + of_negatives.var(ddof=1) / (~has).sum()
    return [float(won.mean()), float(np.sqrt(variance))]


def predictions(subjects: int) -> pd.DataFrame:
    trial = two_arms(subjects)
    return trial.assign(predicted=1 / (1 + np.exp(0.3 + 0.03 * (trial["base"] - 42))))


def against_outcomes(data: pd.DataFrame) -> Numbers:
    table = calibration(data, "response", "predicted").coefficients
    return table[["estimate", "standard_error"]].to_numpy().ravel()


MEASURES = (
    Measure(
        what="area with DeLong's interval, cutoff",
        data=two_arms,
        ours=ours,
        sizes=(314, 10_000),
        quick=60,
        peers=(
            PythonPeer(name="NumPy, all pairs, no cutoff", work=plain_pairs, within=1e-9),
            RPeer(
                name="R pROC",
                packages=("pROC",),
                setup="library(pROC)",
                work="""
                  m <- roc(d$response, d$base, levels = c(0, 1), direction = "<", quiet = TRUE)
                  ci.auc(m); coords(m, "best")
                  c(auc(m), sqrt(var(m)))""",
                within=1e-6,
            ),
        ),
    ),
    Measure(
        what="calibration in the large, slope",
        data=predictions,
        ours=against_outcomes,
        sizes=(314, 10_000),
        quick=60,
        peers=(
            RPeer(
                name="R glm, twice",
                packages=("stats",),
                work="""
                  large <- glm(response ~ offset(qlogis(predicted)), binomial, d)
                  slope <- glm(response ~ qlogis(predicted), binomial, d)
                  c(coef(summary(large))[1, 1:2], coef(summary(slope))[2, 1:2])""",
                within=1e-4,
            ),
        ),
    ),
)
