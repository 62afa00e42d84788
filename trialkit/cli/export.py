"""``trialkit export``: a snapshot's final values as files for spreadsheets, SPSS and Stata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

FILE = click.Path(path_type=Path)


@click.command("export", epilog="Exit status: 0 written, 2 the snapshot cannot be read.")
@click.argument("snapshot", type=FILE)
@click.option("--into", type=FILE, required=True, metavar="DIR", help="A folder for the files, one a form.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "xlsx", "spss", "stata"]),
    default="csv",
    show_default=True,
    help="Kind of file.",
)
@click.option("--form", "forms", multiple=True, metavar="NAME", help="Only this form; repeat for several.")
@click.option(
    "--identifier",
    "identifiers",
    multiple=True,
    metavar="ITEM",
    help="An item marked as identifier, by name.",
)
def command(
    snapshot: Path, into: Path, format_: str, forms: tuple[str, ...], identifiers: tuple[str, ...]
) -> None:
    """Write the final values of a snapshot, a file a form, with labels and missing codes.

    SNAPSHOT is a folder that `trialkit snapshot` wrote; a blinded one has nothing that tells an arm. Items
    marked as identifiers are left out unless they are named.
    """
    from trialkit.cli.exported import exported
    from trialkit.errors import TrialkitError
    from trialkit.interchange.data_export import form_table
    from trialkit.interchange.data_export_files import export_bytes
    from trialkit.nearest import advice
    from trialkit.operations.kept_back import kept_back
    from trialkit.safe_files import private_folder, write_new
    from trialkit.snapshot import AskedBy, read_snapshot
    from trialkit.study import load_study

    found = read_snapshot(snapshot)
    study = load_study(snapshot)
    names = [form.name for form in study.forms]
    for name in forms:
        if name not in names:
            near = advice(name, names, otherwise="")
            raise TrialkitError(
                expected="a form of the study", found=repr(name), where="--form", next_step=near
            )
    kept_back(study, identifiers)
    frame = found.tables["values"]
    names_of = [str(column) for column in frame.columns]
    values = [
        dict(zip(names_of, map(str, row), strict=True)) for row in frame.itertuples(index=False, name=None)
    ]
    _require_held(identifiers, {row["item"] for row in values}, snapshot)
    asked = AskedBy(found.tables)
    private_folder(into)
    for form in study.forms:
        if forms and form.name not in forms:
            continue
        table = form_table(study, form, values, identifiers, asked)
        if table.rows and table.columns:
            name, content = export_bytes(table, format_)
            write_new(into / name, content, private=True)
            undecided = _undecided(found.tables["forms"], form.name)
            click.echo(f"{exported(into / name, table, format_)}{undecided}")


def _undecided(forms: pd.DataFrame, form: str) -> str:
    """A draft has forms whose passes differ: what nobody has decided yet looks like a blank in a table."""
    from trialkit.entry.form_life import FormStatus

    n = int(((forms["form"] == form) & (forms["status"] == FormStatus.IN_ADJUDICATION)).sum())
    return f" {n} in adjudication: what waits for it is empty there." if n else ""


def _require_held(identifiers: tuple[str, ...], held: set[str], snapshot: Path) -> None:
    """Refuse an identifier that the snapshot was taken without: its column would be empty for everybody."""
    from trialkit.errors import TrialkitError

    for name in identifiers:
        if name not in held:
            raise TrialkitError(
                expected="an identifier that the snapshot holds",
                found=repr(name),
                where=str(snapshot),
                next_step="Take a snapshot with --identifier, for which the study lets it out.",
            )
