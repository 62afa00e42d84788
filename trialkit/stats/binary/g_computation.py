"""Risks averaged over the trial's subjects from a logistic model, and their difference and ratios."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from scipy.special import expit

from trialkit.stats import display
from trialkit.stats.columns import require_free_names
from trialkit.stats.distributions import Alternative, FloatArray, normal_quantile, t_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.generalized.logistic import LogisticFit
from trialkit.stats.inference import ALTERNATIVES, check_choice, check_number
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

Errors = Literal["model", "robust"]
ERRORS: tuple[Errors, ...] = get_args(Errors)


@dataclass(frozen=True, repr=False, eq=False)
class GComputation(Printed):
    """Marginal risks from a model.

    Attributes
    ----------
    risks
        One row a level of the treatment, under its own name: estimate standard_error ci_lower ci_upper.
    contrasts
        For each other level and measure ("risk difference", "risk ratio", "odds ratio"): measure contrast
        estimate standard_error (of the difference) log_standard_error (of the ratios) df statistic p_value
        ci_lower ci_upper alternative null_value.
    risk_covariance
        Covariance of the risks, in the order of ``risks``.
    """

    risks: pd.DataFrame
    contrasts: pd.DataFrame
    risk_covariance: FloatArray
    errors: Errors
    rows: Rows

    def _shown(self) -> display.Shown:
        tables = (("Marginal risks", self.risks), ("Contrasts", self.contrasts))
        return display.Shown(f"g-computation, {self.errors} errors", tables, (self.rows.sentence(),))


def g_computation(
    fit: LogisticFit,
    treatment: str | None = None,
    reference: Hashable | None = None,
    errors: Errors = "model",
    null_value: float = 0.0,
    alternative: Alternative = "two-sided",
) -> GComputation:
    """Average the risks a logistic model predicts for every subject under each treatment.

    Parameters
    ----------
    fit
        From ``trialkit.stats.logistic``; it may hold interactions with the treatment.
    treatment, reference
        The factor and the level compared with; None means the fit's own treatment, and its reference level.
    errors
        "model": delta method from the covariance of the coefficients, the subjects taken as they are.
        "robust": influence functions, which allow for subjects being a sample and for a wrong model.
    null_value
        Risk difference that is tested against: 0, or a margin. Ratios are tested against 1.
    alternative
        ``"greater"``: the difference is larger than ``null_value``, the ratios larger than 1. Like
        ``null_value`` it does not change the intervals.

    Returns
    -------
    GComputation
        Intervals are Wald's at the fit's confidence level: of risks and differences on their own scale, of
        ratios on the log scale.

    Raises
    ------
    DataError
        A treatment that is no factor of the model, a reference that is not one of its levels, or a null value
        no risk difference can have.

    Degenerate cases: without covariates these are the observed proportions, and with ``errors="model"`` their
    usual standard errors.

    Equivalent in R: ``marginaleffects::avg_comparisons(fit, variables = "arm")``. In SAS: the
    ``%MARGINS`` macro. Both are "model".

    References
    ----------
    Ge et al. (2011), Drug Information Journal 45:481-493. Ye et al. (2023), Statistical Theory and Related
    Fields 7:159-163. FDA (2023), Adjusting for Covariates in Randomized Clinical Trials.
    """
    import pandas as pd

    check_choice("errors", errors, ERRORS)
    check_choice("alternative", alternative, ALTERNATIVES)
    check_number("null_value", null_value, -1.0, 1.0)
    name, levels, base = _treatment(fit, treatment, reference)
    require_free_names([name], ("estimate", "standard_error", "ci_lower", "ci_upper"))
    rows = [_rows_under(fit, name, code) for code in range(len(levels))]
    beta = fit.inference.coefficients
    predicted = [expit(X @ beta) for X in rows]
    risks = np.array([p.mean() for p in predicted])
    slopes = np.vstack([(p * (1 - p)) @ X / len(X) for p, X in zip(predicted, rows, strict=True)])
    covariance = slopes @ fit.inference.covariance @ slopes.T
    if errors == "robust":
        covariance = _influence_covariance(fit, np.vstack(predicted), risks, slopes)
    z = normal_quantile(fit.confidence_level)
    error = np.sqrt(np.diag(covariance))
    ends = {"ci_lower": risks - z * error, "ci_upper": risks + z * error}
    table = pd.DataFrame({name: list(levels), "estimate": risks, "standard_error": error, **ends})
    rows_of = [
        row
        for code in range(len(levels))
        if code != base
        for row in _contrasts(f"{levels[code]} - {levels[base]}", risks, covariance, code, base, z)
    ]
    contrasts = _tested(rows_of, null_value, alternative)
    return GComputation(table, contrasts, covariance, errors, fit.rows)


def _treatment(
    fit: LogisticFit, treatment: str | None, reference: Hashable | None
) -> tuple[str, tuple[Hashable, ...], int]:
    name = fit.default_factor if treatment is None else treatment
    factors = fit.design.factors
    if name is None or name not in factors:
        raise DataError(
            expected=said(
                "a treatment among the factors of the model ({factors})", factors=", ".join(factors) or "none"
            ),
            found=written(name),
            next_step="Say treatment='...'; numbers become a factor by C(...) or by the fit's treatment.",
        )
    factor = factors[name]
    if reference is not None and reference not in factor.levels:
        raise DataError(
            expected=said("a reference among {levels}", levels=", ".join(map(str, factor.levels))),
            found=written(reference),
        )
    base = factor.reference_position if reference is None else factor.levels.index(reference)
    return name, factor.levels, base


def _rows_under(fit: LogisticFit, treatment: str, code: int) -> FloatArray:
    """The design of every subject, the treatment set to one level and all else as it is."""
    setting = dict(fit.design.settings)
    setting[treatment] = np.full(fit.n, code)
    return fit.design.matrix_at(setting)


def _influence_covariance(
    fit: LogisticFit, predicted: FloatArray, risks: FloatArray, slopes: FloatArray
) -> FloatArray:
    """Mean of squared influences over n: own prediction minus the risk, plus what the coefficients add."""
    X, y = fit.design.X, fit.design.y
    assert y is not None
    of_coefficients = (X * (y - fit.fitted_values)[:, None]) @ fit.inference.covariance * fit.n
    influence = (predicted - risks[:, None]) + slopes @ of_coefficients.T
    return np.asarray(influence @ influence.T / fit.n**2)


def _contrasts(
    contrast: str, risks: FloatArray, covariance: FloatArray, test: int, base: int, z: float
) -> list[dict[str, Any]]:
    p1, p0 = float(risks[test]), float(risks[base])
    block = covariance[np.ix_([test, base], [test, base])]
    measures = (
        ("risk difference", p1 - p0, np.array([1.0, -1.0])),
        ("risk ratio", math.log(p1 / p0), np.array([1 / p1, -1 / p0])),
        (
            "odds ratio",
            math.log(p1 / (1 - p1) / (p0 / (1 - p0))),
            np.array([1 / (p1 * (1 - p1)), -1 / (p0 * (1 - p0))]),
        ),
    )
    rows: list[dict[str, Any]] = []
    for measure, centre, slope in measures:
        error = math.sqrt(float(slope @ block @ slope))
        ends = [centre, centre - z * error, centre + z * error]
        on_log = measure != "risk difference"
        shown = [math.exp(end) for end in ends] if on_log else ends
        rows.append(
            {
                "measure": measure,
                "contrast": contrast,
                "estimate": shown[0],
                "standard_error": math.nan if on_log else error,
                "log_standard_error": error if on_log else math.nan,
                "ci_lower": shown[1],
                "ci_upper": shown[2],
            }
        )
    return rows


def _tested(rows: list[dict[str, Any]], null_value: float, alternative: Alternative) -> pd.DataFrame:
    """The contrasts with their Wald tests: the difference against ``null_value``, the ratios against 1."""
    import pandas as pd

    columns = {name: [row[name] for row in rows] for name in rows[0]}
    on_log = np.array([measure != "risk difference" for measure in columns["measure"]])
    estimate = np.array(columns["estimate"], dtype=float)
    distance = np.where(on_log, np.log(np.where(on_log, estimate, 1.0)), estimate - null_value)
    statistic = distance / np.where(on_log, columns["log_standard_error"], columns["standard_error"])
    p_value = t_p_value(statistic, np.full(len(rows), np.inf), alternative)
    tested = {"df": math.inf, "statistic": statistic, "p_value": p_value}
    limits = {name: columns.pop(name) for name in ("ci_lower", "ci_upper")}
    named = {"alternative": alternative, "null_value": np.where(on_log, 1.0, float(null_value))}
    return pd.DataFrame({**columns, **tested, **limits, **named})
