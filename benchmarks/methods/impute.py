"""Multiple imputation under MAR by arm, 200 times, and a pooled ANCOVA; the answer is difference and error.

mice draws each variable from its own regression on the others, five rounds, its default; both have the same
limit, so the gap is held against the standard error.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, RPeer
from trialkit.stats import ancova, impute, pool

IMPUTATIONS = 200
VISITS = ["week6", "month3", "month6", "month12"]


def trial(subjects: int) -> pd.DataFrame:
    """About a quarter of the last visits are missing: dropout depends on the visit before."""
    rng = np.random.default_rng(314)
    arm = np.where(np.arange(subjects) % 2 == 0, "control", "exercise")
    trial = pd.DataFrame({"arm": arm, "sex": rng.integers(0, 2, subjects)})
    trial["base"] = rng.normal(42, 9, subjects)
    level, gone = rng.normal(0, 6, subjects), np.zeros(subjects, dtype=bool)
    for i, visit in enumerate(VISITS):
        values = 8 + 0.6 * trial["base"] - 1.2 * (i + 1) * (arm == "exercise") + level
        values = values + rng.normal(0, 6, subjects)
        skipped = rng.random(subjects) < 0.03
        trial[visit] = np.where(gone | skipped, np.nan, values)
        gone |= rng.random(subjects) < 1 / (1 + np.exp(-(values - 58) / 8))
    return trial


def ours(data: pd.DataFrame) -> Numbers:
    imputed = impute(data, ["sex", "base", *VISITS], n=IMPUTATIONS, seed=1)
    fits = [ancova("month12 ~ arm + base + sex", frame, treatment="arm") for frame in imputed]
    return pool(fits).contrasts().loc[0, ["estimate", "standard_error"]].to_numpy(dtype=float)


def gap_in_errors(ours: Numbers, theirs: Numbers) -> float:
    """Of the differences, and of the logarithms of the errors."""
    return float(max(abs(ours[0] - theirs[0]) / theirs[1], abs(np.log(ours[1] / theirs[1]))))


MEASURES = (
    Measure(
        what=f"MAR by arm, {IMPUTATIONS} imputations, ANCOVA, pooled",
        data=trial,
        ours=ours,
        sizes=(314,),
        quick=60,
        peers=(
            RPeer(
                name="R mice (norm), lm, pool; gap in errors",
                packages=("mice",),
                setup="library(mice)",
                work=f"""
                  parts <- lapply(split(d, d$arm), function(one)
                    mice(one[, names(one) != "arm"], m = {IMPUTATIONS}, method = "norm", seed = 1,
                      printFlag = FALSE))
                  fits <- lapply(seq_len({IMPUTATIONS}), function(i) lm(month12 ~ arm + base + sex,
                    data = do.call(rbind, lapply(names(parts), function(a)
                      cbind(arm = factor(a, levels(d$arm)), complete(parts[[a]], i))))))
                  found <- summary(pool(as.mira(fits)))
                  c(found$estimate[2], found$std.error[2])""",
                gap=gap_in_errors,
                within=0.5,
                recorded={314: 7.99},
                aim={314: 1},
            ),
        ),
    ),
)
