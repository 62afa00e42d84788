"""Tests of the assumption of proportional odds: one effect at every threshold.

The larger model gives a term its own coefficients at each threshold. The *likelihood ratio* test fits it. The
*score* test needs only its slope and its observed information at the proportional odds estimates; it exists
where the larger model has no finite maximum, as with empty cells.

References: Peterson & Harrell (1990), Applied Statistics 39:205-217 (both tests; the score test rejects too
often in small samples).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats.columns import IntArray
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import ConvergenceError, SeparationError
from trialkit.stats.generalized.cumulative import CumulativeLogit, nonproportional_odds
from trialkit.stats.generalized.maximum import maximum_or_separation

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.design import Design

GLOBAL = "GLOBAL"
_EMPTY = 1e-10
"""Share of the largest eigenvalue of the scaled information below which a direction holds no data."""


@dataclass(frozen=True)
class ProportionalOdds:
    """The fit the assumption is tested of: design, category codes, estimates (thresholds first), maximum."""

    design: Design
    codes: IntArray
    estimates: FloatArray
    log_likelihood: float

    @property
    def thresholds(self) -> int:
        return len(self.estimates) - int(self.design.X.shape[1])

    def tests(self) -> pd.DataFrame:
        """term test df statistic p_value note: two rows a term, and two for all terms at once."""
        import pandas as pd

        rows = [
            (term, test, *found)
            for term, columns in {**self.design.term_columns, GLOBAL: self._all}.items()
            for test, found in (
                ("score", self.score(columns)),
                ("likelihood ratio", self.likelihood_ratio(columns)),
            )
        ]
        return pd.DataFrame(rows, columns=["term", "test", "df", "statistic", "p_value", "note"])

    def global_score(self) -> tuple[float, float, float, str]:
        """df, statistic, p value and note of the score test of all terms at once."""
        return self.score(self._all)

    def score(self, columns: tuple[int, ...]) -> tuple[float, float, float, str]:
        if self.thresholds == 1:
            return _no_assumption()
        df = float(len(columns) * (self.thresholds - 1))
        larger, start = self._freed(columns)
        slope, information = larger.derivatives(start)
        scale = 1.0 / np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
        values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
        told = values > _EMPTY * values.max()
        statistic = float(np.sum((vectors[:, told].T @ (slope * scale)) ** 2 / values[told]))
        silent = int(np.sum(~told))
        note = f"{silent} of the df rest on empty cells and cannot speak against it" if silent else ""
        return df, statistic, chi_square_p_value(statistic, df), note

    def likelihood_ratio(self, columns: tuple[int, ...]) -> tuple[float, float, float, str]:
        if self.thresholds == 1:
            return _no_assumption()
        df = float(len(columns) * (self.thresholds - 1))
        larger, start = self._freed(columns)
        names = tuple(f"parameter {i + 1}" for i in range(len(start)))
        try:
            optimum = maximum_or_separation(larger, start, names, "separate effects at each threshold")
        except (SeparationError, ConvergenceError):
            return df, float("nan"), float("nan"), "the larger model has no finite maximum"
        statistic = max(0.0, 2.0 * (optimum.log_likelihood - self.log_likelihood))
        return df, statistic, chi_square_p_value(statistic, df), ""

    @property
    def _all(self) -> tuple[int, ...]:
        return tuple(range(self.design.X.shape[1]))

    def _freed(self, columns: tuple[int, ...]) -> tuple[CumulativeLogit, FloatArray]:
        """The larger model, and the proportional odds estimates as a point of it."""
        freed = list(columns)
        others = [position for position in self._all if position not in columns]
        X, count = self.design.X, self.thresholds
        cuts, slopes = self.estimates[:count], self.estimates[count:]
        larger = nonproportional_odds(X[:, others], X[:, freed], self.codes, count + 1)
        return larger, np.concatenate([cuts, slopes[others], np.repeat(slopes[freed], count)])


def _no_assumption() -> tuple[float, float, float, str]:
    return 0.0, float("nan"), float("nan"), "two categories: nothing to assume"
