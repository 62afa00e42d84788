"""``trialkit freeze``: settled data stay as they are."""

from __future__ import annotations

import click

from trialkit.access.acts.closing import FREEZE, LIFT_FREEZE
from trialkit.cli.door import Desk, at_desk, performs


@click.command("freeze")
@at_desk
@click.option("--form", metavar="SUBJECT/VISIT/FORM", help="Only this form, e.g. A-001/week_6/odi.")
@click.option("--subject", metavar="NUMBER", help="Only this subject.")
@click.option("--at-site", "only_site", metavar="SITE", help="Only this site; otherwise the study.")
@click.option("--lift", is_flag=True, help="Lift it instead.")
@click.option("--reason", required=True, help="Why; it is recorded.")
@performs(FREEZE, LIFT_FREEZE)
def command(
    desk: Desk, form: str | None, subject: str | None, only_site: str | None, lift: bool, reason: str
) -> None:
    """Nothing there is entered, corrected or decided until the freeze is lifted. Refused while anything is
    open there, with the list of what.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import FreezeScope, freeze, lift_freeze

    places = {FreezeScope.FORM: form, FreezeScope.SUBJECT: subject, FreezeScope.SITE: only_site}
    given = {scope: place for scope, place in places.items() if place is not None}
    if len(given) > 1:
        raise TrialkitError(
            expected="one of --form, --subject and --at-site", found="several", next_step="One after another."
        )
    scope, place = next(iter(given.items()), (FreezeScope.STUDY, ""))
    act = lift_freeze if lift else freeze
    with desk.open() as (trial, actor):
        done = act(trial, actor, scope=scope, place=place, reason=reason)
    what = "Frozen" if done.frozen else "Freeze lifted"
    click.echo(f"{what}: {place or 'the study'}, by {desk.login}. Audit record {done.stamp.number}.")
