"""What regressions with a log link share: ratios of rates or risks, robust errors, existence of a maximum."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import IntArray
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, SeparationError
from trialkit.stats.generalized.separation import separating_direction, separating_names
from trialkit.stats.inference import check_choice
from trialkit.stats.ratio_fit import RatioFit
from trialkit.stats.ratios import as_ratios
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

GlmErrors = Literal["model", "robust", "cluster"]
GLM_ERRORS: tuple[GlmErrors, ...] = get_args(GlmErrors)
_PLAINLY = 1e-6
"""Smallest singular value over the largest of columns that are plainly independent."""
_IN_WORDS = {"model": "", "robust": ", robust errors", "cluster": ", cluster-robust errors"}


@dataclass(frozen=True, repr=False, eq=False)
class LogLinkFit(RatioFit):
    """A model of the logarithm of a mean.

    Attributes
    ----------
    errors
        How the covariance of the coefficients was found.
    fitted_values
        Expected outcome of each row used.
    """

    family: ClassVar[str]

    errors: GlmErrors
    fitted_values: FloatArray

    @property
    def title(self) -> str:
        return f"{self.family}: {self.design.formula.text}{_IN_WORDS[self.errors]}"

    @property
    def fitted(self) -> pd.Series[float]:
        """Expected outcome of the rows used, on the index of the data."""
        return self.on_rows(self.fitted_values, "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Observed minus expected, on the index of the data: R's ``type = "response"``."""
        assert self.design.y is not None
        return self.on_rows(self.design.y - self.fitted_values, "residual")

    def _ratios(self) -> pd.DataFrame:
        return as_ratios(self.coefficients)

    def ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a logarithm)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        ratios, on_splines = self._ratios_to_read()
        named = [] if ratios.empty else [(f"{self.ratio.capitalize()}s", ratios)]
        return display.Shown(shown.title, (*shown.tables, *named), (*on_splines, *shown.lines))


def read_log_link(
    formula: str,
    data: pd.DataFrame,
    outcome: Literal["numeric", "binary"],
    errors: GlmErrors,
    cluster: str | None,
    treatment: str | None,
    reference: Hashable | None,
    extra: tuple[str, ...] = (),
) -> Design:
    """The design, with what robust errors need among the columns used."""
    check_choice("errors", errors, GLM_ERRORS)
    if (errors == "cluster") != (cluster is not None):
        raise DataError(
            expected="a cluster column with errors='cluster', and none with other errors",
            found=said("errors={errors!r} and cluster={cluster!r}", errors=errors, cluster=cluster),
            next_step="Say errors='cluster', cluster='...'.",
        )
    columns = (*extra, *((cluster,) if cluster is not None else ()))
    return build_design(
        formula,
        data,
        outcome=outcome,
        extra=columns,
        subject=cluster,
        **treatment_arguments(treatment, reference),
    )


def require_counts(design: Design) -> None:
    """Refuse an outcome that is no count: below 0, or not whole."""
    assert design.y is not None
    strange = int(np.sum((design.y < 0) | (design.y != np.round(design.y))))
    if strange:
        raise DataError(
            expected="counts: whole numbers of 0 or more",
            found=said("{strange} other value(s)", strange=strange),
            where=said("outcome {name!r}", name=design.outcome_name),
            next_step="Give the count, and the time it was counted over as exposure=.",
        )


def refuse_empty_directions(design: Design, where: str) -> None:
    """A maximum exists unless a direction lowers means of rows without events and no mean of the others."""
    X, y = design.X, design.y
    assert y is not None
    size = np.abs(X).max(axis=0)
    if np.linalg.matrix_rank(X[y > 0] / np.where(size > 0, size, 1.0), rtol=_PLAINLY) == X.shape[1]:
        return  # every direction changes the mean of some row with events
    signed = np.vstack([X[y > 0], -X[y > 0], -X[y == 0]])
    if separating_direction(signed) is None:
        return
    raise SeparationError(
        expected="an event at every level, so that a finite ratio is most likely",
        found=said(
            "none in some direction along {names}",
            names=separating_names(signed, design.column_names, design, complete=False),
        ),
        where=where,
        next_step="Merge that level with another, or leave it out.",
    )


def robust_covariance(
    X: FloatArray, scores: FloatArray, bread: FloatArray, clusters: IntArray | None
) -> FloatArray:
    """The sandwich of scores a row, or summed within clusters times G / (G - 1).

    Equivalent in R: ``sandwich::sandwich``, ``sandwich::vcovCL(type = "HC0")``.
    """
    weighted = X * scores[:, None]
    if clusters is None:
        return np.asarray(bread @ (weighted.T @ weighted) @ bread)
    groups = int(clusters.max()) + 1
    summed = np.zeros((groups, X.shape[1]))
    np.add.at(summed, clusters, weighted)
    return np.asarray(groups / (groups - 1.0) * bread @ (summed.T @ summed) @ bread)


def cluster_codes(design: Design, cluster: str | None) -> IntArray | None:
    """Codes of the clusters of the rows used; one cluster alone is refused."""
    import pandas as pd

    if cluster is None:
        return None
    codes, levels = pd.factorize(design.column(cluster))
    if len(levels) < 2:
        raise DataError(
            expected="at least two clusters among the rows used",
            found=str(len(levels)),
            where=said("column {name!r}", name=cluster),
            next_step="Name the column of the clusters.",
        )
    return np.asarray(codes, dtype=np.intp)
