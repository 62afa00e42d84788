"""``trialkit import``: a file of one pass, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.door import FILE, Desk, at_desk
from trialkit.cli.entered import entered_text


@click.command("import")
@at_desk
@click.option("--file", "path", type=FILE, required=True, metavar="FILE", help=".csv, .xlsx, .rec or .epx")
@click.option("--form", required=True, metavar="NAME", help="The form the file holds.")
@click.option("--visit", metavar="NAME", help="Where the file has no column 'visit'.")
@click.option("--typist", metavar="LOGIN", help="Who typed it, as you declare; you by default.")
@click.option("--encoding", metavar="NAME", help="Where it is not UTF-8, e.g. cp1252, gb18030.")
@click.option(
    "--confirmed", is_flag=True, help="The investigator confirmed the values: for single-entry forms."
)
def command(
    desk: Desk,
    path: Path,
    form: str,
    visit: str | None,
    typist: str | None,
    encoding: str | None,
    confirmed: bool,
) -> None:
    """Import a file that holds one pass of one form, one line of the form a row.

    Columns: subject_id, visit (unless --visit), row for lines of a repeating form, and the form's items.
    The first thing wrong is named by file, line and column, and then nothing is taken.
    """
    from trialkit.operations import import_pass

    with desk.open() as (trial, actor):
        entered = import_pass(
            trial,
            actor,
            path=path,
            form=form,
            visit=visit,
            typist=typist,
            encoding=encoding,
            confirmed=confirmed,
        )
    click.echo(entered_text(entered))
