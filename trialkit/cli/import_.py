"""``trialkit import``: a file of one pass, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.cli.entered import entered_text
from trialkit.cli.second_person import enters_critical, password_of_confirmer, proved


@click.command("import", epilog="Exit status: 0 taken, 1 taken in part, 2 refused.")
@at_desk
@click.option("--file", "path", type=FILE, required=True, metavar="FILE", help=".csv, .xlsx, .rec or .epx")
@click.option("--form", metavar="NAME", help="The form the file holds; none for a whole REDCap export.")
@click.option("--visit", metavar="NAME", help="Where the file has no column 'visit'.")
@click.option("--typist", metavar="LOGIN", help="Who typed it, as you declare; you by default.")
@click.option("--encoding", metavar="NAME", help="Where it is not UTF-8, e.g. cp1252, gb18030.")
@click.option("--part", metavar="NAME", help="Sheet of a workbook or data file of an EpiData project.")
@click.option(
    "--date-order", type=click.Choice(["ymd", "dmy", "mdy"]), default="ymd", help="How the file writes dates."
)
@click.option("--decimal-comma", is_flag=True, help="The file writes 10,5.")
@click.option(
    "--leave-out",
    multiple=True,
    metavar="COLUMN",
    help="A column that is no item of the form, as EpiData files have; repeat it.",
)
@click.option("--partial", is_flag=True, help="Leave out the forms that are refused, and take the others.")
@click.option(
    "--confirmed", is_flag=True, help="The investigator confirmed the values: for single-entry forms."
)
@click.option(
    "--confirmed-by", metavar="LOGIN", help="The investigator who confirmed them; you, if you are one."
)
@password_of_confirmer
@performs(IMPORT_PASS)
def command(
    desk: Desk,
    path: Path,
    form: str | None,
    visit: str | None,
    typist: str | None,
    encoding: str | None,
    part: str | None,
    date_order: str,
    decimal_comma: bool,
    leave_out: tuple[str, ...],
    partial: bool,
    confirmed: bool,
    confirmed_by: str | None,
    confirmer_file: Path | None,
) -> None:
    """Of one form, one line of the form a row, or a whole REDCap export.

    Columns: the subject's number, visit (unless --visit), row for lines of a repeating form, and the form's
    items. REDCap's own columns (event, instance, status) are understood, and what holds no item passed over.
    Everything wrong is named by file, line and column, and then nothing is taken; with --partial every form
    about which nothing is wrong.
    """
    from trialkit.operations import import_pass

    with desk.open() as (trial, actor):
        asked = confirmer_file is not None or enters_critical(trial, form)
        second = proved(trial, actor, confirmed_by, confirmer_file) if asked else None
        entered = import_pass(
            trial,
            actor,
            path=path,
            form=form,
            visit=visit,
            typist=typist,
            encoding=encoding,
            part=part,
            date_order=date_order,
            decimal_comma=decimal_comma,
            leave_out=leave_out,
            partial=partial,
            confirmed=confirmed or confirmed_by is not None,
            confirmed_by=confirmed_by,
            second_person=second,
        )
    click.echo(entered_text(entered, actor))
    for refusal in entered.refused:
        click.echo(f"Refused: {refusal}", err=True)
    if entered.refused:
        raise SystemExit(1)
