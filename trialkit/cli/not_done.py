"""``trialkit not-done``: a visit or form that was not done."""

from __future__ import annotations

import click

from trialkit.access.acts.subjects import MARK_NOT_DONE
from trialkit.cli.door import Desk, at_desk, performs


@click.command("not-done")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", metavar="NAME", help="One form of the visit; the whole visit by default.")
@click.option("--reason", required=True, help="In words that name no treatment.")
@performs(MARK_NOT_DONE)
def command(desk: Desk, subject: str, visit: str, form: str | None, reason: str) -> None:
    """With why; nothing may have been entered there."""
    from trialkit.operations import NotDone, mark_not_done

    with desk.open() as (trial, actor):
        done = mark_not_done(trial, actor, entries=[NotDone(subject, visit, reason, form)])
    for flag in done.flags:
        click.echo(f"Look at {flag}")
    click.echo(f"Not done: {subject}, {visit}{f', {form}' if form else ''}.")
