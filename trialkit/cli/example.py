"""``trialkit example``: a published trial's data through the same chain."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)


@click.command("example")
@click.argument("name", metavar="NAME")
@click.option("--data", type=FILE, required=True, metavar="FILE", help="The published data file.")
@click.option(
    "--into", type=FILE, required=True, metavar="DIR", help="For the report, results.json and study."
)
@click.option("--encoding", metavar="NAME", help="Of the file, where it is not UTF-8.")
def command(name: str, data: Path, into: Path, encoding: str | None) -> None:
    """Run the published trial NAME from its data file to a page, beside what was published.

    NAME: acupuncture. The data are not part of trialkit; the example's README says where they are.
    Writes INTO/report/index.html, INTO/results.json, the study folder and its snapshot; INTO is made anew
    where it holds an earlier run.
    """
    from trialkit.demo.example import example_folder, run_example
    from trialkit.demo.folder import clear_earlier_demo

    example_folder(name)
    clear_earlier_demo(into)
    outcome = run_example(name, data, into, encoding=encoding)
    click.echo(f"\nDone. Open {outcome.report}")
    click.echo(f"      Numbers at full precision: {outcome.results}")
    click.echo(f"      The study and its database: {outcome.study_folder}")
