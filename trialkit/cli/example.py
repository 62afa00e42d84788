"""``trialkit example``: a published trial's data, or data simulated in a study's shape."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.errors import TrialkitError
from trialkit.wording import said

FILE = click.Path(path_type=Path)
NOT_ESTIMATED = 1


@click.command("example", epilog="Exit status: 0 every entry estimated, 1 some not, 2 it cannot be run.")
@click.argument("name", metavar="NAME")
@click.option("--data", type=FILE, metavar="FILE", help="The published data file (acupuncture).")
@click.option("--into", type=FILE, required=True, metavar="DIR", help="For the report, results and study.")
@click.option("--encoding", metavar="NAME", help="Of the file, where it is not UTF-8.")
def command(name: str, data: Path | None, into: Path, encoding: str | None) -> None:
    """Run the study NAME from its data to a page.

    NAME: acupuncture, a published trial, beside what was published; its data are not part of trialkit, and
    the example's README says where they are. Or streptomycin, a published trial, held against the paper in
    its README. Or doses, an invented trial with three arms. Or kyphoplasty, cohort, fat-maps: observational
    studies on data simulated in their shape, of which every number is an assumption.

    Writes INTO/report/index.html, INTO/results.json and INTO/results.csv; INTO is made anew where it holds an
    earlier run.
    """
    from trialkit.demo.example import example_folder
    from trialkit.demo.folder import clear_earlier_demo
    from trialkit.demo.simulated import SIMULATORS

    shipped = example_folder(name) / f"{name}.csv"
    if data is None and shipped.is_file():
        data = shipped
    if (data is None) != (name in SIMULATORS):
        raise TrialkitError(
            expected=said("--data FILE, the data file of {name}", name=name)
            if data is None
            else said("no --data: the data of {name} are simulated", name=name),
            found="none" if data is None else str(data),
            next_step="The example's README says where they are." if data is None else "Leave it out.",
        )
    clear_earlier_demo(into)
    if data is None:
        _simulated(name, into)
    else:
        _published(name, data, into, encoding)


def _published(name: str, data: Path, into: Path, encoding: str | None) -> None:
    from trialkit.demo.example import run_example

    outcome = run_example(name, data, into, encoding=encoding)
    click.echo(f"\nDone. Open {outcome.report}")
    click.echo(f"      Numbers at full precision: {outcome.results}")
    click.echo(f"      The study and its database: {outcome.study_folder}")


def _simulated(name: str, into: Path) -> None:
    from trialkit.demo.simulated import run_simulated

    outcome = run_simulated(name, into, lambda title: click.echo(f"  {title}", err=True))
    click.echo(outcome.assumed)
    failed = [one for one in outcome.results.analyses if one.failure or one.warnings]
    for one in failed:
        for why in [one.failure] if one.failure else one.warnings:
            click.echo(f"{one.id} could not be estimated: {why}", err=True)
    for why in outcome.unprinted:
        click.echo(why, err=True)
    click.echo(f"\nDone. Open {outcome.report}")
    click.echo(f"      Numbers at full precision: {into / 'results.csv'}")
    raise SystemExit(NOT_ESTIMATED if failed or outcome.unprinted else 0)
