"""A column in which 1 and "1" both stand is refused by every method, whatever the column is for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit import stats
from trialkit.errors import DataError

pytestmark = pytest.mark.analytic

CALLS = {
    "kaplan_meier": lambda d: stats.kaplan_meier(d, time="t", event="e", by="k"),
    "log_rank": lambda d: stats.log_rank(d, time="t", event="e", by="arm", strata="k"),
    "cumulative_incidence": lambda d: stats.cumulative_incidence(d, time="t", event_type="e", by="k"),
    "restricted_mean": lambda d: stats.restricted_mean(d, time="t", event="e", by="k", tau=5),
    "mean_cumulative_count": lambda d: stats.mean_cumulative_count(d, id="k", start="s", stop="t", event="e"),
    "cox": lambda d: stats.cox("arm", d, time="t", event="e", cluster="k"),
    "cox strata": lambda d: stats.cox("arm", d, time="t", event="e", strata="k"),
    "interval_cloglog": lambda d: stats.logistic("e ~ k", d),
    "mantel_haenszel": lambda d: stats.mantel_haenszel(d, "e", "arm", "a", strata="k"),
    "risk_difference": lambda d: stats.risk_difference(d, "e", "k", 1),
    "exact_test": lambda d: stats.exact_test(d, "e", "k", 1),
    "van_elteren": lambda d: stats.van_elteren(d, "t", "arm", "a", strata="k"),
    "compare_groups": lambda d: stats.compare_groups(d, "k", ["t"]),
    "compare_groups variable": lambda d: stats.compare_groups(d, "arm", ["k"]),
    "ancova": lambda d: stats.ancova("t ~ arm + k", d),
    "ancova cluster": lambda d: stats.ancova("t ~ arm", d, errors="cluster", cluster="k"),
    "lmm": lambda d: stats.lmm("t ~ arm", d, "1 | k"),
    "mixed_logistic": lambda d: stats.mixed_logistic("e ~ arm", d, "1 | k"),
    "mmrm": lambda d: stats.mmrm("t ~ arm", d, subject="k", visit="visit"),
    "icc": lambda d: stats.icc(d, target="k", reader="arm", value="t"),
    "weighted_kappa": lambda d: stats.weighted_kappa(d, target="visit", reader="arm", value="k"),
    "bland_altman": lambda d: stats.bland_altman(d, target="k", reader="arm", value="t"),
    "missingness": lambda d: stats.missingness(d, ["t"], by="k"),
    "roc": lambda d: stats.roc(d, outcome="k", score="t", positive=1),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("coded", [False, True])
def test_numbers_and_texts_in_one_column_are_refused(method, coded):
    n = 40
    data = pd.DataFrame(
        {
            "k": pd.Series([1, "1", 2, "2"] * (n // 4), dtype=object),
            "arm": np.tile(["a", "a", "b", "b"], n // 4),
            "t": np.arange(1.0, n + 1),
            "s": np.zeros(n),
            "e": np.tile([1, 0, 1, 1, 0], n // 5),
            "visit": np.arange(n) % 5,
        }
    )
    if coded:
        data["k"] = pd.Categorical(data["k"], categories=[1, "1", 2, "2"])
    with pytest.raises(DataError, match="values of one kind") as refused:
        CALLS[method](data)
    assert "'k'" in str(refused.value)
