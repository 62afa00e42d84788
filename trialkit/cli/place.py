"""The place that freezing, locking and signing concern: a form, a subject, a site, or the study."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from trialkit.operations import FreezeScope, PlaceMarked
    from trialkit.store.audit_chain import AuditStamp


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the three ways to name a place; none of them is the study."""
    form = click.option("--form", metavar="SUBJECT/VISIT/FORM", help="Only this form, e.g. A-001/week_6/odi.")
    subject = click.option("--subject", metavar="NUMBER", help="Only this subject.")
    site = click.option("--at-site", "only_site", metavar="SITE", help="Only this site; otherwise the study.")
    return form(subject(site(function)))


def place_said(form: str | None, subject: str | None, only_site: str | None) -> tuple[FreezeScope, str]:
    """Scope and place of the options; the study where none is given."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import FreezeScope

    places = {FreezeScope.FORM: form, FreezeScope.SUBJECT: subject, FreezeScope.SITE: only_site}
    given = {scope: place for scope, place in places.items() if place is not None}
    if len(given) > 1:
        raise TrialkitError(
            expected="one of --form, --subject and --at-site", found="several", next_step="One after another."
        )
    return next(iter(given.items()), (FreezeScope.STUDY, ""))


def marked_place(
    subject: str | None, visit: str | None, form: str | None, only_site: str | None, *, everything: bool
) -> tuple[FreezeScope, str]:
    """Scope and place of a mark on more than one form."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import FreezeScope

    given = [bool(subject), bool(only_site), everything]
    if sum(given) != 1 or visit or form:
        raise TrialkitError(
            expected="--subject with --visit and --form, or one of --subject, --at-site and --all",
            found="another choice",
            next_step="One form needs all three; a whole subject needs its number alone.",
        )
    if everything:
        return FreezeScope.STUDY, ""
    return (FreezeScope.SUBJECT, subject) if subject else (FreezeScope.SITE, str(only_site))


def marks_said(verb: str, done: PlaceMarked, login: str) -> str:
    already = f"; {done.standing} had it already" if done.standing else ""
    return (
        f"{verb}: {done.forms} form(s) of {done.place or 'the study'}, by {login}, {done.stamp.at}{already}\n"
        f"{anchored(done.stamp)}"
    )


def anchored(stamp: AuditStamp) -> str:
    """Where the trail stood, for the paper of a signature: the database must still hold that record."""
    return f"Audit record {stamp.number}, hash {stamp.hash}"
