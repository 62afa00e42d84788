"""The fewest subjects that reach a power."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

from scipy.special import ndtri

from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_numbers
from trialkit.wording import said, written

_MOST = 10_000_000


@dataclass(frozen=True)
class SampleSize:
    """Subjects with an outcome in each arm, and the power they give (at least the one asked for)."""

    n_test: int
    n_reference: int
    power: float

    @property
    def total(self) -> int:
        return self.n_test + self.n_reference

    def with_attrition(self, attrition: float) -> tuple[int, int]:
        """Subjects to randomize to the test and the reference arm when a share of each is lost."""
        if not 0 <= attrition < 1:
            raise DataError(expected="an attrition from 0 to below 1", found=written(attrition))
        # 1 - 0.1 is not 0.9 to the last bit; 90 / 0.9 must stay 100.
        test, reference = (
            math.ceil(n / (1 - attrition) * (1 - 1e-12)) for n in (self.n_test, self.n_reference)
        )
        return test, reference


def fewest_subjects(
    power_of: Callable[[int, int], float], power: float, ratio: float, least: int = 2, near: float = math.nan
) -> SampleSize:
    """The smallest reference arm, and a test arm ``ratio`` times as large (rounded up), that reach ``power``.

    ``power_of`` takes both sizes and must not fall as they grow; ``near`` is a guess of the reference arm.

    Raises
    ------
    DataError
        A power outside (0, 1), a ratio that is not positive, or more than ten million subjects needed.
    """
    check_numbers(ratio=ratio)
    if not (math.isfinite(ratio) and ratio > 0):
        raise DataError(expected="a positive allocation ratio, test to reference", found=written(ratio))

    def sizes(n: int) -> tuple[int, int]:
        return max(least, math.ceil(ratio * n - 1e-9)), n

    needed = sizes(fewest(lambda n: power_of(*sizes(n)), power, least, near))
    return SampleSize(*needed, power_of(*needed))


def fewest(power_of: Callable[[int], float], power: float, least: int, near: float = math.nan) -> int:
    """The smallest number, ``least`` or more, that reaches ``power``; ``power_of`` must not fall as it grows.

    ``near`` is a guess: the search begins there, and finds the same number wherever it begins.

    Raises
    ------
    DataError
        A power outside (0, 1), or more than ten million needed.
    """
    require_power(power)
    low, high = least - 1, max(least, math.ceil(near)) if 0 < near < _MOST / 2 else least
    step = 1 if high > least else least
    while power_of(high) < power:
        low, high, step = high, high + step, 2 * step
        if high > _MOST:
            raise DataError(
                expected="an effect that ten million subjects an arm can show",
                found="one that they cannot",
                next_step="Check the difference and its unit.",
            )
    step = 1
    while high - low > 1:
        # From a guess down in steps that double; once something is known to be too few, by halves.
        middle = (low + high) // 2 if low >= least else max(high - step, (low + high) // 2)
        low, high, step = (low, middle, 2 * step) if power_of(middle) >= power else (middle, high, step)
    return high


def by_normal(power: float, alpha: float, sides: int, effect: float) -> float:
    """About how many make a test with a normal statistic reach a power; NaN where they make no test.

    ``effect``: the mean of the statistic where there is one of them; it grows with their root.
    """
    if not all(isinstance(one, Real) for one in (power, alpha, sides, effect)):
        return math.nan
    if not (0 < power < 1 and sides in (1, 2) and 0 < alpha < 0.5 and 0 < effect < math.inf):
        return math.nan
    beyond = -float(ndtri(alpha / sides))
    return max((beyond + float(ndtri(power))) / effect, 0.0) ** 2 + beyond**2 / 4


def require_power(power: float) -> None:
    check_numbers(power=power)
    if not 0 < power < 1:
        raise DataError(
            expected="a power between 0 and 1", found=written(power), next_step="Write 80 % as 0.8."
        )


def check_test(alpha: float, sides: int) -> float:
    """The level spent on the side of interest.

    Raises
    ------
    DataError
        An alpha outside (0, 0.5) or sides other than 1 and 2.
    """
    check_numbers(alpha=alpha, sides=sides)
    if sides not in (1, 2):
        raise DataError(expected="1 or 2 sides", found=written(sides))
    if not 0 < alpha < 0.5:
        raise DataError(expected="alpha between 0 and 0.5", found=written(alpha))
    return alpha / sides


def check_sizes(n_test: float, n_reference: float, least: int = 1) -> None:
    check_numbers(n_test=n_test, n_reference=n_reference)
    if not (least <= n_test < math.inf and least <= n_reference < math.inf):
        raise DataError(
            expected=said("at least {least} subjects in each arm", least=least),
            found=said("{n_test:g} and {n_reference:g}", n_test=n_test, n_reference=n_reference),
        )
