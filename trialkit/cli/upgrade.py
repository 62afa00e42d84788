"""``trialkit upgrade``: a study's database after a newer trialkit was installed."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.door import study_argument


@click.command("upgrade")
@study_argument
def command(study: Path) -> None:
    """Bring a study's database to the installed version's tables. Make a backup first."""
    from trialkit.operations import upgrade_study

    click.echo(f"The database is at revision {upgrade_study(study)}.")
