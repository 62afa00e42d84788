"""``trialkit freeze``: settled data stay as they are."""

from __future__ import annotations

import click

from trialkit.access.acts.closing import FREEZE, LIFT_FREEZE
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.place import place_options, place_said


@click.command("freeze")
@at_desk
@place_options
@click.option("--lift", is_flag=True, help="Lift it instead.")
@click.option("--reason", required=True, help="Why; it is recorded.")
@performs(FREEZE, LIFT_FREEZE)
def command(
    desk: Desk, form: str | None, subject: str | None, only_site: str | None, lift: bool, reason: str
) -> None:
    """Nothing there is entered, corrected or decided until the freeze is lifted. Refused while anything is
    open there, with the list of what.
    """
    from trialkit.operations import freeze, lift_freeze

    scope, place = place_said(form, subject, only_site)
    act = lift_freeze if lift else freeze
    with desk.open() as (trial, actor):
        done = act(trial, actor, scope=scope, place=place, reason=reason)
    what = "Frozen" if done.frozen else "Freeze lifted"
    click.echo(f"{what}: {place or 'the study'}, by {desk.login}. Audit record {done.stamp.number}.")
