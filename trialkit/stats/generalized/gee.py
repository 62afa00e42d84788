"""Generalized estimating equations: marginal regressions of repeated outcomes, with robust errors."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import IntArray, read_column, require_columns
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError, DataError
from trialkit.stats.generalized.estimating_equations import Clusters, Correlation, Family, Solved, solve
from trialkit.stats.generalized.log_link import refuse_empty_directions, require_counts
from trialkit.stats.generalized.separation import refuse_separation
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.mixed.visits import require_ordered_visits
from trialkit.stats.ratio_fit import RatioFit
from trialkit.stats.ratios import as_ratios
from trialkit.stats.stated_order import require_stated_order
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

GeeErrors = Literal["robust", "bias-reduced", "model"]
FAMILIES: tuple[Family, ...] = get_args(Family)
CORRELATIONS: tuple[Correlation, ...] = get_args(Correlation)
GEE_ERRORS: tuple[GeeErrors, ...] = get_args(GeeErrors)
_NEARLY_SURE = 0.45  # of a probability, from one half: looked into
_FAR_OUT = 10.0
"""Beyond this coefficient it is asked whether the outcome is separated."""
_RATIO = {"binomial": "odds ratio", "poisson": "rate ratio"}
_ROUNDING = 1e-12


@dataclass(frozen=True, repr=False, eq=False)
class GeeFit(RatioFit):
    """A fitted marginal model.

    Attributes
    ----------
    family, correlation, errors
        As asked for.
    working_correlation
        Its estimated parameter (0 with independence).
    scale
        Of the variance function: 1 for binomial and Poisson, estimated for gaussian.
    n_subjects
        Number of subjects used.
    fitted_values
        Expected outcome of each row used.
    """

    ratio = "ratio"

    family: Family
    correlation: Correlation
    errors: GeeErrors
    working_correlation: float
    scale: float
    n_subjects: int
    fitted_values: FloatArray

    @property
    def title(self) -> str:
        return f"GEE ({self.family}, {self.correlation}, {self.errors} errors): {self.design.formula.text}"

    @property
    def ratios(self) -> pd.DataFrame:
        """Odds ratios (binomial) or rate ratios (Poisson), the columns as ``odds_ratios`` of ``logistic``.

        Raises
        ------
        DataError
            A gaussian model, whose coefficients are differences.
        """
        if self.family == "gaussian":
            raise DataError(
                expected="a binomial or Poisson model", found="a gaussian one", next_step="Use coefficients."
            )
        return as_ratios(self.coefficients)

    def ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a logarithm)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    @property
    def fitted(self) -> pd.Series[float]:
        """Expected outcome of the rows used, on the index of the data."""
        return self.on_rows(self.fitted_values, "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Observed minus expected, on the index of the data."""
        assert self.design.y is not None
        return self.on_rows(self.design.y - self.fitted_values, "residual")

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        tables = list(shown.tables)
        if self.family != "gaussian":
            tables.append((f"{_RATIO[self.family].capitalize()}s", self.ratios))
        line = f"working correlation {display.number(self.working_correlation)}"
        line += f", scale {display.number(self.scale)}"
        lines = [text for text in shown.lines if not text.startswith("log-likelihood")]
        return display.Shown(shown.title, tuple(tables), (line, *lines))


