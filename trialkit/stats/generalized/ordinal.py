"""Ordinal regression by the proportional odds model."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from trialkit.stats import display
from trialkit.stats.columns import BoolArray
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import ConvergenceError, DataError, SeparationError
from trialkit.stats.fit import ModelFit, treatment_arguments
from trialkit.stats.generalized.cumulative import CumulativeLogit, nonproportional_odds, proportional_odds
from trialkit.stats.generalized.likelihood_ratio import likelihood_ratio_table
from trialkit.stats.generalized.logistic import INTERVALS, Intervals
from trialkit.stats.generalized.newton import Optimum, maximize, require_convergence
from trialkit.stats.generalized.profile import profile_limits
from trialkit.stats.generalized.separation import refuse_separation
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd

_STEPS_BEFORE_ASKING = 30


@dataclass(frozen=True, repr=False, eq=False)
class OrdinalFit(ModelFit):
    """A fitted proportional odds model: logit P(Y <= k) = threshold k - x'b.

    Positive coefficients, odds ratios above one, mean higher categories. LS means are on the latent
    scale, the linear predictor less the mean of the thresholds (emmeans' ``mode = "latent"``).

    Attributes
    ----------
    intervals
        ``"wald"`` or ``"profile"``, of ``coefficients`` and ``odds_ratios``.
    null_log_likelihood
        Of the model with thresholds alone.
    """

    model: CumulativeLogit
    intervals: Intervals
    null_log_likelihood: float

    @property
    def title(self) -> str:
        ends = f"{self.levels[0]} lowest, {self.levels[-1]} highest"
        return f"Proportional odds: {self.design.formula.text}, {ends}"

    @property
    def levels(self) -> tuple[Hashable, ...]:
        """Categories of the outcome, lowest first."""
        assert self.design.outcome_levels is not None
        return self.design.outcome_levels

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return (*self._threshold_names, *self.design.column_names)

    @property
    def coefficients(self) -> pd.DataFrame:
        """Log odds ratios of a higher category: term estimate standard_error ... ci_upper."""
        table = super().coefficients
        if self.intervals == "profile":
            table["ci_lower"] = [lower for lower, _ in self._limits]
            table["ci_upper"] = [upper for _, upper in self._limits]
        return table

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """term estimate log_standard_error df statistic p_value ci_lower ci_upper."""
        return as_ratios(self.coefficients)

    @property
    def thresholds(self) -> pd.DataFrame:
        """threshold ("1|2") estimate standard_error df statistic p_value ci_lower ci_upper, Wald."""
        count = len(self.levels) - 1
        rows = np.eye(count, len(self.parameter_names))
        table = self.inference.estimates(rows, confidence_level=self.confidence_level)
        table.insert(0, "threshold", list(self._threshold_names))
        return table

    @property
    def likelihood_ratio_tests(self) -> pd.DataFrame:
        """term df statistic p_value for each term no other contains."""
        shift = len(self.levels) - 1
        return likelihood_ratio_table(self.design, self.log_likelihood, self._maximum_without, shift)

    @cached_property
    def proportional_odds_tests(self) -> pd.DataFrame:
        """Likelihood ratio tests of the assumption: term df statistic p_value note.

        Each term in turn is given its own coefficients at every threshold. Where that larger model has no
        finite maximum the test does not exist: statistic and p value are NaN and ``note`` says so.

        Equivalent in R: ``ordinal::nominal_test``.
        """
        import pandas as pd

        rows = [(term, *self._assumption_test(term)) for term in self.design.terms]
        return pd.DataFrame(rows, columns=["term", "df", "statistic", "p_value", "note"])

    @property
    def aic(self) -> float:
        return 2.0 * (len(self.parameter_names) - self.log_likelihood)

    @property
    def bic(self) -> float:
        return math.log(self.n) * len(self.parameter_names) - 2.0 * self.log_likelihood

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Probability of each category for new rows, one column a category, lowest first."""
        import pandas as pd

        count = len(self.levels) - 1
        cuts, slopes = self.inference.coefficients[:count], self.inference.coefficients[count:]
        at_most = expit(cuts[None, :] - (self.design.matrix_for(data) @ slopes)[:, None])
        ends = np.hstack([np.zeros((len(data), 1)), at_most, np.ones((len(data), 1))])
        return pd.DataFrame(np.diff(ends, axis=1), index=data.index, columns=list(self.levels))

    def _in_parameters(self, rows: FloatArray, *, means: bool) -> FloatArray:
        count = len(self.levels) - 1
        share = -1.0 / count if means else 0.0
        return np.hstack([np.full((len(rows), count), share), rows])

    @property
    def _threshold_names(self) -> tuple[str, ...]:
        return tuple(f"{low}|{high}" for low, high in zip(self.levels[:-1], self.levels[1:], strict=True))

    @cached_property
    def _limits(self) -> tuple[tuple[float, float], ...]:
        """Profile limits of every coefficient: costly, so found once."""
        shift = len(self.levels) - 1
        return tuple(self._profile_limits(shift + j) for j in range(len(self.design.column_names)))

    def _profile_limits(self, position: int) -> tuple[float, float]:
        free = np.ones(len(self.parameter_names), dtype=bool)
        free[position] = False

        def profile(held: float, start: FloatArray) -> tuple[float, FloatArray]:
            optimum = _climb(self.model, np.where(free, start, held), free)
            require_convergence(optimum, f"profile of {self.parameter_names[position]}")
            return optimum.log_likelihood, optimum.parameters

        return profile_limits(
            profile,
            self.inference.coefficients,
            position,
            float(np.sqrt(self.inference.covariance[position, position])),
            self.log_likelihood,
            self.confidence_level,
        )

    def _maximum_without(self, held_at_zero: BoolArray) -> float:
        start = np.where(held_at_zero, 0.0, self.inference.coefficients)
        optimum = _climb(self.model, start, ~held_at_zero)
        return require_convergence(optimum, "the model without a term").log_likelihood

    def _assumption_test(self, term: str) -> tuple[float, float, float, str]:
        columns = list(self.design.term_columns[term])
        others = [j for j in range(self.design.X.shape[1]) if j not in columns]
        count = len(self.levels) - 1
        df = float(len(columns) * (count - 1))
        if df == 0.0:
            return df, float("nan"), float("nan"), "two categories: nothing to assume"
        codes = _codes(self.design)
        X, Z = self.design.X[:, others], self.design.X[:, columns]
        larger = nonproportional_odds(X, Z, codes, count + 1)
        estimates = self.inference.coefficients
        start = np.concatenate(
            [estimates[:count], estimates[count:][others], np.repeat(estimates[count:][columns], count)]
        )
        names = tuple(f"parameter {i + 1}" for i in range(len(start)))
        try:
            optimum = _optimum(larger, start, names, f"separate effects of {term}")
        except (SeparationError, ConvergenceError):
            return df, float("nan"), float("nan"), "the larger model has no finite maximum"
        statistic = max(0.0, 2.0 * (optimum.log_likelihood - self.log_likelihood))
        return df, statistic, chi_square_p_value(statistic, df), ""

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        tables = [*shown.tables, ("Odds ratios of a higher category", self.odds_ratios)]
        tables.append(("Thresholds", self.thresholds))
        return display.Shown(shown.title, tuple(tables), (f"{self.intervals} intervals", *shown.lines))


def ordinal(
    formula: str,
    data: pd.DataFrame,
    intervals: Intervals = "wald",
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> OrdinalFit:
    """Fit a proportional odds model by maximum likelihood.

    Parameters
    ----------
    formula
        ``"satisfaction ~ arm"``. The outcome is numeric or categorical, its order that of the numbers or
        of the categories; plain text is refused. Categories without rows are dropped.
    data
        One row an observation.
    intervals
        ``"wald"`` or ``"profile"``, for coefficients and odds ratios.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval.

    Returns
    -------
    OrdinalFit
        ``coefficients``, ``odds_ratios``, ``thresholds``, ``proportional_odds_tests``, ``terms`` ...

    Raises
    ------
    SeparationError
        No finite maximum exists; the columns along which the outcome is separated are named.
    ConvergenceError
        The iteration did not reach the maximum.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; also no term at all, or an outcome with one category.

    Degenerate cases: with two categories it is the logistic regression of the higher one.

    Equivalent in R: ``ordinal::clm(formula)``, ``MASS::polr``. In SAS: PROC LOGISTIC with the response
    descending.

    References: McCullagh (1980), Journal of the Royal Statistical Society B 42:109-142.
    """
    check_confidence_level(confidence_level)
    check_choice("intervals", intervals, INTERVALS)
    design = build_design(
        formula, data, outcome="ordinal", intercept="absorbed", **treatment_arguments(treatment, reference)
    )
    if not design.column_names:
        raise DataError(
            expected="at least one term right of '~'",
            found="none",
            where=f"formula {formula!r}",
            next_step="Thresholds alone are the cumulative proportions; no model is needed.",
        )
    assert design.outcome_levels is not None
    levels = len(design.outcome_levels)
    codes = _codes(design)
    model = proportional_odds(design.X, codes, levels)
    shares = np.bincount(codes, minlength=levels) / design.n
    cumulative = np.cumsum(shares)[:-1]
    start = np.concatenate([np.log(cumulative / (1.0 - cumulative)), np.zeros(design.X.shape[1])])
    names = (*(f"threshold {k + 1}" for k in range(levels - 1)), *design.column_names)
    optimum = _optimum(model, start, names, f"formula {formula!r}")
    return OrdinalFit(
        design=design,
        inference=Inference(optimum.parameters, np.asarray(np.linalg.inv(optimum.information)), WALD_Z),
        confidence_level=confidence_level,
        log_likelihood=optimum.log_likelihood,
        default_factor=treatment,
        model=model,
        intervals=intervals,
        null_log_likelihood=float(design.n * np.sum(shares * np.log(shares))),
    )


def _codes(design: Design) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    assert design.y is not None
    return design.y.astype(np.intp)


def _optimum(model: CumulativeLogit, start: FloatArray, names: tuple[str, ...], where: str) -> Optimum:
    """The maximum, with proof that it exists; where proof is lacking, the linear program decides."""
    optimum = maximize(model.value, model.derivatives, start, iterations=_STEPS_BEFORE_ASKING)
    if optimum.converged and optimum.decrement < model.least_decrement_if_separated(optimum.parameters):
        return optimum
    refuse_separation(model.signed_rows, names, where)
    return require_convergence(_climb(model, optimum.parameters), where)


def _climb(model: CumulativeLogit, start: FloatArray, free: BoolArray | None = None) -> Optimum:
    return maximize(model.value, model.derivatives, start, free=free)
