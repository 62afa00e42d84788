"""Holm's adjustment; the answer is the adjusted p values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measure import Measure, Numbers, PythonPeer, RPeer
from trialkit.stats import adjust_p_values


def p_values(count: int) -> dict[str, float]:
    rng = np.random.default_rng(314)
    return {f"hypothesis {number}": float(p) for number, p in enumerate(rng.beta(0.3, 2, count))}


def ours(p_values: dict[str, float]) -> Numbers:
    return adjust_p_values(p_values, method="holm").table["adjusted_p_value"].to_numpy()


def statsmodels(p_values: dict[str, float]) -> Numbers:
    from statsmodels.stats.multitest import multipletests

    rejected, adjusted, *_ = multipletests(list(p_values.values()), method="holm")
    table = pd.DataFrame({"hypothesis": list(p_values), "adjusted": adjusted, "rejected": rejected})
    return table["adjusted"].to_numpy()


MEASURES = (
    Measure(
        what="Holm",
        data=p_values,
        ours=ours,
        sizes=(5, 1000),
        quick=3,
        unit="hypotheses",
        peers=(
            PythonPeer(name="statsmodels multipletests (collects garbage)", work=statsmodels, within=1e-9),
            RPeer(
                name="R p.adjust, vector alone",
                packages=("stats",),
                table=lambda p_values: pd.DataFrame({"p": list(p_values.values())}),
                work='p.adjust(d$p, "holm")',
                within=1e-9,
            ),
        ),
    ),
)
