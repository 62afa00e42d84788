"""What fits on the log hazard scale share: hazard ratios of coefficients and of levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.stats.ratio_fit import RatioFit
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class LogHazardsFit(RatioFit):
    """A model whose coefficients are log hazard ratios; its level is in the baseline hazard."""

    means_are_estimable = False
    ratio = "hazard ratio"

    @property
    def hazard_ratios(self) -> pd.DataFrame:
        """One row a coefficient: term estimate log_standard_error df statistic p_value ci_lower ci_upper."""
        return as_ratios(self.coefficients)

    def hazard_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log hazard ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))
