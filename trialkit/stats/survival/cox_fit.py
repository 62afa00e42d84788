"""The result of a Cox regression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.distributions import chi_square_p_value
from trialkit.stats.errors import NonEstimableError
from trialkit.stats.groups import Strata
from trialkit.stats.survival import schoenfeld
from trialkit.stats.survival.log_hazards import LogHazardsFit
from trialkit.stats.survival.newton import Optimum
from trialkit.stats.survival.observations import Floats
from trialkit.stats.survival.partial_likelihood import PartialLikelihood, Ties
from trialkit.stats.survival.product_limit import ProductLimit
from trialkit.stats.survival.proportional_hazards import TimeTransform, proportional_hazards_test

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


STRATA_COLUMNS = ("n", "events", "informative", "time", "cumulative_hazard")
"""Of the tables by stratum: no stratification factor may have these names."""


@dataclass(frozen=True, repr=False, eq=False)
class CoxFit(LogHazardsFit):
    """A fitted Cox model.

    ``coefficients`` and ``contrasts`` are log hazard ratios. ``log_likelihood`` is the partial one. Errors
    and tests of coefficients are robust where ``robust`` is true; ``naive_covariance`` is then the model's
    own.
    """

    likelihood: PartialLikelihood = field(repr=False)
    optimum: Optimum = field(repr=False)
    naive_covariance: Floats = field(repr=False)
    pooled_survival: ProductLimit = field(repr=False)
    in_strata: Strata = field(repr=False)
    scale: Floats = field(repr=False)
    n_clusters: int | None
    robust: bool
    ties: Ties

    instead_of_means = (
        "Ask for contrasts, which need no level; baseline_hazard() has the level itself, in each stratum."
    )

    @property
    def title(self) -> str:
        strata = "" if self.in_strata.count == 1 else f", {self.in_strata.count} strata"
        clusters = "" if self.n_clusters is None else f" over {self.n_clusters} clusters"
        robust = f", robust errors{clusters}" if self.robust else ""
        return f"Cox regression, {self.ties.capitalize()} ties{strata}{robust}"

    @property
    def n_events(self) -> int:
        return int(self.likelihood.sets.event.sum())

    @property
    def fitted(self) -> pd.Series[float]:
        """Expected number of events of each row used over its time at risk, on the index of the data.

        Equivalent in R: ``predict(fit, type = "expected")``.
        """
        return self.on_rows(self._by_row(self.likelihood.expected(self.optimum.hazards)), "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Martingale residuals, events less those expected, on the index of the data; they add up to 0.

        Equivalent in R: ``residuals(fit, type = "martingale")``.
        """
        return self.on_rows(self._by_row(self.likelihood.sets.event), "residual") - self.fitted.to_numpy()

    def _by_row(self, arranged: Floats) -> Floats:
        """Back in the order of the rows used; those whose time says nothing have 0."""
        values = np.zeros(self.n)
        values[self.likelihood.sets.row] = arranged
        return values

    @property
    def proportional_hazards(self) -> pd.DataFrame:
        """Score test of proportional hazards against 1 - Kaplan-Meier, the default of R's ``cox.zph``."""
        return self.proportional_hazards_test("km")

    def proportional_hazards_test(self, transform: TimeTransform = "km") -> pd.DataFrame:
        """One row a term, and GLOBAL: term, statistic, df, p_value.

        Parameters
        ----------
        transform
            The function of time that log hazard ratios may follow: ``"km"`` (1 - the pooled Kaplan-Meier
            just before), ``"rank"`` of the times, ``"identity"`` or ``"log"``.

        Equivalent in R (survival 3.0 or newer): ``cox.zph(fit, transform = "km")``. SAS: none the same.
        """
        return proportional_hazards_test(
            self.likelihood, self.optimum.hazards, self.design.term_columns, self.pooled_survival, transform
        )

    @property
    def scaled_schoenfeld_residuals(self) -> pd.DataFrame:
        """One row an event in order of time: time, then one column a coefficient; see ``schoenfeld``."""
        return schoenfeld.scaled_residuals(self)

    def plot_proportional_hazards(self, transform: TimeTransform = "km") -> Figure:
        """A panel a coefficient: what its value would be at each event, smoothed, against time.

        Level within the band where hazards are proportional. Equivalent in R: ``plot(cox.zph(fit, terms =
        FALSE))``.
        """
        return schoenfeld.figure(self, transform)

    @property
    def tests(self) -> pd.DataFrame:
        """Likelihood-ratio, Wald and score tests that every coefficient is 0.

        The Wald test is robust where the fit is; the other two take rows as independent, whatever the fit.
        """
        import pandas as pd

        optimum, inference = self.optimum, self.inference
        scale = np.sqrt(np.diag(optimum.null_information))
        z = optimum.null_score / scale
        try:
            wald = inference.joint_test(np.eye(len(scale))).statistic
        except NonEstimableError:  # fewer clusters than coefficients
            wald = float("nan")
        values = [
            2 * (optimum.log_likelihood - optimum.null_log_likelihood),
            wald,
            float(z @ np.linalg.solve(optimum.null_information / np.outer(scale, scale), z)),
        ]
        df = len(scale)
        return pd.DataFrame(
            {
                "test": ["likelihood ratio", "Wald", "score"],
                "statistic": values,
                "df": df,
                "p_value": [chi_square_p_value(value, df) for value in values],
            }
        )

    @property
    def null_log_likelihood(self) -> float:
        """Partial log-likelihood with every coefficient at 0."""
        return self.optimum.null_log_likelihood

    @property
    def aic(self) -> float:
        return 2 * len(self.inference.coefficients) - 2 * self.log_likelihood

    @property
    def strata(self) -> pd.DataFrame:
        """One row a stratum: rows used, events, and whether it says anything about the coefficients."""
        table = self.in_strata.labels.copy()
        codes = np.arange(len(table))
        sets = self.likelihood.sets
        table["n"] = np.bincount(self.in_strata.codes, minlength=len(codes))
        events = np.bincount(self.in_strata.codes[sets.row], weights=sets.event, minlength=len(codes))
        table["events"] = events.astype(np.int64)
        table["informative"] = self._varies_with_events()
        return table

    def baseline_hazard(self) -> pd.DataFrame:
        """Cumulative hazard where every column of the design is 0, at the event times of each stratum.

        Breslow's estimate, or Efron's after Efron ties. Equivalent in R: ``basehaz(fit, centered = FALSE)``.
        """
        import pandas as pd

        sets, hazards = self.likelihood.sets, self.optimum.hazards
        parts = []
        predictor = self.design.X[sets.row] @ self.inference.coefficients
        ends = np.append(sets.first_of_cell, len(sets.row))
        for cells in sets.strata():
            first, last = int(ends[cells.start]), int(ends[cells.stop])
            reached = first + int(np.argmax(hazards.weight[first:last]))
            shift = predictor[reached] - np.log(hazards.weight[reached])
            table = self.in_strata.labels.iloc[
                [self.in_strata.codes[sets.row[first]]] * (cells.stop - cells.start)
            ]
            hazard = np.cumsum(hazards.inverse[cells]) * np.exp(-shift)
            parts.append(
                table.reset_index(drop=True).assign(time=sets.cell_time[cells], cumulative_hazard=hazard)
            )
        return pd.concat(parts, ignore_index=True)

    def _varies_with_events(self) -> list[bool]:
        sets = self.likelihood.sets
        stratum = self.in_strata.codes[sets.row]
        return [
            bool(np.ptp(self.likelihood.design[stratum == code], axis=0).max(initial=0.0) > 0)
            if (stratum == code).any()
            else False
            for code in range(self.in_strata.count)
        ]

    def _shown(self) -> display.Shown:
        caution = ("likelihood ratio and score test take rows as independent; Wald does not",)
        return display.Shown(
            title=self.title,
            tables=(("Hazard ratios", self.hazard_ratios), ("All coefficients 0", self.tests)),
            lines=(
                *(caution if self.robust else ()),
                f"events {self.n_events}; partial log-likelihood {display.number(self.log_likelihood)}",
                self.rows.sentence(),
            ),
        )
