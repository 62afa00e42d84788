"""Challenges of second entries: which were made of an account at a form, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.forms import not_void


@dataclass(frozen=True, slots=True)
class ChallengeState:
    """``typed`` is what stood in the field when its typist was told that it differs."""

    id: int
    row_key: str
    item: str
    typed: str


def challenges_of(reader: Reader, form_instance: int, account: str) -> list[ChallengeState]:
    """Those of one account at one form, in the order in which they were made."""
    c = m.EntryChallenge
    query = (
        select(c.id, c.row_key, c.item, c.typed)
        .where(c.form_instance == form_instance, c.account == account)
        .order_by(c.id)
    )
    return [ChallengeState(*row) for row in reader.execute(query)]


def verified_forms(reader: Reader) -> dict[str, int]:
    """Form -> how many of it have an entry that was verified against the other."""
    query = (
        select(m.FormInstance.form, func.count())
        .select_from(m.VerifiedPass)
        .join(m.FormPass, m.FormPass.id == m.VerifiedPass.form_pass)
        .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
        .where(not_void())
        .group_by(m.FormInstance.form)
    )
    return {row[0]: row[1] for row in reader.execute(query)}


def challenge_counts(reader: Reader) -> dict[tuple[str, str, str], int]:
    """(form, item, outcome) -> challenges; the outcome is empty where the entry was never completed."""
    c, outcome = m.EntryChallenge, m.ChallengeOutcome
    said = func.coalesce(outcome.outcome, "")
    query = (
        select(m.FormInstance.form, c.item, said, func.count())
        .select_from(c)
        .join(m.FormInstance, m.FormInstance.id == c.form_instance)
        .outerjoin(outcome, outcome.challenge == c.id)
        .where(not_void())
        .group_by(m.FormInstance.form, c.item, said)
    )
    return {(form, item, how): n for form, item, how, n in reader.execute(query)}
