"""``trialkit todo``: what this account is to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trialkit.access.acts.reading import VIEW_TODO
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.listing import Listing, listed
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.operations.tasks import Task


@click.command("todo")
@at_desk
@listed
@performs(VIEW_TODO)
def command(desk: Desk, listing: Listing) -> None:
    """By the role acted in: visits and forms, queries, discrepancies; what is overdue comes first."""
    from trialkit.operations import todo
    from trialkit.report.work import task_table

    with desk.open() as (trial, actor):
        tasks = todo(trial, actor)
    listing.give(task_table(tasks), f"To do: {actor.account}", [_line(task) for task in tasks])


_COUNTED = {"finish_import": "forms", "clear_for_lock": "in all"}


def _line(task: Task) -> str:
    more = []
    if task.count > 1:
        more.append(f"{task.count} {_COUNTED.get(str(task.kind), 'undecided')}")
    if task.due_on is not None:
        more.append(f"{'OVERDUE since' if task.overdue else 'due by'} {task.due_on}")
    if task.query is not None:
        more.append(f"query {task.query}, {task.age_days} d")
    told = f" [{', '.join(more)}]" if more else ""
    text = f": {printable(task.text)}" if task.text else ""
    return f"{str(task.kind).replace('_', ' '):<14} {task.where}{told}{text}"
