"""``trialkit unlock``."""

from __future__ import annotations

import click

from trialkit.cli.door import Desk, at_desk


@click.command("unlock")
@at_desk
@click.option("--reason", required=True, help="The meaning of the signature.")
def command(desk: Desk, reason: str) -> None:
    """Lift the lock of the study's data. Signed with the password."""
    from trialkit.operations import unlock

    with desk.open() as (trial, actor):
        done = unlock(trial, actor, reason=reason)
    click.echo(f"Unlocked by {desk.login}: audit record {done.stamp.number}.")
