"""``trialkit import-trial``: a finished trial's data file, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.capture import IMPORT_OUTSIDE_DATA
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.cli.second_person import confirmed_by, proved


@click.command("import-trial")
@at_desk
@click.option("--file", "path", type=FILE, required=True, metavar="FILE", help=".csv, .xlsx, .rec or .epx")
@click.option("--encoding", metavar="NAME", help="Where it is not UTF-8, e.g. cp1252, gb18030.")
@click.option(
    "--date-order", type=click.Choice(["ymd", "dmy", "mdy"]), default="ymd", help="How the file writes dates."
)
@click.option("--decimal-comma", is_flag=True, help="The file writes 10,5.")
@confirmed_by
@performs(IMPORT_OUTSIDE_DATA)
def command(
    desk: Desk,
    path: Path,
    encoding: str | None,
    date_order: str,
    decimal_comma: bool,
    confirmer: str | None,
    confirmer_file: Path | None,
) -> None:
    """One line a subject.

    What each column holds stands under [import] of the study's definition. Allocations in the file are
    recorded as made outside trialkit. Everything wrong is named by file, line and column, and then nothing
    is taken.
    """
    from trialkit.operations import import_outside_data

    with desk.open() as (trial, actor):
        second = proved(trial, actor, confirmer, confirmer_file)
        done = import_outside_data(
            trial,
            actor,
            path=path,
            encoding=encoding,
            date_order=date_order,
            decimal_comma=decimal_comma,
            second_person=second,
        )
    for flag in done.flags:
        click.echo(f"Look at {flag}")
    for note in done.notes:
        click.echo(note)
    click.echo(f"{done.subjects} subjects, {done.forms} forms, {done.allocations} allocations made outside.")
    if done.forms_not_done:
        click.echo(f"{done.forms_not_done} forms without a value: not done.")
    if done.set_aside:
        click.echo(f"{done.set_aside} values set aside, as [import] says.")
