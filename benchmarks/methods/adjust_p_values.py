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


def as_defined(p_values: dict[str, float]) -> Numbers:
    """For each p the largest of (number of p not smaller) x p over those up to it, one by one."""
    found, running = {}, 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        running = max(running, (len(p_values) - rank) * p_values[name])
        found[name] = min(running, 1.0)
    return np.array([found[name] for name in p_values])


MEASURES = (
    Measure(
        what="Holm",
        data=p_values,
        ours=ours,
        sizes=(5, 1000),
        quick=3,
        unit="hypotheses",
        peers=(
            PythonPeer(name="the definition, a plain loop without a table", work=as_defined, within=1e-9),
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
