"""Power and sample size for two means: t test and analysis of covariance with a baseline.

Alpha is that of the test as a whole: 0.025 with one side and 0.05 with two are the same rejection in the
direction hoped for.
"""

from __future__ import annotations

import math
from numbers import Real

from scipy.special import ndtri

from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.stats.power.search import (
    SampleSize,
    by_normal,
    check_sizes,
    check_test,
    fewest_subjects,
    require_power,
)
from trialkit.wording import said, written

_NEGLIGIBLE = 1e-12
"""Off the power wanted."""


def t_test_power(
    difference: float,
    sd: float,
    n_test: int,
    n_reference: int,
    alpha: float = 0.025,
    sides: int = 1,
    both_tails: bool = False,
) -> float:
    """Power of the two-sample t test with pooled variance.

    Parameters
    ----------
    difference, sd
        True difference of the means (its size counts) and common standard deviation, in one unit.
    n_test, n_reference
        Subjects with an outcome in each arm, at least 2.
    alpha, sides
        Level of the test as a whole; with two sides half of it is spent on each.
    both_tails
        With two sides, whether a significant result in the wrong direction counts.

    Returns
    -------
    float

    Raises
    ------
    DataError
        An SD that is not positive, arms that are too small, alpha or sides that make no test.

    Equivalent in R: ``power.t.test(n, delta, sd, sig.level, alternative =, strict = both_tails)``. In SAS:
    ``PROC POWER; TWOSAMPLEMEANS TEST=DIFF`` (which counts both tails).

    References: Cohen (1988), Statistical Power Analysis, chapter 2; the noncentral t distribution is exact.
    """
    check_sizes(n_test, n_reference, least=2)
    return _power(difference, sd, (n_test, n_reference), (alpha, sides), n_test + n_reference - 2, both_tails)


def t_test_sample_size(
    difference: float, sd: float, power: float, alpha: float = 0.025, sides: int = 1, ratio: float = 1.0
) -> SampleSize:
    """The fewest subjects with which the t test reaches a power.

    Parameters
    ----------
    difference, sd, alpha, sides
        As ``t_test_power``.
    power
        Wanted, between 0 and 1.
    ratio
        Subjects in the test arm for each in the reference arm.

    Returns
    -------
    SampleSize
        ``n_test``, ``n_reference``, the ``power`` they reach, and ``with_attrition(share)``.

    Raises
    ------
    DataError
        As ``t_test_power``; also a power outside (0, 1), or more than ten million subjects an arm needed.

    Equivalent in R: ``ceiling(power.t.test(power =, delta =, sd =)$n)``.
    """
    return fewest_subjects(
        lambda test, reference: t_test_power(difference, sd, test, reference, alpha, sides),
        power,
        ratio,
        near=by_normal(power, alpha, sides, _of_one(difference, sd, ratio)),
    )


def t_test_detectable_difference(
    sd: float, n_test: int, n_reference: int, power: float, alpha: float = 0.025, sides: int = 1
) -> float:
    """The difference that the t test shows with a power.

    Parameters
    ----------
    sd, n_test, n_reference, alpha, sides
        As ``t_test_power``.
    power
        Wanted; above the level of the test, below 1.

    Returns
    -------
    float
        Positive, in the unit of ``sd``.

    Raises
    ------
    DataError
        As ``t_test_power``; also a power that is not above the level of the test.

    Equivalent in R: ``power.t.test(n =, sd =, power =)$delta``.
    """
    require_power(power)
    check_numbers(sd=sd)
    tail = check_test(alpha, sides)
    if power <= tail:
        raise DataError(expected="a power above the level of the test", found=written(power))
    check_sizes(n_test, n_reference, least=2)
    of_one_sd = _noncentrality(sd, sd, (n_test, n_reference))
    return sd * _noncentrality_with(power, tail, n_test + n_reference - 2) / of_one_sd


