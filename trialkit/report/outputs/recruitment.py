"""Recruitment: by month as a figure, by site as a table, printed from the result ``_recruitment``.

No entry of a plan asks for it; it stands among the entries of every randomized trial, in the plan as in the
report, so that what follows has the same numbers in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

from trialkit import numbers
from trialkit.analysis.methods import all_methods
from trialkit.documents.declared import Col, Count, DeclaredFigure, Listed, Plain, Shown, Words
from trialkit.documents.declared.output import Chapter, Drawn
from trialkit.documents.page import Block, Notice
from trialkit.figures.recruitment import draw_recruitment
from trialkit.report.showing import ShownResult
from trialkit.report.told import RECRUITMENT

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

T = TypeVar("T")

ANCHOR, TITLE = "recruitment", "Recruitment"
METHOD = "Counted by month of randomization."
EVERYBODY = "All randomized subjects"
WITHOUT = "no day of a randomization is known"


def draw(shown: Shown, key: str) -> Drawn:
    rows = shown.rows("by_month")
    months = [str(row["month"]) for row in rows]
    total = numbers.integer(rows[-1]["total"])
    target = next((int(row["n"]) for row in shown.rows("target")), None)
    alt = f"Bars by month with running total: {total} subjects randomized from {months[0]} to {months[-1]}."
    return Drawn(draw_recruitment(months, [int(row["n"]) for row in rows], target, key, alt), alt)


OUTPUTS: tuple[DeclaredFigure | Listed, ...] = (
    DeclaredFigure(
        "recruitment",
        "by_month",
        TITLE,
        "Bars by month of randomization with the running total, and the planned number.",
        draw,
        chapter=Chapter.SUBJECTS,
    ),
    Listed(
        source="by_site",
        title="Recruitment by site",
        label=Plain("label"),
        head="Site",
        columns=(
            Col("Randomized", Count("n")),
            Col("First month", Words("first_month", shell="yyyy-mm")),
            Col("Last month", Words("last_month", shell="yyyy-mm")),
        ),
        chapter=Chapter.SUBJECTS,
    ),
)


def split_before(entries: Iterable[T], method_of: Callable[[T], str]) -> tuple[list[T], list[T]]:
    """What stands before recruitment, such as who took part at all, and what stands after."""

    def before(entry: T) -> bool:
        method = all_methods().get(method_of(entry))
        return method is not None and method.before_recruitment

    ordered = list(entries)
    first = list(takewhile(before, ordered))
    return first, ordered[len(first) :]


class _Recruited(ShownResult):
    def __init__(self, result: AnalysisResult, context: Context) -> None:
        super().__init__(result, context)
        where = context.results.provenance
        self.method = METHOD
        self.population = f"{EVERYBODY}; n = {numbers.integer(self.rows('by_site')[-1]['n'])}"
        self.source = f"Subjects of snapshot {where.snapshot_content_sha256[:12]} ({where.snapshot_state})."


def blocks(context: Context) -> list[Block]:
    """The figure and the table; where no day is known, under their numbers that there is nothing to show."""
    found = next((one for one in context.results.told if one.id == RECRUITMENT), None)
    if found is not None:
        shown = _Recruited(found, context)
        return [block for output in OUTPUTS for block in output.printed(shown)]
    words = f"has nothing to show: {WITHOUT}."
    kinds = [("figure" if isinstance(output, DeclaredFigure) else "table", output) for output in OUTPUTS]
    return [
        Notice(f"{kind.capitalize()} {context.number(kind, output.chapter)}. {output.title}", words)
        for kind, output in kinds
    ]
