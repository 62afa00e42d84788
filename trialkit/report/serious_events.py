"""The line listing of serious adverse events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from trialkit.report.list_files import Cell, ListTable
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.operations.safety_list import SeriousEventListed
    from trialkit.store.reading.safety import ReportState

_COLUMNS = (
    "number", "site", "subject_id", "term", "aware_at", "initial_due_at", "initial_at", "late", "next_due_at",
    "overdue", "criteria", "severity", "related", "expected", "outcome", "started",
    "days_after_randomization", "ended", "visit", "row", "reports",
)  # fmt: skip
_HEADS = (
    "No.", "Site", "Subject", "Event", "Site knew (UTC)", "Report due (UTC)", "Reported (UTC)", "Late",
    "Next due (UTC)", "Overdue", "Serious because", "Severity", "Related", "Expected", "Outcome", "Start",
    "Days after randomization", "End", "Visit", "Line", "Reports",
)  # fmt: skip
_ARM = 3  # the arm stands behind the subject


def safety_table(
    events: Sequence[SeriousEventListed], *, by_arm: bool, people: Mapping[str, str]
) -> ListTable:
    """A row an event; its reports below each other in the last cell, by ``people``'s names of logins."""
    rows = []
    for event in events:
        cells = _cells(event, people)
        rows.append([*cells[:_ARM], event.arm, *cells[_ARM:]] if by_arm else cells)
    columns, heads = (
        (*names[:_ARM], arm, *names[_ARM:]) if by_arm else names
        for names, arm in ((_COLUMNS, "arm"), (_HEADS, "Arm"))
    )
    notes = (
        said("Without a number: a form tells of a serious event or a death, and no report names it."),
        said("Start and assessment are those of the last report."),
    )
    return ListTable("Serious adverse events", heads, rows, columns, notes)


def _cells(event: SeriousEventListed, people: Mapping[str, str]) -> list[Cell]:
    last, clock = event.last, event.clock
    assessed: list[Cell] = (
        [
            ", ".join(one.replace("_", " ") for one in last.criteria), last.severity.replace("_", " "),
            last.related.replace("_", " "), last.expected.replace("_", " "), last.outcome.replace("_", " "),
            last.started, event.days, last.ended,
        ]
        if last
        else [None] * 8
    )  # fmt: skip
    return [
        event.number, event.site, event.subject_id, event.term, _at(event.aware_at),
        _at(clock.initial_due_at), _at(clock.initial_at), "yes" if clock.late else "", _at(clock.next_due_at),
        "yes" if clock.overdue else "", *assessed, event.visit, event.row,
        "\n".join(_told(report, people) for report in event.reports),
    ]  # fmt: skip


def _told(report: ReportState, people: Mapping[str, str]) -> str:
    name = f"follow-up {report.number}" if report.number else "initial"
    text = f": {report.narrative}" if report.narrative else ""
    who = people.get(report.account, report.account)
    return f"{report.at:%Y-%m-%d %H:%M} {who} ({name}, {report.outcome.replace('_', ' ')}){text}"


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"
