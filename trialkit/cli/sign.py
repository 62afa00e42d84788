"""``trialkit sign``: a name under a form."""

from __future__ import annotations

import click

from trialkit.access.acts.closing import SIGN_FORM
from trialkit.cli.door import Desk, at_desk, performs


@click.command("sign")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--meaning", required=True, help='What it says, e.g. "reviewed and approved".')
@performs(SIGN_FORM)
def command(desk: Desk, subject: str, visit: str, form: str, meaning: str) -> None:
    """Signed with the password, by an investigator. A later change of the form voids it, visibly."""
    from trialkit.operations import sign_form

    with desk.open() as (trial, actor):
        done = sign_form(trial, actor, subject_id=subject, visit=visit, form=form, meaning=meaning)
    click.echo(f"Signed: {done.where}, by {desk.login}, {done.stamp.at}\nContent {done.content_sha256}")
