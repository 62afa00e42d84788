"""``trialkit sign``: a name under a form."""

from __future__ import annotations

import click

from trialkit.access.acts.closing import SIGN_FORM
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.place import anchored, marked_place, marks_said


@click.command("sign")
@at_desk
@click.option("--subject", metavar="NUMBER", help="The subject; alone: every complete form of it.")
@click.option("--visit", metavar="NAME", help="With --subject and --form: one form.")
@click.option("--form", metavar="NAME", help="As in the study definition.")
@click.option("--at-site", "only_site", metavar="SITE", help="Every complete form of this site.")
@click.option("--all", "everything", is_flag=True, help="Every complete form of the study.")
@click.option("--meaning", required=True, help='What it says, e.g. "reviewed and approved".')
@performs(SIGN_FORM)
def command(
    desk: Desk,
    subject: str | None,
    visit: str | None,
    form: str | None,
    only_site: str | None,
    everything: bool,
    meaning: str,
) -> None:
    """Signed with the password, by an investigator: one form, or all of a subject, a site or the study, which
    is refused with the list of reasons while anything is open there. A later change of a form voids its
    signature, visibly.
    """
    from trialkit.operations import sign_form, sign_place

    if subject and visit and form:
        with desk.open() as (trial, actor):
            done = sign_form(trial, actor, subject_id=subject, visit=visit, form=form, meaning=meaning)
        click.echo(f"Signed: {done.where}, by {desk.login}, {done.stamp.at}\nContent {done.content_sha256}")
        click.echo(anchored(done.stamp))
        return
    scope, place = marked_place(subject, visit, form, only_site, everything=everything)
    with desk.open() as (trial, actor):
        signed = sign_place(trial, actor, scope=scope, place=place, meaning=meaning)
    click.echo(marks_said("Signed", signed, desk.login))
