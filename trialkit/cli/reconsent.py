"""``trialkit reconsent``: the consent form signed again after an amendment."""

from __future__ import annotations

from datetime import datetime

import click

from trialkit.access.acts.versions import RECORD_CONSENT
from trialkit.cli.days import DAY
from trialkit.cli.door import Desk, at_desk, performs


@click.command("reconsent")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="Who signed.")
@click.option("--consent-version", required=True, metavar="VERSION", help="Of the form that was signed.")
@click.option("--date", "signed_on", type=DAY, required=True, help="On which day.")
@performs(RECORD_CONSENT)
def command(desk: Desk, subject: str, consent_version: str, signed_on: datetime) -> None:
    """Earlier consents stay on record, and visits are counted from the first."""
    from trialkit.operations import record_consent

    with desk.open() as (trial, actor):
        done = record_consent(
            trial, actor, subject_id=subject, consent_version=consent_version, signed_on=signed_on.date()
        )
    click.echo(f"Recorded: {done.subject_id} signed version {done.consent_version}")
