"""``trialkit decide-rows``: lines that only one pass has."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.capture import DECIDE_ROWS
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.cli.listing import IDENTIFIERS, Listing, listed
from trialkit.free_text import printable


@click.command("decide-rows")
@at_desk
@click.option("--subject", metavar="NUMBER", help="The subject's number.")
@click.option("--visit", metavar="NAME", help="As in the study definition.")
@click.option("--form", metavar="NAME", help="As in the study definition.")
@click.option(
    "--pass", "pass_number", type=click.IntRange(1, 2), metavar="1|2", help="The pass that has the line."
)
@click.option("--row", metavar="LINE", help="As typed there.")
@click.option("--pair-with", metavar="LINE", help="The other pass's line that is the same line on paper.")
@click.option("--entered-in-error", is_flag=True, help="There is no such line on paper.")
@click.option(
    "--list",
    "only_list",
    is_flag=True,
    help="List the lines to decide; --xlsx or --csv FILE to fill in.",
)
@click.option("--file", type=FILE, metavar="FILE", help="A filled-in list: all of it is decided, or nothing.")
@click.option("--encoding", metavar="NAME", help="Of the file, where it is not UTF-8.")
@listed
@IDENTIFIERS
@performs(DECIDE_ROWS)
def command(
    desk: Desk,
    listing: Listing,
    subject: str | None,
    visit: str | None,
    form: str | None,
    pass_number: int | None,
    row: str | None,
    pair_with: str | None,
    entered_in_error: bool,
    only_list: bool,
    file: Path | None,
    encoding: str | None,
    identifiers: tuple[str, ...],
) -> None:
    """Without an option the line is kept as typed. In a list, decision is keep, pair (with pair_with) or
    entered_in_error.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import RowVerdict, decide_rows, decide_rows_from_file

    if only_list:
        _list(desk, listing, identifiers)
        return
    if file is not None:
        with desk.open() as (trial, actor):
            of_file = decide_rows_from_file(trial, actor, path=file, encoding=encoding)
        click.echo(
            f"Decided: {of_file.rows} line(s) of {of_file.forms} form(s); {of_file.discrepancies} "
            f"discrepancies between paired lines. Left open: {of_file.left_open}. "
            f"Audit record {of_file.stamp.number}."
        )
        return
    if not (subject and visit and form and pass_number and row is not None):
        raise TrialkitError(
            expected="--subject, --visit, --form, --pass and --row, or --list, or --file",
            found="none of them whole",
            next_step="List the lines first: --list --csv lines.csv.",
        )
    verdict = RowVerdict(pass_number, row, pair_with, entered_in_error)
    with desk.open() as (trial, actor):
        done = decide_rows(trial, actor, subject_id=subject, visit=visit, form=form, verdicts=[verdict])
    click.echo(f"Decided: {done.rows} line(s); {done.discrepancies} discrepancies between paired lines.")


def _list(desk: Desk, listing: Listing, identifiers: tuple[str, ...]) -> None:
    from trialkit.operations import leftover_rows
    from trialkit.operations.kept_back import kept_back
    from trialkit.operations.row_files import COLUMNS, DECISIONS
    from trialkit.report.list_files import ListTable

    with desk.open() as (trial, actor):
        found = leftover_rows(trial, actor)
        leaving = leftover_rows(trial, actor, hidden=kept_back(trial.study, identifiers))
    rows = [
        (one.subject_id, one.visit, one.form, str(one.pass_number), one.row, one.values, None, None)
        for one in leaving
    ]
    heads = tuple(name.replace("_", " ").capitalize() for name in COLUMNS)
    filled_in = {"decision": DECISIONS, "pair_with": ()}
    table = ListTable("Lines that only one pass has", heads, rows, COLUMNS, filled_in=filled_in)
    lines = [
        f"{one.subject_id}/{one.visit}/{one.form} pass {one.pass_number}, line {one.row}: {one.values}"
        for one in found
    ]
    listing.give(table, "Lines that only one pass has", [printable(line) for line in lines])
