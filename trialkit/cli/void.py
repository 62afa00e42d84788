"""``trialkit void``: a form or pass that should not have been entered."""

from __future__ import annotations

import click

from trialkit.access.acts.capture import VOID_PASS
from trialkit.cli.door import Desk, at_desk, performs


@click.command("void")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", required=True, metavar="NAME", help="As in the study definition.")
@click.option(
    "--pass", "pass_number", type=click.IntRange(1, 2), metavar="1|2", help="One pass; both by default."
)
@click.option("--reason", required=True, help="Why, such as: keyed to the wrong subject. It is recorded.")
@performs(VOID_PASS)
def command(desk: Desk, subject: str, visit: str, form: str, pass_number: int | None, reason: str) -> None:
    """What was typed is kept and counts for nothing. Then enter the form again, or mark it not done."""
    from trialkit.operations import void_pass

    with desk.open() as (trial, actor):
        done = void_pass(
            trial, actor, subject_id=subject, visit=visit, form=form, pass_number=pass_number, reason=reason
        )
    passes = " and ".join(f"pass {number}" for number in done.voided) or "the statement that it was not done"
    left = "".join(f"Pass {n} stands and waits for pass {3 - n}." for n in done.standing) or "No pass stands."
    click.echo(f"Voided: {passes} of {done.where}; kept, and counts for nothing. {left}")
