"""``trialkit adjudicate``: a third person decides, one discrepancy or a filled-in list of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.capture import ADJUDICATE
from trialkit.cli.door import FILE, Desk, at_desk, performs
from trialkit.cli.second_person import SecondPerson, confirmed_by
from trialkit.entry.adjudication import AdjudicationChoice, ReasonCode
from trialkit.errors import TrialkitError
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.operations import Adjudicated

_OF_ONE = {"subject": "--subject", "visit": "--visit", "form": "--form", "item": "--item",
           "choice": "--choice", "why": "--why"}  # fmt: skip


@click.command("adjudicate")
@at_desk
@click.option(
    "--file", "file", type=FILE, metavar="FILE",
    help="Decide what a filled-in workbook of `discrepancies --xlsx` says, all of it or nothing.",
)  # fmt: skip
@click.option("--subject", metavar="NUMBER", help="The subject's number.")
@click.option("--visit", metavar="NAME", help="As in the study definition.")
@click.option("--form", metavar="NAME", help="As in the study definition.")
@click.option("--row", default="", metavar="LINE", help="Printed line number, on a form with several lines.")
@click.option("--item", metavar="NAME", help="As in the dictionary.")
@click.option(
    "--choice",
    type=click.Choice([str(choice) for choice in AdjudicationChoice]),
    help="What stands on paper.",
)
@click.option(
    "--why",
    type=click.Choice([str(reason) for reason in ReasonCode]),
    help="Why the passes differ.",
)
@click.option("--value", metavar="TEXT", help="With --choice new_value: as on paper.")
@confirmed_by
@performs(ADJUDICATE)
def command(
    desk: Desk,
    file: Path | None,
    row: str,
    value: str | None,
    confirmer: str | None,
    confirmer_file: Path | None,
    **of_one: str | None,
) -> None:
    """With the paper in hand.

    Somebody who made one of the two passes may not. A new value of a critical item needs a second person.
    One discrepancy is named by subject, visit, form and item; many stand in a file.
    """
    second = SecondPerson(confirmer, confirmer_file)
    if file is not None:
        _from_file(desk, file, second, [*of_one.values(), row, value])
        return
    absent = [option for name, option in _OF_ONE.items() if not of_one[name]]
    if absent:
        raise TrialkitError(
            expected=said("{options}, or --file", options=", ".join(absent)),
            found="neither",
            where="the command line",
            next_step="Name the discrepancy, or the file with the decisions.",
        )
    _one(desk, second, row, value, {name: text or "" for name, text in of_one.items()})


def _one(desk: Desk, second: SecondPerson, row: str, value: str | None, given: dict[str, str]) -> None:
    from trialkit.operations import Verdict, adjudicate

    verdict = Verdict(
        given["subject"], given["visit"], given["form"], row, given["item"],
        AdjudicationChoice(given["choice"]), ReasonCode(given["why"]), value,
    )  # fmt: skip
    with desk.open() as (trial, actor):
        done = adjudicate(trial, actor, verdicts=[verdict], second_person=second.proved(trial, actor))
    click.echo(
        f"Decided: {verdict.where}." if done.decided else f"Stays open: {verdict.where}; the site is asked."
    )
    _tell_flags(done)


def _from_file(desk: Desk, file: Path, second: SecondPerson, others: list[str | None]) -> None:
    from trialkit.operations import adjudicate_from_file

    if any(others):
        raise TrialkitError(
            expected="a file, or one discrepancy", found="both", where="the command line",
            next_step="Leave out the options of one discrepancy.",
        )  # fmt: skip
    with desk.open() as (trial, actor):
        done = adjudicate_from_file(trial, actor, path=file, second_person=second.proved(trial, actor))
    click.echo(
        f"Decided: {done.adjudicated.decided}. Asked the site: {done.adjudicated.undecided}. "
        f"Left open: {done.left_open}. Audit record {done.adjudicated.stamp.number}."
    )
    _tell_flags(done.adjudicated)


def _tell_flags(done: Adjudicated) -> None:
    for flag in done.flags:
        click.echo(f"  look at {flag}")