def gee(
    formula: str,
    data: pd.DataFrame,
    subject: str,
    family: Family = "binomial",
    correlation: Correlation = "exchangeable",
    visit: str | None = None,
    errors: GeeErrors = "robust",
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> GeeFit:
    """Fit a marginal model of repeated outcomes by generalized estimating equations.

    Parameters
    ----------
    formula
        ``"controlled ~ arm * visit + base"``; with ``"binomial"`` the outcome is 0/1, true/false or two
        categories whose second is the event, with ``"poisson"`` a count, else a number.
    data
        One row a subject and visit; rows with a missing value are left out and counted (missing completely
        at random).
    subject
        Column of subjects, whose rows may be correlated.
    family
        ``"binomial"`` (logit), ``"poisson"`` (log) or ``"gaussian"`` (identity).
    correlation
        Working correlation of a subject's rows: ``"exchangeable"``, ``"independence"``, or ``"ar1"``, whose
        lag is the number of steps between visits.
    visit
        Column of visits in order (numbers or ordered categories); needed by ``"ar1"``.
    errors
        ``"robust"``: sandwich. ``"bias-reduced"``: Mancl and DeRouen's, for fewer than some 40 subjects.
        ``"model"``: trusts the working correlation.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval; all are Wald's.

    Returns
    -------
    GeeFit
        ``coefficients``, ``ratios``, ``terms``, ``ls_means()``, ``contrasts()``, ``ratio_contrasts()``,
        ``fitted``, ``residuals``. There is no likelihood: ``log_likelihood`` is NaN.

    Raises
    ------
    ConvergenceError
        The equations were not solved, or only with a working correlation that is none.
    SeparationError
        A binomial outcome that is separated along columns, which are named.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; also ``"ar1"`` without visits, fewer than two subjects, two rows of a subject at
        a visit.

    Degenerate cases: with one row a subject every working correlation is independence.

    Equivalent in R: ``gee::gee(y ~ arm, id, family = binomial, corstr = "exchangeable", scale.fix = TRUE)``;
    ``geepack::geeglm`` estimates the working correlation without a correction for the number of coefficients.
    In SAS: ``PROC GEE; REPEATED SUBJECT=id / TYPE=EXCH``.

    References: Liang & Zeger (1986), Biometrika 73:13-22; Mancl & DeRouen (2001), Biometrics 57:126-134.
    """
    check_confidence_level(confidence_level)
    for name, value, allowed in (
        ("family", family, FAMILIES),
        ("correlation", correlation, CORRELATIONS),
        ("errors", errors, GEE_ERRORS),
    ):
        check_choice(name, value, allowed)
    design, positions = _read(formula, data, subject, family, correlation, visit, treatment, reference)
    result, fitted = _solve(design, subject, family, correlation, positions)
    return GeeFit(
        design=design,
        inference=Inference(
            result.coefficients, result.covariances[errors], WALD_Z, result.covariances["model"]
        ),
        confidence_level=confidence_level,
        log_likelihood=float("nan"),
        default_factor=treatment,
        family=family,
        correlation=correlation,
        errors=errors,
        working_correlation=result.working_correlation,
        scale=result.scale,
        n_subjects=int(design.rows.subjects_used or 0),
        fitted_values=fitted,
    )


def _read(
    formula: str,
    data: pd.DataFrame,
    subject: str,
    family: Family,
    correlation: Correlation,
    visit: str | None,
    treatment: str | None,
    reference: Hashable | None,
) -> tuple[Design, IntArray | None]:
    if correlation == "ar1" and visit is None:
        raise DataError(
            expected="the column of visits, whose steps ar1 counts",
            found="none",
            next_step="Say visit='...'.",
        )
    columns = (subject,) if visit is None else (subject, visit)
    require_columns(data, columns, "gee")
    if visit is not None:
        require_ordered_visits(data, visit)
        if correlation == "ar1":
            require_stated_order(data[visit], visit, "ar1 counts the steps between them", "visits")
    outcome: Literal["numeric", "binary"] = "binary" if family == "binomial" else "numeric"
    design = build_design(
        formula,
        data,
        outcome=outcome,
        extra=columns,
        subject=subject,
        **treatment_arguments(treatment, reference),
    )
    if family == "poisson":
        require_counts(design)
    if design.rows.subjects_used == 1:
        raise DataError(
            expected="at least two subjects", found="1", where=said("column {name!r}", name=subject)
        )
    if visit is None:
        return design, None
    column = read_column(design.column(visit), visit, as_factor=True)
    assert column.codes is not None
    if design.source.duplicated([subject, visit]).any():
        raise DataError(
            expected="at most one row for each subject and visit",
            found=said("{count} more", count=int(design.source.duplicated([subject, visit]).sum())),
            where=said("columns {subject!r} and {visit!r}", subject=subject, visit=visit),
            next_step="Keep one row for each, by a rule stated beforehand.",
        )
    return design, column.codes


def _solve(
    design: Design,
    subject: str,
    family: Family,
    correlation: Correlation,
    positions: IntArray | None,
) -> tuple[Solved, FloatArray]:
    """The solution, and the expected outcome in the order of the design's rows."""
    import pandas as pd

    assert design.y is not None
    where = str(said("formula {text!r}", text=design.formula.text))
    if family == "poisson":
        refuse_empty_directions(design, where)
    groups = pd.factorize(design.column(subject))[0]
    order = np.lexsort((np.zeros(design.n) if positions is None else positions, groups))
    clusters = Clusters.of(groups[order], None if positions is None else positions[order])
    result = solve(design.y[order], design.X[order], clusters, family, correlation)
    # A correlated cluster can hold a level of events alone at a finite root, which means nothing.
    nearly_sure = bool((np.abs(result.mean - 0.5) > _NEARLY_SURE).any())
    unsure = not result.converged or not np.abs(result.coefficients).max() < _FAR_OUT
    if family == "binomial" and (unsure or nearly_sure):
        sign = np.where(design.y == 1.0, 1.0, -1.0)
        refuse_separation(design.X * sign[:, None], design.column_names, where, design)
    if family != "binomial" and np.ptp(design.y - result.mean[np.argsort(order)]) <= _ROUNDING * (
        1.0 + np.abs(design.y).max()
    ):
        raise DataError(
            expected="an outcome that varies about its fitted values",
            found="residuals no larger than rounding error",
            where=where,
            next_step="Look for a constant outcome, or for a covariate that determines it.",
        )
    if not result.converged:
        raise ConvergenceError(
            expected="a solution of the estimating equations",
            found=said("none, with a working correlation of {alpha:.3g}", alpha=result.working_correlation),
            where=where,
            next_step="Use fewer terms, or correlation='independence'.",
        )
    mean = np.empty(design.n)
    mean[order] = result.mean
    return result, mean
