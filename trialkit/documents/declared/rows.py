"""Rows of a result's tables, and cells printed from them that remember where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.documents.errors import DocumentError
from trialkit.documents.table import Cell, ResultReference
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

NOT_ESTIMATED = "not estimated"
NO_OBSERVATIONS = "no observations"
NO_INTERVAL = "no interval: no variance to estimate it from"


@dataclass(frozen=True)
class ResultRow:
    """One row of one table of one analysis."""

    analysis: str
    table: str
    index: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        if column not in self.values:
            raise DocumentError(
                expected=said("a column {column!r}", column=column),
                found=", ".join(map(repr, self.values)),
                where=f"{self.analysis}/{self.table}",
                next_step="The analysis and the report disagree on the columns of this table.",
            )
        return self.values[column]

    def get(self, column: str) -> Any:
        """The value, or None where the table has no such column."""
        return self.values.get(column)

    def reference(self, column: str) -> ResultReference:
        return ResultReference(self.analysis, self.table, self.index, column)

    def has(self, column: str) -> bool:
        return not numbers.is_missing(self.values.get(column))


def frame_rows(analysis: str, table: str, frame: pd.DataFrame) -> list[ResultRow]:
    return [ResultRow(analysis, table, place, row) for place, row in enumerate(records_of(frame))]


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A mapping a row, of Python's own values: what ``frame.to_dict("records")`` tells, in less time."""
    names = [str(name) for name in frame.columns]
    columns = [_own_values(frame.iloc[:, place]) for place in range(len(names))]
    if not columns:
        return [{} for _ in range(len(frame))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _own_values(column: pd.Series) -> list[Any]:
    import numpy as np
    import pandas as pd

    values: list[Any] = column.tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        return values
    return [None if value is pd.NA else value.item() if hasattr(value, "item") else value for value in values]


def distinct(rows: list[ResultRow], column: str) -> list[Any]:
    """The values of a column in the order they first appear."""
    return list(dict.fromkeys(row[column] for row in rows))


def number_cell(
    row: ResultRow | None, column: str, decimals: int, *, reason: str = NOT_ESTIMATED, scale: float = 1
) -> Cell:
    """A single number; ``scale`` 100 prints a proportion as a percentage."""
    if row is None or not row.has(column):
        return absent(reason)
    return Cell(numbers.fixed(row[column] * scale, decimals), (row.reference(column),))


def count_cell(row: ResultRow | None, column: str, *, reason: str = NO_OBSERVATIONS) -> Cell:
    return number_cell(row, column, 0, reason=reason)


def absent(reason: str = NOT_ESTIMATED) -> Cell:
    return Cell(numbers.EN_DASH, reason=reason)


def percent_cell(
    row: ResultRow | None, count: str, percentage: str, *, reason: str = NO_OBSERVATIONS
) -> Cell:
    if row is None or not row.has(count):
        return absent(reason)
    text = numbers.count_percent(row[count], row[percentage])
    return Cell(text, (row.reference(count), row.reference(percentage)))


def mean_sd_cell(row: ResultRow | None, mean: str, sd: str, decimals: int) -> Cell:
    if row is None or not row.has(mean):
        return absent(NO_OBSERVATIONS)
    text = numbers.mean_sd(row[mean], row[sd], decimals)
    return Cell(text, (row.reference(mean), row.reference(sd)))


def span_cell(row: ResultRow | None, lower: str, upper: str, decimals: int, joint: str = " to ") -> Cell:
    if row is None or not (row.has(lower) or row.has(upper)):
        return absent()
    text = numbers.span(row[lower], row[upper], decimals, joint)
    return Cell(text, (row.reference(lower), row.reference(upper)))


def estimate_cell(
    row: ResultRow | None,
    decimals: int,
    *,
    estimate: str = "estimate",
    limits: tuple[str, str] = ("ci_lower", "ci_upper"),
    reason: str = NOT_ESTIMATED,
    scale: float = 1,
) -> Cell:
    """An estimate with its interval; refused where the interval does not contain the estimate."""
    if row is None or not row.has(estimate):
        return absent(reason)
    value, lower, upper = (row[column] for column in (estimate, *limits))
    _check_contained(row, value, lower, upper)
    value, lower, upper = (v if numbers.is_missing(v) else v * scale for v in (value, lower, upper))
    if numbers.is_missing(lower) and numbers.is_missing(upper):
        return Cell(numbers.fixed(value, decimals), (row.reference(estimate),), reason=NO_INTERVAL)
    references = tuple(row.reference(column) for column in (estimate, *limits))
    return Cell(numbers.estimate_interval(value, lower, upper, decimals), references)


def p_cell(row: ResultRow | None, *, reason: str = "no test") -> Cell:
    if row is None or not row.has("p_value"):
        return absent(reason)
    return Cell(numbers.p_value(row["p_value"]), (row.reference("p_value"),))


def statistic_text(row: ResultRow, letter: str = "t") -> str:
    """``t(285) = −4.02``, ``z = 1.96`` or ``χ²(1) = 3.84``."""
    value = numbers.fixed(row["statistic"], 2)
    df = row.get("df")
    if numbers.is_missing(df) or df == float("inf"):
        return f"{'z' if letter == 't' else letter} = {value}"
    whole = float(df) == int(df)
    return f"{letter}({numbers.fixed(df, 0 if whole else 1)}) = {value}"


def _check_contained(row: ResultRow, value: float, lower: Any, upper: Any) -> None:
    slack = 1e-9 * max(1.0, abs(value))
    below = not numbers.is_missing(lower) and value < lower - slack
    above = not numbers.is_missing(upper) and value > upper + slack
    if below or above:
        raise DocumentError(
            expected="an interval that contains its estimate",
            found=said("{value!r} outside {lower!r} to {upper!r}", value=value, lower=lower, upper=upper),
            where=f"{row.analysis}/{row.table}/{row.index}",
            next_step="Check which quantity the interval belongs to.",
        )
