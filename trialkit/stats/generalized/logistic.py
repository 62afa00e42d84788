"""Logistic regression, by maximum likelihood or, only when asked, with Firth's penalty."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit

from trialkit.stats import display
from trialkit.stats.columns import BoolArray
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.fit import ModelFit, treatment_arguments
from trialkit.stats.generalized.binomial import Binomial, Penalty
from trialkit.stats.generalized.likelihood_ratio import likelihood_ratio_table
from trialkit.stats.generalized.newton import Optimum, maximize, require_convergence
from trialkit.stats.generalized.profile import profile_limits
from trialkit.stats.generalized.separation import proves_overlap, refuse_separation
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.ls_means import Weights
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd

Intervals = Literal["wald", "profile"]
Scale = Literal["link", "response"]
INTERVALS: tuple[Intervals, ...] = ("wald", "profile")
PENALTIES: tuple[Penalty, ...] = (None, "firth")
_STEPS_BEFORE_ASKING = 30


@dataclass(frozen=True, repr=False, eq=False)
class LogisticFit(ModelFit):
    """A fitted logistic regression.

    Attributes
    ----------
    penalty, intervals
        As asked for. Profile intervals are those of ``coefficients`` and ``odds_ratios``; LS means and
        contrasts have Wald intervals.
    null_log_likelihood
        Of the model with the intercept alone (NaN where the formula has none).
    penalized_log_likelihood
        With Firth's penalty, the maximum reached; equal to ``log_likelihood`` without.
    fitted
        Probability of the event, one number a row used.
    events
        Number of rows used with the event.
    """

    model: Binomial
    penalty: Penalty
    intervals: Intervals
    null_log_likelihood: float
    penalized_log_likelihood: float
    fitted: FloatArray
    events: int

    @property
    def title(self) -> str:
        described = ", Firth's penalty" if self.penalty else ""
        assert self.design.outcome_levels is not None
        event = self.design.outcome_levels[1]
        return f"Logistic regression{described}: {self.design.formula.text}, event {event}"

    @property
    def coefficients(self) -> pd.DataFrame:
        """Log odds ratios: term estimate standard_error df statistic p_value ci_lower ci_upper."""
        table = super().coefficients
        if self.intervals == "profile":
            table["ci_lower"] = [lower for lower, _ in self._limits]
            table["ci_upper"] = [upper for _, upper in self._limits]
        return table

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error df statistic p_value ci_lower ci_upper, without the intercept."""
        return as_ratios(self.coefficients)

    @property
    def likelihood_ratio_tests(self) -> pd.DataFrame:
        """term df statistic p_value for each term no other contains; with Firth's penalty, its penalized
        form.
        """
        return likelihood_ratio_table(self.design, self.penalized_log_likelihood, self._maximum_without)

    @property
    def likelihood_ratio(self) -> tuple[float, float, float]:
        """Statistic, df and p value of the whole model against the intercept alone (not with a penalty)."""
        statistic = 2.0 * (self.log_likelihood - self.null_log_likelihood)
        df = float(len(self.design.column_names) - 1)
        return statistic, df, chi_square_p_value(statistic, df) if df else float("nan")

    @property
    def aic(self) -> float:
        return 2.0 * (len(self.design.column_names) - self.log_likelihood)

    @property
    def bic(self) -> float:
        return math.log(self.n) * len(self.design.column_names) - 2.0 * self.log_likelihood

    def ls_means(
        self,
        factor: str | Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        weights: Weights = "equal",
        scale: Scale = "link",
    ) -> pd.DataFrame:
        """LS means of the log odds; with ``scale="response"`` back-transformed to probabilities.

        On the response scale the standard error is by the delta method; statistic and p value stay those
        of the log odds. Otherwise as ``ModelFit.ls_means``.

        Equivalent in R: ``emmeans(fit, ~ factor, type = "response")``.
        """
        check_choice("scale", scale, ("link", "response"))
        table = super().ls_means(factor, by, weights)
        return table if scale == "link" else _as_probabilities(table)

    def odds_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log odds ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def predict(self, data: pd.DataFrame, scale: Scale = "response") -> pd.DataFrame:
        """Probability of the event for new rows (or its log odds): estimate to ci_upper.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing or an infinite value.
        """
        check_choice("scale", scale, ("link", "response"))
        table = self.inference.estimates(
            self.design.matrix_for(data), confidence_level=self.confidence_level
        ).set_index(data.index)
        return table if scale == "link" else _as_probabilities(table)

    @cached_property
    def _limits(self) -> tuple[tuple[float, float], ...]:
        """Profile limits of every coefficient: costly, so found once."""
        return tuple(self._profile_limits(position) for position in range(len(self.design.column_names)))

    def _profile_limits(self, position: int) -> tuple[float, float]:
        free = np.ones(len(self.design.column_names), dtype=bool)
        free[position] = False

        def profile(held: float, start: FloatArray) -> tuple[float, FloatArray]:
            start = np.where(free, start, held)
            optimum = _climb(self.model, start, free)
            require_convergence(optimum, f"profile of {self.design.column_names[position]}")
            return optimum.log_likelihood, optimum.parameters

        return profile_limits(
            profile,
            self.inference.coefficients,
            position,
            float(np.sqrt(self.inference.covariance[position, position])),
            self.penalized_log_likelihood,
            self.confidence_level,
        )

    def _maximum_without(self, held_at_zero: BoolArray) -> float:
        free = ~held_at_zero
        optimum = _climb(self.model, np.zeros(len(free)), free)
        return require_convergence(optimum, "the model without a term").log_likelihood

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        tables = [*shown.tables, ("Odds ratios", self.odds_ratios)]
        if self.default_factor is not None:
            tables.append((f"Log odds, LS means of {self.default_factor}", self.ls_means()))
        events = f"{self.events} events in {self.n} rows; {self.intervals} intervals"
        return display.Shown(shown.title, tuple(tables), (events, *shown.lines))


