"""`trialkit sap`: check an analysis plan, and run it on a snapshot."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli.days import DAY
from trialkit.errors import TrialkitError
from trialkit.numbers import plain
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.analysis.power import Simulated

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
    from trialkit.plan.errors import PlanWarning
    from trialkit.study.observational import load_either

    problems = list(plan_problems(load_plan(plan, tolerant=True, checking=True), load_either(study)))
    wrong = [problem for problem in problems if not isinstance(problem, PlanWarning)]
    if as_json:
        fields = ("expected", "found", "where", "next_step")
        rows = [
            {"severity": "error" if p in wrong else "warning", **{name: getattr(p, name) for name in fields}}
            for p in problems
        ]
        click.echo(json.dumps(rows, indent=1))
    else:
        for problem in problems:
            click.echo(str(problem) if problem in wrong else f"Warning: {problem}")
        if not wrong:
            click.echo(f"{plan} fits the study.")
    raise SystemExit(1 if wrong else 0)


@command.command(
    "run",
    epilog="Exit status: 0 every entry estimated and printed, 1 some not, or the plan contradicts the study "
    "(the report says why), 2 cannot be run.",
)
@click.argument("plan", type=FILE)
@click.argument("snapshot", type=FOLDER)
@click.option("--into", type=FOLDER, metavar="DIR", required=True, help="Folder for results and report.")
@click.option(
    "--mode",
    type=click.Choice(["unblinded", "masked", "dry-run"]),
    help="What may be known of the arms. Without it: unblinded where that is on record, else without.",
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
        load_plan(plan, tolerant=True),
        read_snapshot(snapshot),
        into,
        mode=Mode(mode) if mode else None,
        masking_key=masking_key,
        progress=lambda title: click.echo(f"  {title}", err=True),
    )
    for misfit in delivered.misfits:
        click.echo(f"The plan contradicts the study: {misfit.text}", err=True)
    analyses = delivered.results.analyses
    failed = [analysis for analysis in analyses if analysis.failure or analysis.warnings]
    for analysis in failed:
        for why in [analysis.failure] if analysis.failure else analysis.warnings:
            click.echo(f"{analysis.id} could not be estimated: {analysis.defect or why}", err=True)
    withheld = [analysis.id for analysis in analyses if analysis.withheld]
    if withheld:
        click.echo(f"Available after unblinding: {', '.join(withheld)}.")
    for why in delivered.unprinted:
        click.echo(why, err=True)
    done = len(analyses) - len(failed) - len(withheld)
    click.echo(f"{done} of {len(analyses)} entries. Open {delivered.page}")
    if delivered.masking_key is not None:
        click.echo(
            f"Which group is which arm is kept in {delivered.masking_key}: keep it from who reads this."
        )
    raise SystemExit(1 if failed or delivered.misfits or delivered.unprinted else 0)


@command.command("review", epilog="Exit status: 0 written, 2 plan or snapshot cannot be read.")
@click.argument("plan", type=FILE)
@click.argument("snapshot", type=FOLDER)
@click.option(
    "--into", type=FOLDER, metavar="DIR", required=True, help="Folder for the page and candidates.csv."
)
def review(plan: Path, snapshot: Path, into: Path) -> None:
    """List for the blind data review, before the lock and without arms: visits outside their windows, missing
    primary data, deviations, and who may have to leave an analysis set. Decide with `trialkit decide-set`.
    """
    from trialkit.analysis import load_plan
    from trialkit.report.data_review import write_review
    from trialkit.safe_files import private_folder
    from trialkit.snapshot import read_snapshot

    private_folder(into)
    found, page = write_review(
        load_plan(plan, tolerant=True), read_snapshot(snapshot, allocations=False), into
    )
    undecided = int((found.candidates["decision"] == "").sum())
    click.echo(f"{len(found.candidates)} candidates, {undecided} undecided. Open {page}")


@command.command(
    "board",
    epilog="Exit status: 0 written, 1 an entry could not be estimated or printed, or the plan contradicts "
    "the study (it says why), 2 cannot be run.",
)
@click.argument("plan", type=FILE)
@click.argument("snapshot", type=FOLDER)
@click.option("--into", type=FOLDER, metavar="DIR", required=True, help="Folder for results and report.")
@click.option(
    "--report",
    "kind",
    type=click.Choice(["open", "closed"]),
    required=True,
    help="Open: all arms together, the allocations are never read. Closed: the arms as A and B.",
)
@click.option(
    "--cutoff",
    type=DAY,
    metavar="DAY",
    required=True,
    help="The last day whose data count, such as 2025-06-30; it stands on every page.",
)
@click.option(
    "--masking-key",
    type=FILE,
    metavar="FILE",
    help="Where a closed report keeps which arm is A; read where it is there, else drawn and written.",
)
def board(
    plan: Path, snapshot: Path, into: Path, kind: str, cutoff: datetime, masking_key: Path | None
) -> None:
    """Write the open or closed report to a data and safety monitoring board."""
    from trialkit.analysis import load_plan
    from trialkit.analysis.monitoring import Board
    from trialkit.report.monitoring import deliver_board
    from trialkit.snapshot import read_snapshot

    delivered = deliver_board(
        load_plan(plan, tolerant=True),
        read_snapshot(snapshot, allocations=kind == "closed"),
        into,
        board=Board(kind),
        cutoff=cutoff.date(),
        masking_key=masking_key,
        progress=lambda title: click.echo(f"  {title}", err=True),
    )
    for misfit in delivered.misfits:
        click.echo(f"The plan contradicts the study: {misfit.text}", err=True)
    for why in delivered.unprinted:
        click.echo(why, err=True)
    failed = [one for one in delivered.results.analyses if one.failure or one.warnings]
    for one in failed:
        click.echo(
            f"{one.id} could not be estimated: {one.defect or one.failure or one.warnings[0]}", err=True
        )
    click.echo(f"Open {delivered.page}")
    if delivered.masking_key is not None:
        click.echo(
            f"Which group is which arm is kept in {delivered.masking_key}: only the board may have it."
        )
    raise SystemExit(1 if failed or delivered.misfits or delivered.unprinted else 0)


@command.command("diff", epilog="Exit status: 0 equal, 1 they differ (it says where), 2 one cannot be read.")
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.0,
    help="Relative, below 1 absolute; 0: the same number.",
)
@click.option("--subset", is_flag=True, help="SECOND holds only some results: compare those.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def diff(first: Path, second: Path, tolerance: float, subset: bool, as_json: bool) -> None:
    """Compare two results.csv, number by number.

    A second programmer's file has the same columns: analysis, table, row, group, variable, statistic, value
    and warning. With --subset it may hold a few results alone, and row may be empty where the others tell
    which result is meant.
    """
    import json

    from trialkit.analysis import compare_results

    compared, found = compare_results(first, second, tolerance, subset=subset)
    if as_json:
        rows = [{"where": d.where, "first": d.first, "second": d.second, "by": d.by} for d in found]
        click.echo(json.dumps({"compared": compared, "differences": rows}, indent=1))
    else:
        for difference in found:
            click.echo(str(difference))
        click.echo(f"{compared:,} results compared, {len(found):,} differ.")
    raise SystemExit(1 if found else 0)


@command.command("render", epilog="Exit status: 0 written, 2 plan or study cannot be read.")
@click.argument("plan", type=FILE)
@click.argument("study", type=FOLDER)
@click.option("--into", type=FOLDER, metavar="DIR", required=True, help="Folder for plan.html and plan.docx.")
def render(plan: Path, study: Path, into: Path) -> None:
    """Write PLAN for readers: estimands and every table and figure as a shell; no data are needed."""
    from trialkit.analysis import load_plan
    from trialkit.documents import write_docx, write_html
    from trialkit.report.shells import plan_page
    from trialkit.study.observational import load_either

    page = plan_page(load_plan(plan, tolerant=True), load_either(study))
    write_html(page, into / "plan.html")
    write_docx(page, into / "plan.docx")
    click.echo(f"Open {into / 'plan.html'}")


@command.command("simulate", epilog="Exit status: 0 done, 2 the plan cannot be simulated.")
@click.argument("plan", type=FILE)
@click.argument("study", type=FOLDER)
@click.option(
    "--trials", type=click.IntRange(min=2), default=1000, show_default=True, help="Simulated trials."
)
@click.option("--seed", type=click.IntRange(0), required=True, help="The same seed gives the same result.")
@click.option(
    "--subjects", type=click.IntRange(min=8), help="Of a trial; without it, the study's sample size."
)
@click.option("--scenario", type=FILE, help="Assumptions; without it, simulation.toml beside the study.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option("--scheduler", metavar="ADDRESS", help="Of an existing Dask cluster.")
@click.option("--into", type=FOLDER, metavar="DIR", required=True, help="Folder for simulation.json.")
def simulate(
    plan: Path,
    study: Path,
    trials: int,
    seed: int,
    subjects: int | None,
    scenario: Path | None,
    workers: int,
    scheduler: str | None,
    into: Path,
) -> None:
    """Run PLAN's primary analysis on simulated trials of STUDY: power, type I error, bias, coverage."""
    import json
    from dataclasses import asdict

    from trialkit.analysis import load_plan
    from trialkit.analysis.power import simulate as run_simulation
    from trialkit.prediction.workers import run_tasks
    from trialkit.simulation import load_scenario
    from trialkit.study import load_study

    definition = load_study(study)
    assumed_in = scenario or study / "simulation.toml"
    if not assumed_in.is_file():
        raise TrialkitError(
            expected="a scenario: what is assumed of the endpoint",
            found=said("no file {path}", path=assumed_in),
            next_step="Write it, or name another one with --scenario.",
        )
    assumed = load_scenario(assumed_in)

    def told(done: int, of: int) -> None:
        if done % max(1, of // 20) == 0 or done == of:
            click.echo(f"  {done:,} of {of:,} trials", err=True)

    result = run_simulation(
        load_plan(plan),
        definition,
        assumed,
        trials=trials,
        seed=seed,
        subjects=subjects,
        run=lambda work, tasks: run_tasks(work, tasks, workers, scheduler, told),
    )
    into.mkdir(parents=True, exist_ok=True)
    target = into / "simulation.json"
    target.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8", newline="\n")
    _tell_simulated(result)
    click.echo(f"Written to {target}")


def _tell_simulated(result: Simulated) -> None:
    click.echo(
        f"{result.analysis} ({result.method}) on {result.trials:,} trials of {result.subjects:,} subjects"
    )
    for name in ("power", "type_1_error", "bias", "coverage"):
        measured = getattr(result, name)
        words = name.replace("_1_", " I ").replace("_", " ")
        if measured is None:
            click.echo(f"{words}: the method estimates no effect")
            continue
        limits = (
            f"; 95% CI {plain(measured.ci_lower, 4)} to {plain(measured.ci_upper, 4)}"
            if measured.ci_lower is not None
            else ""
        )
        click.echo(
            f"{words}: {plain(measured.estimate, 4)} (Monte Carlo SE "
            f"{plain(measured.monte_carlo_se, 4)}{limits})"
        )
    if result.failed:
        click.echo(f"{result.failed:,} of {2 * result.trials:,} trials could not be analysed")
    for note in result.notes:
        click.echo(note)
