"""Logistic regression, by maximum likelihood or, only when asked, with Firth's penalty."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.generalized.binomial import Binomial, Penalty
from trialkit.stats.generalized.likelihood_ratio import likelihood_ratio_table
from trialkit.stats.generalized.log_odds import EventFit
from trialkit.stats.generalized.maximum import maximum_or_separation
from trialkit.stats.generalized.newton import Optimum, maximize, require_convergence
from trialkit.stats.generalized.profile import INTERVALS, Intervals, LikelihoodAboutMaximum
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

PENALTIES: tuple[Penalty, ...] = (None, "firth")


@dataclass(frozen=True, repr=False, eq=False)
class LogisticFit(EventFit):
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
    fitted_values
        Probability of the event, one number a row used.
    """

    model: Binomial
    penalty: Penalty
    intervals: Intervals
    null_log_likelihood: float
    penalized_log_likelihood: float
    fitted_values: FloatArray

    @property
    def title(self) -> str:
        described = ", Firth's penalty" if self.penalty else ""
        assert self.design.outcome_levels is not None
        event = self.design.outcome_levels[1]
        return f"Logistic regression{described}: {self.design.formula.text}, event {event}"

    @property
    def fitted(self) -> pd.Series[float]:
        """Probability of the event in the rows used, on the index of the data."""
        return self.on_rows(self.fitted_values, "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Outcome (0 or 1) minus probability, on the index of the data: R's ``type = "response"``."""
        assert self.design.y is not None
        return self.on_rows(self.design.y - self.fitted_values, "residual")

    @property
    def coefficients(self) -> pd.DataFrame:
        """Log odds ratios: term estimate standard_error df statistic p_value ci_lower ci_upper."""
        table = super().coefficients
        return self._likelihood.with_profile_limits(table) if self.intervals == "profile" else table

    @property
    def likelihood_ratio_tests(self) -> pd.DataFrame:
        """term df statistic p_value for each term no other contains; with Firth's penalty, its penalized
        form.
        """
        return likelihood_ratio_table(
            self.design, self.penalized_log_likelihood, self._likelihood.maximum_without
        )

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

    @cached_property
    def _likelihood(self) -> LikelihoodAboutMaximum:
        return LikelihoodAboutMaximum(
            self.model,
            self.inference,
            self.parameter_names,
            self.penalized_log_likelihood,
            first=0,
            confidence_level=self.confidence_level,
        )

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        ratios, on_splines = self._ratios_to_read()
        tables = [*shown.tables, *([] if ratios.empty else [("Odds ratios", ratios)])]
        if self.default_factor is not None:
            made, refused = display.gather([(f"Log odds, LS means of {self.default_factor}", self.ls_means)])
            tables, on_splines = [*tables, *made], (*refused, *on_splines)
        events = f"{self.events} events in {self.n} rows; {self.intervals} intervals"
        return display.Shown(shown.title, tuple(tables), (*on_splines, events, *shown.lines))


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
        fitted_values=model.probabilities(optimum.parameters),
        events=int(design.y.sum()),
    )


def _optimum(model: Binomial, design: Design) -> Optimum:
    where = str(said("formula {text!r}", text=design.formula.text))
    start = np.zeros(design.X.shape[1])
    if model.penalty is not None:
        return require_convergence(maximize(model.value, model.derivatives, start), where)
    return maximum_or_separation(model, start, design.column_names, where, design=design)


def _null_log_likelihood(design: Design) -> float:
    if design.intercept != "estimated":
        return float("nan")
    assert design.y is not None
    n, events = design.n, float(design.y.sum())
    return events * math.log(events / n) + (n - events) * math.log(1.0 - events / n)
