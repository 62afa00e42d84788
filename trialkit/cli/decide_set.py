"""``trialkit decide-set``: the blind data review, one decision at a time or a filled-in list."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.closing import DECIDE_SET
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("decide-set")
@at_desk
@click.option("--subject", metavar="NUMBER", help="Whom it is about.")
@click.option("--set", "analysis_set", metavar="NAME", help="As the plan names it.")
@click.option("--exclude/--keep", "exclude", default=None, help="Leave out of it, or keep in it.")
@click.option(
    "--plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The analysis plan: a set it does not have is refused.",
)
@click.option("--reason", help="Why, naming no arm; it is recorded and printed.")
@click.option(
    "--file", type=FILE, metavar="FILE", help="A filled-in candidates.csv: all of it is decided, or nothing."
)
@click.option("--encoding", metavar="NAME", help="Of the file, where it is not UTF-8.")
@performs(DECIDE_SET)
def command(
    desk: Desk,
    subject: str | None,
    analysis_set: str | None,
    exclude: bool | None,
    plan: Path,
    reason: str | None,
    file: Path | None,
    encoding: str | None,
) -> None:
    """Before the lock, without arms. `trialkit sap review` lists the candidates; every later snapshot carries
    the decision, and the analyses of the set keep to it. A later decision takes its place.

    In a list, decision is exclude or keep, each with its reason; a line without a decision stays open.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import Decision, decide_set

    one = (subject, analysis_set, reason)
    if file is not None:
        if any(one) or exclude is not None:
            raise TrialkitError(
                expected="--file, or one decision",
                found="both",
                next_step="In a file each line has its decision and its reason.",
            )
        _decide_file(desk, plan, file, encoding)
        return
    if not (subject and analysis_set and reason and exclude is not None):
        raise TrialkitError(
            expected="--subject, --set, --exclude or --keep, and --reason; or --file",
            found="not all of them",
            next_step="List the candidates first: trialkit sap review.",
        )
    _require_known(analysis_set.strip(), plan)
    decision = Decision.EXCLUDE if exclude else Decision.KEEP
    with desk.open() as (trial, actor):
        done = decide_set(
            trial, actor, subject_id=subject, analysis_set=analysis_set, decision=decision, reason=reason
        )
    what = "Left out of" if exclude else "Kept in"
    click.echo(f"{subject}: {what} {done.analysis_set}, by {desk.login}. Audit record {done.stamp.number}.")


def _decide_file(desk: Desk, plan: Path, file: Path, encoding: str | None) -> None:
    from trialkit.operations import decide_sets_from_file

    with desk.open() as (trial, actor):
        done = decide_sets_from_file(trial, actor, path=file, known_sets=_sets_of(plan), encoding=encoding)
    click.echo(
        f"Decided: {done.decided} of the list, by {desk.login}. Standing before: {done.standing}. "
        f"Left open: {done.left_open}. Audit record {done.stamp.number}."
    )


def _sets_of(plan: Path) -> list[str]:
    from trialkit.analysis import load_plan

    return list(load_plan(plan, tolerant=True).sets)


def _require_known(analysis_set: str, plan: Path) -> None:
    """Refuse a set that the plan does not have."""
    from trialkit.plan.references import unknown

    known = _sets_of(plan)
    if analysis_set not in known:
        raise unknown("an analysis set of the plan", analysis_set, str(plan), known)
