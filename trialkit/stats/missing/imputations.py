"""Completed data sets, made when asked for, with the account of what was imputed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialkit.stats import display
from trialkit.stats.columns import IntArray
from trialkit.stats.distributions import FloatArray
from trialkit.stats.missing.pool import Analysis, PooledFits, pool_results
from trialkit.stats.missing.rubin import DfRule
from trialkit.stats.showing import Printed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Cells:
    """Imputed values of one column: positions of the rows, and one row of values an imputation."""

    rows: IntArray
    values: FloatArray


class CompletedData(Printed):
    """A sequence of completed data sets, each made when asked for."""

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> pd.DataFrame:
        """The completed data set number ``i``, counted from 0."""
        if not -len(self) <= i < len(self):
            raise IndexError(f"imputation {i} of {len(self)}")
        return self._completed(i)

    def _completed(self, i: int) -> pd.DataFrame:
        raise NotImplementedError

    def _shown(self) -> display.Shown:
        raise NotImplementedError


@dataclass(frozen=True, repr=False, eq=False)
class Imputations(CompletedData):
    """Completed data sets: ``for frame in imputed``, ``imputed[0]``, ``len(imputed)``.

    Attributes
    ----------
    n
        Number of imputations.
    method
        How they were made, in words.
    seed
        As given.
    diagnostics
        One row a variable (and group): observed and imputed numbers, their means and standard deviations;
        ``missing_information``, the largest fraction of missing information in the group; ``iterations``
        before each imputation.
    cells
        Column -> imputed values.
    """

    data: pd.DataFrame = field(repr=False)
    cells: Mapping[str, Cells] = field(repr=False)
    n: int
    method: str
    seed: int | None
    diagnostics: pd.DataFrame

    def __len__(self) -> int:
        return self.n

    def _completed(self, i: int) -> pd.DataFrame:
        frame = self.data.copy()
        for name, cells in self.cells.items():
            numbers = frame[name].to_numpy(dtype=float, na_value=float("nan")).copy()
            numbers[cells.rows] = cells.values[i]
            frame[name] = numbers
        return frame

    def analyse(
        self, analysis: Analysis, df: DfRule = "barnard-rubin", confidence_level: float = 0.95
    ) -> PooledFits | pd.DataFrame:
        """Do the same with every completed data set, and pool by Rubin's rules.

        Parameters
        ----------
        analysis
            Takes a completed data set; returns a fit, or a table of estimates.
        df
            As in ``pool``.
        confidence_level
            Of the pooled intervals of tables; fits bring their own.

        Returns
        -------
        PooledFits or DataFrame
            What ``pool`` gives for fits, ``pool_tables`` for tables.
        """
        return pool_results([analysis(frame) for frame in self], df, confidence_level)

    def _shown(self) -> display.Shown:
        lines = (f"{self.n} imputations of {len(self.data)} rows; seed {self.seed}",)
        return display.Shown(self.method, (("Imputed", self.diagnostics),), lines)
