"""``trialkit decide-rows``: lines that only one pass has."""

from __future__ import annotations

import click

from trialkit.access.acts.capture import DECIDE_ROWS
from trialkit.cli.door import Desk, at_desk, performs


@click.command("decide-rows")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", required=True, metavar="NAME", help="As in the study definition.")
@click.option(
    "--pass",
    "pass_number",
    type=click.IntRange(1, 2),
    metavar="1|2",
    required=True,
    help="The pass that has the line.",
)
@click.option("--row", required=True, metavar="LINE", help="As typed there.")
@click.option("--pair-with", metavar="LINE", help="The other pass's line that is the same line on paper.")
@click.option("--entered-in-error", is_flag=True, help="There is no such line on paper.")
@performs(DECIDE_ROWS)
def command(
    desk: Desk,
    subject: str,
    visit: str,
    form: str,
    pass_number: int,
    row: str,
    pair_with: str | None,
    entered_in_error: bool,
) -> None:
    """Without an option the line is kept as typed."""
    from trialkit.operations import RowVerdict, decide_rows

    verdict = RowVerdict(pass_number, row, pair_with, entered_in_error)
    with desk.open() as (trial, actor):
        done = decide_rows(trial, actor, subject_id=subject, visit=visit, form=form, verdicts=[verdict])
    click.echo(f"Decided: {done.rows} line(s); {done.discrepancies} discrepancies between paired lines.")
