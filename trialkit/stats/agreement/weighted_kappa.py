"""Cohen's kappa of two readers of categories, plain and weighted."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trialkit.stats import display
from trialkit.stats.agreement.readings import Readings, read_readings
from trialkit.stats.columns import IntArray, read_column
from trialkit.stats.distributions import FloatArray, normal_quantile, normal_two_sided_p
from trialkit.stats.errors import DataError
from trialkit.stats.groups import groups_of
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.row_table import row_table
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.stated_order import require_stated_order
from trialkit.stats.width import seen, why_no_interval
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

KappaWeights = Literal["quadratic", "linear", "none"]
KAPPA_WEIGHTS: tuple[KappaWeights, ...] = get_args(KappaWeights)


@dataclass(frozen=True, repr=False, eq=False)
class WeightedKappa(Printed):
    """Kappa of two readers.

    Attributes
    ----------
    table
        One row: weights estimate standard_error df statistic p_value ci_lower ci_upper. The statistic tests
        kappa 0, with the error under that hypothesis.
    counts
        First reader x second reader.
    observed_agreement, expected_agreement
        Weighted shares.
    """

    observed_agreement: float
    expected_agreement: float
    rows: Rows
    estimated: Mapping[str, str | float]  # the row of the table
    crossed: tuple[IntArray, tuple[Hashable, ...], tuple[Hashable, ...]]

    @cached_property
    def table(self) -> pd.DataFrame:
        return row_table([self.estimated])

    @cached_property
    def counts(self) -> pd.DataFrame:
        import pandas as pd

        counts, levels, (first, second) = self.crossed
        index, columns = (pd.Index(list(levels), name=name) for name in (first, second))
        return pd.DataFrame(counts, index=index, columns=columns)

    def _shown(self) -> display.Shown:
        show = display.number
        line = f"agreement {show(self.observed_agreement)}, by chance {show(self.expected_agreement)}"
        rows, columns = self.counts.index.name, self.counts.columns.name
        crossed = self.counts.rename(columns=str).rename_axis(columns=None)
        head = str(rows) if str(rows) not in crossed.columns else f"reader {rows}"
        crossed.insert(0, head, [str(level) for level in crossed.index])
        tables = (("Kappa", self.table), (f"Readings: {rows} down, {columns} across", crossed))
        lines = (line, *why_no_interval(self.table), self.rows.sentence())
        return display.Shown("Agreement of two readers of categories", tables, lines)


def weighted_kappa(
    data: pd.DataFrame,
    target: str,
    reader: str,
    value: str,
    weights: KappaWeights = "quadratic",
    categories: Sequence[Hashable] | None = None,
    confidence_level: float = 0.95,
) -> WeightedKappa:
    """Kappa of two readers.

    Parameters
    ----------
    data
        One row a reading, two readers. Targets read by one only are left out and counted.
    target, reader, value
        Columns: what was read, by whom, and the category.
    weights
        Credit for near misses, by the distance of the categories' places in their order: "quadratic"
        1 - (distance / largest)^2, "linear" 1 - distance / largest, "none" 0.
    categories
        All categories in order, used or not; None: the order of the column (numbers, an ordered
        categorical). Numbers are taken as categories in order; their distance does not count.
    confidence_level
        Of the interval, which is Wald's with the error not assuming kappa 0, kept within -1 and 1.

    Returns
    -------
    WeightedKappa

    Raises
    ------
    DataError
        Not exactly two readers, a value outside ``categories``, plain text with weights and no
        ``categories``, or both readers using one and the same category throughout.

    Equivalent in R: ``psych::cohen.kappa(cbind(first, second))``; ``vcd::Kappa``. In SAS: ``PROC FREQ; TABLES
    first*second / AGREE(WT=FC);`` (``WT=FC`` quadratic, the default linear).

    References
    ----------
    Cohen (1968), Psychological Bulletin 70:213-220. Fleiss, Cohen & Everitt (1969), Psychological Bulletin
    72:323-327, equations 9 and 14.
    """
    check_choice("weights", weights, KAPPA_WEIGHTS)
    check_confidence_level(confidence_level)
    readings = read_readings(data, target, reader, value, "weighted_kappa")
    if len(readings.readers) != 2:
        raise DataError(
            expected="two readers",
            found=str(len(readings.readers)),
            where=said("column {reader!r}", reader=reader),
            next_step="Choose two of them: kappa compares two readers.",
        )
    if categories is not None and (isinstance(categories, str) or not isinstance(categories, Sequence)):
        raise DataError(expected="a list of categories, lowest first", found=written(categories))
    levels = list(categories) if categories is not None else _levels(data, value, weights)
    if len(set(levels)) < len(levels):
        raise DataError(expected="each category once", found=written(levels), where="categories")
    counts = _counts(readings, levels, value)
    n = int(counts.sum())
    shares = counts / n
    credit = _credit(len(levels), weights)
    observed = float((credit * shares).sum())
    expected = float((credit * np.outer(shares.sum(axis=1), shares.sum(axis=0))).sum())
    if expected >= 1 - 1e-12:
        raise DataError(
            expected="readings in more than one category",
            found="one category for every target",
            next_step="Kappa has no meaning there; report the agreement itself.",
        )
    return WeightedKappa(
        observed_agreement=observed,
        expected_agreement=expected,
        rows=readings.rows,
        estimated=_estimated(shares, credit, observed, expected, n, weights, confidence_level),
        crossed=(counts, tuple(levels), tuple(readings.readers)),
    )


def _levels(data: pd.DataFrame, value: str, weights: KappaWeights) -> list[Hashable]:
    read = read_column(data[value], value, as_factor=True)
    if weights != "none" and not read.ordered_levels:
        raise DataError(
            expected="categories in an order",
            found="plain text",
            where=said("column {value!r}", value=value),
            next_step="Give categories=[lowest, ..., highest].",
        )
    if weights != "none":
        require_stated_order(data[value], value, "the weights count the steps between them")
    return list(read.levels or ())


def _counts(readings: Readings, levels: list[Hashable], value: str) -> IntArray:
    codes, found = groups_of(readings.readings)
    strange = set(found) - set(levels)
    if strange:
        raise DataError(
            expected=said("values among {levels}", levels=", ".join(map(str, levels))),
            found=", ".join(sorted(map(str, strange))),
            where=said("column {value!r}", value=value),
            next_step="Name every category in categories=.",
        )
    place = np.array([levels.index(level) for level in found])[codes].reshape(-1, 2)
    size = len(levels)
    return np.bincount(place[:, 0] * size + place[:, 1], minlength=size * size).reshape(size, size)


def _credit(size: int, weights: KappaWeights) -> FloatArray:
    if weights == "none" or size == 1:
        return np.eye(size)
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    return np.asarray(1.0 - (apart**2 if weights == "quadratic" else apart))


def _estimated(
    shares: FloatArray,
    credit: FloatArray,
    observed: float,
    expected: float,
    n: int,
    weights: KappaWeights,
    level: float,
) -> dict[str, str | float]:
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    mean_credit = (credit @ second)[:, None] + (first @ credit)[None, :]
    kappa = (observed - expected) / (1 - expected)
    spread = (shares * (credit * (1 - expected) - mean_credit * (1 - observed)) ** 2).sum()
    centre = observed * expected - 2 * expected + observed
    variance = max(float(spread) - centre**2, 0.0) / (n * (1 - expected) ** 4)
    by_chance = (np.outer(first, second) * (credit - mean_credit) ** 2).sum() - expected**2
    null_error = math.sqrt(max(float(by_chance), 0.0) / n) / (1 - expected)
    statistic = kappa / null_error if null_error else math.nan
    error, z = seen(math.sqrt(variance)), normal_quantile(level)
    return {
        "weights": weights,
        "estimate": kappa,
        "standard_error": error,
        "df": math.inf,
        "statistic": statistic,
        "p_value": normal_two_sided_p(statistic),
        "ci_lower": math.nan if math.isnan(error) else max(kappa - z * error, -1.0),
        "ci_upper": math.nan if math.isnan(error) else min(kappa + z * error, 1.0),
    }
