"""``trialkit decide-set``: the blind data review, one subject and analysis set at a time."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.closing import DECIDE_SET
from trialkit.cli.door import Desk, at_desk, performs


@click.command("decide-set")
@at_desk
@click.option("--subject", metavar="NUMBER", required=True, help="Whom it is about.")
@click.option("--set", "analysis_set", metavar="NAME", required=True, help="As the plan names it.")
@click.option(
    "--exclude/--keep", "exclude", required=True, default=None, help="Leave out of it, or keep in it."
)
@click.option(
    "--plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The analysis plan: a set it does not have is refused.",
)
@click.option("--reason", required=True, help="Why, naming no arm; it is recorded and printed.")
@performs(DECIDE_SET)
def command(desk: Desk, subject: str, analysis_set: str, exclude: bool, plan: Path, reason: str) -> None:
    """Before the lock, without arms. `trialkit sap review` lists the candidates; every later snapshot carries
    the decision, and the analyses of the set keep to it. A later decision takes its place.
    """
    from trialkit.operations import Decision, decide_set

    _require_known(analysis_set.strip(), plan)
    decision = Decision.EXCLUDE if exclude else Decision.KEEP
    with desk.open() as (trial, actor):
        done = decide_set(
            trial, actor, subject_id=subject, analysis_set=analysis_set, decision=decision, reason=reason
        )
    what = "Left out of" if exclude else "Kept in"
    click.echo(f"{subject}: {what} {done.analysis_set}, by {desk.login}. Audit record {done.stamp.number}.")


def _require_known(analysis_set: str, plan: Path) -> None:
    """Refuse a set that the plan does not have."""
    from trialkit.analysis import load_plan
    from trialkit.plan.references import unknown

    known = load_plan(plan, tolerant=True).sets
    if analysis_set not in known:
        raise unknown("an analysis set of the plan", analysis_set, str(plan), known)
