"""What fits on the log odds scale share: odds ratios and, where the outcome is an event, probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from scipy.special import expit

from trialkit.stats.combinations import Combinations
from trialkit.stats.inference import check_choice
from trialkit.stats.ls_means import Weights
from trialkit.stats.ratio_fit import RatioFit
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd

Scale = Literal["link", "response"]
SCALES: tuple[Scale, ...] = get_args(Scale)


@dataclass(frozen=True, repr=False, eq=False)
class LogOddsFit(RatioFit):
    """A model whose coefficients are log odds ratios."""

    ratio = "odds ratio"

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error df statistic p_value ci_lower ci_upper, without the intercept."""
        return as_ratios(self.coefficients)

    def odds_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log odds ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def linear_combinations(self, rows: Combinations, scale: Scale = "link") -> pd.DataFrame:
        """As ``ModelFit.linear_combinations``; with ``scale="response"`` as odds ratios."""
        check_choice("scale", scale, SCALES)
        table = super().linear_combinations(rows)
        return table if scale == "link" else as_ratios(table)


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
