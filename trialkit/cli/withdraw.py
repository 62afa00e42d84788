"""``trialkit withdraw``."""

from __future__ import annotations

from datetime import datetime

import click

from trialkit.access.acts.subjects import WITHDRAW
from trialkit.cli.days import DAY
from trialkit.cli.door import Desk, at_desk, performs


@click.command("withdraw")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--date", "day", type=DAY, required=True, metavar="YYYY-MM-DD", help="The day of leaving.")
@click.option("--reason", required=True, help="In words that name no treatment.")
@performs(WITHDRAW)
def command(desk: Desk, subject: str, day: datetime, reason: str) -> None:
    """Visits due later are no longer expected."""
    from trialkit.operations import withdraw

    with desk.open() as (trial, actor):
        done = withdraw(trial, actor, subject_id=subject, date=day.date(), reason=reason)
    for flag in done.flags:
        click.echo(f"Look at {flag}")
    click.echo(f"Withdrawn: {subject} on {day.date().isoformat()}.")
