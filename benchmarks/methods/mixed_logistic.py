"""Mixed logistic regression of study C's size: 12 coefficients, 18 sites; the answer is estimates, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, Peer, PythonPeer, RPeer
from trialkit.stats import mixed_logistic

NAMES = [f"x{position}" for position in range(11)]
FORMULA = "y ~ " + " + ".join(NAMES)
IN_R = f"{FORMULA} + (1 | site), d, family = binomial"
SIZES = (2000, 27_518)


def sites(rows: int) -> pd.DataFrame:
    """Rows of 18 sites; a fifth have the event."""
    rng = np.random.default_rng(314)
    X = rng.normal(size=(rows, 11))
    X[:, :3] = X[:, :3] > 0
    site = rng.integers(0, 18, rows)
    eta = X @ np.linspace(-0.4, 0.4, 11) + rng.normal(0, 0.5, 18)[site] - 1.4
    y = (rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(int)
    return pd.DataFrame(X, columns=NAMES).assign(site=site, y=y)


def ours(points: int) -> Any:
    def work(data: pd.DataFrame) -> Numbers:
        table = mixed_logistic(FORMULA, data, "1 | site", points).coefficients
        return table[["estimate", "standard_error"]].to_numpy().T

    return work


def gap_in_errors(ours: Numbers, theirs: Numbers) -> float:
    """Largest difference between estimates, in standard errors."""
    estimate, error = ours
    return float(np.max(np.abs(estimate - theirs.reshape(-1, len(estimate))[0]) / error))


def more_points(within: float) -> PythonPeer:
    """What is left of the integral's error, and what it costs to have it smaller."""
    return PythonPeer(name="25 points; gap in errors", work=ours(25), gap=gap_in_errors, within=within)


GLMMTMB = RPeer(
    name="R glmmTMB (Laplace); gap in errors",
    packages=("glmmTMB",),
    setup="d$site <- factor(d$site); one <- glmmTMB::glmmTMBControl(parallel = 1)",
    work=f"glmmTMB::fixef(glmmTMB::glmmTMB({IN_R}, control = one))$cond",
    gap=gap_in_errors,
    within=0.01,
    recorded={2000: 0.439, 27_518: 7.17},
    aim={27_518: 20},
)
LAPLACE = RPeer(
    name="R glmer (Laplace); gap in errors",
    packages=("lme4",),
    setup="d$site <- factor(d$site)",
    work=f"lme4::fixef(lme4::glmer({IN_R}, nAGQ = 1))",
    gap=gap_in_errors,
    within=0.05,
    slow=True,
)
GLMER = RPeer(
    name="R glmer, 10 points; gap in errors",
    packages=("lme4",),
    setup="d$site <- factor(d$site)",
    work=f"lme4::fixef(lme4::glmer({IN_R}, nAGQ = 10))",
    gap=gap_in_errors,
    within=0.05,
    aim={27_518: 100},
    slow=True,
)


def at_points(points: int, *peers: Peer) -> Measure:
    return Measure(
        what=f"18 sites, 11 covariates, {points} point{'s' * (points > 1)}",
        data=sites,
        ours=ours(points),
        sizes=SIZES,
        quick=400,
        unit="rows",
        peers=peers,
    )


MEASURES = (at_points(1, GLMMTMB, LAPLACE, more_points(0.1)), at_points(10, GLMER, more_points(1e-4)))
