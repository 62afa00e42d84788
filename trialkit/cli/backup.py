"""``trialkit backup``: the study as it is at this moment, in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trialkit.access.acts.closing import BACK_UP
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("backup")
@at_desk
@click.option("--out", type=FILE, required=True, metavar="DIR", help="A folder that is not there yet.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@performs(BACK_UP)
def command(desk: Desk, out: Path, as_json: bool) -> None:
    """Database and definition, verified. Others go on working meanwhile.

    The keys are not in it: back the key folder up too, apart from this. The anchors as well.
    """
    from trialkit.operations import back_up

    with desk.open() as (trial, actor):
        done = back_up(trial, actor, folder=out)
        keys = trial.keys.path
    if as_json:
        facts = {"folder": str(done.folder), "records": done.audit_number, "head_hash": done.audit_hash}
        click.echo(json.dumps(facts, indent=1))
        return
    click.echo(f"Written and verified: {done.folder}, {done.audit_number} audit records.")
    click.echo(f"Not in it: the keys in {keys}. Back them up apart from it.")
