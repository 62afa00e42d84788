"""``trialkit correct``: another value in the final record."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.capture import CORRECT
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.second_person import confirmed_by, proved


@click.command("correct")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--row", default="", metavar="LINE", help="Printed line number, on a form with several lines.")
@click.option("--item", required=True, metavar="NAME", help="As in the dictionary.")
@click.option("--value", required=True, metavar="TEXT", help="As it should be; @unknown for a missing code.")
@click.option(
    "--seen", metavar="TEXT", help="The present value as you see it; refused if it is another by now."
)
@click.option(
    "--query",
    type=click.IntRange(min=1),
    metavar="N",
    help="The query whose answer it rests on; a site needs none.",
)
@click.option("--reason", required=True, help="Why; it is recorded.")
@confirmed_by
@performs(CORRECT)
def command(
    desk: Desk,
    subject: str,
    visit: str,
    form: str,
    row: str,
    item: str,
    value: str,
    seen: str | None,
    query: int | None,
    reason: str,
    confirmer: str | None,
    confirmer_file: Path | None,
) -> None:
    """The old one and both passes are kept. A critical item needs a second person: --confirmed-by.

    A site corrects its own data with a reason; data management on the site's answer: --query.
    """
    from trialkit.operations import correct

    with desk.open() as (trial, actor):
        done = correct(
            trial,
            actor,
            subject_id=subject,
            visit=visit,
            form=form,
            row=row,
            item=item,
            value=value,
            seen=seen,
            reason=reason,
            query=query,
            second_person=proved(trial, actor, confirmer, confirmer_file),
        )
        known = trial.rules.items[item]
    old, new = ("a blank" if value is None else repr(known.shown(value)) for value in (done.old, done.new))
    click.echo(f"Corrected: {done.where}, from {old} to {new}.")
    for flag in done.flags:
        click.echo(f"  look at {flag}")
    if done.asked_again:
        click.echo(f"  checks that read it fail; asked: query {', '.join(map(str, done.asked_again))}")
