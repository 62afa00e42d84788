"""Time to a first event: Kaplan-Meier figure, risks at landmark times, log-rank and Cox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.documents.page import Block, Figure, Notice
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.figures.survival import AtRisk, CurvePoint, draw_risk
from trialkit.report.outputs.effects import estimates_table
from trialkit.report.rows import (
    ResultRow,
    absent,
    count_cell,
    estimate_cell,
    number_cell,
    p_cell,
    rows_of,
)

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

CHAPTER = "14.2"
NOT_REACHED = "not reached"
BEYOND = "beyond the last follow-up of the arm"


def blocks(result: AnalysisResult, context: Context) -> list[Block]:
    same = context.earlier(result, "curves")
    outputs: list[Block]
    if same is None:
        outputs = [_figure(result, context), _risk_table(result, context)]
    else:
        outputs = [Notice("Curves, risks and log-rank test", f"are those of entry {same.id}.")]
    if rows_of(result, "hazard_ratios"):
        outputs.append(_ratio_table(result, context))
    if rows_of(result, "proportional_hazards"):
        outputs.append(_assumption_table(result, context))
    if rows_of(result, "restricted_mean") and same is None:
        title = "Difference in restricted mean event-free time, days"
        outputs.append(
            estimates_table(result, context, "restricted_mean", "contrast", title, CHAPTER, "Contrast")
        )
    return outputs


def risk_limits(row: ResultRow) -> tuple[Any, Any]:
    """Limits of the risk. Where a row holds survival too, its limits are survival's: one minus the other."""
    if "survival" not in row.values:
        return row["ci_lower"], row["ci_upper"]
    return _complement(row["ci_upper"]), _complement(row["ci_lower"])


def _complement(limit: Any) -> Any:
    return None if numbers.is_missing(limit) else 1 - limit


def _as_risk(row: ResultRow) -> ResultRow:
    lower, upper = risk_limits(row)
    return ResultRow(row.analysis, row.table, row.index, {**row.values, "ci_lower": lower, "ci_upper": upper})


def _time(row: ResultRow) -> float:
    return float(row["time_days"] if "time_days" in row.values else row["time"])


def _figure(result: AnalysisResult, context: Context) -> Figure:
    number = context.number("figure", CHAPTER)
    interval = context.interval_label(result)
    points = [_curve_point(row) for row in rows_of(result, "curves")]
    at_risk = [AtRisk(str(r["arm"]), _time(r), int(r["n_at_risk"])) for r in rows_of(result, "at_risk")]
    ends = "; ".join(_end_words(row, context) for row in _latest(rows_of(result, "at")))
    alt = f"Kaplan-Meier estimate of the cumulative risk by arm with {interval}. {ends}."
    arms = {arm: context.label(arm) for arm in context.arms}
    return Figure(
        number=number,
        title=f"{result.title}: cumulative risk by arm",
        drawing=draw_risk(points, at_risk, arms, f"risk-{number.replace('.', '-')}", alt),
        alt=alt,
        population=context.population(result),
        method=result.method,
        footnotes=(f"Bands: pointwise {interval}. Vertical ticks: censored subjects.",),
        source=context.source(result),
    )


def _latest(rows: list[ResultRow]) -> list[ResultRow]:
    known = [row for row in rows if row.has("risk")]
    last = max((_time(row) for row in known), default=0.0)
    return [row for row in known if _time(row) == last]


def _end_words(row: ResultRow, context: Context) -> str:
    risk, day = numbers.fixed(row["risk"] * 100, 1), numbers.integer(_time(row))
    return f"{context.label(row['arm'])} {risk}% by day {day}"


def _curve_point(row: ResultRow) -> CurvePoint:
    lower, upper = risk_limits(row)
    return CurvePoint(
        arm=str(row["arm"]),
        day=_time(row),
        risk=float(row["risk"]),
        lower=float("nan") if numbers.is_missing(lower) else float(lower),
        upper=float("nan") if numbers.is_missing(upper) else float(upper),
        censored=int(row["n_censored"]),
    )


