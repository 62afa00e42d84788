"""Logistic regression with a random intercept of one grouping column."""

from __future__ import annotations

from collections.abc import Hashable
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats.design import Design, build_design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, SeparationError
from trialkit.stats.generalized.binomial import Binomial
from trialkit.stats.generalized.maximum import maximum_or_separation
from trialkit.stats.inference import WALD_Z, Inference, check_confidence_level
from trialkit.stats.mixed.mixed_logistic_fit import MixedLogisticFit
from trialkit.stats.mixed.pieces import IntArray
from trialkit.stats.mixed.random_terms import RandomTerms, parse_random, require_intercept_only
from trialkit.stats.mixed.rotation import rotate
from trialkit.stats.mixed.site_integral import SiteIntegral
from trialkit.stats.mixed.site_search import SiteMaximum, find_site_maximum
from trialkit.stats.treatment import treatment_arguments
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 100
_ZERO = 1e-5


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
    quadrature_points = int(quadrature_points)
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
            expected=said("at least two values of {group!r}", group=terms.group),
            found=written(len(labels)),
            next_step="Use logistic for a single site.",
        )
    order = np.argsort(codes, kind="stable")
    turned = rotate(design.X, design.y)
    columns, y = turned.columns[order, :-1], design.y[order]
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    model = SiteIntegral(np.ascontiguousarray(columns), y, starts, points)
    where = said("mixed_logistic {text!r}", text=design.formula.text)
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
            expected=said("both outcomes in at least one {group!r}", group=terms.group),
            found=said(
                "one outcome only in each of {n_starts}, so that no finite random SD is most likely",
                n_starts=len(starts),
            ),
            where=where,
            next_step="Check that the grouping column is not the unit of the outcome.",
        )


def _inference(found: SiteMaximum, unturn: FloatArray) -> Inference:
    covariance = np.linalg.inv(found.information)[:-1, :-1]
    return Inference(unturn @ found.parameters[:-1], unturn @ covariance @ unturn.T, WALD_Z)


def _without_sites(design: Design, columns: FloatArray, y: FloatArray, where: str) -> FloatArray:
    """Coefficients of the plain logistic model; separation is refused by the names of the columns."""
    assert design.y is not None
    named = Binomial(design.X, design.y)
    begin = np.zeros(columns.shape[1])
    return maximum_or_separation(
        Binomial(columns, y), begin, design.column_names, where, named, design
    ).parameters


def _check_points(points: object) -> None:
    if not isinstance(points, Integral) or isinstance(points, bool) or not 1 <= int(points) <= MOST_POINTS:
        raise DataError(
            expected=said(
                "a whole number of quadrature points from 1 to {most_points}", most_points=MOST_POINTS
            ),
            found=written(points),
            next_step="Use 1 for Laplace's approximation, or 10 to 25.",
        )
