"""``trialkit predict``: develop a prediction model as its plan says, audit the pipeline, apply the model."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli.door import Desk
from trialkit.cli.looking import looking_study, study_looks
from trialkit.clock import SystemClock
from trialkit.numbers import plain

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.prediction.radiomics_columns import Sides

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("predict", help="Develop a prediction model by its plan, audit it for leaks, apply it.")
def command() -> None:
    pass


@command.command("table", epilog="Exit status: 0 written, 2 the datasets cannot be used.")
@click.argument("datasets", type=FOLDER)
@click.option("--parameter", default="odi", show_default=True, metavar="NAME", help="What responds.")
@click.option("--visit", default="month_12", show_default=True, metavar="NAME", help="When it is judged.")
@click.option(
    "--at-least", type=float, default=10.0, show_default=True, help="Improvement that is a response."
)
@click.option(
    "--better",
    type=click.Choice(["lower", "higher"]),
    default="lower",
    show_default=True,
    help="Which way is better.",
)
@click.option("--times", metavar="NAME", help="A time to event, for time_days and event: recurrence.")
@click.option(
    "--radiomics",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="What `imaging radiomics` wrote, a file a reader; its candidates for the plan go to "
    "OUT.features.toml, of several readers their readings to OUT.readings.csv.",
)
@click.option(
    "--sides",
    type=click.Choice(["each", "mean"]),
    default="each",
    show_default=True,
    help="Whether left and right of a region are features of their own, or their mean is one.",
)
@click.option("--out", type=FILE, metavar="FILE", required=True, help="CSV, one line a subject.")
def table(
    datasets: Path,
    parameter: str,
    visit: str,
    at_least: float,
    better: str,
    times: str | None,
    radiomics: tuple[Path, ...],
    sides: Sides,
    out: Path,
) -> None:
    """Make the table a model is developed on from DATASETS, a folder that `trialkit sap run` wrote."""
    from trialkit.prediction.datasets_table import table_of_datasets

    made = table_of_datasets(datasets, parameter, visit, at_least, better, times)
    if radiomics:
        made = _joined(made, radiomics, sides, out)
    made.to_csv(out, index=False, lineterminator="\n")
    known = int(made["response"].notna().sum())
    click.echo(f"{len(made)} subjects, {known} with a known response: {out}")


def _joined(made: pd.DataFrame, radiomics: tuple[Path, ...], sides: Sides, out: Path) -> pd.DataFrame:
    """The table with its radiomic columns; candidates and readings are written beside it."""
    from trialkit.prediction.radiomics_columns import with_radiomics

    joined = with_radiomics(made, radiomics, sides)
    beside = out.with_suffix(".features.toml")
    beside.write_text(joined.candidates, encoding="utf-8")
    click.echo(f"Candidates for the plan, with IBSI tags: {beside}")
    if len(joined.readings):
        read = out.with_suffix(".readings.csv")
        joined.readings.to_csv(read, index=False, lineterminator="\n")
        click.echo(f"What each reader found, for develop --readings: {read}")
    return joined.table


def _read_readings(files: tuple[Path, ...]) -> pd.DataFrame | None:
    """Several files of readings as one; None where there is none."""
    import pandas as pd

    from trialkit.prediction.reading import read_data

    return pd.concat([read_data(file) for file in files], ignore_index=True) if files else None


@command.command("develop", epilog="Exit status: 0 developed, 2 plan or data cannot be used.")
@click.argument("plan", type=FILE)
@click.argument("data", type=FILE)
@click.option(
    "--into", type=FOLDER, metavar="DIR", required=True, help="Folder for model, numbers and pages."
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--scheduler", metavar="ADDRESS", help="An existing Dask cluster, e.g. tcp://host:8786.")
@click.option("--reliability", type=FILE, metavar="FILE", help="CSV: feature, ci_lower of its ICC.")
@click.option(
    "--readings",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="CSV: subject_id, feature, reader, value; ICC by resample. May be given again.",
)
@click.option(
    "--bootstraps",
    type=click.IntRange(2),
    metavar="N",
    help="Fewer than planned, for a try: the test set stays closed.",
)
@click.option("--look-again", metavar="REASON", help="Why the test set is looked at a second time.")
@click.option(
    "--without-trail",
    metavar="REASON",
    help="Why the test set is opened without --study; report and card print it.",
)
@click.option("--pdf", is_flag=True, help="Print the report as PDF too.")
@looking_study
def develop(
    plan: Path,
    data: Path,
    into: Path,
    workers: int,
    scheduler: str | None,
    reliability: Path | None,
    readings: tuple[Path, ...],
    bootstraps: int | None,
    look_again: str | None,
    without_trail: str | None,
    pdf: bool,
    desk: Desk | None,
) -> None:
    """Develop a model of DATA (CSV, one line a subject) as PLAN says; write numbers, model, card, pages.

    With --study and --as, the one look at the test set stands in that study's audit trail, and is refused a
    second time from whatever folder. Without them the test set stays closed, unless --without-trail says why:
    then the look is on record in DIR and beside DATA.
    """
    from trialkit.prediction.card import cautions
    from trialkit.prediction.files import write_development
    from trialkit.prediction.finished import developed
    from trialkit.prediction.looks import LookRegister
    from trialkit.prediction.plan_file import read_prediction_plan
    from trialkit.prediction.reading import read_data, read_reliability

    outside = _outside(desk, look_again, without_trail)
    stated, frame = read_prediction_plan(plan), read_data(data)
    known = read_reliability(reliability) if reliability else {}
    with ExitStack() as stack:
        trail = stack.enter_context(study_looks(desk, look_again)) if desk else None
        a_try = stated.resampling.bootstraps > (bootstraps or stated.resampling.bootstraps)
        closed = a_try or (trail is None and not outside)
        register = LookRegister(into, SystemClock(), (look_again or "").strip(), trail, data.parent, outside)
        if not closed:
            register.require_first(stated, frame)
        made = developed(
            frame,
            stated.shortened(bootstraps),
            known,
            workers,
            scheduler,
            say=click.echo,
            progress=_progress,
            opening=None if closed else register.open,
            simulated=trail is not None and trail.simulated,
            readings=_read_readings(readings),
        )
    gap = write_development(into, made, frame, pdf=pdf)
    click.echo(f"model.onnx differs from the model by at most {gap:.1g} (single precision).")
    estimate, lower, upper = made.estimate(made.chosen, "optimism_corrected", "auc")
    click.echo(
        f"{made.chosen}: AUC {plain(estimate, 3)} ({plain(lower, 3)} to {plain(upper, 3)}), "
        f"corrected for optimism."
    )
    for caution in cautions(made):
        click.echo(f"{caution.head}: {caution.text}")
    click.echo(_of_the_look(a_try, made.split.looked, desk))
    click.echo(f"Written: {into}")


@command.command("audit", epilog="Exit status: 0 no leak found, 1 a leak, 2 plan or data cannot be used.")
@click.argument("plan", type=FILE)
@click.argument("data", type=FILE)
@click.option(
    "--permutations",
    type=click.IntRange(5),
    default=20,
    show_default=True,
    help="How often outcomes are shuffled.",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--into", type=FOLDER, metavar="DIR", help="The development's folder: its report prints it.")
@click.option("--readings", type=FILE, metavar="FILE", multiple=True, help="As for develop.")
def audit(
    plan: Path,
    data: Path,
    permutations: int,
    workers: int,
    into: Path | None,
    readings: tuple[Path, ...],
) -> None:
    """Run PLAN's pipeline on DATA with shuffled outcomes: an honest one predicts no better than a coin."""
    from trialkit.prediction.audit import audit_pipeline
    from trialkit.prediction.audit_file import write_audit
    from trialkit.prediction.plan_file import read_prediction_plan
    from trialkit.prediction.reading import read_data

    found = audit_pipeline(
        read_data(data),
        read_prediction_plan(plan),
        permutations=permutations,
        workers=workers,
        progress=_progress,
        readings=_read_readings(readings),
    )
    for row in found.table.to_dict("records"):
        click.echo(
            f"{row['model']}: AUC {plain(row['mean'], 3)} ({plain(row['lower'], 3)} to "
            f"{plain(row['upper'], 3)})"
        )
    lower, upper = found.planted_limits
    click.echo(
        f"With a leak planted (candidates chosen before the folds): AUC {plain(found.planted, 3)} "
        f"({plain(lower, 3)} to {plain(upper, 3)}), {found.verdict()}."
    )
    if into is not None:
        write_audit(into, found)
    none = "No leak found" + "." * found.would_catch
    none += ", nor would one as large as the planted be." * (not found.would_catch)
    click.echo("A leak: better than a coin on shuffled outcomes." if found.leak else none)
    raise SystemExit(1 if found.leak else 0)


