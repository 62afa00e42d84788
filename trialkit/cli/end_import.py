"""``trialkit end-import``: give up the rest of a large import that broke off."""

from __future__ import annotations

import click

from trialkit.access.acts.capture import END_IMPORT
from trialkit.cli.door import Desk, at_desk, performs


@click.command("end-import")
@at_desk
@click.option(
    "--import", "number", type=click.IntRange(1), required=True, metavar="NUMBER", help="As todo says it."
)
@click.option("--reason", required=True, help="Why it is not run to its end. It is recorded.")
@performs(END_IMPORT)
def command(desk: Desk, number: int, reason: str) -> None:
    """What of it is in stands; void what should not. The other forms of the file are free to be entered.

    To go on with it instead, run the same trialkit import again.
    """
    from trialkit.operations import end_import

    with desk.open() as (trial, actor):
        done = end_import(trial, actor, number=number, reason=reason)
    click.echo(
        f"Given up: import {done.number}, {done.file_name}. {done.forms_in} form(s) are in and stand; "
        f"{done.forms_left} never came in."
    )
