"""Power and sample size for two proportions, by the normal approximation of the chi-square test."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.stats.power.search import SampleSize, check_sizes, check_test, fewest_subjects
from trialkit.wording import said


def two_proportions_power(
    p_test: float, p_reference: float, n_test: int, n_reference: int, alpha: float = 0.025, sides: int = 1
) -> float:
    """Power of Pearson's chi-square test of two proportions, without continuity correction.

    Parameters
    ----------
    p_test, p_reference
        True proportions, between 0 and 1.
    n_test, n_reference
        Subjects with an outcome in each arm.
    alpha, sides
        Level of the test as a whole; with two sides half of it is spent on each, and a significant result in
        the wrong direction is not counted.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    DataError
        A proportion outside [0, 1], both 0 or both 1, an empty arm, alpha or sides that make no test.

    Equivalent in R: ``power.prop.test(n, p1, p2, sig.level, alternative =)``. In SAS: ``PROC POWER;
    TWOSAMPLEFREQ TEST=PCHI``.

    References: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, section 4.3.
    """
    check_numbers(p_test=p_test, p_reference=p_reference)
    tail = check_test(alpha, sides)
    check_sizes(n_test, n_reference)
    pooled = (n_test * p_test + n_reference * p_reference) / (n_test + n_reference)
    if not (0 <= p_test <= 1 and 0 <= p_reference <= 1 and 0 < pooled < 1):
        raise DataError(
            expected="proportions from 0 to 1, not both 0 or both 1",
            found=said("{p_test!r} and {p_reference!r}", p_test=p_test, p_reference=p_reference),
        )
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / n_test + 1 / n_reference))
    error = math.sqrt(p_test * (1 - p_test) / n_test + p_reference * (1 - p_reference) / n_reference)
    margin = abs(p_test - p_reference) + float(ndtri(tail)) * null_error
    if error == 0:
        return 1.0 if margin > 0 else 0.0
    return float(ndtr(margin / error))


def two_proportions_sample_size(
    p_test: float, p_reference: float, power: float, alpha: float = 0.025, sides: int = 1, ratio: float = 1.0
) -> SampleSize:
    """The fewest subjects with which the chi-square test reaches a power.

    Parameters
    ----------
    p_test, p_reference, alpha, sides
        As ``two_proportions_power``.
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
        As ``two_proportions_power``; also a power outside (0, 1), or more than ten million subjects an arm.

    Equivalent in R: ``ceiling(power.prop.test(p1 =, p2 =, power =)$n)``.
    """
    return fewest_subjects(
        lambda test, reference: two_proportions_power(p_test, p_reference, test, reference, alpha, sides),
        power,
        ratio,
        least=1,
    )
