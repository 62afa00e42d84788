"""Cox regression: hazard ratios by Efron's partial likelihood, with strata, delayed entry and robust
errors."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trialkit.stats.columns import require_columns, require_free_names
from trialkit.stats.design import Design, build_design
from trialkit.stats.errors import DataError, FormulaError, SeparationError
from trialkit.stats.formula import parse_formula
from trialkit.stats.groups import Integers, Strata, groups_of, strata_of
from trialkit.stats.inference import WALD_Z, Inference, check_choice, check_confidence_level
from trialkit.stats.survival.cox_fit import STRATA_COLUMNS, CoxFit
from trialkit.stats.survival.newton import Optimum, maximize
from trialkit.stats.survival.observations import (
    Floats,
    columns_of,
    read_events,
    read_times,
    roles_apart,
    stratum_columns,
)
from trialkit.stats.survival.partial_likelihood import PartialLikelihood, Ties
from trialkit.stats.survival.product_limit import ProductLimit
from trialkit.stats.survival.risk_sets import RiskSets
from trialkit.stats.survival.score_residuals import sandwich, score_residuals
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.columns import Columns

CONSTANT = 1e-10
"""A column whose spread within strata is below this share of its size is constant there."""


def cox(
    formula: str,
    data: pd.DataFrame,
    time: str,
    event: str,
    entry: str | None = None,
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    robust: bool = False,
    reference: Hashable | Mapping[str, Hashable] | None = None,
    ties: Ties = "efron",
    confidence_level: float = 0.95,
) -> CoxFit:
    """Cox proportional-hazards regression.

    Parameters
    ----------
    formula
        The terms alone, ``"arm + age"``: the outcome is named by ``time`` and ``event``.
    data
        One row a subject, or a row a period at risk when ``entry`` is given (then name the subjects in
        ``cluster``).
    time, entry
        Columns of times in any one unit; a row is at risk over ``entry < t <= time``.
    event
        Column with 1 = event, 0 = censored.
    strata
        Column or columns; each combination of their values has a baseline hazard of its own.
    cluster
        Column of subjects or sites; errors are then robust, summed over its values.
    robust
        Whether standard errors are the Lin-Wei sandwich, row by row unless ``cluster`` is given.
    reference
        Reference level of the one factor that has it, or a mapping factor -> level; the first level
        otherwise. That factor (or the only one) is what ``contrasts()`` means and rows are counted by.
    ties
        ``"efron"`` (the default of R) or ``"breslow"`` (the default of SAS).
    confidence_level
        Between 0 and 1.

    Returns
    -------
    CoxFit
        ``.hazard_ratios``, ``.hazard_ratio_contrasts()``, ``.compare()``, ``.coefficients``,
        ``.coefficient_covariance``, ``.terms``, ``.contrasts()``,
        ``.proportional_hazards``, ``.plot_proportional_hazards()``, ``.tests``,
        ``.log_likelihood``, ``.baseline_hazard()``, ``.rows``.

    Raises
    ------
    FormulaError, DataError, RankDeficiencyError
        What ``build_design`` refuses; no events; all times the same; a column constant in every risk set.
    SeparationError
        A monotone likelihood, as when a level of a factor has no events: no finite estimate exists.
    ConvergenceError
        No maximum was reached otherwise.

    Degenerate cases
    ----------------
    Strata without events, and rows censored before the first event of their stratum, say nothing and change
    nothing. One step of Newton's method is never taken on trust: the fit is returned only where the
    decrement is below 1e-18.

    Equivalent in R: ``coxph(Surv(time, event) ~ arm + age + strata(s), cluster = id, ties = "efron")``.
    Equivalent in SAS: ``PROC PHREG COVS(AGGREGATE); MODEL time*event(0) = arm age / TIES=EFRON; STRATA s;
    ID id;``.

    References
    ----------
    Cox, JRSS B 1972;34:187. Efron, JASA 1977;72:557. Lin and Wei, JASA 1989;84:1074. Grambsch and Therneau,
    Biometrika 1994;81:515.
    """
    check_choice("ties", ties, ("efron", "breslow"))
    check_confidence_level(confidence_level)
    strata_columns = stratum_columns(strata)
    extra = roles_apart(data, (time, event, entry), (*strata_columns, cluster))
    require_free_names(strata_columns, STRATA_COLUMNS)
    references = references_of(formula, data, reference)
    arm = arm_of(formula, data, references)
    design = build_design(
        formula,
        data,
        outcome=None,
        intercept="absorbed",
        references=references,
        extra=extra,
        subject=cluster,
        count_by=[arm] if arm else [],
    )
    if not design.column_names:
        raise FormulaError(
            expected="at least one term", found=written(formula), next_step="Write 'arm' or 'arm + age'."
        )
    kept = columns_of(data, extra, design.used)
    follow_up = _read_follow_up(kept, time, event, entry, strata_columns, cluster)
    require_events_in_levels(design, follow_up.event)
    return _fit(design, follow_up, arm, ties, robust or cluster is not None, confidence_level)


class _FollowUp(NamedTuple):
    stop: Floats
    event: Floats
    start: Floats | None
    strata: Strata
    clusters: Integers | None


def _read_follow_up(
    kept: Columns, time: str, event: str, entry: str | None, strata: list[str], cluster: str | None
) -> _FollowUp:
    stop, start = read_times(kept, time, entry)
    happened = read_events(kept, event)
    _require_order(stop, happened, time, event)
    clusters = None if cluster is None else _cluster_codes(kept, cluster)
    return _FollowUp(stop, happened, start, strata_of(kept, strata, len(stop)), clusters)


def _fit(
    design: Design, read: _FollowUp, arm: str | None, ties: Ties, robust: bool, confidence_level: float
) -> CoxFit:
    stratum = read.strata.codes
    sets = RiskSets.arrange(read.stop, read.event, read.start, stratum)
    columns, scale = standardized(design.X, stratum)
    likelihood = PartialLikelihood(columns[sets.row], sets, ties)
    optimum = maximize(likelihood, design.column_names, _variables(design))
    naive, covariance = _covariances(likelihood, optimum, read.clusters, robust)
    units = np.outer(scale, scale)
    return CoxFit(
        design=design,
        inference=Inference(optimum.coefficients / scale, covariance / units, WALD_Z, naive / units),
        confidence_level=confidence_level,
        log_likelihood=optimum.log_likelihood,
        default_factor=arm,
        likelihood=likelihood,
        optimum=optimum,
        naive_covariance=naive / units,
        pooled_survival=ProductLimit.of(read.stop, read.event, read.start),
        in_strata=read.strata,
        scale=scale,
        n_clusters=None if read.clusters is None else int(read.clusters.max()) + 1,
        robust=robust,
        ties=ties,
    )


def _covariances(
    likelihood: PartialLikelihood, optimum: Optimum, clusters: Integers | None, robust: bool
) -> tuple[Floats, Floats]:
    """The model's covariance of the scaled coefficients, and the one to be used."""
    naive = _inverse(optimum.information)
    if not robust:
        return naive, naive
    arranged = None if clusters is None else clusters[likelihood.sets.row]
    return naive, sandwich(score_residuals(likelihood, optimum.hazards), naive, arranged)


