"""Sample sizes and detectable differences over a grid of designs; the answer is these."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from trialkit.stats import correlation_sample_size, t_test_detectable_difference, t_test_sample_size

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


def arms(count: int) -> list[int]:
    """Subjects an arm."""
    return [10 + 12 * place for place in range(count)]


def detectable(arms: list[int]) -> list[float]:
    return [t_test_detectable_difference(1.0, n, n, POWER, ALPHA) for n in arms]


def statsmodels_detectable(arms: list[int]) -> list[float]:
    from statsmodels.stats.power import TTestIndPower

    solve = TTestIndPower().solve_power
    return [solve(nobs1=n, power=POWER, alpha=ALPHA, alternative="larger") for n in arms]


def correlations(count: int) -> Numbers:
    return np.linspace(0.1, 0.6, count)


def for_correlations(correlations: Numbers) -> list[int]:
    return [correlation_sample_size(float(r), POWER, ALPHA) for r in correlations]


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
    Measure(
        what="detectable difference, t test",
        data=arms,
        ours=detectable,
        sizes=(40,),
        quick=3,
        unit="designs",
        peers=(
            PythonPeer(name="statsmodels TTestIndPower", work=statsmodels_detectable, within=1e-4),
            RPeer(
                name="R power.t.test",
                packages=("stats",),
                table=lambda arms: pd.DataFrame({"n": arms}),
                work=f"""
                  sapply(d$n, function(n) power.t.test(n, sd = 1, power = {POWER}, sig.level = {ALPHA},
                    alternative = "one.sided")$delta)""",
                within=1e-3,  # R looks for it with a tolerance of 1e-4
            ),
        ),
    ),
    Measure(
        what="subjects for a correlation, exact",
        data=correlations,
        ours=for_correlations,
        sizes=(20,),
        quick=3,
        unit="designs",
        peers=(
            RPeer(
                name="R integrate of pt, uniroot, by hand",
                packages=("stats",),
                table=lambda correlations: pd.DataFrame({"r": correlations}),
                work=f"""
                  reached <- function(n, r) {{
                    critical <- qt({ALPHA}, n - 2, lower.tail = FALSE)
                    beyond <- function(x) dchisq(x, n - 1) *
                      pt(critical, n - 2, r / sqrt(1 - r^2) * sqrt(x), lower.tail = FALSE)
                    ends <- c(qchisq(1e-13, n - 1), qchisq(1e-13, n - 1, lower.tail = FALSE))
                    integrate(beyond, ends[1], ends[2], rel.tol = 1e-9)$value
                  }}
                  sapply(d$r, function(r) ceiling(
                    uniroot(function(n) reached(n, r) - {POWER}, c(4, 2000), tol = 1e-6)$root))""",
                within=0,
            ),
        ),
    ),
)
