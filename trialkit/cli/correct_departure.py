"""``trialkit correct-departure``: a withdrawal or screening failure recorded wrongly."""

from __future__ import annotations

from datetime import datetime

import click

from trialkit.access.acts.subjects import CORRECT_DEPARTURE
from trialkit.cli.days import DAY
from trialkit.cli.door import Desk, at_desk, performs


@click.command("correct-departure")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--date", "day", type=DAY, metavar="YYYY-MM-DD", help="The right day of leaving.")
@click.option("--left-because", metavar="TEXT", help="The right reason of leaving; it names no treatment.")
@click.option("--never-left", is_flag=True, help="The subject is in the study.")
@click.option("--reason", required=True, help="Why the record is wrong.")
@performs(CORRECT_DEPARTURE)
def command(
    desk: Desk, subject: str, day: datetime | None, left_because: str | None, never_left: bool, reason: str
) -> None:
    """Its day, its reason, or that the subject never left; old and new are kept."""
    from trialkit.operations import correct_departure

    with desk.open() as (trial, actor):
        done = correct_departure(
            trial,
            actor,
            subject_id=subject,
            reason=reason,
            date=day.date() if day else None,
            departure_reason=left_because,
            never_left=never_left,
        )
    click.echo(f"Corrected: {done.subject_id}, from {done.old!r} to {done.new!r}.")
