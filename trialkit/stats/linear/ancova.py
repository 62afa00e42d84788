"""Analysis of covariance: least squares with LS means, robust errors, effect sizes and diagnostics.

Equivalent in R: ``lm``, ``emmeans``, ``car::Anova(type = 3)``, ``sandwich::vcovHC(type = "HC3")``,
``sandwich::vcovCL``. In SAS: PROC GLM, LSMEANS.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.design import Design, build_design, require_residual_variance
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.fit import ModelFit
from trialkit.stats.inference import FixedDegreesOfFreedom, Inference, check_choice, check_confidence_level
from trialkit.stats.linear import diagnostics, effect_sizes, sandwich
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Errors = Literal["ols", "hc3", "cluster"]
ERRORS: tuple[Errors, ...] = get_args(Errors)


@dataclass(frozen=True, repr=False, eq=False)
class AncovaFit(ModelFit):
    """A fitted analysis of covariance.

    Attributes
    ----------
    errors
        How the covariance of the coefficients was found.
    sigma
        Residual standard deviation, in units of the outcome.
    df_residual
        Rows used minus columns.
    r_squared, adjusted_r_squared
        Share of the outcome's variance explained (about zero where there is no intercept).
    residual_values, fitted_values, leverage
        One number a row used, in the order of the rows.
    """

    errors: Errors
    sigma: float
    df_residual: int
    r_squared: float
    adjusted_r_squared: float
    residual_values: FloatArray
    fitted_values: FloatArray
    leverage: FloatArray

    @property
    def fitted(self) -> pd.Series[float]:
        """Fitted values of the rows used, on the index of the data."""
        return self.on_rows(self.fitted_values, "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Observed minus fitted, on the index of the data."""
        return self.on_rows(self.residual_values, "residual")

    @property
    def title(self) -> str:
        described = {"ols": "", "hc3": ", HC3 errors", "cluster": ", cluster-robust errors"}[self.errors]
        return f"ANCOVA: {self.design.formula.text}{described}"

    @property
    def aic(self) -> float:
        """Akaike's criterion as R counts it: the residual variance is a parameter."""
        return 2.0 * (len(self.design.column_names) + 1 - self.log_likelihood)

    @property
    def bic(self) -> float:
        return math.log(self.n) * (len(self.design.column_names) + 1) - 2.0 * self.log_likelihood

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Predicted means of new rows: estimate to ci_upper, the statistic testing zero.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing or an infinite value.
        """
        rows = self.design.matrix_for(data)
        table = self.inference.estimates(rows, confidence_level=self.confidence_level)
        return table.set_index(data.index)

    def with_outcomes(self, outcomes: FloatArray) -> tuple[AncovaFit, ...]:
        """The same model of other outcomes of the rows used, one a row of ``outcomes``.

        For completed data sets that differ in the outcome alone: the formula is read, and the design
        decomposed, once. The outcome must be numbers, one a row used. Equivalent in R: ``lm.fit`` with a
        matrix of outcomes.
        """
        if self.errors == "cluster" or np.shape(outcomes)[1:] != (self.n,) or not np.isfinite(outcomes).all():
            raise DataError(
                expected=said("rows of {n} finite outcomes, and errors without clusters", n=self.n),
                found=said("shape {shape}, errors {errors}", shape=np.shape(outcomes), errors=self.errors),
            )
        parts, alike = (
            _decomposed(self.design),
            (self.default_factor, self.confidence_level, self.errors, None),
        )
        return tuple(_fit_to(self.design.with_outcome(y), parts, *alike) for y in outcomes)

    def effect_sizes(self, baseline: str | None = None) -> pd.DataFrame:
        """Standardized treatment differences, one row a contrast and measure; see ``effect_sizes.table``.

        Parameters
        ----------
        baseline
            A numeric covariate of the model; with it, the adjusted difference over its SD is added.

        Raises
        ------
        DataError
            The fit was given no treatment, or ``baseline`` is not a covariate of the model.
        """
        return effect_sizes.table(self, baseline)

    def diagnostics(self) -> pd.DataFrame:
        """Checks of the assumptions: check statistic p_value note; see ``diagnostics.checks``."""
        return diagnostics.checks(self)

    def plot_diagnostics(self) -> Figure:
        """Four pictures: residuals against fitted, normal Q-Q, scale-location, residuals against leverage."""
        return diagnostics.figure(self)

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        parts: list[tuple[str, Callable[[], pd.DataFrame]]] = []
        if self.design.terms:
            parts.append(("Type III tests", lambda: self.terms))
        if self.default_factor is not None:
            parts.append((f"LS means of {self.default_factor}", self.ls_means))
            parts.append(("Differences of LS means", self.contrasts))
        made, refused = display.gather(parts)
        fit_line = f"residual SD {display.number(self.sigma)} on {self.df_residual} df"
        fit_line += f", R squared {display.number(self.r_squared)}"
        return display.Shown(shown.title, (*shown.tables, *made), (*refused, fit_line, *shown.lines))


def ancova(
    formula: str,
    data: pd.DataFrame,
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
    errors: Errors = "ols",
    cluster: str | None = None,
) -> AncovaFit:
    """Fit an analysis of covariance by least squares.

    Parameters
    ----------
    formula
        ``"chg ~ arm + base + sex + site"``; text, categorical and bool columns are factors.
    data
        One row a subject (or an observation, with ``errors="cluster"``).
    treatment
        The column of the arms: the factor that LS means and contrasts are of when none is named. Taken as a
        factor even when numeric.
    reference
        Its reference level; the first where None.
    confidence_level
        Of every interval.
    errors
        ``"ols"``: one residual variance. ``"hc3"``: heteroscedasticity-consistent (Long & Ervin), with the
        residual df. ``"cluster"``: CR1, G / (G - 1) * (n - 1) / (n - p), with G - 1 df for G clusters.
    cluster
        The column of clusters; with ``errors="cluster"`` only.

    Returns
    -------
    AncovaFit
        ``coefficients``, ``ls_means()``, ``contrasts()``, ``terms``, ``effect_sizes()``, ``rows`` ...

    Raises
    ------
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; also no row beyond the number of columns, one cluster, or with HC3 a row that
        determines a coefficient alone.

    Degenerate cases: an outcome that is constant, or that the columns determine exactly, is a DataError.

    Equivalent in R: ``lm(formula, data)``. In SAS: ``PROC GLM; MODEL ... / SOLUTION; LSMEANS arm / DIFF CL``.

    References: Long & Ervin (2000), The American Statistician 54:217-224 (HC3); Cameron & Miller (2015),
    Journal of Human Resources 50:317-372 (CR1, equation 12).
    """
    check_confidence_level(confidence_level)
    check_choice("errors", errors, ERRORS)
    _check_cluster(errors, cluster)
    design = build_design(
        formula,
        data,
        extra=(cluster,) if cluster is not None else (),
        **treatment_arguments(treatment, reference),
    )
    return _fit_to(design, _decomposed(design), treatment, confidence_level, errors, cluster)


def _check_cluster(errors: Errors, cluster: object) -> None:
    if (errors == "cluster") != (cluster is not None):
        raise DataError(
            expected="a cluster column with errors='cluster', and none otherwise",
            found=said("errors={errors!r} and cluster={cluster!r}", errors=errors, cluster=cluster),
            next_step="Say errors='cluster', cluster='column'.",
        )


@dataclass(frozen=True)
class _Decomposed:
    """X = QR, with what the columns alone determine."""

    q: FloatArray
    r: FloatArray
    bread: FloatArray
    leverage: FloatArray


def _decomposed(design: Design) -> _Decomposed:
    n, p = design.X.shape
    if n <= p:
        raise DataError(
            expected=said("more rows used than the {p} columns of the design", p=p),
            found=said("{n} rows", n=n),
            where=said("formula {text!r}", text=design.formula.text),
            next_step="Use fewer terms.",
        )
    q, r = np.linalg.qr(design.X)
    inverse_r = np.linalg.inv(r)
    return _Decomposed(q, r, inverse_r @ inverse_r.T, np.einsum("ij,ij->i", q, q))


def _fit_to(
    design: Design,
    parts: _Decomposed,
    treatment: str | None,
    confidence_level: float,
    errors: Errors,
    cluster: str | None,
) -> AncovaFit:
    X, y = design.X, design.y
    assert y is not None
    n, p = X.shape
    coefficients: FloatArray = np.asarray(np.linalg.solve(parts.r, parts.q.T @ y), dtype=float)
    fitted = X @ coefficients
    residuals = y - fitted
    rss = float(residuals @ residuals)
    require_residual_variance(design, rss)
    covariance, df = _covariance(design, parts.bread, residuals, parts.leverage, errors, cluster)
    centre = float(np.mean(y)) if design.intercept == "estimated" else 0.0
    r_squared = 1.0 - rss / float(np.sum((y - centre) ** 2))
    share = (n - (design.intercept == "estimated")) / (n - p)
    return AncovaFit(
        design=design,
        inference=Inference(
            coefficients,
            covariance,
            FixedDegreesOfFreedom(df),
            None if errors == "ols" else parts.bread * (rss / (n - p)),
        ),
        confidence_level=confidence_level,
        log_likelihood=-0.5 * n * (math.log(2.0 * math.pi * rss / n) + 1.0),
        default_factor=treatment,
        errors=errors,
        sigma=float(np.sqrt(rss / (n - p))),
        df_residual=n - p,
        r_squared=r_squared,
        adjusted_r_squared=1.0 - (1.0 - r_squared) * share,
        residual_values=residuals,
        fitted_values=fitted,
        leverage=parts.leverage,
    )


def _covariance(
    design: Design,
    bread: FloatArray,
    residuals: FloatArray,
    leverage: FloatArray,
    errors: Errors,
    cluster: Any,
) -> tuple[FloatArray, float]:
    n, p = design.X.shape
    if errors == "hc3":
        return sandwich.hc3(design.X, bread, residuals, leverage), n - p
    if errors == "cluster":
        groups = design.column(cluster)
        return sandwich.cluster_robust(design.X, bread, residuals, groups)
    return bread * float(residuals @ residuals) / (n - p), n - p
