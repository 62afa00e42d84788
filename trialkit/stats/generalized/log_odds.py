"""What fits on the log odds scale share: odds ratios, also between any two settings of the covariates and as
pictures; and, where the outcome is an event, probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit

from trialkit.stats import transforms
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.generalized import curve, interaction_grid
from trialkit.stats.inference import check_choice
from trialkit.stats.ls_means import Weights
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Values = Mapping[str, Sequence[Any]]
Scale = Literal["link", "response"]
SCALES: tuple[Scale, ...] = ("link", "response")


@dataclass(frozen=True, repr=False, eq=False)
class LogOddsFit(ModelFit):
    """A model whose coefficients are log odds ratios."""

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error df statistic p_value ci_lower ci_upper, without the intercept."""
        return as_ratios(self.coefficients)

    def odds_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log odds ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def linear_combinations(self, rows: FloatArray, scale: Scale = "link") -> pd.DataFrame:
        """Any combinations of the coefficients, one row of weights each; ``"response"`` as odds ratios."""
        check_choice("scale", scale, SCALES)
        matrix = np.atleast_2d(np.asarray(rows, dtype=float))
        if matrix.shape[1] != len(self.design.column_names):
            raise DataError(
                expected=f"{len(self.design.column_names)} weights a row, one a coefficient",
                found=str(matrix.shape[1]),
            )
        table = self.inference.estimates(
            self._in_parameters(matrix, means=False), confidence_level=self.confidence_level
        )
        return table if scale == "link" else as_ratios(table)

    def compare(self, data: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
        """Odds ratios between settings, row by row: each row of ``data`` against that of ``reference``.

        What a U-shaped covariate needs (+2 Z against 0): columns the two frames share cancel. ``reference``
        may have a single row.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing value, or numbers of rows that do not go together.

        Equivalent in R: ``rms::contrast(fit, list(z = 2), list(z = 0))``.
        """
        ahead, behind = self.design.matrix_for(data), self.design.matrix_for(reference)
        if len(behind) not in (1, len(ahead)):
            raise DataError(
                expected=f"1 or {len(ahead)} reference rows", found=str(len(behind)), where="reference"
            )
        return self.linear_combinations(ahead - behind, scale="response").set_index(data.index)

    def curve(self, along: Values, reference: Mapping[str, Any]) -> pd.DataFrame:
        """Odds ratios along one column against one setting; see ``curve.curve``."""
        return curve.curve(self, along, reference)

    def plot_curve(self, along: Values, reference: Mapping[str, Any]) -> Figure:
        """``curve`` as a picture with its band; the odds ratio axis is logarithmic."""
        return curve.picture(self.curve(along, reference), reference, self.confidence_level)

    def interaction_grid(self, first: Values, second: Values, reference: Mapping[str, Any]) -> pd.DataFrame:
        """Odds ratios over two columns against one setting; see ``interaction_grid.interaction_grid``."""
        return interaction_grid.interaction_grid(self, first, second, reference)

    def plot_interaction(self, first: Values, second: Values, reference: Mapping[str, Any]) -> Figure:
        """``interaction_grid`` as a heatmap; bold where the interval excludes 1."""
        grid = self.interaction_grid(first, second, reference)
        return interaction_grid.heatmap(grid, reference, self.confidence_level)

    def _odds_ratios_to_read(self) -> tuple[tuple[tuple[str, pd.DataFrame], ...], tuple[str, ...]]:
        """The table without columns of splines, which mean nothing alone, and a line about them."""
        table = self.odds_ratios
        splines = table["term"].str.contains(f"{transforms.SPLINE}(", regex=False)
        told = table[~splines]
        tables = () if told.empty else (("Odds ratios", told),)
        lines = ("odds ratios along a spline: compare() and curve()",) if splines.any() else ()
        return tables, lines


@dataclass(frozen=True, repr=False, eq=False)
class EventFit(LogOddsFit):
    """A model of the log odds of an event.

    Attributes
    ----------
    events
        Number of rows used with the event.
    """

    events: int

    def ls_means(
        self,
        factor: str | Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        weights: Weights = "equal",
        scale: Scale = "link",
    ) -> pd.DataFrame:
        """LS means of the log odds; with ``scale="response"`` back-transformed to probabilities.

        On the response scale the standard error is by the delta method; statistic and p value stay those
        of the log odds. Otherwise as ``ModelFit.ls_means``. With random sites: in a site of deviation zero.

        Equivalent in R: ``emmeans(fit, ~ factor, type = "response")``.
        """
        check_choice("scale", scale, SCALES)
        table = super().ls_means(factor, by, weights)
        return table if scale == "link" else _as_probabilities(table)

    def predict(self, data: pd.DataFrame, scale: Scale = "response") -> pd.DataFrame:
        """Probability of the event for new rows (or its log odds): estimate to ci_upper.

        With random sites: in a site of deviation zero.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing or an infinite value.
        """
        check_choice("scale", scale, SCALES)
        table = self.inference.estimates(
            self.design.matrix_for(data), confidence_level=self.confidence_level
        ).set_index(data.index)
        return table if scale == "link" else _as_probabilities(table)


def _as_probabilities(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    probability = expit(table["estimate"].to_numpy())
    table["standard_error"] = table["standard_error"] * probability * (1.0 - probability)
    table["estimate"] = probability
    for name in ("ci_lower", "ci_upper"):
        table[name] = expit(table[name].to_numpy())
    return table
