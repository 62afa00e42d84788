"""What fits on the log hazard scale share: hazard ratios of coefficients, of levels, of any two settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class LogHazardsFit(ModelFit):
    """A model whose coefficients are log hazard ratios; its level is in the baseline hazard."""

    means_are_estimable = False

    @property
    def hazard_ratios(self) -> pd.DataFrame:
        """One row a coefficient: term estimate log_standard_error df statistic p_value ci_lower ci_upper."""
        return as_ratios(self.coefficients)

    def hazard_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log hazard ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def compare(self, data: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
        """Hazard ratios between settings, row by row: each row of ``data`` against that of ``reference``.

        What a spline or an interaction needs: columns the two frames share cancel. ``reference`` may have a
        single row.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing value, or numbers of rows that do not go together.

        Equivalent in R: ``rms::contrast(fit, list(age = 75), list(age = 65))``.
        """
        ahead, behind = self.design.matrix_for(data), self.design.matrix_for(reference)
        if len(behind) not in (1, len(ahead)):
            raise DataError(
                expected=f"1 or {len(ahead)} reference rows", found=str(len(behind)), where="reference"
            )
        table = self.inference.estimates(ahead - behind, confidence_level=self.confidence_level)
        return as_ratios(table).set_index(data.index)
