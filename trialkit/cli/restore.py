"""``trialkit restore``: a study folder of a backup."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trialkit.cli.door import FILE


@click.command("restore")
@click.argument("backup", type=FILE)
@click.argument("study", type=FILE)
@click.option(
    "--database", default="sqlite:///trial.sqlite", show_default=True, metavar="URL",
    help="Or postgresql://HOST/NAME, an empty database; leave its password to PGPASSFILE.",
)  # fmt: skip
@click.option(
    "--keys", "key_folder", default="keys", show_default=True, metavar="DIR",
    help="Where the keys are or will be put back, as seen from the study folder.",
)  # fmt: skip
@click.option(
    "--anchors", "anchor_folder", metavar="DIR",
    help="With several servers: the folder that all of them reach, where anchors are kept.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(
    backup: Path, study: Path, database: str, key_folder: str, anchor_folder: str | None, as_json: bool
) -> None:
    """Make a study folder of a backup, on SQLite or PostgreSQL, and verify its audit trail.

    BACKUP is a folder that `trialkit backup` wrote, STUDY a folder that is not there yet.
    """
    from trialkit.operations import restore

    done = restore(backup, study, database_url=database, key_folder=key_folder, anchor_folder=anchor_folder)
    if as_json:
        facts = {
            "folder": str(done.folder),
            "records": done.records,
            "head_hash": done.head_hash,
            "codes_checked": done.codes_checked,
        }
        click.echo(json.dumps(facts, indent=1))
        return
    click.echo(f"Restored and verified: {done.folder}, {done.records} audit records.")
    if done.codes_checked is None:
        click.echo(
            f"Put the key folder back at {done.key_folder}, then `trialkit audit verify` checks the codes."
        )
    click.echo(
        "What was allocated after the backup is entered again from its paper before anybody is randomized."
    )
