"""Weibull regression; the answer is the coefficients of log time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from benchmarks.trials import follow_up
from trialkit.stats import parametric_survival


def ours(data: pd.DataFrame) -> Numbers:
    fit = parametric_survival("arm", data, "time_days", "event")
    return np.sort(fit.coefficients.estimate)


def lifelines(data: pd.DataFrame) -> Numbers:
    from lifelines import WeibullAFTFitter

    columns = data[["time_days", "event"]].assign(arm=(data["arm"] == "exercise") * 1.0)
    fit = WeibullAFTFitter().fit(columns, "time_days", "event")
    return np.sort(fit.params_["lambda_"].to_numpy())


MEASURES = (
    Measure(
        what="Weibull, two arms",
        data=follow_up,
        ours=ours,
        sizes=(314, 31_400),
        quick=100,
        peers=(
            PythonPeer(name="lifelines", work=lifelines, within=1e-3),
            RPeer(
                name="R survreg",
                packages=("survival",),
                setup="library(survival)",
                work="sort(coef(survreg(Surv(time_days, event) ~ arm, d)))",
                within=1e-5,
            ),
        ),
    ),
)
