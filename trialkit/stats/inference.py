"""From coefficients, their covariance and a rule for degrees of freedom to estimates, intervals and tests.

Every model hands these three over and gets the same tables back.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np

from trialkit.stats.columns import BoolArray
from trialkit.stats.distributions import Alternative, FloatArray, f_p_value, t_p_value, t_quantile
from trialkit.stats.errors import DataError, NonEstimableError
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

Interval = Literal["two-sided", "one-sided"]
ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "less", "greater")
_ROUNDING = 1e-10
UNSEEN = 1e-14
"""A robust variance below this share of the usual one is rounding."""
INTERVALS: tuple[Interval, ...] = get_args(Interval)


class DegreesOfFreedom(Protocol):
    """How a method finds the degrees of freedom of a contrast of its coefficients."""

    def of_rows(self, rows: FloatArray) -> FloatArray:
        """One df for each row of ``rows`` taken by itself; inf for a Wald z."""
        ...

    def of_joint_test(self, rows: FloatArray) -> tuple[float, float]:
        """Denominator df of the F test of all rows at once, and the factor its F is multiplied with.

        The factor is 1 but for Kenward-Roger's lambda. A df of inf makes the test a Wald chi-square.
        """
        ...


@dataclass(frozen=True)
class FixedDegreesOfFreedom:
    """The same df for every contrast: the residual df, or inf."""

    df: float

    def of_rows(self, rows: FloatArray) -> FloatArray:
        return np.full(len(rows), float(self.df))

    def of_joint_test(self, rows: FloatArray) -> tuple[float, float]:
        return self.df, 1.0


WALD_Z = FixedDegreesOfFreedom(float("inf"))


NOT_TESTABLE = "not testable"
"""In place of a distribution: the term's contrasts have no covariance to be judged by."""


@dataclass(frozen=True)
class JointTest:
    """A test that several contrasts are all zero; ``distribution`` is "F" or "chi-square"."""

    df_num: float
    df_den: float
    statistic: float
    distribution: str
    p_value: float


@dataclass(frozen=True)
class Inference:
    """Coefficients with what is needed to judge any contrast of them.

    Attributes
    ----------
    coefficients, covariance
        Estimates and their covariance (already adjusted where the method adjusts it).
    df
        The rule for degrees of freedom.
    usual
        Beside robust errors the covariance by the model. A robust variance that is rounding beside it (every
        row of an arm fitted exactly) says that none was seen: error, test and limits are NaN.
    """

    coefficients: FloatArray
    covariance: FloatArray
    df: DegreesOfFreedom
    usual: FloatArray | None = None

    def estimates(
        self,
        rows: FloatArray,
        *,
        confidence_level: float,
        null_value: float = 0.0,
        alternative: Alternative = "two-sided",
        interval: Interval = "two-sided",
    ) -> pd.DataFrame:
        """One line a contrast: estimate standard_error df statistic p_value ci_lower ci_upper.

        ``alternative`` and ``null_value`` change the statistic and the p value only. ``interval="one-sided"``
        opens the interval on the side the alternative points to.

        Raises
        ------
        DataError
            An unknown alternative or interval, a one-sided interval without a one-sided alternative.
        """
        import pandas as pd

        return pd.DataFrame(
            self.numbers(
                rows,
                confidence_level=confidence_level,
                null_value=null_value,
                alternative=alternative,
                interval=interval,
            )
        )

    def numbers(
        self,
        rows: FloatArray,
        *,
        confidence_level: float,
        null_value: float = 0.0,
        alternative: Alternative = "two-sided",
        interval: Interval = "two-sided",
    ) -> dict[str, FloatArray]:
        """The columns of ``estimates``."""
        _check_choices(alternative, interval, null_value)
        rows = np.atleast_2d(np.asarray(rows, dtype=float))
        estimate = rows @ self.coefficients
        variance = np.einsum("ij,jk,ik->i", rows, self.covariance, rows)
        unseen = self._unseen(rows, np.abs(variance))
        if ((variance < -_ROUNDING * (rows**2 @ np.abs(np.diag(self.covariance)))) & ~unseen).any():
            raise _negative_variance()
        variance = np.where(unseen, np.nan, variance)
        standard_error = np.sqrt(np.maximum(variance, 0.0))
        df = self.df.of_rows(rows)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = (estimate - null_value) / standard_error
        lower, upper = confidence_limits(
            estimate, standard_error, df, confidence_level, alternative=alternative, interval=interval
        )
        return {
            "estimate": estimate,
            "standard_error": standard_error,
            "df": df,
            "statistic": statistic,
            "p_value": t_p_value(statistic, df, alternative),
            "ci_lower": lower,
            "ci_upper": upper,
        }

    def _unseen(self, rows: FloatArray, variance: FloatArray) -> BoolArray:
        if self.usual is None:
            return np.zeros(len(variance), dtype=bool)
        usual = np.einsum("ij,jk,ik->i", rows, self.usual, rows)
        return np.asarray((variance <= UNSEEN * usual) & (usual > 0))

    def joint_test(self, rows: FloatArray) -> JointTest:
        """The test that every contrast in ``rows`` is zero: F, or Wald chi-square where the df is inf.

        Raises
        ------
        NonEstimableError
            The contrasts have a singular covariance (fewer clusters than contrasts, or dependent rows).
        """
        rows = np.atleast_2d(rows)
        contrast = rows @ self.coefficients
        covariance = rows @ self.covariance @ rows.T
        if (np.diag(covariance) < 0).any():
            raise _negative_variance()
        scale = np.sqrt(np.diag(covariance))
        unseen = self._unseen(rows, np.diag(covariance)).any()
        if unseen or not np.all(scale > 0) or np.linalg.cond(covariance / np.outer(scale, scale)) > 1e12:
            raise NonEstimableError(
                expected="contrasts with a covariance of full rank",
                found=said("a singular covariance of {n_rows} contrasts", n_rows=len(rows)),
                next_step="With cluster-robust errors, test fewer contrasts than there are clusters.",
            )
        if np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] < 0:
            raise _negative_variance()
        quadratic = float(contrast @ np.linalg.solve(covariance, contrast))
        df_den, factor = self.df.of_joint_test(rows)
        df_num = float(len(rows))
        per_contrast = factor * quadratic / df_num
        chi_square = not np.isfinite(df_den)
        return JointTest(
            df_num=df_num,
            df_den=df_den,
            statistic=quadratic if chi_square else per_contrast,
            distribution="chi-square" if chi_square else "F",
            p_value=f_p_value(per_contrast, df_num, df_den),
        )


