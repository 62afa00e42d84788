"""A population cohort with whole-body MRI (N = 27,518 at 18 sites): muscle composition and chronic back pain.

The odds ratios of +2 Z (InterMAT 1.22, lean muscle mass 0.87) are the published ones; everything else, how
the columns go together included, is assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

SUBJECTS, SITES = 27_518, 18
SITE_SD = 0.18  # of the log odds
PER_Z = {"intermat_z": np.log(1.22) / 2, "lmm_z": np.log(0.87) / 2}
INTERACTION = -0.02  # per Z of both
SHARE_OF_FEMALES = 0.44
BEST_ACTIVITY = 40.0  # MET-hours a week, where pain is rarest
ODDS = {"female": 1.25, "osteoarthritis": 1.9, "osteoporosis": 1.35, "decade": 1.06}
U_SHAPE = 0.00022  # of the squared distance from the best activity
INTERCEPT = -1.55
SEVERE = {"intercept": -0.35, "intermat_z": np.log(1.12) / 2, "lmm_z": np.log(0.92) / 2, "age_years": 0.008}


def simulate(seed: int) -> pd.DataFrame:
    """One row a subject; whoever has no chronic pain has no severity of it."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    n = SUBJECTS
    site = rng.choice(SITES, n, p=_shares(rng))
    age = np.clip(rng.normal(49, 11, n), 20, 74).round()
    female = rng.random(n) < SHARE_OF_FEMALES
    activity = np.clip(rng.gamma(2.2, 18, n) - 0.15 * (age - 49), 0, 160).round(1)
    lmm = rng.standard_normal(n) + 0.004 * (activity - 40)
    intermat = 0.022 * (age - 49) - 0.3 * lmm + 0.9 * rng.standard_normal(n)
    lmm, intermat = (((z - z.mean()) / z.std()).round(3) for z in (lmm, intermat))
    arthritis = rng.random(n) < _probability(-2.4 + 0.05 * (age - 49) + 0.25 * female)
    osteoporosis = rng.random(n) < _probability(-4.2 + 0.06 * (age - 49) + 0.9 * female)
    log_odds = (
        INTERCEPT
        + PER_Z["intermat_z"] * intermat
        + PER_Z["lmm_z"] * lmm
        + INTERACTION * intermat * lmm
        + U_SHAPE * (activity - BEST_ACTIVITY) ** 2
        + np.log(ODDS["decade"]) * (age - 49) / 10
        + np.log(ODDS["female"]) * female
        + np.log(ODDS["osteoarthritis"]) * arthritis
        + np.log(ODDS["osteoporosis"]) * osteoporosis
        + rng.normal(0, SITE_SD, SITES)[site]
    )
    pain = rng.random(n) < _probability(log_odds)
    burden = SEVERE["intercept"] + SEVERE["age_years"] * (age - 49)
    burden = burden + SEVERE["intermat_z"] * intermat + SEVERE["lmm_z"] * lmm
    severe = rng.random(n) < _probability(burden)
    return pd.DataFrame(
        {
            "subject_id": [f"C{k:05}" for k in range(1, n + 1)],
            "site": site + 1,
            "chronic_pain": pain.astype(int),
            "severe_pain": np.where(pain, severe.astype(int).astype(str), ""),
            "age_years": age.astype(int),
            "age_group": np.where(age < 45, 0, np.where(age < 60, 1, 2)),
            "sex": np.where(female, 0, 1),
            "activity_met_h": activity,
            "osteoarthritis": arthritis.astype(int),
            "osteoporosis": osteoporosis.astype(int),
            "intermat_z": intermat,
            "lmm_z": lmm,
        }
    )


def _shares(rng: np.random.Generator) -> FloatArray:
    shares = rng.dirichlet(np.full(SITES, 12.0))
    return np.asarray(shares)


def _probability(
    log_odds: FloatArray,
) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-log_odds)))
