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
        ),
    ),
)
