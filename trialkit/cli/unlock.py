"""``trialkit unlock``."""

from __future__ import annotations

import click

from trialkit.access.acts.closing import UNLOCK
from trialkit.cli.door import Desk, at_desk, performs


@click.command("unlock")
@at_desk
@click.option("--reason", required=True, help="The meaning of the signature.")
@performs(UNLOCK)
def command(desk: Desk, reason: str) -> None:
    """Signed with the password."""
    from trialkit.operations import unlock

    with desk.open() as (trial, actor):
        done = unlock(trial, actor, reason=reason)
    click.echo(f"Unlocked by {desk.login}: audit record {done.stamp.number}.")
