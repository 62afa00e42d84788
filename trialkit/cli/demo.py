"""`trialkit demo`: the reference trial end to end."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
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
@click.option(
    "--full",
    is_flag=True,
    help="Also the scans as files, radiomic features, Word, PDF and RTF, and the whole prediction "
    "plan: minutes more.",
)
@click.option("--serve", "served", is_flag=True, help="Serve the trial in the middle of its course instead.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="With --serve; 0: any."
)
def command(into: Path | None, seed: int, full: bool, served: bool, port: int) -> None:
    """Run the reference trial end to end: simulated people, everything else real.

    Takes one to two minutes. Writes INTO/report/index.html, INTO/results.json and the study folder it used.
    With --serve: brings the trial to the middle of its course, writes INTO/accounts.csv and serves it.
    """
    if served:
        _serve(into or Path("demo-served"), seed, port)
        return
    if into is None:
        raise click.UsageError("Missing option '--into'.", click.get_current_context())
    from trialkit.demo import run_demo
    from trialkit.demo.folder import clear_earlier_demo

    clear_earlier_demo(into)
    outcome = run_demo(into, seed, full=full)
    click.echo(f"\nDone. Open {outcome.report}")
    click.echo(f"      Numbers at full precision: {outcome.results}")
    click.echo(f"      The study and its database: {outcome.study_folder}")
    if outcome.risk_model is not None:
        click.echo(f"      Prediction model: {outcome.risk_model.report}")
        click.echo(f"      Its calculator: {outcome.risk_model.calculator}")
    if not full:
        click.echo(
            "      Left out for time, made with --full: the whole plan of the prediction model; the scans as "
            "files, with radiomic features; the report as Word, PDF and RTF."
        )


def _serve(into: Path, seed: int, port: int) -> None:
    from trialkit.demo import prepare_mid_course
    from trialkit.demo.folder import clear_earlier_demo
    from trialkit.web import ShownAccount, serve

    clear_earlier_demo(into)
    made = prepare_mid_course(into, seed)
    click.echo(f"\nAccounts, also on the sign-in page: {made.accounts_file}")

    def tell(address: str) -> None:
        click.echo(f"Serving {address}")

    serve(
        made.study_folder,
        port=port,
        shown_accounts=tuple(ShownAccount(*account) for account in made.accounts),
        tell=tell,
    )
