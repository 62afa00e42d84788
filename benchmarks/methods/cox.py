"""Cox regression with eight covariates and heavy ties: a table of coefficients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from trialkit.stats import cox

NAMES = [f"x{position}" for position in range(8)]
FORMULA = " + ".join(NAMES)


def trial(subjects: int) -> pd.DataFrame:
    """A year of follow-up in whole days, so that 100,000 subjects share 365 times."""
    rng = np.random.default_rng(314)
    X = rng.normal(size=(subjects, 8))
    X[:, 1] = X[:, 1] > 0
    time_days = np.ceil(rng.exponential(200 * np.exp(-X @ np.linspace(-0.3, 0.3, 8))))
    censored = np.minimum(np.ceil(rng.uniform(0, 600, subjects)), 365)
    frame = pd.DataFrame(X, columns=NAMES)
    return frame.assign(t=np.minimum(time_days, censored), d=(time_days <= censored).astype(int))


def ours(data: pd.DataFrame) -> Numbers:
    return cox(FORMULA, data, time="t", event="d").coefficients["estimate"].to_numpy()


def lifelines(data: pd.DataFrame) -> Numbers:
    from lifelines import CoxPHFitter

    return CoxPHFitter().fit(data, "t", "d").summary["coef"].to_numpy()


MEASURES = (
    Measure(
        what="8 covariates, heavy ties (Efron)",
        data=trial,
        ours=ours,
        sizes=(314, 10_000, 100_000),
        quick=100,
        peers=(
            PythonPeer(
                name="lifelines", work=lifelines, within=1e-3, aim=dict.fromkeys((314, 10_000, 100_000), 1)
            ),
            RPeer(
                name="R coxph",
                packages=("survival",),
                setup="library(survival)",
                work=f"summary(coxph(Surv(t, d) ~ {FORMULA}, data = d))$coefficients[, 1]",
                within=1e-5,
                aim=dict.fromkeys((10_000, 100_000), 1),
            ),
        ),
    ),
)
