"""`trialkit sap`: check an analysis plan, and run it on a snapshot."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("sap", help="Check a statistical analysis plan, and run it on a snapshot.")
def command() -> None:
    pass


@command.command(
    "check", epilog="Exit status: 0 it fits, 1 it does not (it says where), 2 one of them cannot be read."
)
@click.argument("plan", type=FILE)
@click.argument("study", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(plan: Path, study: Path, as_json: bool) -> None:
    """Hold PLAN against the study definition in folder STUDY."""
    import json

    from trialkit.analysis import load_plan, plan_problems
    from trialkit.study import load_study

    problems = list(plan_problems(load_plan(plan), load_study(study)))
    if as_json:
        fields = ("expected", "found", "where", "next_step")
        click.echo(json.dumps([{name: getattr(p, name) for name in fields} for p in problems], indent=1))
    else:
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            click.echo(f"{plan} fits the study.")
    raise SystemExit(1 if problems else 0)


@command.command(
    "run",
    epilog="Exit status: 0 every entry estimated, 1 some not (the report says why), 2 cannot be run.",
)
@click.argument("plan", type=FILE)
@click.argument("snapshot", type=FOLDER)
@click.option("--into", type=FOLDER, metavar="DIR", required=True, help="Folder for results and report.")
@click.option(
    "--mode",
    type=click.Choice(["unblinded", "masked", "dry-run"]),
    help="What may be known of the arms. Without it: unblinded, or without arms on a blinded snapshot.",
)
@click.option(
    "--masking-key",
    type=FILE,
    metavar="FILE",
    help="Where a masked run keeps which arm is A; read where it is there, else drawn in secret and written.",
)
def run(plan: Path, snapshot: Path, into: Path, mode: str | None, masking_key: Path | None) -> None:
    """Run PLAN on SNAPSHOT; write results, datasets, manifest and the report in five formats."""
    from trialkit.analysis import Mode, load_plan
    from trialkit.report.delivery import deliver
    from trialkit.snapshot import read_snapshot

    delivered = deliver(
        load_plan(plan),
        read_snapshot(snapshot),
        into,
        mode=Mode(mode) if mode else None,
        masking_key=masking_key,
        progress=lambda title: click.echo(f"  {title}", err=True),
    )
    analyses = delivered.results.analyses
    failed = [analysis for analysis in analyses if analysis.failure or analysis.warnings]
    for analysis in failed:
        for why in [analysis.failure] if analysis.failure else analysis.warnings:
            click.echo(f"{analysis.id} could not be estimated: {why}", err=True)
    withheld = [analysis.id for analysis in analyses if analysis.withheld]
    if withheld:
        click.echo(f"Available after unblinding: {', '.join(withheld)}.")
    done = len(analyses) - len(failed) - len(withheld)
    click.echo(f"{done} of {len(analyses)} entries. Open {delivered.page}")
    if delivered.masking_key is not None:
        click.echo(
            f"Which group is which arm is kept in {delivered.masking_key}: keep it from who reads this."
        )
    raise SystemExit(1 if failed else 0)


@command.command("diff", epilog="Exit status: 0 equal, 1 they differ (it says where), 2 one cannot be read.")
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@click.option("--tolerance", type=click.FloatRange(min=0), default=0.0, help="Relative; 0: the same number.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def diff(first: Path, second: Path, tolerance: float, as_json: bool) -> None:
    """Compare two results.csv, number by number."""
    import json

    from trialkit.analysis import compare_results

    compared, found = compare_results(first, second, tolerance)
    if as_json:
        rows = [{"where": d.where, "first": d.first, "second": d.second, "by": d.by} for d in found]
        click.echo(json.dumps({"compared": compared, "differences": rows}, indent=1))
    else:
        for difference in found:
            click.echo(str(difference))
        click.echo(f"{compared:,} results compared, {len(found):,} differ.")
    raise SystemExit(1 if found else 0)
