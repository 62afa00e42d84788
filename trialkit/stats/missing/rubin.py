"""Rubin's rules: several estimates of the same quantities, each with its variance, to one of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from trialkit.stats.distributions import FloatArray

DfRule = Literal["barnard-rubin", "rubin"]
DF_RULES: tuple[DfRule, ...] = get_args(DfRule)


@dataclass(frozen=True)
class Combined:
    """Pooled quantities, one element each.

    Attributes
    ----------
    estimate, variance, df
        What inference needs.
    within, between
        Mean variance within imputations; variance of the estimates between them.
    relative_increase
        (1 + 1/m) between / within.
    fraction_missing
        Fraction of missing information (Rubin 1987, equation 3.1.10), which depends on ``df``.
    """

    estimate: FloatArray
    variance: FloatArray
    df: FloatArray
    within: FloatArray
    between: FloatArray
    relative_increase: FloatArray
    fraction_missing: FloatArray


def combine(estimates: FloatArray, variances: FloatArray, complete_df: FloatArray, rule: DfRule) -> Combined:
    """Pool ``estimates`` and ``variances`` (imputations x quantities).

    ``complete_df`` is what each quantity's df would be without missing values; inf for a Wald z.

    Degenerate cases: without variance between imputations the df is the limit of its rule, infinite for
    ``"rubin"`` and (df + 1) / (df + 3) * df for ``"barnard-rubin"``.

    References: Rubin (1987), Multiple Imputation for Nonresponse in Surveys, section 3.1; Barnard & Rubin
    (1999), Biometrika 86:948-955, equation 3.
    """
    m = len(estimates)
    within = variances.mean(axis=0)
    between = _variance(estimates)
    inflated = (1.0 + 1.0 / m) * between
    total = within + inflated
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(inflated > 0, inflated / total, 0.0)
        increase = np.where(inflated > 0, inflated / within, 0.0)
        large_sample = (m - 1) / share**2
        fraction_of_df = np.where(np.isfinite(complete_df), (complete_df + 1.0) / (complete_df + 3.0), 1.0)
        observed = fraction_of_df * complete_df * (1.0 - share)
        df = large_sample if rule == "rubin" else 1.0 / (1.0 / large_sample + 1.0 / observed)
        fraction = np.where(inflated > 0, (increase + 2.0 / (df + 3.0)) / (increase + 1.0), 0.0)
    return Combined(
        estimate=estimates.mean(axis=0),
        variance=total,
        df=np.asarray(df, dtype=float),
        within=within,
        between=between,
        relative_increase=np.asarray(increase, dtype=float),
        fraction_missing=np.asarray(fraction, dtype=float),
    )


def _variance(estimates: FloatArray) -> FloatArray:
    """Variance over imputations; rounding in estimates that do not vary is zero."""
    spread = estimates.var(axis=0, ddof=1)
    rounding = (1e-14 * np.abs(estimates).max(axis=0)) ** 2
    return np.where(spread > rounding, spread, 0.0)
