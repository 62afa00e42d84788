"""Where the boxes of a CONSORT flow diagram go: heights follow the text, so boxes never overlap.

Lengths are points; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trialkit import numbers
from trialkit.figures.lettering import text_width_points, wrap_text
from trialkit.figures.style import FULL_WIDTH_INCHES

WIDTH = FULL_WIDTH_INCHES * 72
STRIP = 20.0  # the phase names at the left edge
TEXT_SIZE = 8.5
LINE = 12.0
PAD = 7.0
GAP = 20.0  # between levels: room for an arrow
BETWEEN = 22.0  # between arms
INDENT = 10.0

PHASES = ("Enrolment", "Allocation", "Follow-up", "Analysis")
_HEADS = {
    "assessed": "Assessed for eligibility",
    "excluded": "Excluded",
    "randomized": "Randomized",
    "received": "Received allocated intervention",
    "not_received": "Did not receive it",
    "no_record": "No record of treatment",
    "discontinued": "Discontinued intervention",
    "lost": "Left the study",
    "analysed": "Analysed for the primary outcome",
    "not_analysed": "Not analysed",
}
_ARM_LEVELS = (
    ("Allocation", ("allocated", "received", "not_received", "no_record")),
    ("Follow-up", ("lost", "discontinued")),
    ("Analysis", ("analysed", "not_analysed")),
)


@dataclass(frozen=True, slots=True)
class FlowCount:
    """``arm`` empty means all; ``reason`` empty means the total of the stage."""

    stage: str
    arm: str
    n: Any
    reason: str


@dataclass(frozen=True, slots=True)
class FlowLine:
    text: str
    bold: bool = False
    indent: float = 0.0


@dataclass(frozen=True, slots=True)
class FlowBox:
    phase: str
    stage: str
    arm: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[FlowLine, ...]  # as wrapped
    text: tuple[str, ...]  # as written, one entry a count

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + self.width / 2


def flow_boxes(counts: Sequence[FlowCount], arms: Mapping[str, str]) -> list[FlowBox]:
    """Lay the diagram out.

    Parameters
    ----------
    counts
        The rows of the flow table.
    arms
        Arm to label, in the order of the columns.

    Returns
    -------
    Boxes from the top down. Stages without rows have no box.
    """
    boxes = _trunk(counts)
    y = boxes[-1].bottom + GAP + 8 if boxes else 0.0
    column = (WIDTH - STRIP - 14 - BETWEEN * (len(arms) - 1)) / max(1, len(arms))
    for phase, stages in _ARM_LEVELS:
        level = []
        for position, (arm, label) in enumerate(arms.items()):
            written = _written(counts, stages, arm, label)
            if written:
                x = STRIP + 14 + position * (column + BETWEEN)
                level.append(_box(phase, stages[0], arm, x, y, column, written))
        if level:
            tallest = max(_phase_height(phase), *(box.height for box in level))
            boxes += [replace(box, height=tallest) for box in level]
            y += tallest + GAP
    return boxes


def _phase_height(phase: str) -> float:
    """A level is high enough for the name of its phase beside it, set upright."""
    return text_width_points(phase, TEXT_SIZE) + 10


def _trunk(counts: Sequence[FlowCount]) -> list[FlowBox]:
    """Assessed, excluded beside the line down, randomized."""
    boxes: list[FlowBox] = []
    width = (WIDTH - STRIP - 14) * 0.46
    left = STRIP + 14 + (WIDTH - STRIP - 14 - width) / 2
    aside_x = left + width / 2 + 34
    y = 0.0
    for stage in ("assessed", "excluded", "randomized"):
        written = _written(counts, (stage,), "", "")
        if not written:
            continue
        aside = stage == "excluded"
        x, wide = (aside_x, WIDTH - aside_x) if aside else (left, width)
        boxes.append(_box(PHASES[0], stage, "", x, y, wide, written))
        y = boxes[-1].bottom + (GAP - 6 if stage == "assessed" else GAP)
    if len(boxes) == 1:
        return [replace(boxes[0], height=max(boxes[0].height, _phase_height(PHASES[0])))]
    return boxes


def _written(
    counts: Sequence[FlowCount], stages: Sequence[str], arm: str, label: str
) -> list[tuple[str, bool, float]]:
    """What a box says: a line for each total, its reasons indented below."""
    lines: list[tuple[str, bool, float]] = []
    for stage in stages:
        rows = [row for row in counts if row.stage == stage and row.arm == arm]
        head = _HEADS.get(stage, f"Allocated to {label}")
        for row in rows:
            if not row.reason:
                lines.append((f"{head} {_count(row)}", stage == stages[0], 0.0))
        for row in rows:
            if row.reason:
                reason = row.reason.replace("_", " ")
                why = f"Did not receive it: {reason}" if stage == "received" else reason
                lines.append((f"{why} {_count(row)}", False, INDENT))
    return lines


def _count(row: FlowCount) -> str:
    """With no-break spaces: a count is never torn from its n."""
    return f"(n\u00a0=\u00a0{numbers.integer(row.n)})"


def _box(
    phase: str,
    stage: str,
    arm: str,
    x: float,
    y: float,
    width: float,
    written: list[tuple[str, bool, float]],
) -> FlowBox:
    lines = tuple(
        FlowLine(part, bold, indent)
        for text, bold, indent in written
        for part in wrap_text(text, width - 2 * PAD - indent, TEXT_SIZE, bold)
    )
    height = len(lines) * LINE + 2 * PAD - 2
    return FlowBox(phase, stage, arm, x, y, width, height, lines, tuple(text for text, _, _ in written))
