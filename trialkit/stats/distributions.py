"""Tail probabilities and quantiles of t, F, normal and chi-square, at full precision in the tails.

``scipy.special`` alone: ``scipy.stats`` takes a second to import. Infinite degrees of freedom mean the normal
(or chi-square) distribution, which is how a Wald z is written throughout.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]
Alternative = Literal["two-sided", "less", "greater"]


def t_two_sided_p(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """P(|T| > |statistic|), exact far into the tail; the normal distribution where ``df`` is inf."""
    statistic, df = np.broadcast_arrays(np.asarray(statistic, float), np.asarray(df, float))
    normal = 2.0 * special.ndtr(-np.abs(statistic))
    finite = np.where(np.isfinite(df), df, 1.0)
    student = special.betainc(finite / 2.0, 0.5, finite / (finite + statistic**2))
    return np.asarray(np.where(np.isfinite(df), student, normal), dtype=float)


def t_p_value(statistic: FloatArray, df: FloatArray, alternative: Alternative) -> FloatArray:
    """The p value of a t (or z) statistic for the stated alternative."""
    both = t_two_sided_p(statistic, df)
    if alternative == "two-sided":
        return both
    toward = np.asarray(statistic) > 0 if alternative == "greater" else np.asarray(statistic) < 0
    return np.asarray(np.where(toward, both / 2.0, 1.0 - both / 2.0), dtype=float)


def t_quantile(upper_tail: float, df: FloatArray) -> FloatArray:
    """The value that t (normal where ``df`` is inf) exceeds with probability ``upper_tail`` < 0.5."""
    df = np.asarray(df, float)
    finite = np.where(np.isfinite(df), df, 1.0)
    share = special.betaincinv(finite / 2.0, 0.5, 2.0 * upper_tail)
    student = np.sqrt(finite * (1.0 / share - 1.0))
    return np.asarray(np.where(np.isfinite(df), student, -special.ndtri(upper_tail)), dtype=float)


@lru_cache(maxsize=64)
def normal_quantile(confidence_level: float) -> float:
    """The z of a two-sided interval: 1.96 at 0.95."""
    return float(t_quantile((1.0 - confidence_level) / 2.0, np.array(np.inf)))


def normal_two_sided_p(statistic: float) -> float:
    """P(|Z| > |statistic|) of one number: ``t_two_sided_p`` with infinite df, without its arrays."""
    return float(2.0 * special.ndtr(-abs(statistic)))


def f_p_value(statistic: float, df_num: float, df_den: float) -> float:
    """P(F > statistic); where ``df_den`` is inf, P(chi-square > df_num * statistic) with ``df_num`` df."""
    if not np.isfinite(df_den):
        return chi_square_p_value(statistic * df_num, df_num)
    return float(special.betainc(df_den / 2.0, df_num / 2.0, df_den / (df_den + df_num * statistic)))


def chi_square_p_value(statistic: float, df: float) -> float:
    """P(chi-square with ``df`` degrees of freedom > statistic)."""
    return float(special.gammaincc(df / 2.0, statistic / 2.0))


def chi_square_quantile(upper_tail: float, df: float) -> float:
    """The value that chi-square with ``df`` degrees of freedom exceeds with probability ``upper_tail``."""
    return float(2.0 * special.gammainccinv(df / 2.0, upper_tail))
