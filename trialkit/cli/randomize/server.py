"""Commands at the machine that holds the study: the list comes in, recruitment opens and closes, supply."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trialkit.access.acts.lists import LOAD_EXTENSION, LOAD_RESEALED, LOAD_SCHEDULE, SET_RECRUITMENT
from trialkit.access.acts.reading import COUNT_SUPPLY, VIEW_SUPPLY
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command()
@at_desk
@click.option("--bundle", type=FILE, required=True, metavar="FILE", help="bundle.json of the list maker.")
@click.option("--commitment", type=FILE, required=True, metavar="FILE", help="commitment.json, as published.")
@click.option("--key", type=FILE, required=True, metavar="FILE", help="allocation-key.json, sent separately.")
@click.option("--extension", is_flag=True, help="After a list that runs out; its commitment names that list.")
@performs(LOAD_SCHEDULE, LOAD_EXTENSION)
def load(desk: Desk, bundle: Path, commitment: Path, key: Path, extension: bool) -> None:
    """It is held against its key, its commitment and the study first."""
    from trialkit.operations import load_extension, load_schedule

    act = load_extension if extension else load_schedule
    with desk.open() as (trial, actor):
        loaded = act(trial, actor, bundle=bundle, commitment=commitment, allocation_key=key)
    click.echo(f"Loaded: schedule {loaded.schedule_id} over {loaded.strata} strata.")
    click.echo(f"Commitment {loaded.commitment}")
    click.echo(f"Now take {key} off this machine: a copy is in the key folder.")


@click.command()
@at_desk
@click.option("--bundle", type=FILE, required=True, metavar="FILE", help="bundle.json from `reseal`.")
@click.option(
    "--key", type=FILE, required=True, metavar="FILE", help="Its allocation-key.json, sent separately."
)
@click.option("--reason", required=True, help="How the key was lost.")
@performs(LOAD_RESEALED)
def load_resealed(desk: Desk, bundle: Path, key: Path, reason: str) -> None:
    """Signed with the password.

    It is loaded only where every slot opens with the new key and all of them together are the list that was
    committed to. Nothing is removed; allocations stay as they are.
    """
    from trialkit.operations import load_resealed as load_again

    with desk.open() as (trial, actor):
        done = load_again(trial, actor, bundle=bundle, allocation_key=key, reason=reason)
    click.echo(f"Loaded: schedule {done.schedule_id}, {done.slots} slots under a new key.")
    click.echo(f"It is the list committed to: commitment {done.commitment}")
    click.echo(f"Audit record {done.stamp.number}, {done.stamp.at}")
    click.echo(f"Now take {key} off this machine: a copy is in the key folder.")


@click.command()
@at_desk
@click.option(
    "--state",
    type=click.Choice(["open", "paused", "closed"]),
    default="paused",
    show_default=True,
    help="What it becomes.",
)
@click.option("--at-site", "only_site", metavar="SITE", help="Only this site.")
@click.option("--stratum", metavar="LABEL", help="Only this stratum, e.g. sex=female;site=A.")
@click.option("--reason", required=True, help="In words that name no treatment.")
@performs(SET_RECRUITMENT)
def pause(desk: Desk, state: str, only_site: str | None, stratum: str | None, reason: str) -> None:
    """Of the study, one site or one stratum."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import RecruitmentScope, RecruitmentState, set_recruitment

    if only_site and stratum:
        raise TrialkitError(
            expected="--at-site or --stratum", found="both", next_step="Do one after the other."
        )
    scope, name = RecruitmentScope.STUDY, ""
    if only_site:
        scope, name = RecruitmentScope.SITE, only_site
    elif stratum:
        scope, name = RecruitmentScope.STRATUM, stratum
    with desk.open() as (trial, actor):
        done = set_recruitment(
            trial, actor, scope=scope, name=name, state=RecruitmentState(state), reason=reason
        )
    click.echo(f"Recruitment of {name or 'the study'}: {done.state}, by {desk.login}.")


@click.command()
@at_desk
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@performs(VIEW_SUPPLY, COUNT_SUPPLY)
def show(desk: Desk, as_json: bool) -> None:
    """With the supply of each stratum.

    Nobody is shown arms, blocks or the order of past allocations. Counts are for the administrator, the
    unblinded statistician and the DSMB; every other role sees "enough" or "low", at its own site.
    """
    from trialkit.operations import supply_of

    with desk.open() as (trial, actor):
        supply = supply_of(trial, actor)
    if as_json:
        click.echo(json.dumps(supply.as_json(), indent=1))
        return
    for schedule in supply.schedules:
        click.echo(f"Schedule {schedule.schedule_id}, commitment {schedule.commitment}")
        if schedule.resealed:
            click.echo(f"  sealed again {len(schedule.resealed)} time(s) after a lost key, the same list")
    if supply.suspended:
        click.echo(f"SUSPENDED: {supply.suspended}")
    if not (supply.suspended or supply.not_open):
        click.echo("Recruitment open")
    for closed in supply.not_open:
        click.echo(f"Recruitment of {closed}")
    width = max((len(stratum.label) for stratum in supply.strata), default=0)
    for stratum in supply.strata:
        counts = "" if stratum.used is None else f"  {stratum.used} used, {stratum.left} left"
        words = f"  {stratum.shown}" if stratum.shown else ""
        click.echo(f"{stratum.label:<{width}}  {stratum.supply}{counts}{words}")
