"""``trialkit verify-source``: the monitor's tick, and where the ticks and signatures stand."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from trialkit.access.acts.closing import VERIFY_SOURCE
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.place import anchored, marked_place, marks_said


@click.command("verify-source")
@at_desk
@click.option("--subject", metavar="NUMBER", help="The subject's number.")
@click.option("--visit", metavar="NAME", help="As in the study definition.")
@click.option("--form", metavar="NAME", help="As in the study definition.")
@click.option(
    "--item", "items", multiple=True, metavar="NAME", help="Only this value of the form; repeat it."
)
@click.option("--row", default="", metavar="LINE", help="With --item: the line, on a form with several.")
@click.option("--at-site", "only_site", metavar="SITE", help="Every complete form of this site.")
@click.option("--all", "everything", is_flag=True, help="Every complete form of the study.")
@click.option(
    "--list", "only_list", is_flag=True, help="List verifications, ticks and signatures, void ones too."
)
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON.")
@performs(VERIFY_SOURCE)
def command(
    desk: Desk,
    subject: str | None,
    visit: str | None,
    form: str | None,
    items: tuple[str, ...],
    row: str,
    only_site: str | None,
    everything: bool,
    only_list: bool,
    as_json: bool,
) -> None:
    """By a monitor: of single values, of a complete form, of all of a subject (--subject alone), a site or
    the study. A later change breaks it, visibly.
    """
    from trialkit.operations import form_marks, value_ticks, verify_place, verify_source, verify_values

    if only_list:
        with desk.open() as (trial, actor):
            whose = None if subject is None else [subject]
            found = form_marks(trial, actor, subject_ids=whose)
            ticks = value_ticks(trial, actor, subject_ids=whose)
        if as_json:
            shown = [{**asdict(mark), "at": mark.at.isoformat()} for mark in found]
            shown += [{**asdict(tick), "kind": "value", "at": tick.at.isoformat()} for tick in ticks]
            click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
            return
        for mark in found:
            who = f"{mark.name} ({mark.account})" if mark.name else mark.account
            state = _when_and_state(mark.at, f": {mark.meaning}" if mark.name else "", void=mark.void)
            click.echo(f"{mark.where}: {mark.kind} by {who}, {state}")
        for tick in ticks:
            state = _when_and_state(tick.at, "", void=tick.void)
            click.echo(f"{tick.where}: value verified by {tick.account}, {state}")
        click.echo(f"{len(found) + len(ticks)} in the list.")
        return
    if subject and visit and form and items:
        with desk.open() as (trial, actor):
            ticked = verify_values(
                trial, actor, subject_id=subject, visit=visit, form=form, items=items, row=row
            )
        names = ", ".join(item for _, item in ticked.items)
        click.echo(f"Verified: {ticked.where}: {names}, by {desk.login}, {ticked.stamp.at}")
        return
    if subject and visit and form:
        with desk.open() as (trial, actor):
            done = verify_source(trial, actor, subject_id=subject, visit=visit, form=form)
        click.echo(f"Verified: {done.where}, by {desk.login}, {done.stamp.at}\nContent {done.content_sha256}")
        click.echo(anchored(done.stamp))
        return
    scope, place = marked_place(subject, visit, form, only_site, everything=everything)
    with desk.open() as (trial, actor):
        verified = verify_place(trial, actor, scope=scope, place=place)
    click.echo(marks_said("Verified", verified, desk.login))


def _when_and_state(at: datetime, meaning: str, *, void: bool) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC{meaning} [{'VOID, changed or voided since' if void else 'stands'}]"