def _risk_table(result: AnalysisResult, context: Context) -> Table:
    interval = context.interval_label(result)
    at = {(_time(row), row["arm"]): row for row in rows_of(result, "at")}
    medians = {row["arm"]: row for row in rows_of(result, "medians")}
    lines: list[Row] = []
    if medians:
        chosen = [medians.get(arm) for arm in context.arms]
        lines.append(Row("Subjects at risk at time zero", tuple(count_cell(row, "n") for row in chosen)))
        lines.append(Row("Subjects with the event", tuple(count_cell(row, "events") for row in chosen)))
    if at:
        lines.append(Row(f"Cumulative risk, % ({interval})", section=True))
    for day in _days(rows_of(result, "at")):
        cells = tuple(_risk_cell(at.get((day, arm))) for arm in context.arms)
        lines.append(Row(f"Day {numbers.integer(day)}", cells, indent=1))
    if medians:
        cells = tuple(_median_cell(medians.get(arm)) for arm in context.arms)
        lines.append(Row(f"Median time, days ({interval})", cells))
    lines += _log_rank_rows(result)
    return Table(
        number=context.number("table", CHAPTER),
        title=f"{result.title}: events and risks",
        columns=(Column(""), *(Column(context.label(a), context.arm_head(result, a)) for a in context.arms)),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        footnotes=context.exclusions(result),
        source=context.source(result),
    )


def _days(rows: list[ResultRow]) -> list[float]:
    """The landmark times after time zero, when the risk is zero by definition."""
    return sorted({_time(row) for row in rows if _time(row) > 0})


def _risk_cell(row: ResultRow | None) -> Cell:
    if row is None:
        return absent(BEYOND)
    return estimate_cell(_as_risk(row), 1, estimate="risk", reason=BEYOND, scale=100)


def _median_cell(row: ResultRow | None) -> Cell:
    if row is None or not row.has("estimate"):
        return absent(NOT_REACHED)
    upper = numbers.integer(row["ci_upper"]) if row.has("ci_upper") else NOT_REACHED
    lower = numbers.integer(row["ci_lower"]) if row.has("ci_lower") else NOT_REACHED
    references = tuple(row.reference(column) for column in ("estimate", "ci_lower", "ci_upper"))
    return Cell(f"{numbers.integer(row['estimate'])} ({lower} to {upper})", references)


def _log_rank_rows(result: AnalysisResult) -> list[Row]:
    lines = []
    for row in rows_of(result, "log_rank"):
        strata = f", stratified by {row['strata']}" if row.has("strata") and row["strata"] else ""
        df, chi = numbers.fixed(row["df"], 0), numbers.fixed(row["statistic"], 2)
        references = tuple(row.reference(column) for column in ("statistic", "df", "p_value"))
        text = f"χ²({df}) = {chi}, {numbers.p_statement(row['p_value'])}"
        lines.append(Row(f"Log-rank test{strata}", (Cell(text, references),), spanning=True))
    return lines


def _ratio_table(result: AnalysisResult, context: Context) -> Table:
    return estimates_table(
        result,
        context,
        "hazard_ratios",
        "term",
        f"{result.title}: Cox model",
        CHAPTER,
        "Term",
        estimate_head="Hazard ratio",
        error_column="log_standard_error",
    )


def _assumption_table(result: AnalysisResult, context: Context) -> Table:
    lines = []
    for row in rows_of(result, "proportional_hazards"):
        cells = (number_cell(row, "statistic", 2), number_cell(row, "df", 0), p_cell(row))
        lines.append(Row(context.term_words(row["term"]), cells))
    return Table(
        number=context.number("table", CHAPTER),
        title=f"{result.title}: test of proportional hazards",
        columns=(Column("Term"), Column("χ²"), Column("df"), Column("p")),
        rows=tuple(lines),
        population=context.population(result),
        method=result.method,
        source=context.source(result),
    )
