"""``trialkit enrol``: consenting people enter screening."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from trialkit.access.acts.subjects import ENROL
from trialkit.cli.days import DAY
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("enrol")
@at_desk
@click.option("--consent-date", type=DAY, metavar="YYYY-MM-DD", help="The day it was signed.")
@click.option("--consent-version", default="", help="Of the consent form signed.")
@click.option("--subject", metavar="NUMBER", help="A number given elsewhere; the site's next one by default.")
@click.option(
    "--file", "path", type=FILE, metavar="FILE",
    help="Many at once, .csv or .xlsx: consent_date; also site, consent_version, subject_id.",
)  # fmt: skip
@performs(ENROL)
def command(
    desk: Desk, consent_date: datetime | None, consent_version: str, subject: str | None, path: Path | None
) -> None:
    """At the site acted at, under the site's next number or one given elsewhere; or many from one file."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import enrol, enrol_from_file

    if (path is None) == (consent_date is None):
        raise TrialkitError(
            expected="--consent-date for one person, or --file for many",
            found="neither" if path is None else "both",
            next_step="Give one of the two.",
        )
    with desk.open() as (trial, actor):
        if path is not None:
            many = enrol_from_file(trial, actor, path=path)
            for flag in many.flags:
                click.echo(f"Look at {flag}")
            click.echo(f"Enrolled: {len(many.subject_ids)} people, in the order of the file:")
            click.echo("\n".join(many.subject_ids))
            return
        if actor.site is None:
            raise TrialkitError(expected="--site", found="none", next_step="Say where the person enters.")
        assert consent_date is not None
        enrolled = enrol(
            trial,
            actor,
            site=actor.site,
            consent_date=consent_date.date(),
            consent_version=consent_version,
            subject_id=subject,
        )
    for flag in enrolled.flags:
        click.echo(f"Look at {flag}")
    click.echo(f"Enrolled: {enrolled.subject_id} at {enrolled.site}. Write this number on the forms.")
