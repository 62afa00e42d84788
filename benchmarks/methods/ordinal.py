"""Proportional odds: odds ratios and thresholds of a graded satisfaction; the answer is estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer, sorted_gap
from benchmarks.trials import two_arms
from trialkit.stats import ordinal

FORMULA = "satisfaction ~ arm + base + sex"


def ours(data: pd.DataFrame) -> Numbers:
    fit = ordinal(FORMULA, data)
    return np.concatenate([fit.coefficients["estimate"], fit.thresholds["estimate"]])


def statsmodels(data: pd.DataFrame) -> Numbers:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    graded = data.assign(satisfaction=pd.Categorical(data["satisfaction"], ordered=True))
    model = OrderedModel.from_formula(FORMULA, graded, distr="logit")
    fit = model.fit(method="bfgs", disp=0, gtol=1e-8)
    fit.bse  # noqa: B018 - the errors are part of what is timed
    params = np.asarray(fit.params)
    return np.concatenate([params[:3], model.transform_threshold_params(params)[1:-1]])


MEASURES = (
    Measure(
        what="proportional odds, four grades",
        data=two_arms,
        ours=ours,
        sizes=(314, 10_000),
        quick=100,
        peers=(
            PythonPeer(name="statsmodels OrderedModel", work=statsmodels, gap=sorted_gap, within=1e-2),
            RPeer(
                name="R ordinal::clm",
                packages=("ordinal",),
                setup="d$satisfaction <- factor(d$satisfaction, ordered = TRUE)",
                work=f"m <- ordinal::clm({FORMULA}, data = d); summary(m); c(m$beta, m$alpha)",
                within=1e-4,
            ),
        ),
    ),
)