def standardized(X: Floats, stratum: Integers) -> tuple[Floats, Floats]:
    """Columns centred within strata, where the likelihood is blind to a shift, and scaled to unit spread."""
    counts = np.bincount(stratum)
    means = np.column_stack([np.bincount(stratum, weights=column) / counts for column in X.T])
    centred = X - means[stratum]
    spread = np.sqrt((centred**2).mean(axis=0))
    constant = spread <= CONSTANT * np.abs(X).max(axis=0)
    centred[:, constant] = 0.0
    scale = np.where(constant, 1.0, spread)
    return centred / scale, scale


def _cluster_codes(kept: Columns, cluster: str) -> Integers:
    codes, labels = groups_of(kept[cluster])
    if len(labels) < 2:
        raise DataError(
            expected="two or more clusters",
            found="one among the rows used",
            where=cluster,
            next_step="Robust errors compare clusters with each other; leave the argument out.",
        )
    return codes


def references_of(
    formula: str, data: pd.DataFrame, reference: Hashable | Mapping[str, Hashable] | None
) -> Mapping[str, Hashable] | None:
    """A bare level belongs to the one column of the formula that has it."""
    if reference is None or isinstance(reference, Mapping):
        return reference
    if not isinstance(reference, Hashable):
        raise DataError(
            expected="a level, or a mapping of factor to level", found=written(reference), where="reference"
        )
    owners = [name for name in _factors(formula, data) if (data[name] == reference).any()]
    if len(owners) != 1:
        raise DataError(
            expected="a reference that is a level of exactly one factor of the formula",
            found=said("one of {n_owners} factors", n_owners=len(owners)),
            where="reference",
            next_step="Give a mapping instead: reference={'factor': level}."
            if owners
            else "Check its spelling and type; a column of numbers is a factor only as C(column).",
        )
    return {owners[0]: reference}


