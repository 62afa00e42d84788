"""``trialkit reconsent-list``: who is to sign the consent form again."""

from __future__ import annotations

import click

from trialkit.access.acts.versions import LIST_RECONSENT
from trialkit.cli.door import Desk, at_desk, performs
from trialkit.cli.listing import Listing, listed
from trialkit.free_text import printable

_LOOK = "; LOOK: the form says version {}. Record it (trialkit reconsent), or correct the form."


@click.command("reconsent-list")
@at_desk
@listed
@performs(LIST_RECONSENT)
def command(desk: Desk, listing: Listing) -> None:
    """In follow-up alone: who left, died or has no visit to come is not asked."""
    from trialkit.operations import list_reconsent
    from trialkit.report.reconsent import reconsent_table

    with desk.open() as (trial, actor):
        lines = list_reconsent(trial, actor)
        study_id = trial.study.id
    shown = [
        f"{one.subject_id}: signed {printable(one.signed_version) or 'no version'} on {one.signed_on}, "
        f"to sign {one.required_version} (waiting {one.days_waiting} d)"
        + (_LOOK.format(printable(one.form_says)) if one.form_says else "")
        for one in lines
    ]
    listing.give(reconsent_table(lines), f"To consent again in study {study_id}", shown)
