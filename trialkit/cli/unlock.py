"""``trialkit unlock``."""

from __future__ import annotations

import click

from trialkit.access.acts.closing import UNLOCK, UNLOCK_PLACE
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.place import place_options, place_said


@click.command("unlock")
@at_desk
@place_options
@click.option("--reason", required=True, help="The meaning of the signature.")
@performs(UNLOCK, UNLOCK_PLACE)
def command(desk: Desk, form: str | None, subject: str | None, only_site: str | None, reason: str) -> None:
    """Signed with the password."""
    from trialkit.operations import FreezeScope, unlock, unlock_place

    scope, place = place_said(form, subject, only_site)
    with desk.open() as (trial, actor):
        if scope is FreezeScope.STUDY:
            number = unlock(trial, actor, reason=reason).stamp.number
        else:
            number = unlock_place(trial, actor, scope=scope, place=place, reason=reason).stamp.number
    what = f"Unlocked: {place}," if place else "Unlocked"
    click.echo(f"{what} by {desk.login}: audit record {number}.")
