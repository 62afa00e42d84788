"""Accelerated failure time models: Weibull, log-normal, log-logistic and exponential.

log T = x'b + sigma W, W of the smallest extreme value, the normal or the logistic distribution. The
likelihood in (b, log sigma) is written out with its first two derivatives (Kalbfleisch & Prentice, equations
3.9 to 3.11).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy.special import expit, log_ndtr

from trialkit.stats import display
from trialkit.stats.columns import BoolArray, require_columns
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray, normal_quantile
from trialkit.stats.errors import DataError, SeparationError
from trialkit.stats.generalized.newton import maximize, require_convergence
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.ratio_fit import RatioFit
from trialkit.stats.ratios import as_ratios
from trialkit.stats.survival.observations import read_events
from trialkit.stats.survival.options import require_times
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Distribution = Literal["weibull", "lognormal", "loglogistic", "exponential"]
DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)
Parts = tuple[FloatArray, FloatArray, FloatArray]
"""A logarithm and its first two derivatives."""


@dataclass(frozen=True, repr=False, eq=False)
class ParametricSurvivalFit(RatioFit):
    """A fitted accelerated failure time model; the coefficients are of log time.

    Attributes
    ----------
    distribution
        As asked for.
    scale
        sigma: 1 / shape of a Weibull distribution; 1 for the exponential.
    scale_log_standard_error
        Error of log sigma; 0 for the exponential.
    events
        Number of events among the rows used.
    """

    ratio = "time ratio"

    distribution: Distribution
    scale: float
    scale_log_standard_error: float
    events: int
    covariance_with_scale: FloatArray
    log_time: FloatArray
    happened: FloatArray

    @property
    def title(self) -> str:
        return f"Accelerated failure time, {self.distribution}: {self.design.formula.text}"

    @property
    def time_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error ...: above 1 events come later, by that factor."""
        return as_ratios(self.coefficients)

    @property
    def hazard_ratios(self) -> pd.DataFrame:
        """exp(-b / sigma) with its delta-method error on the log scale: Weibull and exponential only.

        Raises
        ------
        DataError
            Another distribution, whose hazards are not proportional.
        """
        if self.distribution not in ("weibull", "exponential"):
            raise DataError(
                expected="a Weibull or exponential model, whose hazards are proportional",
                found=self.distribution,
                next_step="Read time_ratios, or use cox.",
            )
        return as_ratios(self._log_hazards())

    @property
    def fitted(self) -> pd.Series[float]:
        """exp(x'b) of the rows used, on the index of the data: the time by which a standard row has z = 0.

        Equivalent in R: ``predict(fit, type = "response")``.
        """
        return self.on_rows(np.exp(self.design.X @ self.inference.coefficients), "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Time less the fitted one; of a censored row the time is that of censoring.

        Equivalent in R: ``residuals(fit, type = "response")``.
        """
        return self.on_rows(np.exp(self.log_time), "residual") - self.fitted.to_numpy()

    @property
    def aic(self) -> float:
        own = 0 if self.distribution == "exponential" else 1
        return 2.0 * (len(self.design.column_names) + own - self.log_likelihood)

    @property
    def concordance(self) -> float:
        """Harrell's C of the predicted log time: of the pairs whose order is known, the share predicted so; a
        tie in the prediction counts half, a pair that happened at the same time not at all (R's
        ``survival::concordance``). NaN where no pair's order is known.
        """
        predicted = self.design.X @ self.inference.coefficients
        time, happened = self.log_time, self.happened == 1
        known = happened[:, None] & ((time[:, None] < time) | ((time[:, None] == time) & ~happened))
        right = (predicted[:, None] < predicted) + 0.5 * (predicted[:, None] == predicted)
        pairs = int(known.sum())
        return float(right[known].sum() / pairs) if pairs else math.nan

    def survival(self, data: pd.DataFrame, times: float | list[float]) -> pd.DataFrame:
        """Predicted survival of new rows: one row a row of ``data`` and time, with delta-method limits.

        The limits are Wald's on the scale of z = (log t - x'b) / sigma.
        """
        import pandas as pd

        wanted = require_times(times)
        rows = self.design.matrix_for(data)
        linear = rows @ self.inference.coefficients
        parts = []
        for time in wanted:
            z = (np.log(time) - linear) / self.scale if time > 0 else np.full(len(rows), -np.inf)
            slope = np.column_stack([-rows / self.scale, -np.where(np.isfinite(z), z, 0.0)])
            error = np.sqrt(np.einsum("ij,jk,ik->i", slope, self.covariance_with_scale, slope))
            half = normal_quantile(self.confidence_level) * error
            survived = [np.exp(_log_survival(self.distribution)(at)[0]) for at in (z, z + half, z - half)]
            named = dict(zip(("survival", "ci_lower", "ci_upper"), survived, strict=True))
            parts.append(pd.DataFrame({"time": time, **named}, index=data.index))
        return pd.concat(parts)

    def _log_hazards(self) -> pd.DataFrame:
        b, sigma = self.inference.coefficients, self.scale
        count = len(b)
        slope = np.hstack([-np.eye(count) / sigma, (b / sigma)[:, None]])
        covariance = slope @ self.covariance_with_scale @ slope.T
        table = Inference(-b / sigma, covariance, WALD_Z).estimates(
            np.eye(count), confidence_level=self.confidence_level
        )
        table.insert(0, "term", list(self.design.column_names))
        return table

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        ratios, on_splines = self._ratios_to_read()
        tables = [*shown.tables, *([] if ratios.empty else [("Time ratios", ratios)])]
        line = f"{self.events} events in {self.n} rows; scale {display.number(self.scale)}"
        return display.Shown(shown.title, tuple(tables), (*on_splines, line, *shown.lines))


def parametric_survival(
    formula: str,
    data: pd.DataFrame,
    time: str,
    event: str,
    distribution: Distribution = "weibull",
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> ParametricSurvivalFit:
    """Fit an accelerated failure time model by maximum likelihood.

    Parameters
    ----------
    formula
        Terms without an outcome: ``"arm + age"``.
    data
        One row a subject; rows with a missing value are left out and counted.
    time, event
        Columns of times above 0 in any one unit, and of 1 = event, 0 = censored.
    distribution
        ``"weibull"``, ``"lognormal"``, ``"loglogistic"`` or ``"exponential"``.
    treatment, reference
        The factor that contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval; all are Wald's.

    Returns
    -------
    ParametricSurvivalFit
        ``time_ratios``, ``hazard_ratios`` (Weibull), ``coefficients``, ``terms``, ``scale``,
        ``survival(data, times)``.

    Raises
    ------
    SeparationError
        A level without an event: no finite ratio is most likely.
    ConvergenceError
        The iteration did not reach the maximum.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; also times of 0 or less, no events, an event column other than 0/1.

    Degenerate cases: the exponential model without covariates gives the log of total time over events.

    Equivalent in R: ``survival::survreg(Surv(time, event) ~ arm, dist = "weibull")``. In SAS: ``PROC
    LIFEREG``.

    References: Kalbfleisch & Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd ed.,
    chapter 3.
    """
    check_confidence_level(confidence_level)
    check_choice("distribution", distribution, DISTRIBUTIONS)
    require_columns(data, (time, event), "parametric_survival")
    design = build_design(
        formula, data, outcome=None, extra=(time, event), **treatment_arguments(treatment, reference)
    )
    log_time, happened = _read(design, time, event)
    model = LogLocationScale(design.X, log_time, happened, distribution)
    _require_events(design, happened)
    start = np.append(np.linalg.lstsq(design.X, log_time, rcond=None)[0], 0.0)
    free = np.ones(len(start), dtype=bool)
    free[-1] = distribution != "exponential"
    where = str(said("formula {text!r}", text=design.formula.text))
    with np.errstate(over="ignore", invalid="ignore"):  # of steps too long, which are halved
        optimum = maximize(model.value, model.derivatives, start, free=free)
    require_convergence(optimum, where)
    covariance = np.zeros((len(start), len(start)))
    covariance[np.ix_(free, free)] = np.linalg.inv(optimum.information[np.ix_(free, free)])
    jacobian = float(log_time[happened == 1].sum())
    return ParametricSurvivalFit(
        design=design,
        inference=Inference(optimum.parameters[:-1], covariance[:-1, :-1], WALD_Z),
        confidence_level=confidence_level,
        log_likelihood=optimum.log_likelihood - jacobian,
        default_factor=treatment,
        distribution=distribution,
        scale=math.exp(float(optimum.parameters[-1])),
        scale_log_standard_error=math.sqrt(float(covariance[-1, -1])),
        events=int(happened.sum()),
        covariance_with_scale=covariance,
        log_time=log_time,
        happened=happened,
    )


@dataclass(frozen=True)
class LogLocationScale:
    """Log-likelihood of log times in (b, log sigma), with the observed information, made safe far out."""

    X: FloatArray
    log_time: FloatArray
    event: FloatArray
    distribution: Distribution

    def value(self, parameters: FloatArray) -> float:
        z = (self.log_time - self.X @ parameters[:-1]) * np.exp(-parameters[-1])
        density, survival = _log_density(self.distribution)(z)[0], _log_survival(self.distribution)(z)[0]
        return float(np.where(self.happened, density - parameters[-1], survival).sum())

    @cached_property
    def happened(self) -> BoolArray:
        return np.asarray(self.event == 1)

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        per_sigma = float(np.exp(-parameters[-1]))
        z = (self.log_time - self.X @ parameters[:-1]) * per_sigma
        of_density, of_survival = _log_density(self.distribution)(z), _log_survival(self.distribution)(z)
        first, second = (np.where(self.happened, of_density[k], of_survival[k]) for k in (1, 2))
        score = np.append(-per_sigma * (self.X.T @ first), -(z @ first) - self.event.sum())
        size = len(parameters)
        information = np.empty((size, size))
        information[:-1, :-1] = -(per_sigma**2) * (self.X * second[:, None]).T @ self.X
        information[:-1, -1] = information[-1, :-1] = -per_sigma * (self.X.T @ (first + z * second))
        information[-1, -1] = -float(z @ first + (z**2) @ second)
        if np.linalg.eigvalsh(information)[0] <= 0:
            information[:-1, -1] = information[-1, :-1] = 0.0
            information[-1, -1] = float(self.event.sum() + (z**2) @ -second)
        return score, information


def _log_density(distribution: Distribution) -> Callable[[FloatArray], Parts]:
    return {"lognormal": _normal_density, "loglogistic": _logistic_density}.get(
        distribution, _extreme_density
    )


def _log_survival(distribution: Distribution) -> Callable[[FloatArray], Parts]:
    return {"lognormal": _normal_survival, "loglogistic": _logistic_survival}.get(
        distribution, _extreme_survival
    )


def _extreme_density(z: FloatArray) -> Parts:
    grown = np.exp(np.minimum(z, 700.0))
    return z - grown, 1.0 - grown, -grown


def _extreme_survival(z: FloatArray) -> Parts:
    grown = np.exp(np.minimum(z, 700.0))
    return -grown, -grown, -grown


def _normal_density(z: FloatArray) -> Parts:
    return -0.5 * z**2 - 0.5 * math.log(2.0 * math.pi), -z, np.full_like(z, -1.0)


def _normal_survival(z: FloatArray) -> Parts:
    log_tail = log_ndtr(-z)
    hazard = np.exp(-0.5 * np.square(z) - 0.5 * math.log(2.0 * math.pi) - log_tail)
    return log_tail, -hazard, -hazard * (hazard - z)


def _logistic_density(z: FloatArray) -> Parts:
    p = expit(z)
    return z - 2.0 * np.logaddexp(0.0, z), 1.0 - 2.0 * p, -2.0 * p * (1.0 - p)


def _logistic_survival(z: FloatArray) -> Parts:
    p = expit(z)
    return -np.logaddexp(0.0, z), -p, -p * (1.0 - p)


def _read(design: Design, time: str, event: str) -> tuple[FloatArray, FloatArray]:
    from trialkit.stats.survival.observations import numbers

    columns = {name: design.column(name) for name in (time, event)}
    stop = numbers(columns, time, "a time as a number, in one unit")
    if (stop <= 0).any():
        raise DataError(
            expected="times above 0, since the model is of their logarithm",
            found=said("{count} of 0 or less", count=int((stop <= 0).sum())),
            where=said("column {name!r}", name=time),
            next_step="Correct them, or use cox or kaplan_meier.",
        )
    return np.log(stop), read_events(columns, event)


def _require_events(design: Design, happened: FloatArray) -> None:
    if not happened.any():
        raise DataError(
            expected="at least one event", found="none", next_step="Check the event column: 1 = event."
        )
    for name, factor in design.factors.items():
        codes = design.settings[name]
        empty = [level for k, level in enumerate(factor.levels) if not happened[codes == k].any()]
        if empty:
            raise SeparationError(
                expected=said("an event at every level of {name!r}", name=name),
                found=said(
                    "{count} of {levels} levels without one", count=len(empty), levels=len(factor.levels)
                ),
                next_step="Merge levels, or compare the curves by kaplan_meier and log_rank.",
            )
