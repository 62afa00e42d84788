"""Quality of the data: what two independent passes found, beside what the simulator planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.report.context import readable
from trialkit.report.rows import ResultRow, rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context
    from trialkit.report.facts import Truth

CHAPTER = "16.1"
LABELS = {
    "fields_compared": "Fields compared",
    "fields_compared_nonblank": "Fields compared, not blank in both",
    "fields_discordant": "Fields that differed",
    "records_compared": "Records compared",
    "records_discordant": "Records with a difference",
    "records_first": "Records, first entry",
    "records_second": "Records, second entry",
    "only_in_first": "Records only in the first entry",
    "only_in_second": "Records only in the second entry",
    "adjudicated": "Fields decided by a third person",
    "fields_adjudicated": "Fields decided by a third person",
    "forms_double_entered": "Forms entered twice",
}
# A rate and its limits are three measures of the analysis and one line of the table.
RATES = {
    "errors_per_10000": ("Differences per 10,000 fields (95% CI)", "ci_lower", "ci_upper"),
    "residual_errors_per_10000": (
        "Residual errors per 10,000 final values (95% CI)",
        "residual_ci_lower",
        "residual_ci_upper",
    ),
}
RATE_DECIMALS = 1


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    rows = {str(row["measure"]): row for row in rows_of(result, "quality")}
    limits = {limit for name, (_, *pair) in RATES.items() if name in rows for limit in pair}
    lines = [_line(name, row, rows) for name, row in rows.items() if name not in limits]
    known = context.truth.residual_errors_per_10000
    lines += _residual(context.truth)
    return [
        Table(
            number=context.number("table", CHAPTER),
            title="Double data entry",
            columns=(Column("Measure"), Column("Value", align="right")),
            rows=tuple(lines),
            population=context.population(result),
            method=result.method,
            footnotes=_footnotes(known),
            source=context.source(result),
        )
    ]


def _residual(truth: Truth) -> list[Row]:
    """Wrong values that stayed in the final record: as measured against paper, and as planted."""
    lines = []
    if truth.measured_errors_per_10000 is not None:
        text = numbers.estimate_interval(*truth.measured_errors_per_10000, RATE_DECIMALS)
        label = "Wrong final values per 10,000 fields, held against paper (95% CI)"
        lines.append(Row(label, (Cell(text),)))
    if truth.residual_errors_per_10000 is not None:
        text = numbers.fixed(truth.residual_errors_per_10000, RATE_DECIMALS)
        lines.append(Row("Wrong final values per 10,000 fields, known to the simulator", (Cell(text),)))
    return lines


def _line(name: str, row: ResultRow, rows: dict[str, ResultRow]) -> Row:
    if name not in RATES:
        return Row(LABELS.get(name, readable(name)), (_value(row),))
    label, lower, upper = RATES[name]
    if lower not in rows or upper not in rows:
        return Row(label.removesuffix(" (95% CI)"), (Cell(_rate(row), (row.reference("value"),)),))
    triple = (row, rows[lower], rows[upper])
    rate, low, high = (float(one["value"]) for one in triple)
    text = numbers.estimate_interval(rate, low, high, RATE_DECIMALS)
    return Row(label, (Cell(text, tuple(one.reference("value") for one in triple)),))


def _rate(row: ResultRow) -> str:
    return numbers.fixed(row["value"], RATE_DECIMALS)


def _value(row: ResultRow) -> Cell:
    value = row["value"]
    if numbers.is_missing(value):
        return Cell(numbers.EN_DASH, reason="not recorded")
    try:
        whole = float(value) == int(float(value))
    except (TypeError, ValueError):
        return Cell(str(value), (row.reference("value"),))
    return Cell(numbers.fixed(value, 0 if whole else 2), (row.reference("value"),))


def _footnotes(known: float | None) -> tuple[str, ...]:
    note = "Errors that both passes made alike cannot be seen by comparing them."
    return (
        (note,)
        if known is None
        else (note, "The simulator's truth is known only because it made the errors.")
    )
