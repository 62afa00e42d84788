"""``trialkit lock``: the end of data capture."""

from __future__ import annotations

import sys

import click

from trialkit.access.acts.closing import LOCK, LOCK_PLACE
from trialkit.access.acts.reading import VIEW_OBSTACLES
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.place import anchored, place_options, place_said
from trialkit.table_files.table_file import counted

NOTHING_AGAINST, SOMETHING_AGAINST = 0, 1


@click.command(
    "lock",
    epilog="Exit status: 0 locked (or nothing against it), 1 --check found obstacles, 2 refused.",
)
@at_desk
@place_options
@click.option("--reason", help="The meaning of the signature.")
@click.option("--check", is_flag=True, help="Only list what stands against a lock.")
@performs(LOCK, LOCK_PLACE, VIEW_OBSTACLES)
def command(
    desk: Desk, form: str | None, subject: str | None, only_site: str | None, reason: str | None, check: bool
) -> None:
    """No value, status or visit changes after it, of a form, a subject, a site or the study. Signed with the
    password; refused with the list of reasons while anything is open there.
    """
    from trialkit.errors import LockRefusedError
    from trialkit.operations import FreezeScope, lock, lock_place, obstacles

    scope, place = place_said(form, subject, only_site)

    if check:
        with desk.open() as (trial, actor):
            against = obstacles(trial, actor, scope=scope, place=place)
        for line in against:
            click.echo(line)
        click.echo(f"{counted(len(against), 'obstacle')} to a lock.")
        sys.exit(SOMETHING_AGAINST if against else NOTHING_AGAINST)
    try:
        with desk.open() as (trial, actor):
            if scope is FreezeScope.STUDY:
                whole = lock(trial, actor, reason=reason or "")
                content, stamp = whole.content_sha256, whole.stamp
            else:
                done = lock_place(trial, actor, scope=scope, place=place, reason=reason or "")
                content, stamp = done.content_sha256, done.stamp
    except LockRefusedError as refusal:
        for line in refusal.obstacles:
            click.echo(line)
        raise
    what = f"Locked: {place}" if place else "Locked"
    click.echo(f"{what}. Signed by {desk.login}, bound to the content {content}")
    click.echo(anchored(stamp))
