"""``trialkit enrol``: a consenting person enters screening."""

from __future__ import annotations

from datetime import datetime

import click

from trialkit.access.acts.subjects import ENROL
from trialkit.cli.door import DAY, Desk, at_desk, performs


@click.command("enrol")
@at_desk
@click.option("--consent-date", type=DAY, required=True, metavar="YYYY-MM-DD", help="The day it was signed.")
@click.option("--consent-version", default="", help="Of the consent form signed.")
@click.option("--subject", metavar="NUMBER", help="A number given elsewhere; the site's next one by default.")
@performs(ENROL)
def command(desk: Desk, consent_date: datetime, consent_version: str, subject: str | None) -> None:
    """At the site acted at, under the site's next number or one given elsewhere."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import enrol

    with desk.open() as (trial, actor):
        if actor.site is None:
            raise TrialkitError(expected="--site", found="none", next_step="Say where the person enters.")
        enrolled = enrol(
            trial,
            actor,
            site=actor.site,
            consent_date=consent_date.date(),
            consent_version=consent_version,
            subject_id=subject,
        )
    click.echo(f"Enrolled: {enrolled.subject_id} at {enrolled.site}. Write this number on the forms.")
