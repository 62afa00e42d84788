"""A published result beside ours: the sign turned where it was told the other way, rounding explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.documents.declared import Estimate, PValue
from trialkit.documents.declared.rows import ResultRow, absent, estimate_cell
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, ResultReference, Row, Table
from trialkit.report.errors import ReportError
from trialkit.report.published_words import (
    AS_PRINTED,
    OURS,
    PARTS,
    ROUNDED,
    TURNED,
    decimals_of,
    printed_decimals,
    remarks,
    turn,
)
from trialkit.report.rows import rows_of
from trialkit.report.told import PUBLISHED
from trialkit.wording import said, written

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.documents.declared import Shown
    from trialkit.plan.model import PublishedResult
    from trialkit.report.context import Context

CHAPTER = "14.2"


def comparison_table(
    published: PublishedResult, result: AnalysisResult, context: Context, place: int = 0
) -> Table:
    """The published numbers as printed, turned to test minus reference, and ours at the same rounding.

    ``place`` is that of the published result among those of the report.
    """
    contrast = _contrast(result)
    decimals = printed_decimals(published)
    turned = turn(published)
    beside = remarks(published, contrast.values)
    printed_p = _printed_p(published, place)
    rows = _remark_rows(context, place)

    def named(line: str) -> Cell:
        told = (ResultReference(PUBLISHED, "remarks", rows[line], "remark"),) if line in rows else ()
        return Cell(beside[line], told)

    lines = [
        _Line(
            AS_PRINTED,
            Cell(_published_text(published, decimals), _published_references("as_printed", place)),
            printed_p,
            named(AS_PRINTED),
        ),
        _Line(
            TURNED,
            Cell(_print(turned, decimals), _published_references("test_minus_reference", place)),
            printed_p,
            named(TURNED),
        ),
        _Line(
            OURS,
            estimate_cell(contrast, decimals + 1),
            _our_p(published, contrast, 1),
            named(OURS),
        ),
        _Line(
            ROUNDED,
            estimate_cell(contrast, decimals),
            _our_p(published, contrast, 0),
            named(ROUNDED),
        ),
    ]
    with_p = published.p_value is not None
    return Table(
        number=context.number("table", CHAPTER),
        title=_title(published),
        columns=_columns(context.interval_label(result), with_p=with_p),
        rows=tuple(line.row(with_p=with_p) for line in lines),
        population=context.population(result),
        method=result.method,
        footnotes=_footnotes(published),
        source=context.source(result),
    )


def shell(published: PublishedResult, shown: Shown) -> Table:
    """The same before there are data: what will stand there, and no number."""
    with_p = published.p_value is not None
    estimate, p = Cell(Estimate().shell), Cell(PValue().shell)
    lines = [_Line(name, estimate, p, Cell("")) for name in (AS_PRINTED, TURNED, OURS, ROUNDED)]
    return Table(
        number=shown.number("table", CHAPTER),
        title=_title(published),
        columns=_columns(shown.interval, with_p=with_p),
        rows=tuple(line.row(with_p=with_p) for line in lines),
        population=shown.population,
        method=shown.method,
        footnotes=_footnotes(published),
        source=shown.source,
    )


def _title(published: PublishedResult) -> str:
    return f"{published.label}: published and recomputed"


def _columns(interval: str, *, with_p: bool) -> tuple[Column, ...]:
    p = (Column("p"),) if with_p else ()
    return Column("Result"), Column("Estimate", f"({interval})"), *p, Column("Remark", align="left")


def _footnotes(published: PublishedResult) -> tuple[str, ...]:
    return (*((published.note,) if published.note else ()), ROUNDING_NOTE)


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    estimate: Cell
    p: Cell
    remark: Cell

    def row(self, *, with_p: bool) -> Row:
        return Row(self.label, (self.estimate, *((self.p,) if with_p else ()), self.remark))


def _remark_rows(context: Context, place: int) -> dict[str, int]:
    """By line, the row of the remarks of one published result: each one's begin with what was printed."""
    found = next((one for one in context.results.told if one.id == PUBLISHED), None)
    if found is None:
        return {}
    lines = [str(line) for line in found.tables["remarks"]["line"]]
    begins = [*(i for i, line in enumerate(lines) if line == AS_PRINTED), len(lines)]
    return {lines[i]: i for i in range(begins[place], begins[place + 1])}


def _published_references(table: str, place: int) -> tuple[ResultReference, ...]:
    return tuple(ResultReference(PUBLISHED, table, place, part) for part in PARTS)


def _printed_p(published: PublishedResult, place: int) -> Cell:
    if published.p_value is None:
        return Cell("")
    text = numbers.fixed(published.p_value, _p_decimals(published))
    return Cell(text, (ResultReference(PUBLISHED, "as_printed", place, "p_value"),))


def _our_p(published: PublishedResult, contrast: ResultRow, more: int) -> Cell:
    """Ours with as many decimals as the publication prints, or some more; never as zero."""
    if not contrast.has("p_value"):
        return absent("no test")
    decimals = _p_decimals(published) + more
    text = numbers.fixed(contrast["p_value"], decimals)
    if text == numbers.fixed(0, decimals):
        text = "<" + numbers.fixed(10**-decimals, decimals)
    return Cell(text, (contrast.reference("p_value"),))


def _p_decimals(published: PublishedResult) -> int:
    return 0 if published.p_value is None else decimals_of(published.p_value)


ROUNDING_NOTE = "Rounded half away from zero, after the sign is turned, from full precision."


def blocks(published: PublishedResult, result: AnalysisResult, context: Context, place: int) -> list[Block]:
    return [comparison_table(published, result, context, place)]


def _published_text(published: PublishedResult, decimals: int) -> str:
    return _print({part: float(getattr(published, part)) for part in PARTS}, decimals)


def _print(values: Mapping[str, float], decimals: int) -> str:
    return numbers.estimate_interval(values["estimate"], values["ci_lower"], values["ci_upper"], decimals)


def _contrast(result: AnalysisResult) -> ResultRow:
    rows = rows_of(result, "contrasts")
    if len(rows) != 1:
        raise ReportError(
            expected="one contrast to stand beside the published result",
            found=written(len(rows)),
            where=said("{id}/contrasts", id=result.id),
            next_step="Name in the published result the analysis it belongs to.",
        )
    return rows[0]
