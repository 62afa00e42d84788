"""``trialkit lock``: the end of data capture."""

from __future__ import annotations

import sys

import click

from trialkit.access.acts.closing import LOCK
from trialkit.access.acts.reading import VIEW_OBSTACLES
from trialkit.cli.door import Desk, at_desk, performs

NOTHING_AGAINST, SOMETHING_AGAINST = 0, 1


@click.command(
    "lock",
    epilog="Exit status: 0 locked (or nothing against it), 1 --check found obstacles, 2 refused.",
)
@at_desk
@click.option("--reason", help="The meaning of the signature.")
@click.option("--check", is_flag=True, help="Only list what stands against a lock.")
@performs(LOCK, VIEW_OBSTACLES)
def command(desk: Desk, reason: str | None, check: bool) -> None:
    """No value, status or visit changes after it. Signed with the password."""
    from trialkit.operations import lock, obstacles

    if check:
        with desk.open() as (trial, actor):
            against = obstacles(trial, actor)
        for line in against:
            click.echo(line)
        click.echo(f"{len(against)} obstacle(s) to a lock.")
        sys.exit(SOMETHING_AGAINST if against else NOTHING_AGAINST)
    with desk.open() as (trial, actor):
        locked = lock(trial, actor, reason=reason or "")
    click.echo(f"Locked. Signed by {desk.login}, bound to the content {locked.content_sha256}")
