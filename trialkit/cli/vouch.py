"""``trialkit vouch``: one's own word for a file that somebody else imports."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.capture import VOUCH_FOR_FILE
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("vouch")
@at_desk
@click.option("--file", "path", type=FILE, required=True, metavar="FILE", help="As it will be imported.")
@performs(VOUCH_FOR_FILE)
def command(desk: Desk, path: Path) -> None:
    """The file, to the last byte, is then yours as a pass. Signed with the password."""
    from trialkit.operations import vouch_for_file

    with desk.open() as (trial, actor):
        done = vouch_for_file(trial, actor, path=path)
    click.echo(f"On record: {path.name} was typed by {desk.login}. SHA-256 {done.file_sha256}")
