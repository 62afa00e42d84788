"""After a restore from backup: nobody is randomized until the papers are in again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from trialkit.cli.door import FILE, Desk, at_desk, opened_study, pairs, secret, study_argument

MOMENT = click.DateTime(formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"])


@click.command()
@study_argument
@click.option("--anchor", type=FILE, metavar="FILE", help="From `audit anchor`.")
@click.option(
    "--record", nargs=2, type=(click.IntRange(min=1), str), metavar="NUMBER HASH", help="Or from a paper."
)
def suspend(study: Path, anchor: Path | None, record: tuple[int, str] | None) -> None:
    """Hold an anchor against the database; where the database is behind it, randomization is suspended.

    Each randomization leaves an anchor beside the keys by itself. Use this where database and keys were
    both restored, with an anchor or a paper confirmation from elsewhere.
    """
    from trialkit.errors import TrialkitError
    from trialkit.operations import Anchor, declare_anchor, read_anchor

    with opened_study(study) as trial:
        if (anchor is None) == (record is None):
            raise TrialkitError(
                expected="--anchor or --record", found="both or neither", next_step="Give one of them."
            )
        if anchor is not None:
            point = read_anchor(anchor)
        else:
            assert record is not None
            point = Anchor(trial.study.id, record[0], record[1], "")
        behind = declare_anchor(trial, point)
    if behind:
        click.echo(f"SUSPENDED: the database does not hold audit record {point.number} of the anchor.")
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
@click.option("--reason", required=True)
def reenter(
    desk: Desk, subject: str, values: tuple[str, ...], moment: datetime, arm_file: Path | None, reason: str
) -> None:
    """Enter an allocation again from its paper confirmation, while randomization is suspended.

    The stratum's next slot must be the one on the paper. Signed with the password.
    """
    from trialkit.operations import reenter_allocation

    arm = secret(arm_file, "Arm on the confirmation (the name in brackets)", "an arm")
    with desk.open() as (trial, actor):
        done = reenter_allocation(
            trial,
            actor,
            subject_id=subject,
            stratum_values=pairs(values, "--value"),
            arm=arm,
            allocated_at=moment,
            reason=reason,
        )
    click.echo(f"Entered again: {done.subject_id}, audit record {done.stamp.number}.")


@click.command()
@at_desk
@click.option("--reason", required=True, help="What was entered again, and from which papers.")
def resume(desk: Desk, reason: str) -> None:
    """Declare that every allocation on a paper confirmation is in the database again. Signed."""
    from trialkit.operations import resume_randomization

    with desk.open() as (trial, actor):
        done = resume_randomization(trial, actor, reason=reason)
    click.echo(f"Resumed; {done.settled} anchor(s) settled, audit record {done.stamp.number}.")
