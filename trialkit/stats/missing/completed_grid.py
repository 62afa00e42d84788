"""The result of reference-based imputation: completed data, its account, and what is done with them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.missing.completion import Completion
from trialkit.stats.missing.conditional_means import ConditionalMeans
from trialkit.stats.missing.delta import Delta, Worse, shifts_by_arm
from trialkit.stats.missing.imputations import CompletedData
from trialkit.stats.missing.jackknife import JackknifedFits, jackknife
from trialkit.stats.missing.long_grid import Grid
from trialkit.stats.missing.pool import Analysis, PooledFits, pool_results
from trialkit.stats.missing.rubin import DfRule

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class GridImputations(CompletedData):
    """Completed data sets with every subject at every visit: ``for frame in imputed``, ``imputed[0]``.

    Columns that were not constant within a subject are missing in rows that were added; compute a change
    from baseline in the analysis, from the completed outcome.

    Attributes
    ----------
    method
        ``"conditional-mean"`` (one completed data set) or ``"bayes"``.
    formula
        The imputation model's.
    seed
        As given; None without random numbers.
    shifts
        What delta adds to values missing after an event, for each arm.
    """

    grid: Grid = field(repr=False)
    completion: Completion = field(repr=False)
    names: tuple[str, str, str, str] = field(repr=False)
    reference: Hashable
    method: str
    formula: str
    seed: int | None
    values: FloatArray = field(repr=False)
    conditional_means: ConditionalMeans | None = field(repr=False)
    shifts: FloatArray

    @property
    def n(self) -> int:
        """Number of completed data sets."""
        return len(self.values)

    @property
    def counts(self) -> pd.DataFrame:
        """One row an arm and visit: observed, missing_at_random, missing_after_event."""
        import pandas as pd

        missing, after = self.completion.missing, self.completion.after_event
        lines = []
        for code, label in enumerate(self.grid.arms):
            own = self.grid.arm == code
            for position, visit in enumerate(self.grid.visits):
                absent, affected = missing[own, position], after[own, position]
                lines.append(
                    {
                        self.names[3]: label,
                        self.names[1]: visit,
                        "observed": int((~absent).sum()),
                        "missing_at_random": int((absent & ~affected).sum()),
                        "missing_after_event": int(affected.sum()),
                    }
                )
        return pd.DataFrame(lines)

    def imputed_values(self, i: int = 0) -> pd.DataFrame:
        """Every value imputed in data set ``i``: subject, visit, outcome, strategy, after_event."""
        import pandas as pd

        rows, at = np.nonzero(self.completion.missing)
        after = self.completion.after_event[rows, at]
        strategies = self.completion.events.strategies
        used = [strategies[s] if late else "mar" for s, late in zip(rows, after, strict=True)]
        subject, visit, outcome, _ = self.names
        return pd.DataFrame(
            {
                subject: [self.grid.subjects[s] for s in rows],
                visit: [self.grid.visits[v] for v in at],
                outcome: self._shifted(self.values[i])[rows, at],
                "strategy": used,
                "after_event": after,
            }
        )

    def __len__(self) -> int:
        return self.n

    def _completed(self, i: int) -> pd.DataFrame:
        return self._frame(self.values[i])

    def with_delta(self, delta: Delta | None, worse: Worse | None = None) -> GridImputations:
        """The same imputations with another delta: nothing is drawn or fitted again.

        Raises
        ------
        DataError
            As ``impute_reference_based``.
        """
        return replace(self, shifts=shifts_by_arm(delta, worse, self.grid.arms, self.reference))

    def analyse(
        self, analysis: Analysis, df: DfRule = "barnard-rubin", confidence_level: float = 0.95
    ) -> PooledFits | JackknifedFits | pd.DataFrame:
        """Do the same with every completed data set; errors by Rubin's rules or by the jackknife.

        Parameters
        ----------
        analysis
            Takes a completed data set; returns a fit, or a table of estimates.
        df
            Rule of Rubin's degrees of freedom; the jackknife's are infinite.
        confidence_level
            Of the intervals of tables; fits bring their own.

        Returns
        -------
        PooledFits, JackknifedFits or DataFrame
            A DataFrame where the analysis returns one.

        Raises
        ------
        DataError
            An analysis that returns something else, or different rows; a coefficient of the imputation model
            that one subject alone determines (jackknife).
        """
        if self.conditional_means is None:
            return pool_results([analysis(frame) for frame in self], df, confidence_level)
        self.conditional_means.model.require_replicates(self.grid.subjects)
        whole = analysis(self[0])
        visits = len(self.grid.visits)
        owner = np.repeat(np.arange(len(self.grid.subjects)), visits)
        replicates = [
            analysis(self._frame(values)[owner != s].reset_index(drop=True))
            for s, values in enumerate(self.conditional_means.without_each())
        ]
        if isinstance(whole, ModelFit):
            fits = tuple(result for result in replicates if isinstance(result, ModelFit))
            if len(fits) == len(replicates):
                return JackknifedFits(whole, fits, whole.confidence_level)
        tables = [result for result in replicates if not isinstance(result, ModelFit)]
        if isinstance(whole, ModelFit) or len(tables) < len(replicates):
            raise DataError(expected="an analysis that always returns the same kind", found="fits and tables")
        return jackknife(whole, tables, confidence_level)

    def _shifted(self, values: FloatArray) -> FloatArray:
        return values + self.completion.after_event * self.shifts[self.grid.arm][:, None]

    def _frame(self, values: FloatArray) -> pd.DataFrame:
        return self.grid.frame.assign(**{self.names[2]: self._shifted(values).ravel()})

    def _shown(self) -> display.Shown:
        strategies = self.completion.events.strategies
        late = np.asarray(self.completion.after_event.any(axis=1))
        used = sorted({name for name, any_late in zip(strategies, late, strict=True) if any_late})
        after = int(self.completion.after_event.sum())
        lines = [
            f"imputation model: {self.formula}, one unstructured covariance",
            f"{len(self.grid.subjects)} subjects, {self.grid.added} rows added; {after} values missing after "
            f"an event ({', '.join(used) or 'none'}), {int(self.completion.missing.sum()) - after} at random",
        ]
        if self.shifts.any():
            added = ", ".join(
                f"{s:+g} ({arm})" for arm, s in zip(self.grid.arms, self.shifts, strict=True) if s
            )
            lines.append(f"added to values missing after an event: {added}")
        jackknifed = self.conditional_means is not None
        made = (
            "conditional means, errors by the jackknife"
            if jackknifed
            else f"{self.n} draws, seed {self.seed}"
        )
        title = f"Reference-based imputation ({made})"
        return display.Shown(title, (("Outcomes", self.counts),), tuple(lines))
