"""``trialkit export-passes``: one pass of one form, as it was typed."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.reading import EXPORT_PASSES
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("export-passes")
@at_desk
@click.option("--form", required=True, metavar="NAME", help="The form.")
@click.option("--pass", "pass_number", type=click.Choice(["1", "2"]), required=True, help="Which of the two.")
@click.option("--into", type=FILE, required=True, metavar="DIR", help="A folder for the file.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "xlsx", "spss", "stata"]),
    default="csv",
    show_default=True,
    help="Kind of file.",
)
@click.option(
    "--identifier",
    "identifiers",
    multiple=True,
    metavar="ITEM",
    help="An item marked as identifier, by name.",
)
@performs(EXPORT_PASSES)
def command(
    desk: Desk, form: str, pass_number: str, into: Path, format_: str, identifiers: tuple[str, ...]
) -> None:
    """Write the first or the second pass of a form as it was typed, with labels and missing codes."""
    from trialkit.cli.exported import exported
    from trialkit.interchange.data_export_files import export_bytes
    from trialkit.operations.pass_export import pass_table
    from trialkit.safe_files import private_folder, write_new

    with desk.open() as (trial, actor):
        table = pass_table(trial, actor, form=form, pass_number=int(pass_number), identifiers=identifiers)
    name, content = export_bytes(table, format_)
    private_folder(into)
    path = into / f"pass{pass_number}_{name}"
    write_new(path, content, private=True)
    click.echo(exported(path, table, format_))
