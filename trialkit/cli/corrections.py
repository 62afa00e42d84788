"""``trialkit corrections``: what was corrected, and what the site says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trialkit.access.acts.capture import ENDORSE_CORRECTION, OBJECT_TO_CORRECTION
from trialkit.access.acts.reading import LIST_CORRECTIONS
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.operations.endorsing import CorrectionAnswered, CorrectionListed

_NUMBER = click.option(
    "--number", type=click.IntRange(min=1), required=True, metavar="N", help="Of the correction."
)


@click.group("corrections", help="What was corrected; for the site: endorse a correction, or object to it.")
def command() -> None:
    pass


@command.command("list")
@at_desk
@click.option("--all", "every", is_flag=True, help="Answered ones too, and those a site made itself.")
@performs(LIST_CORRECTIONS)
def list_(desk: Desk, every: bool) -> None:
    """Corrections that wait for the site, the oldest first."""
    from trialkit.operations.endorsing import list_corrections

    with desk.open() as (trial, actor):
        found = list_corrections(trial, actor, only_awaited=not every)
    for one in found:
        click.echo(_line(one))
    click.echo(f"{len(found)} correction(s).")


def _line(one: CorrectionListed) -> str:
    cited = "" if one.query is None else f", query {one.query}"
    values = f"{printable(one.old or '(blank)')} -> {printable(one.new or '(blank)')}"
    return f"{one.number:>5} {one.answer:<10} {one.where}: {values} ({printable(one.reason)}{cited})"


@command.command("endorse")
@at_desk
@_NUMBER
@click.option("--text", default="", help="What the site says of it.")
@performs(ENDORSE_CORRECTION)
def endorse(desk: Desk, number: int, text: str) -> None:
    """For the site: the correction is right."""
    from trialkit.operations.endorsing import endorse_correction

    with desk.open() as (trial, actor):
        _tell(endorse_correction(trial, actor, number=number, text=text))


@command.command("object")
@at_desk
@_NUMBER
@click.option("--text", required=True, help="Why, in words that name no treatment.")
@performs(OBJECT_TO_CORRECTION)
def object_(desk: Desk, number: int, text: str) -> None:
    """For the site: the correction is wrong; its query is asked again with this answer."""
    from trialkit.operations.endorsing import object_to_correction

    with desk.open() as (trial, actor):
        _tell(object_to_correction(trial, actor, number=number, text=text))


def _tell(done: CorrectionAnswered) -> None:
    again = "" if done.query is None else f" Query {done.query} is open again."
    click.echo(f"The correction of {done.where} is {done.answer}.{again} Audit record {done.stamp.number}.")
