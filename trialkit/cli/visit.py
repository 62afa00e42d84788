"""``trialkit visit``: a visit took place."""

from __future__ import annotations

from datetime import datetime

import click

from trialkit.access.acts.subjects import RECORD_VISITS
from trialkit.cli.days import DAY
from trialkit.cli.door import Desk, at_desk, performs


@click.command("visit")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--date", "day", type=DAY, required=True, metavar="YYYY-MM-DD", help="The day it took place.")
@click.option("--reason", default="", help="Why another day than the one on record.")
@performs(RECORD_VISITS)
def command(desk: Desk, subject: str, visit: str, day: datetime, reason: str) -> None:
    """Another day than the one on record needs a reason; both are kept."""
    from trialkit.operations import VisitDone, record_visits

    with desk.open() as (trial, actor):
        done = record_visits(trial, actor, visits_done=[VisitDone(subject, visit, day.date(), reason)])
    for flag in done.flags:
        click.echo(f"Look at {flag}")
    click.echo(f"Recorded: {subject}, {visit}, {day.date().isoformat()}.")