def arm_of(formula: str, data: pd.DataFrame, references: Mapping[str, Hashable] | None) -> str | None:
    """The factor that rows are counted by and contrasts mean: the one whose reference is given, or the only
    one."""
    factors = _factors(formula, data)
    named = list(references or factors)
    return named[0] if len(named) == 1 and named[0] in factors else None


def _factors(formula: str, data: pd.DataFrame) -> list[str]:
    """The columns that the formula takes as factors: text, categories, true/false, and what stands in C()."""
    parsed = parse_formula(formula, outcome=False)
    require_columns(data, parsed.columns, said("formula {formula!r}", formula=formula))
    variables = [variable for term in parsed.terms for variable in term]
    return list(
        dict.fromkeys(v.column for v in variables if v.is_factor_wrapper or not _is_number(data[v.column]))
    )


def _is_number(column: pd.Series[Any]) -> bool:
    from pandas.api import types

    return types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype)


def _require_order(stop: Floats, happened: Floats, time: str, event: str) -> None:
    if not happened.any():
        raise DataError(
            expected="at least one event",
            found="none among the rows used",
            where=event,
            next_step="Check the event column: 1 = event, 0 = censored.",
        )
    if (stop == stop[0]).all():
        raise DataError(
            expected="times that differ",
            found=said("the one time {stop:g} in every row", stop=stop[0]),
            where=time,
            next_step="Use logistic regression: these rows say whether, not when.",
        )


def require_events_in_levels(design: Design, happened: Floats) -> None:
    """The commonest monotone likelihood, told in plain words before any step is taken."""
    for name, factor in design.factors.items():
        events = np.bincount(design.settings[name], weights=happened, minlength=len(factor.levels))
        empty = int((events == 0).sum())
        if empty:
            raise SeparationError(
                expected="an event in every level of a factor",
                found=said(
                    "{empty} of {n_levels} levels of {name!r} without one",
                    empty=empty,
                    n_levels=len(factor.levels),
                    name=name,
                ),
                where=name,
                next_step="Its hazard ratio has no finite estimate: merge levels, or use log_rank.",
            )


def _variables(design: Design) -> tuple[str, ...]:
    """The term each column belongs to."""
    names = [""] * len(design.column_names)
    for term, columns in design.term_columns.items():
        for column in columns:
            names[column] = term
    return tuple(names)


def _inverse(information: Floats) -> Floats:
    scale = np.sqrt(np.diag(information))
    units = np.outer(scale, scale)
    inverse = np.linalg.inv(information / units) / units
    return np.asarray((inverse + inverse.T) / 2)
