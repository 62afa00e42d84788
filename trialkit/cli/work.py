"""``trialkit work``: what is expected, where it stands, what is missing, and with whom it waits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.reading import COUNT_WORK, LIST_WORK
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.listing import Listing, listed
from trialkit.entry.work import WorkKind
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.operations.work import WorkLine

KINDS = click.Choice([str(kind) for kind in WorkKind])


@click.group("work", help="Worklists of visits and forms, the missing-form report, and work by person.")
def command() -> None:
    pass


@command.command("list")
@at_desk
@click.option("--kind", "kinds", type=KINDS, multiple=True, help="Only these; all but complete otherwise.")
@click.option("--of-site", metavar="SITE", help="Only of this site, where the account sees several.")
@click.option("--subject", metavar="NUMBER", help="Only of this subject.")
@click.option("--form", metavar="NAME", help="Only this form.")
@click.option("--counts", is_flag=True, help="Print the counts by site and kind instead of the lines.")
@listed
@performs(LIST_WORK)
def list_(
    desk: Desk,
    kinds: tuple[str, ...],
    of_site: str | None,
    subject: str | None,
    form: str | None,
    counts: bool,
    listing: Listing,
) -> None:
    """A visit before its forms. After a withdrawal or a death no later visit is expected."""
    from trialkit.operations import list_work
    from trialkit.report.work import work_table

    wanted = tuple(WorkKind(kind) for kind in kinds)
    with desk.open() as (trial, actor):
        lines = list_work(trial, actor, kinds=wanted, site=of_site, subject_id=subject, form=form)
        study_id = trial.study.id
    shown = _counts(lines) if counts else [_line(line) for line in lines]
    listing.give(work_table(lines), f"Worklist of study {study_id}", shown)


@command.command("missing")
@at_desk
@listed
@performs(LIST_WORK, says="Report missing forms.")
def missing(desk: Desk, listing: Listing) -> None:
    """Of each site, visit and form: what is expected by now, what is there, and what is late."""
    from trialkit.operations import missing_forms
    from trialkit.report.work import missing_table

    with desk.open() as (trial, actor):
        found = missing_forms(trial, actor)
        study_id = trial.study.id
    shown = [
        f"{row.site}/{row.visit}/{row.form}: {row.missing} missing ({row.late} late), {row.entered_once} "
        f"entered once, {row.in_conflict} in conflict, {row.complete + row.not_done} of {row.expected} done"
        for row in found
        if row.complete + row.not_done < row.expected
    ]
    if done := len(found) - len(shown):
        shown.append(f"Nothing is missing of {done} others.")
    listing.give(missing_table(found), f"Missing forms of study {study_id}", shown)


@command.command("people")
@at_desk
@listed
@performs(COUNT_WORK)
def people(desk: Desk, listing: Listing) -> None:
    """By account and role, as many as `trialkit todo` would show to each; overdue ones besides."""
    from trialkit.operations import work_by_person
    from trialkit.operations.people import names_of_people
    from trialkit.report.work import person_table

    with desk.open() as (trial, actor):
        found = work_by_person(trial, actor)
        names = names_of_people(trial, actor)
    shown = []
    for one in found:
        waiting = [f"{n} {str(kind).replace('_', ' ')}" for kind, n in one.waiting.items() if n]
        place = f" at {one.site}" if one.site else ""
        late = f" [{one.overdue} overdue]" if one.overdue else ""
        shown.append(f"{one.account} ({one.role}{place}): {', '.join(waiting) or 'nothing'}{late}")
    listing.give(person_table(found, names), "Work by person", shown)


def _line(line: WorkLine) -> str:
    place = "/".join(part for part in (line.subject_id, line.visit, line.form) if part)
    more = []
    if line.due_on is not None:
        more.append(f"{line.days_late} d late" if line.days_late else f"due by {line.due_on}")
    if line.entered_by:
        more.append(f"by {', '.join(line.entered_by)}")
    if line.note:
        more.append(printable(line.note))
    return f"{str(line.kind).replace('_', ' '):<14} {place}" + (f" [{'; '.join(more)}]" if more else "")


def _counts(lines: list[WorkLine]) -> list[str]:
    counts = Counter((line.site, line.kind, bool(line.form)) for line in lines)
    order = list(WorkKind)
    return [
        f"{site}: {n} {'forms' if is_form else 'visits'} {str(kind).replace('_', ' ')}"
        for (site, kind, is_form), n in sorted(
            counts.items(), key=lambda entry: (entry[0][0], entry[0][2], order.index(entry[0][1]))
        )
    ]
