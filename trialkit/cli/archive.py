"""``trialkit archive``: what is kept for twenty years."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trialkit.access.acts.closing import ARCHIVE
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("archive")
@at_desk
@click.option("--out", type=FILE, required=True, metavar="DIR", help="A folder that is not there yet.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@performs(ARCHIVE)
def command(desk: Desk, out: Path, as_json: bool) -> None:
    """Plain tables, the audit trail, the definition, sums of every file, and a README that says how to read
    and check them. Everybody's arm is in it, and every identifier.
    """
    from trialkit.operations import archive
    from trialkit.report.subject_record import write_subject_record

    with desk.open() as (trial, actor):
        done = archive(
            trial, actor, folder=out, printer=write_subject_record,
            told=lambda number: None if as_json else click.echo(f"  {number}", err=True),
        )  # fmt: skip
    if as_json:
        facts = {"folder": str(done.folder), "subjects": done.subjects, "records": done.records}
        click.echo(json.dumps(facts, indent=1))
        return
    click.echo(f"Written: {done.folder}, {done.subjects} subjects, {done.records} audit records.")
