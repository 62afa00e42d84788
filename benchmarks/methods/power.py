"""Sample sizes of a t test over a grid of differences; the answer is subjects an arm."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from trialkit.stats import t_test_sample_size

POWER, ALPHA = 0.8, 0.025


def differences(count: int) -> Numbers:
    """In standard deviations."""
    return np.linspace(0.2, 1.0, count)


def ours(differences: Numbers) -> list[int]:
    return [t_test_sample_size(float(d), sd=1.0, power=POWER, alpha=ALPHA).n_test for d in differences]


def statsmodels(differences: Numbers) -> Numbers:
    from statsmodels.stats.power import TTestIndPower

    solve = TTestIndPower().solve_power
    return np.ceil([solve(d, power=POWER, alpha=ALPHA, alternative="larger") for d in differences])


MEASURES = (
    Measure(
        what="subjects an arm, t test",
        data=differences,
        ours=ours,
        sizes=(50,),
        quick=3,
        unit="designs",
        peers=(
            PythonPeer(name="statsmodels TTestIndPower", work=statsmodels, within=0),
            RPeer(
                name="R power.t.test",
                packages=("stats",),
                table=lambda differences: pd.DataFrame({"difference": differences}),
                work=f"""
                  sapply(d$difference, function(delta) ceiling(power.t.test(delta = delta, sd = 1,
                    power = {POWER}, sig.level = {ALPHA}, alternative = "one.sided")$n))""",
                within=0,
            ),
        ),
    ),
)
