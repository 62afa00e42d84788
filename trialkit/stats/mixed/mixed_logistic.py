"""Logistic regression with a random intercept of one grouping column."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit

from trialkit.stats import display
from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray, chi_square_p_value
from trialkit.stats.errors import DataError, SeparationError
from trialkit.stats.fit import ModelFit, treatment_arguments
from trialkit.stats.generalized.binomial import Binomial
from trialkit.stats.generalized.newton import maximize, require_convergence
from trialkit.stats.generalized.separation import proves_overlap, refuse_separation
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.ls_means import Weights
from trialkit.stats.mixed.optimum import Convergence
from trialkit.stats.mixed.pieces import IntArray
from trialkit.stats.mixed.random_terms import RandomTerms, parse_random, require_intercept_only
from trialkit.stats.mixed.rotation import rotate
from trialkit.stats.mixed.site_integral import SiteIntegral
from trialkit.stats.mixed.site_search import SiteMaximum, find_site_maximum
from trialkit.stats.ratios import as_ratios

if TYPE_CHECKING:
    import pandas as pd

Scale = Literal["link", "response"]
MOST_POINTS = 100
_ZERO = 1e-5
_STEPS_BEFORE_ASKING = 12


@dataclass(frozen=True, repr=False, eq=False)
class MixedLogisticFit(ModelFit):
    """A fitted mixed logistic regression.

    Attributes
    ----------
    random
        The random part as given.
    quadrature_points
        1 for Laplace's approximation.
    random_sd, random_sd_standard_error
        Standard deviation of the random intercepts on the log odds scale.
    random_effects
        Most likely deviation of each site (log odds), one row a site.
    boundary
        True where the random standard deviation is zero: an optimum, not an error.
    n_groups, events
        Numbers of sites and of events.
    """

    random: RandomTerms
    quadrature_points: int
    random_sd: float
    random_sd_standard_error: float
    random_effects: pd.DataFrame
    boundary: bool
    n_groups: int
    events: int
    convergence: Convergence

    @property
    def title(self) -> str:
        points = self.quadrature_points
        how = "Laplace" if points == 1 else f"{points} quadrature points"
        return f"Mixed logistic: {self.design.formula.text} + ({self.random.text}) ({how})"

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """Odds ratios within a site, Wald intervals; ``log_standard_error`` on the log scale."""
        return as_ratios(self.coefficients)

    @property
    def variance_components(self) -> pd.DataFrame:
        """group term estimate standard_deviation: the variance of the random intercepts."""
        import pandas as pd

        row = {
            "group": [self.random.group],
            "term": ["Intercept"],
            "estimate": [self.random_sd**2],
            "standard_deviation": [self.random_sd],
        }
        return pd.DataFrame(row)

    @property
    def icc(self) -> float:
        """Share of the latent variance between sites; a logistic residual has variance pi^2 / 3."""
        between = self.random_sd**2
        return between / (between + math.pi**2 / 3.0)

    @property
    def aic(self) -> float:
        return 2.0 * (len(self.design.column_names) + 1 - self.log_likelihood)

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of rows, as lme4."""
        return math.log(self.n) * (len(self.design.column_names) + 1) - 2.0 * self.log_likelihood

    def ls_means(
        self,
        factor: str | Sequence[str] | None = None,
        by: str | Sequence[str] | None = None,
        weights: Weights = "equal",
        scale: Scale = "link",
    ) -> pd.DataFrame:
        """LS means of the log odds in a site of deviation zero; ``scale="response"`` as probabilities.

        Equivalent in R: ``emmeans(fit, ~ factor, type = "response")``.
        """
        check_choice("scale", scale, ("link", "response"))
        table = super().ls_means(factor, by, weights)
        return table if scale == "link" else _as_probabilities(table)

    def odds_ratio_contrasts(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """``contrasts`` on the ratio scale; the same arguments (``null_value`` stays a log odds ratio)."""
        return as_ratios(self.contrasts(*args, **kwargs))

    def linear_combinations(self, rows: FloatArray, scale: Scale = "link") -> pd.DataFrame:
        """Any combinations of the coefficients, one row of weights each; ``"response"`` as odds ratios."""
        check_choice("scale", scale, ("link", "response"))
        matrix = np.atleast_2d(np.asarray(rows, dtype=float))
        if matrix.shape[1] != len(self.design.column_names):
            raise DataError(
                expected=f"{len(self.design.column_names)} weights a row, one a coefficient",
                found=str(matrix.shape[1]),
            )
        table = self.inference.estimates(matrix, confidence_level=self.confidence_level)
        return table if scale == "link" else as_ratios(table)

    def compare(self, data: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
        """Odds ratios between settings, row by row: each row of ``data`` against that of ``reference``.

        What a U-shaped covariate needs (+2 Z against 0): columns the two frames share cancel. ``reference``
        may have a single row.

        Raises
        ------
        DataError
            A level the fit has not seen, a missing value, or numbers of rows that do not go together.
        """
        ahead, behind = self.design.matrix_for(data), self.design.matrix_for(reference)
        if len(behind) not in (1, len(ahead)):
            raise DataError(
                expected=f"1 or {len(ahead)} reference rows", found=str(len(behind)), where="reference"
            )
        return self.linear_combinations(ahead - behind, scale="response").set_index(data.index)

    def predict(self, data: pd.DataFrame, scale: Scale = "response") -> pd.DataFrame:
        """Probability of the event in a site of deviation zero (or its log odds): estimate to ci_upper.

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

    def likelihood_ratio(self, smaller: MixedLogisticFit) -> pd.DataFrame:
        """Chi-square test of this model against one it contains: statistic df p_value.

        Raises
        ------
        DataError
            Other rows, other quadrature, or not fewer coefficients.
        """
        import pandas as pd

        assert self.design.y is not None
        assert smaller.design.y is not None
        same = np.array_equal(self.design.y, smaller.design.y)
        df = float(len(self.design.column_names) - len(smaller.design.column_names))
        if not same or self.quadrature_points != smaller.quadrature_points or df <= 0:
            raise DataError(
                expected="a smaller model of the same rows with the same quadrature",
                found=f"{smaller.n} rows, {smaller.quadrature_points} points, {df:.0f} coefficients fewer",
                next_step="Fit both to the same complete rows and call it on the larger.",
            )
        statistic = max(0.0, 2.0 * (self.log_likelihood - smaller.log_likelihood))
        p_value = chi_square_p_value(statistic, df)
        return pd.DataFrame({"statistic": [statistic], "df": [df], "p_value": [p_value]})

    def _shown(self) -> display.Shown:
        shown = super()._shown()
        tables = [*shown.tables, ("Odds ratios", self.odds_ratios)]
        if self.default_factor is not None:
            tables.append((f"Log odds, LS means of {self.default_factor}", self.ls_means()))
        lines = [f"{self.events} events in {self.n} rows of {self.n_groups} {self.random.group}"]
        lines.append(f"random SD {display.number(self.random_sd)}")
        if self.boundary:
            lines.append("the random standard deviation is at its boundary, zero")
        return display.Shown(shown.title, tuple(tables), (*lines, *shown.lines))


def mixed_logistic(
    formula: str,
    data: pd.DataFrame,
    random: str,
    quadrature_points: int = 1,
    treatment: str | None = None,
    reference: Hashable | None = None,
    confidence_level: float = 0.95,
) -> MixedLogisticFit:
    """Fit a logistic regression with a random intercept by maximum likelihood.

    Parameters
    ----------
    formula
        ``"died ~ rcs(z, 4) + age"``; the outcome is 0/1, true/false or a categorical of two levels whose
        second is the event.
    data
        One row an observation; rows with a missing value are left out and counted.
    random
        ``"1 | site"``.
    quadrature_points
        1: Laplace's approximation. More: adaptive Gauss-Hermite quadrature, 10 to 25 for few rows a site.
    treatment, reference
        The factor that LS means and contrasts are of when none is named, and its reference level.
    confidence_level
        Of every interval.

    Returns
    -------
    MixedLogisticFit
        ``coefficients``, ``odds_ratios``, ``random_sd``, ``random_effects``, ``terms`` (type III Wald
        chi-square), ``compare()`` ... Standard errors come from the observed information of all parameters,
        the random standard deviation included.

    Raises
    ------
    SeparationError
        The outcome is separated along columns of the design, which are named; or every site has one outcome
        only.
    ConvergenceError
        No start led to a maximum with a vanishing gradient and a positive definite information.
    FormulaError, DataError, RankDeficiencyError
        As ``build_design``; a random part other than an intercept, one site, a number of points outside 1 to
        100.

    Degenerate cases: a random standard deviation of zero is an optimum; ``boundary`` is then true and the
    estimates are those of ``logistic``.

    Equivalent in R: ``lme4::glmer(y ~ x + (1 | site), binomial, nAGQ = quadrature_points)``;
    ``glmmTMB(..., family = binomial)`` for Laplace. In SAS: ``PROC GLIMMIX METHOD=QUAD(QPOINTS=n)``.

    References: Breslow & Clayton (1993), Journal of the American Statistical Association 88:9-25; Pinheiro &
    Bates (1995), Journal of Computational and Graphical Statistics 4:12-35.
    """
    check_confidence_level(confidence_level)
    _check_points(quadrature_points)
    terms = parse_random(random)
    require_intercept_only(terms)
    design = build_design(
        formula,
        data,
        outcome="binary",
        extra=terms.columns,
        subject=terms.group,
        **treatment_arguments(treatment, reference),
    )
    return _fit(design, terms, quadrature_points, treatment, confidence_level)


def _fit(
    design: Design, terms: RandomTerms, points: int, treatment: str | None, confidence_level: float
) -> MixedLogisticFit:
    import pandas as pd

    assert design.y is not None
    codes, labels = pd.factorize(design.column(terms.group), sort=True)
    if len(labels) < 2:
        raise DataError(
            expected=f"at least two values of {terms.group!r}",
            found=f"{len(labels)}",
            next_step="Use logistic for a single site.",
        )
    order = np.argsort(codes, kind="stable")
    turned = rotate(design.X, design.y)
    columns, y = turned.columns[order, :-1], design.y[order]
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    model = SiteIntegral(np.ascontiguousarray(columns), y, starts, points)
    where = f"mixed_logistic {design.formula.text!r}"
    _require_mixed_outcomes(y, starts, terms, where)
    begin = _without_sites(design, columns, y, where)
    found = find_site_maximum(model, begin, where)
    sd = abs(float(found.parameters[-1]))
    deviations = float(found.parameters[-1]) * model.evaluate(found.parameters).modes
    index = pd.Index(labels, name=terms.group)
    return MixedLogisticFit(
        design=design,
        inference=_inference(found, turned.unturn),
        confidence_level=confidence_level,
        log_likelihood=found.log_likelihood,
        default_factor=treatment,
        random=terms,
        quadrature_points=points,
        random_sd=0.0 if sd < _ZERO else sd,
        random_sd_standard_error=float(np.sqrt(np.linalg.inv(found.information)[-1, -1])),
        random_effects=pd.DataFrame({"Intercept": deviations}, index=index),
        boundary=sd < _ZERO,
        n_groups=len(labels),
        events=int(design.y.sum()),
        convergence=found.convergence,
    )


def _require_mixed_outcomes(y: FloatArray, starts: IntArray, terms: RandomTerms, where: str) -> None:
    """Sites that are all event or all none are fitted perfectly by a random SD without end."""
    events = np.add.reduceat(y, starts)
    rows = np.diff(np.append(starts, len(y)))
    if np.all((events == 0) | (events == rows)):
        raise SeparationError(
            expected=f"both outcomes in at least one {terms.group!r}",
            found=f"one outcome only in each of {len(starts)}, so that no finite random SD is most likely",
            where=where,
            next_step="Check that the grouping column is not the unit of the outcome.",
        )


def _inference(found: SiteMaximum, unturn: FloatArray) -> Inference:
    covariance = np.linalg.inv(found.information)[:-1, :-1]
    return Inference(unturn @ found.parameters[:-1], unturn @ covariance @ unturn.T, WALD_Z)


def _without_sites(design: Design, columns: FloatArray, y: FloatArray, where: str) -> FloatArray:
    """Coefficients of the plain logistic model; separation is refused by the names of the columns."""
    model = Binomial(columns, y)
    begin = np.zeros(columns.shape[1])
    optimum = maximize(model.value, model.derivatives, begin, iterations=_STEPS_BEFORE_ASKING)
    if not proves_overlap(optimum.decrement, model.smallest_other(optimum.parameters)):
        assert design.y is not None
        refuse_separation(Binomial(design.X, design.y).signed_rows, design.column_names, where)
        optimum = require_convergence(maximize(model.value, model.derivatives, optimum.parameters), where)
    return optimum.parameters


def _check_points(points: int) -> None:
    if not isinstance(points, int) or isinstance(points, bool) or not 1 <= points <= MOST_POINTS:
        raise DataError(
            expected=f"a whole number of quadrature points from 1 to {MOST_POINTS}",
            found=repr(points),
            next_step="Use 1 for Laplace's approximation, or 10 to 25.",
        )


def _as_probabilities(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    probability = expit(table["estimate"].to_numpy())
    table["standard_error"] = table["standard_error"] * probability * (1.0 - probability)
    table["estimate"] = probability
    for name in ("ci_lower", "ci_upper"):
        table[name] = expit(table[name].to_numpy())
    return table
