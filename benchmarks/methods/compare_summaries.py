"""Rechecking printed t tests from means, SDs and sizes; the answer is the t of the printed values themselves.

The peer takes the printed numbers at their word: it cannot say which values round to them.
"""

from __future__ import annotations

import numpy as np

from benchmarks.measure import Measure, Numbers, PythonPeer
from trialkit.stats import MeansRow, compare_summaries

SIZES = (184, 29)


def printed(rows: int) -> list[MeansRow]:
    rng = np.random.default_rng(314)
    return [
        MeansRow(
            f"variable {row}",
            SIZES,
            tuple(f"{mean:.2f}" for mean in rng.normal(50, 1, 2)),
            tuple(f"{sd:.2f}" for sd in rng.uniform(5, 9, 2)),
        )
        for row in range(rows)
    ]


def ours(rows: list[MeansRow]) -> Numbers:
    table = compare_summaries(rows).table
    return table.loc[table["test"] == "pooled t", "statistic"].to_numpy(dtype=float)


def scipy(rows: list[MeansRow]) -> list[float]:
    from scipy import stats

    found = []
    for row in rows:
        (first, second), (sd_first, sd_second) = map(float, row.means), map(float, row.sds)
        found.append(
            stats.ttest_ind_from_stats(first, sd_first, SIZES[0], second, sd_second, SIZES[1]).statistic
        )
    return found


MEASURES = (
    Measure(
        what="printed means and SDs, rounding allowed for",
        data=printed,
        ours=ours,
        sizes=(20, 200),
        quick=3,
        unit="rows",
        peers=(PythonPeer(name="scipy ttest_ind_from_stats, no rounding", work=scipy, within=1e-9),),
    ),
)