def _negative_variance() -> NonEstimableError:
    return NonEstimableError(
        expected="contrasts with variances of 0 or more",
        found="one that a small-sample adjustment makes negative",
        next_step="Kenward-Roger has too few subjects: say df_method='satterthwaite', or use fewer terms.",
    )


def confidence_limits(
    estimate: FloatArray,
    standard_error: FloatArray,
    df: FloatArray,
    confidence_level: float,
    *,
    alternative: Alternative = "two-sided",
    interval: Interval = "two-sided",
) -> tuple[FloatArray, FloatArray]:
    """Limits at ``confidence_level``; a one-sided interval is open on the side the alternative points to."""
    check_confidence_level(confidence_level)
    if interval == "two-sided":
        half = t_quantile((1.0 - confidence_level) / 2.0, df) * standard_error
        return estimate - half, estimate + half
    toward = _upper_tail_quantile(1.0 - confidence_level, df) * standard_error
    if alternative == "less":
        return np.full_like(estimate, -np.inf), estimate + toward
    return estimate - toward, np.full_like(estimate, np.inf)


def _upper_tail_quantile(upper_tail: float, df: FloatArray) -> FloatArray:
    return t_quantile(upper_tail, df) if upper_tail < 0.5 else -t_quantile(1.0 - upper_tail, df)


def check_confidence_level(level: float) -> None:
    """Refuse a confidence level outside (0, 1): 95 is not 0.95."""
    if not isinstance(level, Real) or not 0.0 < level < 1.0:
        raise DataError(
            expected="a confidence level between 0 and 1",
            found=written(level),
            next_step="Write 95 % as 0.95.",
        )


def check_numbers(**values: object) -> None:
    """Refuse an argument that is no number, by its name."""
    for name, value in values.items():
        if not isinstance(value, Real) or isinstance(value, bool):
            raise DataError(
                expected="a number",
                found=written(value),
                where=name,
                next_step=said("Give {name} as one number.", name=name),
            )


def check_choice(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Refuse an argument that is not one of the allowed values."""
    if value not in allowed:
        raise DataError(
            expected=said("{name} to be one of {allowed}", name=name, allowed=", ".join(map(repr, allowed))),
            found=written(value),
            next_step=said("Choose one of them for {name}.", name=name),
        )


def check_number(name: str, value: object, above: float, below: float) -> None:
    """Refuse an argument that is not a number strictly between two others."""
    if not isinstance(value, Real) or not above < float(value) < below:
        sides = (
            "a finite number"
            if np.isinf(above)
            else said("a number between {above:g} and {below:g}", above=above, below=below)
        )
        raise DataError(expected=said("{name} to be {sides}", name=name, sides=sides), found=written(value))


def _check_choices(alternative: object, interval: object, null_value: object) -> None:
    check_choice("alternative", alternative, ALTERNATIVES)
    check_choice("interval", interval, INTERVALS)
    check_number("null_value", null_value, -np.inf, np.inf)
    if interval == "one-sided" and alternative == "two-sided":
        raise DataError(
            expected="alternative 'less' or 'greater' with a one-sided interval",
            found="'two-sided'",
            next_step="Say which side is tested, or ask for interval='two-sided'.",
        )
