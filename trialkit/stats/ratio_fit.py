"""What models of log ratios share: odds or hazard ratios between any two settings, and their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from trialkit.errors import TrialkitError
from trialkit.stats import ratio_curve, ratio_grid, transforms
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.ratios import as_ratios
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Values = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, repr=False, eq=False)
class RatioFit(ModelFit):
    """A model whose coefficients are logarithms of ratios; ``ratio`` says of what."""

    ratio: ClassVar[str]

    def compare(self, data: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
        """Ratios between settings, row by row: each row of ``data`` against that of ``reference``.

        What a U-shaped covariate (+2 Z against 0) or an interaction needs: columns the two frames share
        cancel. ``reference`` may have a single row.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing value, or numbers of rows that do not go together.

        Equivalent in R: ``rms::contrast(fit, list(z = 2), list(z = 0))``.
        """
        ahead, behind = self.design.matrix_for(data), self.design.matrix_for(reference)
        if len(behind) not in (1, len(ahead)):
            raise DataError(
                expected=said("1 or {n_ahead} reference rows", n_ahead=len(ahead)),
                found=str(len(behind)),
                where="reference",
            )
        return as_ratios(self.linear_combinations(ahead - behind)).set_index(data.index)

    def curve(self, along: Values, reference: Mapping[str, Any]) -> pd.DataFrame:
        """Ratios along one column against one setting; see ``ratio_curve.curve``."""
        return ratio_curve.curve(self, along, reference)

    def plot_curve(self, along: Values, reference: Mapping[str, Any]) -> Figure:
        """``curve`` as a picture with its band; the axis of ratios is logarithmic."""
        return ratio_curve.picture(self, along, reference)

    def interaction_grid(self, first: Values, second: Values, reference: Mapping[str, Any]) -> pd.DataFrame:
        """Ratios over two columns against one setting; see ``ratio_grid.interaction_grid``."""
        return ratio_grid.interaction_grid(self, first, second, reference)

    def plot_interaction(self, first: Values, second: Values, reference: Mapping[str, Any]) -> Figure:
        """``interaction_grid`` as a heatmap; bold where the interval excludes 1."""
        return ratio_grid.heatmap(self, self.interaction_grid(first, second, reference), reference)

    def _ratios_to_read(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The ratios without columns of splines, which mean nothing alone, and a line about them."""
        import pandas as pd

        try:
            table = as_ratios(self.coefficients)
        except TrialkitError:  # told beside the coefficients
            return pd.DataFrame(), ()
        splines = table["term"].str.contains(f"{transforms.SPLINE}(", regex=False)
        lines = (f"{self.ratio}s along a spline: compare() and curve()",) if splines.any() else ()
        return table[~splines], lines
