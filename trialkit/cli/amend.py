"""``trialkit study amend``, ``activate``, ``versions``: a running trial's definition, version by version."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.versions import ACTIVATE_VERSION, AMEND_STUDY, LIST_VERSIONS
from trialkit.cli.days import DAY
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.study.amendment import Amendment

same_meaning = click.option(
    "--same-meaning", metavar="ITEM=CODE", multiple=True,
    help="This code's new label says the same as before in other words.",
)  # fmt: skip


@click.command("amend-check", epilog="Exit status: 0 could be taken, 1 refused, 2 cannot be read.")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@same_meaning
@click.option("--json", "as_json", is_flag=True, help="Print changes and refusals as JSON.")
def amend_check(old: Path, new: Path, same_meaning: tuple[str, ...], as_json: bool) -> None:
    """Hold a new version of a study definition against the one before: what changes, and what may not.

    OLD and NEW are folders with study.toml and dictionary.csv. No database is needed.
    """
    from trialkit.study import load_study
    from trialkit.study.amendment import compare_versions

    found = compare_versions(load_study(old), load_study(new), same_meaning=same_meaning)
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=1, ensure_ascii=False))
    else:
        click.echo(f"Version {found.was} -> {found.now}: {len(found.changes)} change(s)")
        for change in found.changes:
            click.echo(f"  {printable(str(change))}")
        for refusal in found.refusals:
            click.echo(f"  REFUSED {printable(str(refusal))}")
        click.echo("Refused." if found.refusals else "It can be recorded: trialkit study amend.")
    if found.refusals:
        raise SystemExit(1)


def _as_json(found: Amendment) -> dict[str, object]:
    return {
        "was": found.was,
        "now": found.now,
        "changes": [asdict(change) for change in found.changes],
        "refusals": [
            {"expected": one.expected, "found": one.found, "where": one.where, "next_step": one.next_step}
            for one in found.refusals
        ],
    }


@click.command("amend")
@at_desk
@click.option("--definition", type=FILE, required=True, metavar="FOLDER", help="The new version's folder.")
@click.option("--reason", required=True, help="Which amendment of the protocol it follows.")
@same_meaning
@performs(AMEND_STUDY)
def amend(desk: Desk, definition: Path, reason: str, same_meaning: tuple[str, ...]) -> None:
    """Refused with everything that may not change; `trialkit study amend-check` says the same beforehand."""
    from trialkit.operations import amend_study

    with desk.open() as (trial, actor):
        done = amend_study(trial, actor, definition=definition, reason=reason, same_meaning=same_meaning)
    for change in done.changes:
        click.echo(f"  {printable(str(change))}")
    click.echo(
        f"Recorded: version {done.version}, {len(done.changes)} change(s) to {done.compared_with}. "
        f"Its files: {done.folder}"
    )
    click.echo("No site works by it until it is activated there: trialkit study activate.")


@click.command("activate")
@at_desk
@click.option("--version", required=True, metavar="VERSION", help="As its [study] version names it.")
@click.option("--at", "at_place", required=True, metavar="SITE", help="The site that will work by it.")
@click.option("--from", "effective_on", type=DAY, required=True, help="The first day, at the site.")
@click.option("--approval", required=True, help="Whose approval, with its reference and date.")
@performs(ACTIVATE_VERSION)
def activate(desk: Desk, version: str, at_place: str, effective_on: datetime, approval: str) -> None:
    """Forms begun before keep their version. A new one takes that in force on the day of its visit."""
    from trialkit.operations import activate_version

    with desk.open() as (trial, actor):
        done = activate_version(
            trial, actor, version=version, site=at_place, effective_on=effective_on.date(), approval=approval
        )
    click.echo(f"Site {done.site} works by version {done.version} from {done.effective_on} on.")
    if done.keep_theirs:
        click.echo(
            f"{done.keep_theirs} form(s) of visits since then were begun before: they keep their version."
        )


@click.command("versions")
@at_desk
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@performs(LIST_VERSIONS)
def versions(desk: Desk, as_json: bool) -> None:
    """The one in force today is marked with a star."""
    from trialkit.operations import list_versions

    with desk.open() as (trial, actor):
        found = list_versions(trial, actor)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1, default=str))
        return
    for one in found.recorded:
        consent = f", consent form {one.consent_version}" if one.consent_version else ""
        click.echo(f"Version {one.version} (number {one.number}), sha256 {one.sha256[:12]}{consent}")
    for line in found.by_site:
        since = f"from {line.effective_on}: {printable(line.approval)}" if line.effective_on else "founded on"
        by = f" [{line.activated_by}, {line.activated_at[:10]}]" if line.activated_by else ""
        click.echo(f"{'*' if line.in_force else ' '} {line.site}  {line.version}  {since}{by}")
