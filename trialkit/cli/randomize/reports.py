"""Reports on the randomization, as far as the reader may know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.reading import VIEW_BALANCE, VIEW_RECRUITMENT
from trialkit.cli.door import FILE, Desk, at_desk, performs, refuse_existing

if TYPE_CHECKING:
    from trialkit.access import Actor
    from trialkit.operations import Trial
    from trialkit.report.randomization import RandomizationFacts


@click.command()
@at_desk
@click.option("--out", type=FILE, required=True, metavar="FILE", help="A new .html file.")
@click.option("--with-arms", is_flag=True, help="Balance of the arms as well; for roles that may see arms.")
@performs(VIEW_RECRUITMENT, VIEW_BALANCE)
def report(desk: Desk, out: Path, with_arms: bool) -> None:
    """Writes them against target, with the certificate for the trial master file.

    An account of one site sees that site.
    """
    from trialkit.documents import write_html
    from trialkit.randomization import write_custody_file
    from trialkit.report.randomization import randomization_page

    refuse_existing(out)
    with desk.open() as (trial, actor):
        facts = _facts(trial, actor, with_arms=with_arms)
        if with_arms:
            write_custody_file(out, "", private=True)  # from the first byte on, for its owner's eyes
        write_html(randomization_page(trial.study, facts), out)
    click.echo(f"Written: {out}, {facts.total} randomized.")
    if with_arms:
        click.echo("It shows the arms: keep it from whoever is blinded.")


def _facts(trial: Trial, actor: Actor, *, with_arms: bool) -> RandomizationFacts:
    from trialkit.operations import balance_of, present_anchor, recruitment_counts, supply_of
    from trialkit.report.certificate import ListFacts
    from trialkit.report.randomization import RandomizationFacts

    balance = None
    if with_arms:
        found = balance_of(trial, actor)
        balance = {("", "", arm): n for arm, n in found.overall.items()} | found.by_level
    counts = recruitment_counts(trial, actor)
    head = present_anchor(trial, actor)
    return RandomizationFacts(
        sites=[actor.site] if actor.site else [site.code for site in trial.study.sites],
        screened=counts.screened,
        randomized=counts.randomized,
        undated=counts.undated,
        mistakes=counts.mistakes,
        withdrawn=counts.withdrawn,
        emergency_unblindings=counts.emergency_unblindings,
        lists=[
            ListFacts(used.schedule_id, used.commitment, used.bundle_digest, used.resealed)
            for used in supply_of(trial, actor).schedules
        ],
        audit_number=head.number,
        audit_hash=head.hash,
        at=head.at,
        balance=balance,
    )
