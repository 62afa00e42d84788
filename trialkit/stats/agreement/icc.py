"""The six intraclass correlations of Shrout and Fleiss, and the measurement error that goes with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats import display
from trialkit.stats.agreement.readings import read_readings
from trialkit.stats.distributions import FloatArray, chi_square_quantile, f_p_value, t_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.width import why_no_interval
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Limits = tuple[float, float]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class MeanSquares:
    """The two-way analysis of variance of ``n`` targets by ``k`` readers, one reading each."""

    n: int
    k: int
    targets: float
    readers: float
    residual: float
    within: float


@dataclass(frozen=True, repr=False, eq=False)
class Icc(Printed):
    """Intraclass correlations.

    Attributes
    ----------
    table
        form estimate df_num df_den statistic p_value ci_lower ci_upper, in the order ICC1 ICC2 ICC3 ICC1k
        ICC2k ICC3k. The F test is that the correlation is zero.
    measurement_error
        One row for "agreement" (readers' systematic differences count as error) and one for "consistency":
        standard_error_of_measurement, ci_lower, ci_upper (of it; consistency only) and
        smallest_detectable_change, in the unit of the readings.
    mean_squares
        The analysis of variance.
    """

    mean_squares: MeanSquares
    rows: Rows
    confidence_level: float

    @cached_property
    def table(self) -> pd.DataFrame:
        return _table(self.mean_squares, (1 - self.confidence_level) / 2)

    @cached_property
    def measurement_error(self) -> pd.DataFrame:
        return _measurement_error(self.mean_squares, (1 - self.confidence_level) / 2)

    def _shown(self) -> display.Shown:
        tables = (("Intraclass correlations", self.table), ("Measurement error", self.measurement_error))
        size = f"{self.mean_squares.n} targets, {self.mean_squares.k} readers"
        alone = "The error of agreement joins two variances: no exact interval is known for it."
        lines = (size, *why_no_interval(self.table), alone, self.rows.sentence())
        return display.Shown("Agreement of readers", tables, lines)


def icc(data: pd.DataFrame, target: str, reader: str, value: str, confidence_level: float = 0.95) -> Icc:
    """Intraclass correlations of readings of the same targets.

    Parameters
    ----------
    data
        One row a reading. Targets that not every reader has read are left out and counted.
    target, reader, value
        Columns: what was read, by whom, and the number.
    confidence_level
        Of every interval; also of the smallest detectable change.

    Returns
    -------
    Icc
        ICC1: each target read by readers of its own. ICC2: the same readers, a sample of all; absolute
        agreement. ICC3: these readers only; consistency. With k: of the mean of the k readers.

    Raises
    ------
    DataError
        A target read twice by one reader, fewer than two readers or complete targets, readings that are not
        numbers or all the same.

    Degenerate cases
    ----------------
    Readers who agree without any error have correlation 1, F inf and no interval (NaN). Readers who
    differ by constants only do so for ICC3 alone. Estimates below 0 are not set to 0; where the
    targets' means are all alike those of the mean of the readers are minus infinity, and where nothing but
    the readers differs ICC3 is NaN.

    Equivalent in R: ``psych::ICC(wide, lmer = FALSE)``; ``irr::icc``. In SAS: the ``%INTRACC`` macro.

    References
    ----------
    Shrout & Fleiss (1979), Psychological Bulletin 86:420-428. McGraw & Wong (1996), Psychological Methods
    1:30-46, for the interval of ICC2. de Vet et al. (2006), Journal of Clinical Epidemiology 59:1033-1039.
    """
    check_confidence_level(confidence_level)
    readings = read_readings(data, target, reader, value, "icc")
    squares = _mean_squares(readings.numbers())
    if squares.targets == 0 and squares.within == 0:
        raise DataError(
            expected="readings that differ",
            found="the same number throughout",
            where=said("column {value!r}", value=value),
        )
    return Icc(squares, readings.rows, confidence_level)


def lower_limit_of_icc2(x: FloatArray, confidence_level: float = 0.95) -> float:
    """The lower limit of ICC2 alone, of complete readings (rows are targets, columns readers), for filters
    that ask it thousands of times; NaN where nothing but the readers differs."""
    squares = _mean_squares(x)
    n, k = squares.n, squares.k
    denominator = squares.targets + (k - 1) * squares.residual + k * (squares.readers - squares.residual) / n
    two = _share(squares.targets - squares.residual, denominator)
    return _limits_of_two(squares, two, (1 - confidence_level) / 2)[0]


def _mean_squares(x: FloatArray) -> MeanSquares:
    n, k = x.shape
    by_target, by_reader, grand = x.mean(axis=1), x.mean(axis=0), x.mean()
    residual = x - by_target[:, None] - by_reader[None, :] + grand
    # Sums of squares that are rounding error only are zero: readings like 0.1 + 0.2 must not look noisy.
    floor = n * k * (8 * np.finfo(float).eps * float(np.abs(x).max())) ** 2

    def mean_square(sum_of_squares: float, df: int) -> float:
        return float(sum_of_squares / df) if sum_of_squares > floor else 0.0

    return MeanSquares(
        n=n,
        k=k,
        targets=mean_square(k * ((by_target - grand) ** 2).sum(), n - 1),
        readers=mean_square(n * ((by_reader - grand) ** 2).sum(), k - 1),
        residual=mean_square((residual**2).sum(), (n - 1) * (k - 1)),
        within=mean_square(((x - by_target[:, None]) ** 2).sum(), n * (k - 1)),
    )


def _table(ms: MeanSquares, tail: float) -> pd.DataFrame:
    import pandas as pd

    n, k = ms.n, ms.k
    df_targets, df_within, df_residual = n - 1, n * (k - 1), (n - 1) * (k - 1)
    one = (ms.targets - ms.within) / (ms.targets + (k - 1) * ms.within)
    denominator = ms.targets + (k - 1) * ms.residual + k * (ms.readers - ms.residual) / n
    two = _share(ms.targets - ms.residual, denominator)
    three = _share(ms.targets - ms.residual, ms.targets + (k - 1) * ms.residual)
    f_within, f_residual = _ratio(ms.targets, ms.within), _ratio(ms.targets, ms.residual)
    limits_one = _limits_of_f(f_within, df_targets, df_within, k, tail)
    limits_two = _limits_of_two(ms, two, tail)
    limits_three = _limits_of_f(f_residual, df_targets, df_residual, k, tail)
    rows = []
    for suffix, convert in (("", float), ("k", lambda r: _of_mean(r, k))):
        for name, estimate, f, df_den, limits in (
            ("ICC1", one, f_within, df_within, limits_one),
            ("ICC2", two, f_residual, df_residual, limits_two),
            ("ICC3", three, f_residual, df_residual, limits_three),
        ):
            p = 0.0 if math.isinf(f) else f_p_value(f, df_targets, df_den)
            ends = [math.nan, math.nan] if math.isinf(f) else [convert(limit) for limit in limits]
            rows.append((name + suffix, convert(estimate), df_targets, df_den, f, p, *ends))
    names = ("form", "estimate", "df_num", "df_den", "statistic", "p_value", "ci_lower", "ci_upper")
    return pd.DataFrame(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), copy=False)


def _ratio(numerator: float, denominator: float) -> float:
    """A ratio of mean squares: infinite where there is no error, NaN where there is nothing to compare."""
    if denominator:
        return numerator / denominator
    return math.inf if numerator else math.nan


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _of_mean(single: float, k: int) -> float:
    """Spearman-Brown: the correlation of the mean of ``k`` readings from that of one; minus infinity at its
    least value, -1 / (k - 1), where the targets' means are all alike.
    """
    room = 1 + (k - 1) * single
    return -math.inf if room <= 0 else k * single / room


def _f_quantile(upper_tail: float, df_num: float, df_den: float) -> float:
    from scipy.special import fdtri

    return float(fdtri(df_num, df_den, 1 - upper_tail))


def _limits_of_f(f: float, df_num: int, df_den: int, k: int, tail: float) -> Limits:
    """ICC1 and ICC3: the exact limits of the F ratio, turned into correlations."""
    if math.isinf(f):
        return 1.0, 1.0
    lower, upper = f / _f_quantile(tail, df_num, df_den), f * _f_quantile(tail, df_den, df_num)
    return (lower - 1) / (lower + k - 1), (upper - 1) / (upper + k - 1)


def _limits_of_two(ms: MeanSquares, two: float, tail: float) -> Limits:
    """ICC2: Satterthwaite's df for the composite error (Shrout & Fleiss 1979, page 424)."""
    n, k = ms.n, ms.k
    if ms.residual == 0:
        return (1.0, 1.0) if ms.readers == 0 else (math.nan, math.nan)
    f_readers = ms.readers / ms.residual
    a = k * two * f_readers
    b = n * (1 + (k - 1) * two) - k * two
    if max(abs(a), abs(b)) <= _ROUNDING * n * k:  # means of targets and of readers all alike
        return math.nan, math.nan
    df = (k - 1) * (n - 1) * (a + b) ** 2 / ((n - 1) * a**2 + b**2)
    above, below = _f_quantile(tail, n - 1, df), _f_quantile(tail, df, n - 1)
    spread = k * ms.readers + (k * n - k - n) * ms.residual
    lower = n * (ms.targets - above * ms.residual) / (above * spread + n * ms.targets)
    upper = n * (below * ms.targets - ms.residual) / (spread + n * below * ms.targets)
    return lower, upper


def _measurement_error(ms: MeanSquares, tail: float) -> pd.DataFrame:
    import pandas as pd

    of_readers = max((ms.readers - ms.residual) / ms.n, 0.0)
    df = (ms.n - 1) * (ms.k - 1)
    consistency = math.sqrt(ms.residual)
    limits = [math.sqrt(ms.residual * df / chi_square_quantile(t, df)) for t in (tail, 1 - tail)]
    z = float(t_quantile(tail, np.array(np.inf)))
    if consistency == 0:
        limits = [math.nan, math.nan]  # no error was seen; how large it can be is not known
    rows = [
        ("agreement", math.sqrt(of_readers + ms.residual), math.nan, math.nan),
        ("consistency", consistency, *limits),
    ]
    table = pd.DataFrame(rows, columns=["form", "standard_error_of_measurement", "ci_lower", "ci_upper"])
    return table.assign(smallest_detectable_change=z * math.sqrt(2) * table["standard_error_of_measurement"])
