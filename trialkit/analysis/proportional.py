"""The picture beside a test of proportional hazards: parallel lines of log(-log S)."""

from __future__ import annotations

from trialkit.documents.declared import DeclaredFigure, ResultRow, Shown
from trialkit.documents.declared.output import Drawn


def time_of(row: ResultRow) -> float:
    return float(row["time_days"] if "time_days" in row.values else row["time"])


def draw_log_log(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.survival import draw_log_log as draw_lines

    arms = {arm: shown.label(arm) for arm in shown.arms}
    lines = {
        arm: [
            (time_of(row), 1 - float(row["risk"]))
            for row in shown.rows("curves")
            if row["arm"] == arm and time_of(row) > 0 and 0 < float(row["risk"]) < 1
        ]
        for arm in arms
    }
    if not all(lines.values()):
        return None
    alt = (
        f"Log of minus the log of the event-free probability against days, by arm: "
        f"{', '.join(arms.values())}. "
        "Under proportional hazards the lines keep one distance."
    )
    foot = ("Days on a logarithmic scale. Proportional hazards: the lines keep the same distance.",)
    return Drawn(draw_lines(lines, arms, key, alt), alt, foot)


LOG_LOG = DeclaredFigure(
    "log-log",
    "curves",
    "{title}: are the hazards proportional?",
    "Log of minus log of the event-free probability by arm: parallel lines under proportional hazards.",
    draw_log_log,
    once=True,
)