def ancova_power(
    difference: float,
    sd: float,
    correlation: float,
    n_test: int,
    n_reference: int,
    alpha: float = 0.025,
    sides: int = 1,
) -> float:
    """Power of the analysis of covariance with one baseline.

    The t test with the SD around the regression on baseline, ``sd * sqrt(1 - correlation^2)``, and one degree
    of freedom fewer. Chance imbalance of the baseline, which costs about 1 in N of precision, is not counted.

    Parameters
    ----------
    sd, correlation
        Of the outcome, and its correlation with baseline within arms, between -1 and 1.
    difference, n_test, n_reference, alpha, sides
        As ``t_test_power``.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    DataError
        As ``t_test_power``; also a correlation outside (-1, 1).

    Equivalent in R: ``power.t.test(sd = sd * sqrt(1 - r^2))`` but for the degree of freedom. In SAS: ``PROC
    GLMPOWER; ... NCOVARIATES=1 CORRXY=r``.

    References: Borm, Fransen & Lemmens (2007), Journal of Clinical Epidemiology 60:1234-1238.
    """
    check_numbers(sd=sd, correlation=correlation)
    check_sizes(n_test, n_reference, least=2)
    if not -1 < correlation < 1:
        raise DataError(expected="a correlation between -1 and 1", found=written(correlation))
    residual_sd = sd * math.sqrt(1 - correlation**2)
    df = n_test + n_reference - 3
    return _power(difference, residual_sd, (n_test, n_reference), (alpha, sides), df, both_tails=False)


def ancova_sample_size(
    difference: float,
    sd: float,
    correlation: float,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
) -> SampleSize:
    """The fewest subjects with which the analysis of covariance reaches a power.

    Parameters
    ----------
    difference, sd, correlation, alpha, sides
        As ``ancova_power``.
    power
        Wanted, between 0 and 1.
    ratio
        Subjects in the test arm for each in the reference arm.

    Returns
    -------
    SampleSize
        ``n_test``, ``n_reference``, the ``power`` they reach, and ``with_attrition(share)``.

    Raises
    ------
    DataError
        As ``ancova_power``; also a power outside (0, 1), or more than ten million subjects an arm needed.

    Equivalent in R: ``ceiling(power.t.test(power =, delta =, sd = sd * sqrt(1 - r^2))$n)``, but for the
    degree of freedom.
    """
    return fewest_subjects(
        lambda test, reference: ancova_power(difference, sd, correlation, test, reference, alpha, sides),
        power,
        ratio,
        near=by_normal(power, alpha, sides, _of_one(difference, sd, ratio, correlation)),
    )


def _of_one(difference: float, sd: float, ratio: float, correlation: float = 0.0) -> float:
    """Noncentrality of one subject in the reference arm and ``ratio`` in the test arm; NaN of no numbers."""
    if not all(isinstance(one, Real) for one in (difference, sd, ratio, correlation)):
        return math.nan
    if not (sd > 0 and ratio > 0 and -1 < correlation < 1):
        return math.nan
    return abs(difference) / sd / math.sqrt((1 + 1 / ratio) * (1 - correlation**2))


def _power(
    difference: float,
    sd: float,
    sizes: tuple[int, int],
    level: tuple[float, int],
    df: int,
    both_tails: bool,
) -> float:
    from scipy.stats import nct

    check_numbers(difference=difference, sd=sd)
    tail = check_test(*level)
    noncentrality = _noncentrality(difference, sd, sizes)
    critical = _critical(df, tail)
    reached = float(nct.sf(critical, df, noncentrality))
    if both_tails and level[1] == 2:
        # By symmetry the lower tail; scipy's own cdf gives NaN where the noncentrality is large.
        reached += float(nct.sf(critical, df, -noncentrality))
    return reached


def _noncentrality(difference: float, sd: float, sizes: tuple[int, int]) -> float:
    if not sd > 0 or not math.isfinite(difference):
        raise DataError(
            expected="a positive SD and a finite difference",
            found=said("{sd!r} and {difference!r}", sd=sd, difference=difference),
        )
    return abs(difference) / sd / math.sqrt(1 / sizes[0] + 1 / sizes[1])


def _critical(df: int, tail: float) -> float:
    from scipy.special import stdtrit

    return -float(stdtrit(df, tail))


def _noncentrality_with(power: float, tail: float, df: int) -> float:
    """The noncentrality with which t is beyond its critical value with a probability: secants from a normal
    approximation (Johnson & Welch 1940), which ends within 1e-3 or so; by bisection where they go astray.
    """
    from scipy.optimize import brentq, newton
    from scipy.stats import nct

    critical = _critical(df, tail)

    def excess(noncentrality: float) -> float:
        return float(nct.sf(critical, df, noncentrality)) - power

    z, spread = float(ndtri(power)), math.sqrt(1 + critical**2 / (2 * df))
    guess = max(critical * (1 - 1 / (4 * df)) + z * spread, 0.0)
    try:
        found = float(newton(excess, guess, tol=1e-14, rtol=1e-13))
        if found > 0 and abs(excess(found)) < _NEGLIGIBLE:
            return found
    except RuntimeError:  # no convergence
        pass
    upper = critical
    while excess(upper) < 0:
        upper *= 2
    return float(brentq(excess, 0.0, upper, xtol=1e-14))
