"""The result of a mixed logistic regression."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit

from trialkit.stats import display
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.inference import check_choice
from trialkit.stats.ls_means import Weights
from trialkit.stats.mixed.interaction_grid import heatmap, interaction_grid
from trialkit.stats.mixed.optimum import Convergence
from trialkit.stats.mixed.random_terms import RandomTerms
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Scale = Literal["link", "response"]


@dataclass(frozen=True, repr=False, eq=False)
class MixedLogisticFit(ModelFit):
    """A fitted mixed logistic regression.

    Attributes
    ----------
    random
        The random part as given.
    quadrature_points
        1 for Laplace's approximation.
    random_sd, random_sd_standard_error
        Standard deviation of the random intercepts on the log odds scale.
    random_effects
        Most likely deviation of each site (log odds), one row a site.
    boundary
        True where the random standard deviation is zero: an optimum, not an error.
    n_groups, events
        Numbers of sites and of events.
    """

    random: RandomTerms
    quadrature_points: int
    random_sd: float
    random_sd_standard_error: float
    random_effects: pd.DataFrame
    boundary: bool
    n_groups: int
    events: int
    convergence: Convergence

    @property
    def title(self) -> str:
        points = self.quadrature_points
        how = "Laplace" if points == 1 else f"{points} quadrature points"
        return f"Mixed logistic: {self.design.formula.text} + ({self.random.text}) ({how})"

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """Odds ratios within a site, Wald intervals; ``log_standard_error`` on the log scale."""
        return as_ratios(self.coefficients)

    @property
    def variance_components(self) -> pd.DataFrame:
        """group term estimate standard_deviation: the variance of the random intercepts."""
        import pandas as pd

        row = {
            "group": [self.random.group],
            "term": ["Intercept"],
            "estimate": [self.random_sd**2],
            "standard_deviation": [self.random_sd],
        }
        return pd.DataFrame(row)

    @property
    def icc(self) -> float:
        """Share of the latent variance between sites; a logistic residual has variance pi^2 / 3."""
        between = self.random_sd**2
        return between / (between + math.pi**2 / 3.0)

    @property
    def aic(self) -> float:
        return 2.0 * (len(self.design.column_names) + 1 - self.log_likelihood)

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of rows, as lme4."""
        return math.log(self.n) * (len(self.design.column_names) + 1) - 2.0 * self.log_likelihood

    def ls_means(
        self,
        factor: str | Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        weights: Weights = "equal",
        scale: Scale = "link",
    ) -> pd.DataFrame:
        """LS means of the log odds in a site of deviation zero; ``scale="response"`` as probabilities.

        Equivalent in R: ``emmeans(fit, ~ factor, type = "response")``.
        """
        check_choice("scale", scale, ("link", "response"))
        table = super().ls_means(factor, by, weights)
        return table if scale == "link" else _as_probabilities(table)

    def odds_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log odds ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def linear_combinations(self, rows: FloatArray, scale: Scale = "link") -> pd.DataFrame:
        """Any combinations of the coefficients, one row of weights each; ``"response"`` as odds ratios."""
        check_choice("scale", scale, ("link", "response"))
        matrix = np.atleast_2d(np.asarray(rows, dtype=float))
        if matrix.shape[1] != len(self.design.column_names):
            raise DataError(
                expected=f"{len(self.design.column_names)} weights a row, one a coefficient",
                found=str(matrix.shape[1]),
            )
        table = self.inference.estimates(matrix, confidence_level=self.confidence_level)
        return table if scale == "link" else as_ratios(table)

    def compare(self, data: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
        """Odds ratios between settings, row by row: each row of ``data`` against that of ``reference``.

        What a U-shaped covariate needs (+2 Z against 0): columns the two frames share cancel. ``reference``
        may have a single row.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing value, or numbers of rows that do not go together.
        """
        ahead, behind = self.design.matrix_for(data), self.design.matrix_for(reference)
        if len(behind) not in (1, len(ahead)):
            raise DataError(
                expected=f"1 or {len(ahead)} reference rows", found=str(len(behind)), where="reference"
            )
        return self.linear_combinations(ahead - behind, scale="response").set_index(data.index)

    def interaction_grid(
        self,
        first: Mapping[str, Sequence[Any]],
        second: Mapping[str, Sequence[Any]],
        reference: Mapping[str, Any],
    ) -> pd.DataFrame:
        """Odds ratios over two columns against one setting; see ``interaction_grid.interaction_grid``."""
        return interaction_grid(self, first, second, reference)

    def plot_interaction(
        self,
        first: Mapping[str, Sequence[Any]],
        second: Mapping[str, Sequence[Any]],
        reference: Mapping[str, Any],
    ) -> Figure:
        """``interaction_grid`` as a heatmap; bold where the interval excludes 1."""
        return heatmap(interaction_grid(self, first, second, reference))

    def predict(self, data: pd.DataFrame, scale: Scale = "response") -> pd.DataFrame:
        """Probability of the event in a site of deviation zero (or its log odds): estimate to ci_upper.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing or an infinite value.
        """
        check_choice("scale", scale, ("link", "response"))
        table = self.inference.estimates(
            self.design.matrix_for(data), confidence_level=self.confidence_level
        ).set_index(data.index)
        return table if scale == "link" else _as_probabilities(table)

    def likelihood_ratio(self, smaller: MixedLogisticFit) -> pd.DataFrame:
        """Chi-square test of this model against one it contains: statistic df p_value.

        Raises
        ------
        DataError
            Other rows, other quadrature, or not fewer coefficients.
        """
        import pandas as pd

        assert self.design.y is not None
        assert smaller.design.y is not None
        same = np.array_equal(self.design.y, smaller.design.y)
        df = float(len(self.design.column_names) - len(smaller.design.column_names))
        if not same or self.quadrature_points != smaller.quadrature_points or df <= 0:
            raise DataError(
                expected="a smaller model of the same rows with the same quadrature",
                found=f"{smaller.n} rows, {smaller.quadrature_points} points, {df:.0f} coefficients fewer",
                next_step="Fit both to the same complete rows and call it on the larger.",
            )
        statistic = max(0.0, 2.0 * (self.log_likelihood - smaller.log_likelihood))
        p_value = chi_square_p_value(statistic, df)
        return pd.DataFrame({"statistic": [statistic], "df": [df], "p_value": [p_value]})

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        tables = list(shown.tables)
        if self.design.terms:
            tables.append(("Odds ratios", self.odds_ratios))
        if self.default_factor is not None:
            tables.append((f"Log odds, LS means of {self.default_factor}", self.ls_means()))
        lines = [f"{self.events} events in {self.n} rows of {self.n_groups} {self.random.group}"]
        lines.append(f"random SD {display.number(self.random_sd)}")
        if self.boundary:
            lines.append("the random standard deviation is at its boundary, zero")
        return display.Shown(shown.title, tuple(tables), (*lines, *shown.lines))


def _as_probabilities(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    probability = expit(table["estimate"].to_numpy())
    table["standard_error"] = table["standard_error"] * probability * (1.0 - probability)
    table["estimate"] = probability
    for name in ("ci_lower", "ci_upper"):
        table[name] = expit(table[name].to_numpy())
    return table
