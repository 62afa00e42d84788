"""``trialkit adjudicate``: a third person decides."""

from __future__ import annotations

import click

from trialkit.access.acts.capture import ADJUDICATE
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.entry.adjudication import AdjudicationChoice, ReasonCode


@click.command("adjudicate")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--row", default="", metavar="LINE", help="Printed line number, on a form with several lines.")
@click.option("--item", required=True, metavar="NAME", help="As in the dictionary.")
@click.option(
    "--choice",
    type=click.Choice([str(choice) for choice in AdjudicationChoice]),
    required=True,
    help="What stands on paper.",
)
@click.option(
    "--why",
    type=click.Choice([str(reason) for reason in ReasonCode]),
    required=True,
    help="Why the passes differ.",
)
@click.option("--value", metavar="TEXT", help="With --choice new_value: as on paper.")
@performs(ADJUDICATE)
def command(
    desk: Desk,
    subject: str,
    visit: str,
    form: str,
    row: str,
    item: str,
    choice: str,
    why: str,
    value: str | None,
) -> None:
    """With the paper in hand.

    Somebody who made one of the two passes may not.
    """
    from trialkit.operations import Verdict, adjudicate

    verdict = Verdict(subject, visit, form, row, item, AdjudicationChoice(choice), ReasonCode(why), value)
    with desk.open() as (trial, actor):
        done = adjudicate(trial, actor, verdicts=[verdict])
    click.echo(
        f"Decided: {verdict.where}." if done.decided else f"Stays open: {verdict.where}; ask the site."
    )
    for flag in done.flags:
        click.echo(f"  look at {flag}")
