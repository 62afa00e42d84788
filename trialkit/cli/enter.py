"""``trialkit enter``: one form from paper."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.cli.door import Desk, at_desk, pairs, performs
from trialkit.cli.entered import entered_text
from trialkit.cli.second_person import enters_critical, password_of_confirmer, proved


@click.command("enter")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--row", default="", metavar="LINE", help="Printed line number, on a form with several lines.")
@click.option(
    "--value", "values", multiple=True, metavar="ITEM=TEXT",
    help="As on paper; repeat for each item. ITEM= is a blank, ITEM=@unknown a missing code.",
)  # fmt: skip
@click.option(
    "--keep", "kept", multiple=True, metavar="ITEM",
    help="Keep this value, told that it differs from the first entry (where second entries are verified).",
)  # fmt: skip
@click.option(
    "--confirmed", is_flag=True, help="The investigator confirmed the values: for single-entry forms."
)
@click.option(
    "--confirmed-by", metavar="LOGIN", help="The investigator who confirmed them; you, if you are one."
)
@password_of_confirmer
@performs(ENTER_PASSES)
def command(
    desk: Desk,
    subject: str,
    visit: str,
    form: str,
    row: str,
    values: tuple[str, ...],
    kept: tuple[str, ...],
    confirmed: bool,
    confirmed_by: str | None,
    confirmer_file: Path | None,
) -> None:
    """One form. Which pass it is follows from what is there.

    A form with several lines is better imported: `trialkit import`. Where the study verifies second
    entries, a value that differs from the first is refused once: type it again, or keep it with --keep.
    """
    from trialkit.operations import EnteredRow, FormEntry, enter_pass

    entry = FormEntry(
        subject, visit, form, (EnteredRow(pairs(values, "--value"), row, kept=frozenset(kept)),)
    )
    with desk.open() as (trial, actor):
        asked = confirmer_file is not None or enters_critical(trial, form)
        second = proved(trial, actor, confirmed_by, confirmer_file) if asked else None
        entered = enter_pass(
            trial,
            actor,
            entry=entry,
            confirmed=confirmed or confirmed_by is not None,
            confirmed_by=confirmed_by,
            second_person=second,
        )
    click.echo(entered_text(entered, actor))
