"""Regression of a risk on the log scale: adjusted risk ratios from a binomial likelihood."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from trialkit.numbers import plain
from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.generalized.log_link import (
    GlmErrors,
    LogLinkFit,
    cluster_codes,
    read_log_link,
    refuse_empty_directions,
    robust_covariance,
)
from trialkit.stats.generalized.newton import Optimum, maximize
from trialkit.stats.inference import WALD_Z, Inference, check_confidence_level
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_EDGE = 1e-7


@dataclass(frozen=True, repr=False, eq=False)
class LogBinomialFit(LogLinkFit):
    """A fitted log-binomial regression; ``events`` is the number of rows used with the event."""

    family: ClassVar[str] = "Log-binomial regression"
    ratio: ClassVar[str] = "risk ratio"

    events: int

    @property
    def risk_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error df statistic p_value ci_lower ci_upper, without the intercept."""
        return self._ratios()


@dataclass(frozen=True)
class LogBinomial:
    """Log-likelihood of y (0/1) with risk exp(X b), which exists where every risk is below 1."""

    X: FloatArray
    y: FloatArray

    @cached_property
    def _events(self) -> FloatArray:
        return np.asarray(self.X[self.y != 0])

    @cached_property
    def _others(self) -> FloatArray:
        return np.asarray(self.X[self.y == 0])

    @cached_property
    def _summed(self) -> FloatArray:
        return np.asarray(self._events.sum(axis=0))

    def value(self, parameters: FloatArray) -> float:
        events, others = self._events @ parameters, self._others @ parameters
        if (events > 0).any() or (others >= 0).any():
            return -np.inf
        return float(events.sum() + np.log(-np.expm1(others)).sum())

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and observed information, which is positive definite: the log-likelihood is concave."""
        risk = np.exp(np.minimum(self._others @ parameters, -1e-300))
        odds = risk / (1.0 - risk)
        weights = odds / (1.0 - risk)
        information = (self._others * weights[:, None]).T @ self._others
        return self._summed - self._others.T @ odds, np.asarray(information)


def log_binomial(
    formula: str,
    data: pd.DataFrame,
    errors: GlmErrors = "model",
    cluster: str | None = None,
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> LogBinomialFit:
    """Fit a log-binomial regression: risk ratios by maximum likelihood.

    Parameters
    ----------
    formula
        ``"responder ~ arm + base"``; the outcome is 0/1, true/false or two categories whose second is the
        event.
    data, errors, cluster, treatment, reference, confidence_level
        As ``poisson``.

    Returns
    -------
    LogBinomialFit
        ``risk_ratios``, ``coefficients``, ``terms``, ``ls_means()``, ``ratio_contrasts()``, ``fitted``,
        ``residuals``.

    Raises
    ------
    ConvergenceError
        The most likely risks reach 1 for some row: the maximum is at the edge of what risks can be, and no
        error can be found there. ``poisson(..., errors="robust")`` has no such edge.
    SeparationError
        No event at some level.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``.

    Degenerate cases: with one factor it gives the ratios of the observed risks.

    Equivalent in R: ``glm(y ~ arm, binomial(link = "log"))``. In SAS: ``PROC GENMOD DIST=BIN LINK=LOG``.

    References: Wacholder (1986), American Journal of Epidemiology 123:174-184.
    """
    check_confidence_level(confidence_level)
    design = read_log_link(formula, data, "binary", errors, cluster, treatment, reference)
    assert design.y is not None
    where = str(said("formula {text!r}", text=design.formula.text))
    refuse_empty_directions(design, where)
    model = LogBinomial(design.X, design.y)
    optimum = maximize(model.value, model.derivatives, _start(design))
    risk = np.exp(design.X @ optimum.parameters)
    _require_inside(optimum, risk, where)
    bread = np.asarray(np.linalg.inv(optimum.information), dtype=float)
    covariance = bread
    if errors != "model":
        scores = np.where(design.y == 1, 1.0, -risk / (1.0 - risk))
        covariance = robust_covariance(design.X, scores, bread, cluster_codes(design, cluster))
    return LogBinomialFit(
        design=design,
        inference=Inference(optimum.parameters, covariance, WALD_Z, bread),
        confidence_level=confidence_level,
        log_likelihood=optimum.log_likelihood,
        default_factor=treatment,
        errors=errors,
        fitted_values=risk,
        events=int(design.y.sum()),
    )


def _start(design: Design) -> FloatArray:
    """Coefficients with every risk below 1: near the shares by least squares where these allow it (with one
    factor they are the shares themselves), else of the observed share, or pulled towards lower risks.
    """
    assert design.y is not None
    mean = max(float(design.y.mean()), 1.0 / (design.n + 1.0))
    shares = design.X @ np.linalg.lstsq(design.X, design.y, rcond=None)[0]
    near = np.linalg.lstsq(design.X, np.log(np.clip(shares, 0.1 * mean, 0.95)), rcond=None)[0]
    if (design.X @ near).max() < -_EDGE:
        return np.asarray(near)
    aim = np.full(design.n, np.log(mean * 0.9))
    start = np.linalg.lstsq(design.X, aim, rcond=None)[0]
    highest = float((design.X @ start).max())
    return np.asarray(start if highest < 0 else np.linalg.lstsq(design.X, aim - highest - 1.0, rcond=None)[0])


def _require_inside(optimum: Optimum, risk: FloatArray, where: str) -> None:
    if optimum.converged and risk.max() < 1.0 - _EDGE:
        return
    inside = risk.max() < 1.0 - _EDGE
    raise ConvergenceError(
        expected="most likely risks below 1 for every row",
        found="a likelihood that rises until a risk is 1: where all rows of a level have the event, say"
        if inside
        else said("a risk of {risk} after {n} steps", risk=plain(float(risk.max()), 6), n=optimum.iterations),
        where=where,
        next_step="Use poisson(..., errors='robust') for adjusted risk ratios, or g_computation of logistic.",
    )
