"""Kinds of cell: each prints a row of a result, and what will stand there before there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from trialkit import numbers
from trialkit.documents.declared import rows as cell_of
from trialkit.documents.declared.rows import ResultRow, absent
from trialkit.documents.table import Cell

PLACES = ("xx", "xx.x", "xx.xx", "xx.xxx", "xx.xxxx")


class CellKind(Protocol):
    """What a cell prints. ``needs`` are the columns of the row without which there is nothing to print."""

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def shell(self) -> str: ...

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell: ...


def places(decimals: int | None) -> str:
    return PLACES[2 if decimals is None else min(decimals, 4)]


def spread_decimals(among: Sequence[ResultRow], *columns: str) -> int:
    """Decimals that suit the largest spread of the rows that are read together."""
    spreads = [row[column] for row in among for column in columns if row.has(column)]
    return numbers.decimals_for_spread(max(spreads, default=None))


def error_decimals(row: ResultRow | None, error: str) -> int:
    """Two decimals, more where the standard error is so small that two would hide it."""
    if row is None or not row.has(error):
        return 2
    return max(2, numbers.decimals_for_spread(row[error]))


@dataclass(frozen=True)
class Count:
    column: str
    reason: str = cell_of.NO_OBSERVATIONS
    shell: str = "xx"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        return cell_of.count_cell(row, self.column, reason=self.reason)


@dataclass(frozen=True)
class Number:
    """One number; ``decimals`` None takes them from the standard error beside it."""

    column: str
    decimals: int | None = 2
    error: str = "standard_error"
    scale: float = 1
    reason: str = cell_of.NOT_ESTIMATED

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def shell(self) -> str:
        return places(self.decimals)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        decimals = error_decimals(row, self.error) if self.decimals is None else self.decimals
        return cell_of.number_cell(row, self.column, decimals, reason=self.reason, scale=self.scale)


@dataclass(frozen=True)
class Probability:
    """A probability that a model gives, in percent: ``83.1``, ``<0.1``, ``>99.9``."""

    column: str
    scale: float = 1
    reason: str = cell_of.NOT_ESTIMATED
    shell: str = "xx.x"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        if row is None or not row.has(self.column):
            return cell_of.absent(self.reason)
        return Cell(numbers.probability(row[self.column] * self.scale), (row.reference(self.column),))


@dataclass(frozen=True)
class Percent:
    """``12 (7.6)``."""

    count: str
    percentage: str
    reason: str = cell_of.NO_OBSERVATIONS
    shell: str = "xx (xx.x)"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.count,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        return cell_of.percent_cell(row, self.count, self.percentage, reason=self.reason)


@dataclass(frozen=True)
class Of:
    """``92 / 141``; a mean count of imputed data sets with a decimal, ``92.4 / 157``."""

    count: str
    total: str
    shell: str = "xx / xx"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.count,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        if row is None or not row.has(self.count):
            return absent(cell_of.NO_OBSERVATIONS)
        decimals = 0 if float(row[self.count]).is_integer() else 1
        text = f"{numbers.fixed(row[self.count], decimals)} / {numbers.integer(row[self.total])}"
        return Cell(text, (row.reference(self.count), row.reference(self.total)))


@dataclass(frozen=True)
class MeanSD:
    """``42.1 (9.8)``; decimals follow the largest of the ``spreads`` among the rows read together."""

    mean: str
    sd: str
    spreads: tuple[str, ...] = ()
    shell: str = "xx.x (xx.x)"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.mean,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        decimals = spread_decimals(among, *(self.spreads or (self.sd,)))
        return cell_of.mean_sd_cell(row, self.mean, self.sd, decimals)


MORE_DECIMALS = 2


def decimals_off(limits: Sequence[float], null: float, decimals: int) -> int:
    """As many decimals as keep both limits of an interval without ``null`` from being printed as it; at most
    two more than ``decimals``."""
    if min(limits) <= null <= max(limits):
        return decimals
    most = decimals + MORE_DECIMALS
    return next((d for d in range(decimals, most) if _apart(limits, null, d)), most)


def decimals_of_ratio(limits: Sequence[float], decimals: int) -> int:
    """As many as keep a limit of a ratio from being printed as 0, which no ratio is, and one of an interval
    without 1 from being printed as 1; at most two more than ``decimals``."""
    more = decimals_off(limits, 1.0, decimals)
    enough = (d for d in range(more, decimals + MORE_DECIMALS + 1) if _apart(limits, 0.0, d))
    return next(enough, more)  # nearer to 0 than that: two decimals say as much as four


def _apart(limits: Sequence[float], value: float, decimals: int) -> bool:
    return all(numbers.fixed(limit, decimals) != numbers.fixed(value, decimals) for limit in limits)


@dataclass(frozen=True)
class Estimate:
    """An estimate with its interval; ``decimals`` None takes them from the standard error.

    Of a ``ratio`` up to two decimals more are printed where a limit would be rounded to 0, which no ratio
    is, or that of an interval without 1 to 1, as of an odds ratio of one year of age.
    """

    column: str = "estimate"
    decimals: int | None = 2
    scale: float = 1
    reason: str = cell_of.NOT_ESTIMATED
    error: str = "standard_error"
    ratio: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def shell(self) -> str:
        one = places(self.decimals)
        return f"{one} ({one} to {one})"

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        decimals = error_decimals(row, self.error) if self.decimals is None else self.decimals
        if self.ratio and row is not None and row.has("ci_lower") and row.has("ci_upper"):
            decimals = decimals_of_ratio([float(row[end]) for end in ("ci_lower", "ci_upper")], decimals)
        return cell_of.estimate_cell(
            row, decimals, estimate=self.column, reason=self.reason, scale=self.scale
        )


@dataclass(frozen=True)
class Limits:
    """The interval alone, of a mean that stands in a cell beside it; refused where it does not contain it."""

    of: str = "mean"
    sd: str = "sd"
    lower: str = "ci_lower"
    upper: str = "ci_upper"
    shell: str = "xx.x to xx.x"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.of,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        decimals = spread_decimals(among, self.sd)
        checked = cell_of.estimate_cell(row, decimals, estimate=self.of, reason="no observations")
        if row is None or checked.reason:
            return checked
        return cell_of.span_cell(row, self.lower, self.upper, decimals)


@dataclass(frozen=True)
class Span:
    """Two numbers with a middle one or none: ``71–88``, ``79 (71–88)``; as many decimals as they need."""

    lower: str
    upper: str
    middle: str = ""
    joint: str = "–"
    spread: str = "sd"
    reason: str = "no observations"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.middle or self.lower,)

    @property
    def shell(self) -> str:
        ends = f"xx.x{self.joint}xx.x"
        return f"xx.x ({ends})" if self.middle else ends

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        columns = [column for column in (self.middle, self.lower, self.upper) if column]
        if row is None or not row.has(columns[0]):
            return absent(self.reason)
        most = spread_decimals(among, self.spread)
        decimals = numbers.decimals_needed((one.get(c) for one in among for c in columns), most)
        text = numbers.span(row[self.lower], row[self.upper], decimals, self.joint)
        if self.middle:
            text = f"{numbers.fixed(row[self.middle], decimals)} ({text})"
        return Cell(text, tuple(row.reference(column) for column in columns))


@dataclass(frozen=True)
class PValue:
    column: str = "p_value"
    reason: str = "no test"
    shell: str = "x.xxx"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        if row is None or not row.has(self.column):
            return absent(self.reason)
        return Cell(numbers.p_value(row[self.column]), (row.reference(self.column),))


@dataclass(frozen=True)
class Statistic:
    """``t(285) = −4.02``; with ``p`` also ``, p = 0.034``."""

    letter: str = "t"
    with_p: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        return ("statistic",)

    @property
    def shell(self) -> str:
        p = ", p = x.xxx" if self.with_p else ""
        return f"{self.letter}(xx) = xx.xx{p}"

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        if row is None or not row.has("statistic"):
            return absent("no test")
        text = cell_of.statistic_text(row, self.letter)
        columns = ["statistic", *(["df"] if row.has("df") else [])]
        if self.with_p:
            text = f"{text}, {numbers.p_statement(row['p_value'])}"
            columns.append("p_value")
        return Cell(text, tuple(row.reference(column) for column in columns))


@dataclass(frozen=True)
class Words:
    """A text of the results as it is."""

    column: str
    reason: str = ""
    shell: str = "text"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        if row is None or numbers.is_missing(row.get(self.column)) or row[self.column] == "":
            return Cell("", reason=self.reason)
        return Cell(str(row[self.column]), (row.reference(self.column),))


@dataclass(frozen=True)
class Custom:
    """A cell of one method only: how it is filled, and how it looks before."""

    needs: tuple[str, ...]
    shell: str
    filled: Callable[[ResultRow], Cell]
    reason: str = cell_of.NOT_ESTIMATED

    def fill(self, row: ResultRow | None, among: Sequence[ResultRow]) -> Cell:
        return absent(self.reason) if row is None else self.filled(row)
