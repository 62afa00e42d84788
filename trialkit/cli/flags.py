"""``trialkit flags``: what soft checks warned of."""

from __future__ import annotations

from dataclasses import replace

import click

from trialkit.access.acts.reading import LIST_FLAGS
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.listing import IDENTIFIERS, Listing, listed
from trialkit.free_text import printable


@click.command("flags")
@at_desk
@click.option("--subject", metavar="NUMBER", help="Only of this subject.")
@click.option("--form", metavar="NAME", help="Only of this form.")
@listed
@IDENTIFIERS
@performs(LIST_FLAGS)
def command(
    desk: Desk, subject: str | None, form: str | None, listing: Listing, identifiers: tuple[str, ...]
) -> None:
    """Ranges, required items left blank, and the study's own checks; the values were taken all the same."""
    from trialkit.operations import list_flags
    from trialkit.operations.kept_back import KEPT_BACK, kept_back
    from trialkit.report.work import flag_table

    with desk.open() as (trial, actor):
        found = list_flags(trial, actor, subject_id=subject, form=form)
        study_id = trial.study.id
        hidden = kept_back(trial.study, identifiers)
    lines = []
    for one in found:
        place = (one.subject_id, one.visit, one.form, one.row, one.item)
        where = "/".join(part for part in place if part)
        lines.append(printable(f"{where}: {one.text} [{one.stage} by {one.account}, {one.at:%Y-%m-%d}]"))
    leaving = [replace(one, text=KEPT_BACK) if one.item in hidden else one for one in found]
    listing.give(flag_table(leaving), f"Flags of study {study_id}", lines)
