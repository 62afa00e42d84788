"""Two proportions with Wilson's intervals and Newcombe's of their difference; the answer is those limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer
from benchmarks.trials import two_arms
from trialkit.stats import two_proportions


def ours(data: pd.DataFrame) -> Numbers:
    res = two_proportions(data, outcome="response", by="arm", reference="control")
    limits = [res.contrasts[name].to_numpy()[0] for name in ("ci_lower", "ci_upper")]
    wilson = np.array([res.proportions[name].to_numpy() for name in ("ci_lower", "ci_upper")])
    return np.array([*wilson[:, 1], *wilson[:, 0], *limits])  # control, exercise, their difference


def statsmodels(data: pd.DataFrame) -> Numbers:
    from statsmodels.stats import proportion

    counts = data.groupby("arm")["response"].agg(["sum", "count"])
    wilson = proportion.proportion_confint(counts["sum"], counts["count"], method="wilson")
    (x0, n0), (x1, n1) = counts.to_numpy()
    proportion.test_proportions_2indep(x1, n1, x0, n0, compare="ratio", method="log")
    difference = proportion.confint_proportions_2indep(x1, n1, x0, n0, compare="diff", method="newcomb")
    return np.concatenate([np.column_stack(wilson).ravel(), difference])


MEASURES = (
    Measure(
        what="Wilson, Newcombe, ratio, NNT",
        data=two_arms,
        ours=ours,
        sizes=(314, 31_400),
        quick=60,
        peers=(PythonPeer(name="pandas and statsmodels", work=statsmodels, within=1e-6),),
    ),
)
