"""``trialkit screen-fail``."""

from __future__ import annotations

from datetime import datetime

import click

from trialkit.access.acts.subjects import SCREEN_FAIL
from trialkit.cli.days import DAY
from trialkit.cli.door import Desk, at_desk, performs


@click.command("screen-fail")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--date", "day", type=DAY, required=True, metavar="YYYY-MM-DD", help="The day this was found.")
@click.option("--reason", required=True, help="In words that name no treatment.")
@performs(SCREEN_FAIL)
def command(desk: Desk, subject: str, day: datetime, reason: str) -> None:
    """Nothing more is expected of that person."""
    from trialkit.operations import screen_fail

    with desk.open() as (trial, actor):
        done = screen_fail(trial, actor, subject_id=subject, date=day.date(), reason=reason)
    for flag in done.flags:
        click.echo(f"Look at {flag}")
    click.echo(f"Screening failure: {subject} on {day.date().isoformat()}.")
