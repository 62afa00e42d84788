"""`trialkit demo`: the reference trial end to end."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="Folder for the report, results.json and the study; made anew where it holds an earlier demo.",
)
@click.option(
    "--seed",
    type=int,
    metavar="N",
    default=1,
    show_default=True,
    help="The same seed gives the same results.",
)
@click.option("--full", is_flag=True, help="Also print the report as PDF and RTF, which takes a minute more.")
def command(into: Path, seed: int, full: bool) -> None:
    """Run the reference trial end to end: simulated people, everything else real.

    Takes about a minute. Writes INTO/report/index.html, INTO/results.json and the study folder it used.
    """
    from trialkit.demo import run_demo
    from trialkit.demo.folder import clear_earlier_demo

    clear_earlier_demo(into)
    outcome = run_demo(into, seed, full=full)
    click.echo(f"\nDone. Open {outcome.report}")
    click.echo(f"      Numbers at full precision: {outcome.results}")
    click.echo(f"      The study and its database: {outcome.study_folder}")
