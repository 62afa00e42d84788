"""Worklists and tasks as lists to print, to filter, and to read by program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from trialkit.report.list_files import Cell, ListTable

if TYPE_CHECKING:
    from trialkit.operations.flags import FlagListed
    from trialkit.operations.tasks import PersonWork, Task
    from trialkit.operations.work import MissingForms, WorkLine

WORK_COLUMNS = (
    "kind", "site", "subject_id", "visit", "form", "due_on", "days_late", "entered_by", "note"
)  # fmt: skip
WORK_HEADS = ("What", "Site", "Subject", "Visit", "Form", "Due on", "Days late", "Entered by", "Note")
TASK_COLUMNS = (
    "kind", "site", "subject_id", "visit", "form", "row", "item", "query", "count", "due_on", "overdue",
    "age_days", "text", "serious_event",
)  # fmt: skip
TASK_HEADS = (
    "Task", "Site", "Subject", "Visit", "Form", "Line", "Item", "Query", "Count", "Due on", "Overdue",
    "Age (days)", "Text", "Serious event",
)  # fmt: skip
MISSING_HEADS = (
    "Site", "Visit", "Form", "Expected by now", "Complete", "Not done", "In conflict", "Entered once",
    "Missing", "Of these late",
)  # fmt: skip


def work_table(lines: Sequence[WorkLine]) -> ListTable:
    """A row a visit or form."""
    rows = [
        [
            line.kind, line.site, line.subject_id, line.visit, line.form, line.due_on,
            line.days_late, ", ".join(line.entered_by), line.note,
        ]
        for line in lines
    ]  # fmt: skip
    return ListTable("Worklist", WORK_HEADS, rows, WORK_COLUMNS)


def missing_table(found: Sequence[MissingForms]) -> ListTable:
    """A row a site, visit and form."""
    from trialkit.operations.work import MissingForms

    columns = tuple(entry.name for entry in fields(MissingForms))
    return ListTable("Missing forms", MISSING_HEADS, [astuple(row) for row in found], columns)


def task_table(tasks: Sequence[Task]) -> ListTable:
    """A row a task."""
    rows = [
        [
            task.kind, task.site, task.subject_id, task.visit, task.form, task.row,
            task.item, task.query, task.count, task.due_on, "yes" if task.overdue else "", task.age_days,
            task.text,
            task.serious_event,
        ]
        for task in tasks
    ]  # fmt: skip
    return ListTable("To do", TASK_HEADS, rows, TASK_COLUMNS)


def person_table(found: Sequence[PersonWork], people: Mapping[str, str]) -> ListTable:
    """A row an account and role, a column a kind of task; ``people`` has the names of logins."""
    from trialkit.operations.tasks import TaskKind

    kinds = list(TaskKind)
    rows: list[list[Cell]] = [
        [
            one.account,
            people.get(one.account),
            one.role,
            one.site,
            *(one.waiting.get(kind, 0) for kind in kinds),
            one.overdue,
        ]
        for one in found
    ]
    heads = ("Account", "Name", "Role", "Site", *(str(kind).replace("_", " ") for kind in kinds), "Overdue")
    return ListTable(
        "By person", heads, rows, ("account", "name", "role", "site", *map(str, kinds), "overdue")
    )


def flag_table(found: Sequence[FlagListed]) -> ListTable:
    """A row a warning."""
    heads = (
        "Site", "Subject", "Visit", "Form", "Line", "Item", "At", "Check", "Warning", "Account", "Time (UTC)"
    )  # fmt: skip
    columns = (
        "site", "subject_id", "visit", "form", "row", "item", "stage", "check", "text", "account", "at"
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [
            one.site, one.subject_id, one.visit, one.form, one.row, one.item, one.stage, one.check, one.text,
            one.account, f"{one.at:%Y-%m-%d %H:%M}",
        ]
        for one in found
    ]  # fmt: skip
    return ListTable("Flags", heads, rows, columns)
