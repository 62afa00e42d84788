"""Regressions of counts and rates: Poisson and negative binomial, and robust errors."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import digamma, gammaln

from trialkit.stats import display
from trialkit.stats.design import Design, require_residual_variance
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError, DataError
from trialkit.stats.generalized.log_link import (
    GlmErrors,
    LogLinkFit,
    cluster_codes,
    read_log_link,
    refuse_empty_directions,
    require_counts,
    robust_covariance,
)
from trialkit.stats.generalized.newton import maximize
from trialkit.stats.inference import WALD_Z, Inference, check_confidence_level
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_ITERATIONS = 200
_NEARLY_ZERO = 1e-8
"""Below this expected count it is asked whether a maximum exists at all."""
_SMALLEST_DISPERSION = 1e-8
_LARGEST_DISPERSION = 1e6


@dataclass(frozen=True, repr=False, eq=False)
class CountFit(LogLinkFit):
    """A fitted regression of counts.

    Attributes
    ----------
    dispersion
        alpha of the negative binomial variance mu + alpha mu^2 (R's ``1 / theta``); 0 for Poisson.
    boundary
        Whether the dispersion is at its boundary, zero: the estimates are those of Poisson.
    pearson_dispersion
        Sum of squared Pearson residuals over residual df: about 1 where the variance is the model's.
    exposure
        The column of exposure, None without.
    """

    family: ClassVar[str] = "Poisson regression"
    ratio: ClassVar[str] = "rate ratio"

    dispersion: float
    boundary: bool
    pearson_dispersion: float
    exposure: str | None

    @property
    def rate_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error df statistic p_value ci_lower ci_upper, without the intercept."""
        return self._ratios()

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        line = f"Pearson dispersion {display.number(self.pearson_dispersion)}"
        lines = [f"{line} (1 where the variance is the model's)"]
        if self.boundary:
            lines.append(
                "the dispersion is at its boundary, zero: the estimates are those of Poisson regression"
            )
        elif self.dispersion:
            lines.append(f"dispersion alpha {display.number(self.dispersion)}")
        return display.Shown(shown.title, shown.tables, (*lines, *shown.lines))


@dataclass(frozen=True, repr=False, eq=False)
class NegativeBinomialFit(CountFit):
    """A fitted negative binomial regression."""

    family: ClassVar[str] = "Negative binomial regression"


def poisson(
    formula: str,
    data: pd.DataFrame,
    exposure: str | None = None,
    errors: GlmErrors = "model",
    cluster: str | None = None,
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> CountFit:
    """Fit a Poisson regression of counts, or of 0 and 1 with robust errors (a risk ratio by modified
    Poisson).

    Parameters
    ----------
    formula
        ``"episodes ~ arm + base"``; the outcome counts: whole numbers of 0 or more.
    data
        One row an observation; rows with a missing value are left out and counted.
    exposure
        Column of the time, or number of subjects, each count was taken over: positive. Ratios are then of
        rates.
    errors
        ``"model"``: variance equal to the mean. ``"robust"``: sandwich, right for any variance (and for 0/1).
        ``"cluster"``: sandwich of sums within ``cluster``, times G / (G - 1).
    cluster
        Column of subjects or sites whose rows belong together, with ``errors="cluster"``.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval; all are Wald's.

    Returns
    -------
    CountFit
        ``rate_ratios``, ``coefficients``, ``terms``, ``ls_means()``, ``ratio_contrasts()``, ``fitted``,
        ``residuals``.

    Raises
    ------
    SeparationError
        No count above zero at some level: no finite ratio is most likely; the columns are named.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; also an outcome that is no count, an exposure that is not positive.

    Degenerate cases: with one factor and ``errors="model"`` the rate ratio is that of events over exposure,
    its log variance the sum of the inverse event counts.

    Equivalent in R: ``glm(y ~ arm + offset(log(t)), poisson)`` with ``sandwich::sandwich``. In SAS: ``PROC
    GENMOD DIST=POISSON; REPEATED SUBJECT=id``.

    References: Zou (2004), American Journal of Epidemiology 159:702-706 (risk ratios); White (1982),
    Econometrica 50:1-25 (robust errors).
    """
    check_confidence_level(confidence_level)
    design, offset = _read(formula, data, exposure, errors, cluster, treatment, reference)
    assert design.y is not None
    coefficients, mean = _poisson_maximum(design, offset, 0.0)
    bread = np.asarray(np.linalg.inv(design.X.T @ (design.X * mean[:, None])), dtype=float)
    scores = design.y - mean
    covariance = _covariance(design, errors, cluster, scores, bread)
    log_likelihood = float(np.sum(design.y * np.log(mean) - mean - gammaln(design.y + 1.0)))
    common = _common(
        design, coefficients, (covariance, bread), confidence_level, treatment, log_likelihood, errors, mean
    )
    pearson = _pearson(design, mean, mean)
    return CountFit(**common, dispersion=0.0, boundary=False, pearson_dispersion=pearson, exposure=exposure)


def negative_binomial(
    formula: str,
    data: pd.DataFrame,
    exposure: str | None = None,
    errors: GlmErrors = "model",
    cluster: str | None = None,
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> NegativeBinomialFit:
    """Fit a negative binomial regression of counts: variance mu + alpha mu^2, alpha by maximum likelihood.

    Parameters
    ----------
    formula, data, exposure, errors, cluster, treatment, reference, confidence_level
        As ``poisson``. ``errors="model"`` takes alpha as known, as ``MASS::glm.nb`` does: the two are
        independent in large samples.

    Returns
    -------
    NegativeBinomialFit
        As ``poisson``, with ``dispersion`` and ``boundary``.

    Raises
    ------
    ConvergenceError
        A dispersion that grows without end.
    SeparationError, FormulaError, DataError, RankDeficiencyError
        As ``poisson``.

    Degenerate cases: counts that vary no more than Poisson's have dispersion zero, an optimum; ``boundary``
    is true and the estimates are those of ``poisson``.

    Equivalent in R: ``MASS::glm.nb(y ~ arm + offset(log(t)))``. In SAS: ``PROC GENMOD DIST=NEGBIN`` (whose
    errors come from the observed information).

    References: Lawless (1987), Canadian Journal of Statistics 15:209-225.
    """
    check_confidence_level(confidence_level)
    design, offset = _read(formula, data, exposure, errors, cluster, treatment, reference)
    assert design.y is not None
    alpha = _most_likely_dispersion(design, offset)
    coefficients, mean = _poisson_maximum(design, offset, alpha)
    shrunk = 1.0 / (1.0 + alpha * mean)
    bread = np.asarray(np.linalg.inv(design.X.T @ (design.X * (mean * shrunk)[:, None])), dtype=float)
    covariance = _covariance(design, errors, cluster, (design.y - mean) * shrunk, bread)
    log_likelihood = _log_likelihood(design.y, mean, alpha)
    common = _common(
        design, coefficients, (covariance, bread), confidence_level, treatment, log_likelihood, errors, mean
    )
    return NegativeBinomialFit(
        **common,
        dispersion=alpha,
        boundary=alpha == 0.0,
        pearson_dispersion=_pearson(design, mean, mean + alpha * mean**2),
        exposure=exposure,
    )


def _read(
    formula: str,
    data: pd.DataFrame,
    exposure: str | None,
    errors: GlmErrors,
    cluster: str | None,
    treatment: str | None,
    reference: Hashable | None,
) -> tuple[Design, FloatArray]:
    extra = () if exposure is None else (exposure,)
    design = read_log_link(formula, data, "numeric", errors, cluster, treatment, reference, extra)
    require_counts(design)
    assert design.y is not None
    if exposure is None:
        return design, np.zeros(design.n)
    time = np.asarray(design.column(exposure), dtype=float)
    if not (time > 0).all():
        raise DataError(
            expected="an exposure above 0 in every row used",
            found=said("{count} row(s) without", count=int((~(time > 0)).sum())),
            where=said("column {name!r}", name=exposure),
            next_step="Leave out rows that were never observed: they say nothing about a rate.",
        )
    return design, np.log(time)


@dataclass(frozen=True)
class _Counts:
    """The log-likelihood of counts for a given dispersion (0: Poisson), but for what no coefficient is in."""

    X: FloatArray
    y: FloatArray
    offset: FloatArray
    alpha: float

    def mean(self, parameters: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):  # a step too far, which is then halved
            return np.exp(self.X @ parameters + self.offset)

    def value(self, parameters: FloatArray) -> float:
        mean = self.mean(parameters)
        if not np.isfinite(mean).all():
            return -np.inf
        linear = self.X @ parameters + self.offset
        if self.alpha == 0.0:
            return float(self.y @ linear - mean.sum())
        return float(self.y @ linear - (self.y + 1.0 / self.alpha) @ np.log1p(self.alpha * mean))

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and expected information."""
        mean = self.mean(parameters)
        shrunk = 1.0 / (1.0 + self.alpha * mean)
        score = self.X.T @ ((self.y - mean) * shrunk)
        return np.asarray(score), np.asarray(self.X.T @ (self.X * (mean * shrunk)[:, None]))

    def start(self) -> FloatArray:
        """Least squares on the logarithms, where Newton's method cannot overshoot by much."""
        wanted = np.log((self.y + self.y.mean() + 0.1) / 2.0) - self.offset
        return np.asarray(np.linalg.lstsq(self.X, wanted, rcond=None)[0])


def _poisson_maximum(
    design: Design, offset: FloatArray, alpha: float, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Coefficients and expected counts at the maximum for a given dispersion."""
    assert design.y is not None
    model = _Counts(design.X, design.y, offset, alpha)
    begun = model.start() if start is None else start
    found = maximize(model.value, model.derivatives, begun, iterations=_ITERATIONS)
    mean = model.mean(found.parameters)
    if not found.converged or mean.min() < _NEARLY_ZERO:
        where = str(said("formula {text!r}", text=design.formula.text))
        refuse_empty_directions(design, where)
    slope = design.X.T @ ((design.y - mean) / (1.0 + alpha * mean))
    size = np.abs(design.X).T @ (design.y + mean)
    if not found.converged or np.any(np.abs(slope) > 1e-8 * size):
        raise ConvergenceError(
            expected="a maximum with a vanishing slope",
            found=said("a relative slope of {slope:.2g}", slope=float(np.max(np.abs(slope) / size))),
            where=said("formula {text!r}", text=design.formula.text),
            next_step="Look for a covariate on a very different scale from the others.",
        )
    return found.parameters, mean


def _most_likely_dispersion(design: Design, offset: FloatArray) -> float:
    """Where the profile likelihood of alpha is level; 0 where it falls from there."""
    from scipy.optimize import brentq

    last, mean = _poisson_maximum(design, offset, 0.0)

    def slope(log_alpha: float) -> float:
        nonlocal last
        alpha = float(np.exp(log_alpha))
        last, fitted = _poisson_maximum(design, offset, alpha, last)
        return _slope_in_dispersion(design.y, fitted, alpha)

    low, high = float(np.log(_SMALLEST_DISPERSION)), float(np.log(_LARGEST_DISPERSION))
    assert design.y is not None
    if float(np.sum((design.y - mean) ** 2 - design.y)) <= 0:
        return 0.0
    inner = low
    for outer in np.append(np.arange(-6.0, 6.0, 2.0), high):
        if slope(float(outer)) < 0:
            return float(np.exp(brentq(slope, inner, float(outer), xtol=1e-11, rtol=1e-12)))
        inner = float(outer)
    raise ConvergenceError(
        expected="a most likely dispersion",
        found="one that grows without end",
        where=said("formula {text!r}", text=design.formula.text),
        next_step="Model whether there is any event, and how many there are, separately.",
    )


def _slope_in_dispersion(y: Any, mean: FloatArray, alpha: float) -> float:
    """Derivative of the log-likelihood in alpha times alpha^2 (theta = 1 / alpha)."""
    theta = 1.0 / alpha
    terms = digamma(theta) - digamma(y + theta) + np.log1p(mean * alpha) + (y - mean) / (theta + mean)
    return float(np.sum(terms))


def _log_likelihood(y: FloatArray, mean: FloatArray, alpha: float) -> float:
    if alpha == 0.0:
        return float(np.sum(y * np.log(mean) - mean - gammaln(y + 1.0)))
    theta = 1.0 / alpha
    terms = gammaln(y + theta) - gammaln(theta) - gammaln(y + 1.0)
    return float(np.sum(terms - theta * np.log1p(alpha * mean) - y * np.log1p(theta / mean)))


def _covariance(
    design: Design, errors: GlmErrors, cluster: str | None, scores: FloatArray, bread: FloatArray
) -> FloatArray:
    if errors == "model":
        return np.asarray(bread)
    require_residual_variance(design, float(scores @ scores), rounding=1e-20)  # an iteration's
    return robust_covariance(design.X, scores, bread, cluster_codes(design, cluster))


def _pearson(design: Design, mean: FloatArray, variance: FloatArray) -> float:
    assert design.y is not None
    left = design.n - design.X.shape[1]
    return float(np.sum((design.y - mean) ** 2 / variance) / left) if left else float("nan")


def _common(
    design: Design,
    coefficients: FloatArray,
    covariances: tuple[FloatArray, FloatArray],  # the one asked for, and that by the model
    confidence_level: float,
    treatment: str | None,
    log_likelihood: float,
    errors: GlmErrors,
    mean: FloatArray,
) -> dict[str, Any]:
    return {
        "design": design,
        "inference": Inference(
            coefficients, covariances[0], WALD_Z, None if errors == "model" else covariances[1]
        ),
        "confidence_level": confidence_level,
        "default_factor": treatment,
        "log_likelihood": log_likelihood,
        "errors": errors,
        "fitted_values": mean,
    }
