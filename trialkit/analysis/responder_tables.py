"""What is printed of responders: proportions by arm, and the measures that compare the arms."""

from __future__ import annotations

from collections.abc import Sequence

from trialkit import numbers
from trialkit.analysis import comparisons
from trialkit.analysis.tables import ADJUSTED
from trialkit.documents.declared import Col, Estimate, Listed, Of, Plain, PValue, ResultRow, Shown
from trialkit.documents.declared.cells import Custom
from trialkit.documents.declared.rows import absent, estimate_cell
from trialkit.documents.table import Cell

DIFFERENCE = "risk difference"
STRATIFIED = "risk difference, stratified"
NEEDED_TO_TREAT = "number needed to treat"


def _effect(row: ResultRow) -> Cell:
    measure = str(row["measure"]).lower()
    if measure in (DIFFERENCE, STRATIFIED):
        return estimate_cell(row, 1, scale=100)
    if measure.startswith(NEEDED_TO_TREAT):
        return _needed_cell(row)
    return estimate_cell(row, 2)


def _needed_cell(row: ResultRow) -> Cell:
    """A number needed to treat; its interval passes through infinity where the difference's passes zero."""
    if not row.has("estimate"):
        return absent("not defined: the difference is zero")
    limits = row["ci_lower"], row["ci_upper"]
    references = tuple(row.reference(column) for column in ("estimate", "ci_lower", "ci_upper"))
    estimate = numbers.fixed(row["estimate"], 1)
    if any(numbers.is_missing(limit) for limit in limits):
        return Cell(estimate, references, reason="no interval: the interval of the difference contains zero")
    through = min(limits) < 0 < max(limits) and float("inf") not in map(abs, limits)
    joint = " to ∞ to " if through else " to "
    return Cell(f"{estimate} ({numbers.span(*limits, 1, joint)})", references)


def _notes(shown: Shown, rows: Sequence[ResultRow]) -> tuple[str, ...]:
    words = dict.fromkeys(shown.words("contrast", row["contrast"]) for row in rows)
    needed = [row for row in rows if str(row["measure"]).lower().startswith(NEEDED_TO_TREAT)]
    # Of a number without a side the note stands whatever its sign: masked pages differ by numbers alone.
    negative = any(
        row["measure"] == NEEDED_TO_TREAT
        or (row.has("ci_lower") and min(row["ci_lower"], row["ci_upper"]) < 0)
        for row in needed
    )
    opposite = ("A negative limit of a number needed to treat is a number needed for the opposite.",)
    ratio = any("ratio" in str(row["measure"]) for row in rows)
    of = "; a ratio is that of the two in this order" if ratio else ""
    return (f"Contrast: {'; '.join(words)}{of}.", *(opposite if negative else ()))


PROPORTIONS = Listed(
    source="proportions",
    title="{title}: responders by arm",
    label=Plain("definition"),
    head="Definition of response",
    columns=(
        Col("n / N", Of("responders", "n")),
        Col("% ({interval})", Estimate("proportion", decimals=1, scale=100)),
    ),
    by_arm=True,
)
EFFECTS = Listed(
    source="contrasts",
    title="{title}: effect",
    label=Plain("measure"),
    head="Effect",
    columns=(
        Col("Estimate", Custom(("estimate",), "xx.x (xx.x to xx.x)", _effect), note="({interval})"),
        Col("p", PValue(), note="two-sided", optional=True),
        ADJUSTED,
    ),
    sections="definition",
    also_by="contrast",
    notes_of=_notes,
)

ALL_ARMS = comparisons.joint_table("Test that the arms do not differ", "definition", "Definition of response")