def logistic(
    formula: str,
    data: pd.DataFrame,
    penalty: Penalty = None,
    intervals: Intervals = "wald",
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> LogisticFit:
    """Fit a logistic regression.

    Parameters
    ----------
    formula
        ``"responder ~ arm + base"``. The outcome is 0/1, true/false or a categorical of two levels whose
        second is the event; plain text is refused.
    data
        One row an observation.
    penalty
        None: maximum likelihood. ``"firth"``: Jeffreys' prior, finite under separation; never chosen by
        the data.
    intervals
        ``"wald"`` or ``"profile"`` (profile likelihood, penalized where there is a penalty), for coefficients
        and odds ratios.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval.

    Returns
    -------
    LogisticFit
        ``coefficients``, ``odds_ratios``, ``terms`` (type III Wald chi-square),
        ``likelihood_ratio_tests`` ...

    Raises
    ------
    SeparationError
        No finite maximum exists; the columns along which the outcome is separated are named. Not with a
        penalty.
    ConvergenceError
        The iteration did not reach the maximum.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; also an outcome with one value or more than two.

    Equivalent in R: ``glm(formula, binomial)``, ``MASS:::confint.glm``, ``logistf::logistf``. In SAS: PROC
    LOGISTIC, with CLODDS=PL and FIRTH.

    References: McCullagh & Nelder (1989), Generalized Linear Models, chapter 4; Firth (1993), Biometrika
    80:27-38.
    """
    check_confidence_level(confidence_level)
    check_choice("penalty", penalty, PENALTIES)
    check_choice("intervals", intervals, INTERVALS)
    design = build_design(formula, data, outcome="binary", **treatment_arguments(treatment, reference))
    assert design.y is not None
    model = Binomial(design.X, design.y, penalty)
    optimum = _optimum(model, design)
    covariance = np.asarray(np.linalg.inv(model.information(optimum.parameters)), dtype=float)
    return LogisticFit(
        design=design,
        inference=Inference(optimum.parameters, covariance, WALD_Z),
        confidence_level=confidence_level,
        log_likelihood=model.log_likelihood(optimum.parameters),
        default_factor=treatment,
        model=model,
        penalty=penalty,
        intervals=intervals,
        null_log_likelihood=_null_log_likelihood(design),
        penalized_log_likelihood=optimum.log_likelihood,
        fitted=model.probabilities(optimum.parameters),
        events=int(design.y.sum()),
    )


def _optimum(model: Binomial, design: Design) -> Optimum:
    """The maximum, with proof that it exists; where proof is lacking, the linear program decides."""
    where = f"formula {design.formula.text!r}"
    start = np.zeros(design.X.shape[1])
    if model.penalty is not None:
        return require_convergence(_climb(model, start), where)
    optimum = maximize(model.value, model.derivatives, start, iterations=_STEPS_BEFORE_ASKING)
    if optimum.converged and proves_overlap(optimum.decrement, model.smallest_other(optimum.parameters)):
        return optimum
    refuse_separation(model.signed_rows, design.column_names, where)
    return require_convergence(_climb(model, optimum.parameters), where)


def _climb(model: Binomial, start: FloatArray, free: BoolArray | None = None) -> Optimum:
    return maximize(model.value, model.derivatives, start, free=free)


def _null_log_likelihood(design: Design) -> float:
    if design.intercept != "estimated":
        return float("nan")
    assert design.y is not None
    n, events = design.n, float(design.y.sum())
    return events * math.log(events / n) + (n - events) * math.log(1.0 - events / n)


def _as_probabilities(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    probability = expit(table["estimate"].to_numpy())
    table["standard_error"] = table["standard_error"] * probability * (1.0 - probability)
    table["estimate"] = probability
    for name in ("ci_lower", "ci_upper"):
        table[name] = expit(table[name].to_numpy())
    return table
