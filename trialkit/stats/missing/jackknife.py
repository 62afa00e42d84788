"""Estimates from one completed data set, with the error that leaving out each subject in turn shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.missing.pool import inferred_anew, label_columns
from trialkit.stats.showing import Printed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class JackknifedFits(Printed):
    """A fit to the conditional means, and the fits with each subject left out.

    ``coefficients``, ``ls_means()`` and ``contrasts()`` are those of the fit, their errors the jackknife's,
    their df infinite.
    """

    fit: ModelFit = field(repr=False)
    replicates: tuple[ModelFit, ...] = field(repr=False)
    confidence_level: float

    @property
    def coefficients(self) -> pd.DataFrame:
        return self._table([f.coefficients for f in (self.fit, *self.replicates)])

    def ls_means(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        """LS means; the arguments are those of the fit's own ``ls_means``."""
        return self._table([f.ls_means(*arguments, **options) for f in (self.fit, *self.replicates)])

    def contrasts(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        """Contrasts; the arguments are those of the fit's own ``contrasts``."""
        return self._table([f.contrasts(*arguments, **options) for f in (self.fit, *self.replicates)])

    def _table(self, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
        return jackknife(tables[0], tables[1:], self.confidence_level)

    def _shown(self) -> display.Shown:
        lines = (f"errors by leaving out each of {len(self.replicates)} subjects",)
        title = f"{self.fit.title}; conditional-mean imputation"
        return display.Shown(title, (("Coefficients", self.coefficients),), lines)


def jackknife(
    table: pd.DataFrame, replicates: Sequence[pd.DataFrame], confidence_level: float
) -> pd.DataFrame:
    """The estimates of ``table`` with standard errors from the replicates' estimates.

    Raises
    ------
    DataError
        Replicates whose rows differ from the table's.

    References: Efron & Tibshirani (1993), An Introduction to the Bootstrap, equation 11.5.
    """
    labels = label_columns(table)
    for replicate in replicates:
        if not label_columns(replicate).equals(labels):
            raise DataError(
                expected="an analysis that gives the same rows whoever is left out",
                found="rows that differ",
                next_step="Declare the levels of every factor, or merge levels of a single subject.",
            )
    estimates = np.array([replicate["estimate"].to_numpy(dtype=float) for replicate in replicates])
    estimate = table["estimate"].to_numpy(dtype=float)
    df = np.full(len(estimate), np.inf)
    return inferred_anew(table, estimate, jackknife_error(estimates), df, confidence_level)


def jackknife_error(estimates: FloatArray) -> FloatArray:
    """Standard errors from leave-one-out estimates (replicates x quantities)."""
    n = len(estimates)
    centred = estimates - estimates.mean(axis=0)
    return np.asarray(np.sqrt((n - 1) / n * (centred**2).sum(axis=0)))
