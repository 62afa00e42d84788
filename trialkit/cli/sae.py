"""``trialkit sae``: serious adverse events, from the hour the site knows to the DSMB's listing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from trialkit.access.acts.safety import (
    LIST_SERIOUS_EVENTS,
    LIST_SERIOUS_EVENTS_BY_ARM,
    NOTE_SERIOUS_EVENT,
    REPORT_SERIOUS_EVENT,
)
from trialkit.cli.days import Written
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.cli.listing import Listing, listed
from trialkit.entry.serious_events import EventOutcome, Expectedness, Relatedness, Seriousness, Severity
from trialkit.free_text import printable

if TYPE_CHECKING:
    from enum import StrEnum

    from trialkit.operations import SeriousEventListed
    from trialkit.study.model import Study

MOMENT = Written(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"], "2024-06-30T14:05")


def _one_of(words: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([str(word) for word in words])


@click.group("sae", help="Serious adverse events: note, report, follow up; the clock and the line listing.")
def command() -> None:
    pass


@command.command("note")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--term", required=True, help="The event, in words that name no treatment.")
@click.option(
    "--aware-at", type=MOMENT, required=True, metavar="YYYY-MM-DDTHH:MM",
    help="When the site knew, in its own time.",
)  # fmt: skip
@performs(NOTE_SERIOUS_EVENT)
def note(desk: Desk, subject: str, term: str, aware_at: datetime) -> None:
    """The report follows, within the hours that the study allows."""
    from trialkit.operations import note_serious_event

    with desk.open() as (trial, actor):
        done = note_serious_event(trial, actor, subject_id=subject, term=term, aware_at=aware_at)
    click.echo(f"Serious event {done.number}: report due by {_on_the_clock(done.due_at_site)}.")


@command.command("report")
@at_desk
@click.option("--number", type=click.IntRange(min=1), required=True, metavar="N", help="Of the event.")
@click.option(
    "--because", "criteria", type=_one_of(Seriousness), multiple=True, required=True,
    help="Why it is serious; once or more.",
)  # fmt: skip
@click.option("--severity", type=_one_of(Severity), required=True, help="How severe it is.")
@click.option("--outcome", type=_one_of(EventOutcome), required=True, help="How it ended, or stands.")
@click.option(
    "--related", type=_one_of(Relatedness), default=str(Relatedness.NOT_ASSESSED), show_default=True,
    help="To what the subject receives in the study.",
)  # fmt: skip
@click.option(
    "--expected", type=_one_of(Expectedness), default=str(Expectedness.NOT_ASSESSED), show_default=True,
    help="By what is known of that.",
)  # fmt: skip
@click.option("--started", default="", metavar="DATE", help="YYYY-MM-DD, or as much as is known.")
@click.option("--ended", default="", metavar="DATE", help="The same; left out while it goes on.")
@click.option("--narrative-file", type=FILE, metavar="FILE", help="What happened; names no treatment.")
@click.option("--visit", default="", metavar="NAME", help="Of the line of the adverse event form.")
@click.option("--row", default="", metavar="LINE", help="That line's printed number.")
@performs(REPORT_SERIOUS_EVENT)
def report(
    desk: Desk,
    number: int,
    criteria: tuple[str, ...],
    severity: str,
    outcome: str,
    related: str,
    expected: str,
    started: str,
    ended: str,
    narrative_file: Path | None,
    visit: str,
    row: str,
) -> None:
    """The first report of an event is the initial one; each further one follows up, until it has ended."""
    from trialkit.operations import EventReport, report_serious_event

    said = EventReport(
        criteria=[Seriousness(one) for one in criteria],
        severity=Severity(severity),
        outcome=EventOutcome(outcome),
        related=Relatedness(related),
        expected=Expectedness(expected),
        started=started,
        ended=ended,
        narrative=narrative_file.read_text(encoding="utf-8") if narrative_file else "",
        visit=visit,
        row=row,
    )
    with desk.open() as (trial, actor):
        done = report_serious_event(trial, actor, number=number, report=said)
    name = f"follow-up {done.report}" if done.report else "initial report"
    late = ", LATE" if done.late and not done.report else ""
    click.echo(f"Serious event {done.number}: {name}{late}. Audit record {done.stamp.number}.")


@command.command("list")
@at_desk
@click.option("--overdue", is_flag=True, help="Only those whose report or follow-up is overdue.")
@click.option("--by-arm", is_flag=True, help="With everybody's arm, for the DSMB; leaves a record.")
@listed
@performs(LIST_SERIOUS_EVENTS, LIST_SERIOUS_EVENTS_BY_ARM)
def list_(desk: Desk, overdue: bool, by_arm: bool, listing: Listing) -> None:
    """Lines of the adverse event form that say serious and that no report names are among them."""
    from trialkit.operations import list_serious_events
    from trialkit.operations.people import names_of_people
    from trialkit.report.serious_events import safety_table

    with desk.open() as (trial, actor):
        events = list_serious_events(trial, actor, by_arm=by_arm, only_overdue=overdue)
        people = names_of_people(trial, actor)
        study = trial.study
    title = f"Serious adverse events of study {study.id}"
    listing.give(
        safety_table(events, by_arm=by_arm, people=people), title, [_line(event, study) for event in events]
    )


def _on_the_clock(moment: datetime) -> str:
    """A time with its place in the day of UTC, so that nobody takes one for the other."""
    known = moment.isoformat(sep=" ", timespec="minutes")
    return f"{known[:16]} UTC{known[16:]}"


def _line(event: SeriousEventListed, study: Study) -> str:
    there = ZoneInfo(study.site(event.site).time_zone)
    name = f"{event.number:>4}" if event.number else " ---"
    arm = f" [{event.arm}]" if event.arm else ""
    clock = event.clock
    if clock.overdue and not event.reports:
        state = f"OVERDUE, due {_on_the_clock(clock.initial_due_at.astimezone(there))}"
    elif clock.overdue and clock.next_due_at:
        state = f"FOLLOW-UP OVERDUE, due {clock.next_due_at.astimezone(there):%Y-%m-%d}"
    elif not event.reports:
        state = f"report due {_on_the_clock(clock.initial_due_at.astimezone(there))}"
    else:
        following = f", next by {clock.next_due_at.astimezone(there):%Y-%m-%d}" if clock.next_due_at else ""
        state = f"{len(event.reports)} report(s){', first one late' if clock.late else ''}{following}"
    return f"{name}  {event.site} {event.subject_id}{arm}: {printable(event.term)} [{state}]"
