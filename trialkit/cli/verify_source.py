"""``trialkit verify-source``: the monitor's tick, and where the ticks and signatures stand."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from trialkit.access.acts.closing import VERIFY_SOURCE
from trialkit.cli.door import Desk, at_desk, performs


@click.command("verify-source")
@at_desk
@click.option("--subject", metavar="NUMBER", help="The subject's number.")
@click.option("--visit", metavar="NAME", help="As in the study definition.")
@click.option("--form", metavar="NAME", help="As in the study definition.")
@click.option("--list", "only_list", is_flag=True, help="List verifications and signatures, void ones too.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON.")
@performs(VERIFY_SOURCE)
def command(
    desk: Desk, subject: str | None, visit: str | None, form: str | None, only_list: bool, as_json: bool
) -> None:
    """By a monitor, of a complete form. A later change of the form breaks it, visibly."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import form_marks, verify_source

    if only_list:
        with desk.open() as (trial, actor):
            found = form_marks(trial, actor, subject_ids=None if subject is None else [subject])
        if as_json:
            shown = [{**asdict(mark), "at": mark.at.isoformat()} for mark in found]
            click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
            return
        for mark in found:
            state = "VOID, changed since" if mark.void else "stands"
            click.echo(f"{mark.where}: {mark.kind} by {mark.account}, {mark.at:%Y-%m-%d %H:%M} [{state}]")
        click.echo(f"{len(found)} in the list.")
        return
    if subject is None or visit is None or form is None:
        raise TrialkitError(
            expected="--subject, --visit and --form, or --list", found="not all of them",
            next_step="Name the form that was held against its source.",
        )  # fmt: skip
    with desk.open() as (trial, actor):
        done = verify_source(trial, actor, subject_id=subject, visit=visit, form=form)
    click.echo(f"Verified: {done.where}, by {desk.login}, {done.stamp.at}\nContent {done.content_sha256}")
