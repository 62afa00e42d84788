"""The risk-stratified care pathway: who goes where, and what the stated assumptions make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trialkit.prediction.arrays import Floats
from trialkit.prediction.plan import Stratum

COLUMNS = [
    "stratum",
    "from_risk",
    "to_risk",
    "action",
    "review_weeks",
    "n",
    "observed",
    "without",
    "with_action",
]


def simulate_pathway(
    strata: tuple[Stratum, ...], risk: Floats, outcome: Floats, weights: Floats
) -> pd.DataFrame:
    """One row a stratum: :data:`COLUMNS`.

    ``n`` people whose cross-validated risk falls there, ``observed`` with the outcome (weighted where
    follow-up was censored), ``without`` expected by their risks as they are, ``with_action`` expected when
    each risk moves by the stratum's stated ``expected_change`` (an assumption, never estimated here; risks
    stay within 0 and 1).
    """
    edges = [s.from_risk for s in strata] + [np.inf]
    rows = []
    for stratum, upper in zip(strata, edges[1:], strict=True):
        members = (risk >= stratum.from_risk) & (risk < upper)
        moved = np.clip(risk[members] + stratum.expected_change, 0.0, 1.0)
        rows.append(
            (
                stratum.name,
                stratum.from_risk,
                min(upper, 1.0),
                stratum.action,
                stratum.review_weeks,
                int(members.sum()),
                float((weights * outcome)[members].sum()),
                float(risk[members].sum()),
                float(moved.sum()),
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS)
