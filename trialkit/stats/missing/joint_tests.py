"""Type III tests over imputations: the D1 statistic of Li, Raghunathan and Rubin.

Between-imputation covariance is taken proportional to the within one, which holds its F test near its level
with as few as three imputations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats.distributions import FloatArray, f_p_value
from trialkit.stats.fit import ModelFit
from trialkit.stats.missing.rubin import DfRule, combine
from trialkit.stats.type_iii import type_iii_rows

if TYPE_CHECKING:
    import pandas as pd


def pooled_terms(fits: Sequence[ModelFit], rule: DfRule) -> pd.DataFrame:
    """One row a term: term df_num df_den statistic distribution p_value.

    A single contrast is tested with the df of ``rule``, as its coefficient is. Of several, the denominator
    df is Reiter's (2007) where the fits have finite df, else that of Li et al. (1991).

    Equivalent in R: ``mice::D1``.

    References: Li, Raghunathan & Rubin (1991), JASA 86:1065-1073; Reiter (2007), Biometrika 94:502-508.
    """
    import pandas as pd

    lines = []
    for term, rows in type_iii_rows(fits[0].design).items():
        in_parameters = fits[0]._in_parameters(rows, means=False)
        estimates = np.array([in_parameters @ fit.inference.coefficients for fit in fits])
        within = np.mean([_covariance(fit, in_parameters) for fit in fits], axis=0)
        complete = float(np.mean([fit.inference.df.of_joint_test(in_parameters)[0] for fit in fits]))
        statistic, df_den = wald_d1(estimates, within, complete)
        if len(in_parameters) == 1:
            variances = np.array([_covariance(fit, in_parameters)[0] for fit in fits])
            df_den = float(combine(estimates, variances, np.array([complete]), rule).df[0])
        k = float(len(in_parameters))
        lines.append((term, k, df_den, statistic, "F", f_p_value(statistic, k, df_den)))
    columns = ["term", "df_num", "df_den", "statistic", "distribution", "p_value"]
    return pd.DataFrame(lines, columns=columns)


def _covariance(fit: ModelFit, rows: FloatArray) -> FloatArray:
    return np.asarray(rows @ fit.inference.covariance @ rows.T)


def wald_d1(estimates: FloatArray, within: FloatArray, complete_df: float) -> tuple[float, float]:
    """F statistic that all quantities are zero, and its denominator df."""
    m, k = estimates.shape
    mean = estimates.mean(axis=0)
    centred = estimates - mean
    between = centred.T @ centred / (m - 1)
    increase = (1.0 + 1.0 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1.0 + increase))
    return statistic, _denominator(m, k, increase, complete_df)


def _denominator(m: int, k: int, increase: float, complete_df: float) -> float:
    t = k * (m - 1)
    if increase <= 0:
        return complete_df
    if np.isfinite(complete_df) and t > 4:
        return _reiter(m, k, increase, complete_df)
    if t > 4:
        return 4.0 + (t - 4) * (1.0 + (1.0 - 2.0 / t) / increase) ** 2
    return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / increase) ** 2 / 2.0


def _reiter(m: int, k: int, increase: float, complete_df: float) -> float:
    t = k * (m - 1)
    a = increase * t / (t - 2.0)
    vstar = (complete_df + 1.0) / (complete_df + 3.0) * complete_df
    c0 = 1.0 / (t - 4.0)
    c1 = vstar - 2.0 * (1.0 + a)
    c2 = vstar - 4.0 * (1.0 + a)
    z = (
        1.0 / c2
        + c0 * (a**2 * c1 / ((1.0 + a) ** 2 * c2))
        + c0 * (8.0 * a**2 * c1 / ((1.0 + a) * c2**2) + 4.0 * a**2 / ((1.0 + a) * c2))
        + c0 * (4.0 * a**2 / (c2 * c1) + 16.0 * a**2 * c1 / c2**3)
        + c0 * (8.0 * a**2 / c2**2)
    )
    return 4.0 + 1.0 / z
