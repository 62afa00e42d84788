"""``trialkit snapshot``: over the wall to the analysis."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.reading import WRITE_SNAPSHOT, WRITE_UNBLINDED_SNAPSHOT
from trialkit.cli.door import FILE, Desk, at_desk, performs


@click.command("snapshot")
@at_desk
@click.option("--out", type=FILE, required=True, metavar="DIR", help="A folder that does not exist yet.")
@click.option(
    "--unblinded", is_flag=True, help="With everybody's arm; without it, nothing that tells an arm."
)
@click.option(
    "--identifier", "identifiers", multiple=True, metavar="ITEM",
    help="An item marked as identifier, to be in it; only one that the study definition lets out.",
)  # fmt: skip
@performs(WRITE_SNAPSHOT, WRITE_UNBLINDED_SNAPSHOT)
def command(desk: Desk, out: Path, unblinded: bool, identifiers: tuple[str, ...]) -> None:
    """The trial as it is, as a folder of plain files; with --unblinded, with everybody's arm."""
    from trialkit.operations import write_snapshot

    with desk.open() as (trial, actor):
        written = write_snapshot(trial, actor, folder=out, blinded=not unblinded, identifiers=identifiers)
    kind = "unblinded" if unblinded else "blinded"
    click.echo(f"Written: {written.folder} ({kind}, {written.manifest.state})")
    click.echo(f"Content {written.manifest.content_sha256}")
