"""The result of a mixed logistic regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from trialkit.numbers import plain
from trialkit.stats import display
from trialkit.stats.distributions import chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.generalized.log_odds import EventFit
from trialkit.stats.mixed.optimum import Convergence
from trialkit.stats.mixed.random_terms import RandomTerms
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class MixedLogisticFit(EventFit):
    """A fitted mixed logistic regression; odds ratios hold within a site, LS means and predictions in a site
    of deviation zero.

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
    n_groups
        Number of sites.
    """

    random: RandomTerms
    quadrature_points: int
    random_sd: float
    random_sd_standard_error: float
    random_effects: pd.DataFrame
    boundary: bool
    n_groups: int
    convergence: Convergence

    @property
    def title(self) -> str:
        points = self.quadrature_points
        how = "Laplace" if points == 1 else f"{points} quadrature points"
        return f"Mixed logistic: {self.design.formula.text} + ({self.random.text}) ({how})"

    @property
    def counted_unit(self) -> str:
        """What the account of rows counts besides rows: sites, where the random intercept is theirs."""
        return f"values of {self.random.group}"

    @property
    def fitted(self) -> pd.Series[float]:
        """Probability of the event in the rows used, with each site's deviation, on the index of the data."""
        deviations = self.random_effects.Intercept.reindex(self.design.column(self.random.group)).to_numpy()
        return self.on_rows(expit(self.design.X @ self.inference.coefficients + deviations), "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Outcome (0 or 1) minus probability, on the index of the data: R's ``type = "response"``."""
        assert self.design.y is not None
        return self.on_rows(self.design.y - self.fitted.to_numpy(), "residual")

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
                found=said(
                    "{n} rows, {quadrature_points} points, {df} coefficients fewer",
                    n=smaller.n,
                    quadrature_points=smaller.quadrature_points,
                    df=plain(df, 0),
                ),
                next_step="Fit both to the same complete rows and call it on the larger.",
            )
        statistic = max(0.0, 2.0 * (self.log_likelihood - smaller.log_likelihood))
        p_value = chi_square_p_value(statistic, df)
        return pd.DataFrame({"statistic": [statistic], "df": [df], "p_value": [p_value]})

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        ratios, on_splines = self._ratios_to_read()
        tables = [*shown.tables, *([] if ratios.empty else [("Odds ratios", ratios)])]
        if self.default_factor is not None:
            made, refused = display.gather([(f"Log odds, LS means of {self.default_factor}", self.ls_means)])
            tables, on_splines = [*tables, *made], (*refused, *on_splines)
        lines = [f"{self.events} events in {self.n} rows"]
        lines.append(f"random SD {display.number(self.random_sd)}")
        if self.boundary:
            lines.append("the random standard deviation is at its boundary, zero")
        return display.Shown(shown.title, tuple(tables), (*on_splines, *lines, *shown.lines))
