"""After a restore from backup: nobody is randomized until the papers are in again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from trialkit.access.acts.lists import REENTER_ALLOCATION, RESUME_RANDOMIZATION, SUSPEND_RANDOMIZATION
from trialkit.cli.days import Written
from trialkit.cli.door import FILE, Desk, anchor_options, anchor_said, at_desk, pairs, performs, secret

MOMENT = Written(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"], "2024-06-30T14:05:00+02:00")


@click.command()
@at_desk
@anchor_options
@click.option("--reason", required=True, help="Where the anchor is from, and what happened.")
@performs(SUSPEND_RANDOMIZATION)
def suspend(desk: Desk, anchor: Path | None, record: tuple[int, str] | None, reason: str) -> None:
    """The anchor is held against the database first.

    Each randomization leaves an anchor by itself, beside the keys or in the shared folder. Use this where
    database and anchors were both restored, with an anchor or a paper confirmation from elsewhere. Signed
    with the password; where the database holds the anchor nothing is written.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import suspend_randomization

    with desk.open() as (trial, actor):
        point = anchor_said(trial.study.id, anchor, record)
        if point is None:
            raise TrialkitError(
                expected="--anchor or --record", found="neither", next_step="Give one of them."
            )
        done = suspend_randomization(trial, actor, anchor=point, reason=reason)
    if done.stamp is not None:
        click.echo(f"SUSPENDED: the database does not hold audit record {done.number} of the anchor.")
        click.echo(f"Recorded as audit record {done.stamp.number}.")
    else:
        click.echo("Nothing to do: the database holds the anchor.")


@click.command()
@at_desk
@click.option(
    "--subject", required=True, metavar="NUMBER", help="As on the confirmation; enrol it again first."
)
@click.option("--value", "values", multiple=True, metavar="FACTOR=LEVEL", help="As on the confirmation.")
@click.option("--at", "moment", type=MOMENT, required=True, metavar="TIME", help="As on the confirmation.")
@click.option(
    "--arm-file", type=FILE, metavar="FILE", help="The arm on the confirmation; asked for otherwise."
)
@click.option("--code", metavar="CODE", help="The code on the confirmation; asked for otherwise.")
@click.option("--reason", required=True, help="Why, and from which paper.")
@performs(REENTER_ALLOCATION)
def reenter(
    desk: Desk,
    subject: str,
    values: tuple[str, ...],
    moment: datetime,
    arm_file: Path | None,
    code: str | None,
    reason: str,
) -> None:
    """Only while randomization is suspended.

    The paper must be that of the stratum's next slot, which its code proves; so papers of one stratum go in
    order of time. Signed with the password. An attempt that does not fit is recorded and counted.
    """
    from trialkit.operations import reenter_allocation

    arm = secret(arm_file, "Arm on the confirmation (the name in brackets)", "an arm")
    if code is None:
        code = click.prompt("Code on the confirmation (empty where it has none)", default="", err=True)
    with desk.open() as (trial, actor):
        done = reenter_allocation(
            trial,
            actor,
            subject_id=subject,
            stratum_values=pairs(values, "--value"),
            arm=arm,
            allocated_at=moment,
            code=code,
            reason=reason,
        )
    click.echo(f"Entered again: {done.subject_id}, audit record {done.stamp.number}.")


@click.command()
@at_desk
@click.option("--reason", required=True, help="What was entered again, and from which papers.")
@click.option(
    "--papers-missing", is_flag=True, help="Papers are lost: the slots they spoke of go to other subjects."
)
@performs(RESUME_RANDOMIZATION)
def resume(desk: Desk, reason: str, papers_missing: bool) -> None:
    """Signed with the password.

    Refused where fewer papers were entered than allocations left an anchor, unless you say that papers are
    missing; that is recorded.
    """
    from trialkit.operations import resume_randomization

    with desk.open() as (trial, actor):
        done = resume_randomization(trial, actor, reason=reason, papers_missing=papers_missing)
    click.echo(f"Entered again: {done.reentered}. Attempts that did not fit: {done.refused}.")
    click.echo(f"Resumed; {done.settled} anchor(s) settled, audit record {done.stamp.number}.")
