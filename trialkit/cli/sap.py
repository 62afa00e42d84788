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
@click.option(
    "--into", type=FOLDER, metavar="DIR", required=True, help="Folder for results.json and the report."
)
def run(plan: Path, snapshot: Path, into: Path) -> None:
    """Run PLAN on SNAPSHOT; write results.json and report/index.html."""
    from trialkit.analysis import load_plan, run_plan, write_results
    from trialkit.report import trial_facts, write_report
    from trialkit.snapshot import read_snapshot
    from trialkit.study import load_study

    chosen, data = load_plan(plan), read_snapshot(snapshot)
    results = run_plan(chosen, data, lambda title: click.echo(f"  {title}", err=True))
    into.mkdir(parents=True, exist_ok=True)
    write_results(results, into / "results.json")
    facts = trial_facts(load_study(snapshot), data)
    page = write_report(results, into / "report", facts=facts, published=chosen.published)
    failed = [analysis for analysis in results.analyses if analysis.failure]
    for analysis in failed:
        click.echo(f"{analysis.id} could not be estimated: {analysis.failure}", err=True)
    click.echo(f"{len(results.analyses) - len(failed)} of {len(results.analyses)} entries. Open {page}")
    raise SystemExit(1 if failed else 0)
