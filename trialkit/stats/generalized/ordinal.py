"""Ordinal regression by the proportional odds model."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from trialkit.numbers import plain
from trialkit.stats import display
from trialkit.stats.columns import IntArray
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.generalized.cumulative import CumulativeLogit, proportional_odds
from trialkit.stats.generalized.likelihood_ratio import likelihood_ratio_table
from trialkit.stats.generalized.log_odds import LogOddsFit
from trialkit.stats.generalized.maximum import maximum_or_separation
from trialkit.stats.generalized.profile import INTERVALS, Intervals, LikelihoodAboutMaximum
from trialkit.stats.generalized.proportionality import ProportionalOdds
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class OrdinalFit(LogOddsFit):
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
        return self._likelihood.with_profile_limits(table) if self.intervals == "profile" else table

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
        return likelihood_ratio_table(
            self.design, self.log_likelihood, self._likelihood.maximum_without, shift
        )

    @cached_property
    def proportional_odds_tests(self) -> pd.DataFrame:
        """Tests of the assumption: term test df statistic p_value note.

        For each term and for all at once ("GLOBAL") a "score" and a "likelihood ratio" test that its effects
        are the same at every threshold. Where the larger model has no finite maximum the likelihood ratio
        test does not exist: statistic and p value are NaN and ``note`` says so. In small samples the score
        test rejects too often.

        Equivalent in R: ``ordinal::nominal_test`` (likelihood ratio). In SAS: the score test for the
        proportional odds assumption that PROC LOGISTIC prints ("score", "GLOBAL").
        """
        return self._proportional_odds.tests()

    @property
    def aic(self) -> float:
        return 2.0 * (len(self.parameter_names) - self.log_likelihood)

    @property
    def bic(self) -> float:
        return math.log(self.n) * len(self.parameter_names) - 2.0 * self.log_likelihood

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Probability of each category for new rows, one column a category, lowest first."""
        import pandas as pd

        at_most = self._at_most(self.design.matrix_for(data))
        return pd.DataFrame(np.diff(at_most, axis=1), index=data.index, columns=list(self.levels))

    @property
    def fitted(self) -> pd.DataFrame:
        """Probability of each category for the rows used, on the index of the data.

        Equivalent in R: ``fitted(MASS::polr(...))``.
        """
        import pandas as pd

        probabilities = np.diff(self._at_most(self.design.X), axis=1)
        return pd.DataFrame(probabilities, index=self.design.index, columns=list(self.levels))

    @property
    def residuals(self) -> pd.Series[float]:
        """P(a lower category) - P(a higher one) of the rows used: between -1 and 1, mean 0 at the maximum.

        Equivalent in R: ``residuals(rms::lrm(...), type = "li.shepherd")``.

        Reference: Li & Shepherd (2012), Biometrika 99:473-480.
        """
        assert self.design.y is not None
        at_most, rows, place = self._at_most(self.design.X), np.arange(self.n), self.design.y.astype(int)
        return self.on_rows(at_most[rows, place] - (1.0 - at_most[rows, place + 1]), "residual")

    def _at_most(self, X: FloatArray) -> FloatArray:
        """Probability of at most each category, from 0 before the lowest to 1."""
        count = len(self.levels) - 1
        cuts, slopes = self.inference.coefficients[:count], self.inference.coefficients[count:]
        below = expit(cuts[None, :] - (X @ slopes)[:, None])
        return np.hstack([np.zeros((len(X), 1)), below, np.ones((len(X), 1))])

    def _in_parameters(self, rows: FloatArray, *, means: bool) -> FloatArray:
        count = len(self.levels) - 1
        share = -1.0 / count if means else 0.0
        return np.hstack([np.full((len(rows), count), share), rows])

    @property
    def _threshold_names(self) -> tuple[str, ...]:
        return tuple(f"{low}|{high}" for low, high in zip(self.levels[:-1], self.levels[1:], strict=True))

    @cached_property
    def _likelihood(self) -> LikelihoodAboutMaximum:
        return LikelihoodAboutMaximum(
            self.model,
            self.inference,
            self.parameter_names,
            self.log_likelihood,
            first=len(self.levels) - 1,
            confidence_level=self.confidence_level,
        )

    @property
    def _proportional_odds(self) -> ProportionalOdds:
        return ProportionalOdds(
            self.design, _codes(self.design), self.inference.coefficients, self.log_likelihood
        )

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        ratios, on_splines = self._ratios_to_read()
        tables = [*shown.tables, *([] if ratios.empty else [("Odds ratios of a higher category", ratios)])]
        tables.append(("Thresholds", self.thresholds))
        df, statistic, p_value, note = self._proportional_odds.global_score()
        assumption = f"proportional odds, score test: {note}"
        if df:
            told = (
                f"chi-square {display.number(statistic)} on {plain(df, 0)} df, p = {display.p_value(p_value)}"
            )
            assumption = f"proportional odds, score test: {told}" + (f" ({note})" if note else "")
        lines = (assumption, *on_splines, f"{self.intervals} intervals", *shown.lines)
        return display.Shown(shown.title, tuple(tables), lines)


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
            where=said("formula {formula!r}", formula=formula),
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
    where = str(said("formula {formula!r}", formula=formula))
    optimum = maximum_or_separation(model, start, names, where, design=design)
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


def _codes(design: Design) -> IntArray:
    assert design.y is not None
    return design.y.astype(np.intp)