@command.command("cutoff", epilog="Exit status: 0 frozen, 2 the data cannot be used.")
@click.argument("data", type=FILE)
@click.option("--marker", metavar="NAME", required=True, help="The column that is cut.")
@click.option("--outcome", metavar="NAME", required=True, help="A column of 0 and 1.")
@click.option(
    "--at-least/--at-most",
    "high",
    default=None,
    help="High values are positive, or low ones. Not found in the data: unstated, high ones.",
)
@click.option("--unit", metavar="UNIT", default="", help="Of the marker, to be printed.")
@click.option(
    "--subject", default="subject_id", show_default=True, metavar="NAME", help="Column of the subject."
)
@click.option(
    "--most-missing",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    metavar="SHARE",
    help="Of those with an outcome, how many may lack the marker.",
)
@click.option(
    "--bootstraps", type=click.IntRange(10), default=1000, show_default=True, help="For the optimism."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the samples.")
@click.option("--out", type=FILE, metavar="FILE", required=True, help="The frozen rule (JSON).")
def cutoff(
    data: Path,
    marker: str,
    outcome: str,
    high: bool | None,
    unit: str,
    subject: str,
    most_missing: float,
    bootstraps: int,
    seed: int,
    out: Path,
) -> None:
    """Freeze Youden's cutoff of one marker of DATA as a rule, with its optimism taken off."""
    import json

    from trialkit.prediction.cutoff import Side, develop_cutoff
    from trialkit.prediction.cutoff_words import rule_in_words
    from trialkit.prediction.reading import read_data

    side: Side | None = None if high is None else "at_least" if high else "at_most"
    rule = develop_cutoff(
        read_data(data), marker, outcome, side, unit, bootstraps, seed, subject, most_missing
    )
    document = rule.document()
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for line in rule_in_words(rule):
        click.echo(line)
    click.echo(f"Written: {out} ({document['sha256'][:12]})")


@command.command("apply", epilog="Exit status: 0 applied, 2 the model or a value cannot be used.")
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@click.option(
    "--out", type=FILE, metavar="FILE", required=True, help="CSV: subject_id, probability (or positive)."
)
@click.option(
    "--subject", default="subject_id", show_default=True, metavar="NAME", help="Column of the subject."
)
def apply(model: Path, data: Path, out: Path, subject: str) -> None:
    """Give each subject of DATA its risk by the frozen MODEL (model.json), or the answer of a frozen rule."""
    from trialkit.prediction.frozen import apply_frozen, read_frozen
    from trialkit.prediction.reading import read_data

    frozen = read_frozen(model)
    given = apply_frozen(frozen, read_data(data), subject)
    for caution in frozen.get("cautions", ()):
        click.echo(caution)
    given.to_csv(out, index=False, lineterminator="\n")
    click.echo(f"{len(given)} subjects: {out}")


def _outside(desk: Desk | None, look_again: str | None, without_trail: str | None) -> str:
    """Why there is no trail; a look belongs to one of the two."""
    reason = (without_trail or "").strip()
    context = click.get_current_context()
    if desk is not None and without_trail is not None:
        raise click.UsageError("--study and --without-trail exclude each other.", context)
    if desk is None and without_trail is not None and not reason:
        raise click.UsageError("--without-trail needs its reason.", context)
    if desk is None and look_again is not None and not reason:
        raise click.UsageError("--look-again needs --study, or --without-trail.", context)
    return reason


def _of_the_look(a_try: bool, looked: bool, desk: Desk | None) -> str:
    if a_try:
        return "A try: the test set stayed closed."
    if not looked:
        return (
            "The test set stayed closed: name the study whose trail tells of the look (--study, --as), "
            "or say why there is none (--without-trail REASON)."
        )
    if desk is not None:
        return "The look at the test set stands in the study's audit trail."
    return "The look at the test set is on record here and beside the data; report and card say why."


def _progress(done: int, total: int) -> None:
    """Every tenth part, so that a log stays short."""
    if done == total or done % max(1, total // 10) == 0:
        click.echo(f"  {done} of {total}", err=True)
