"""Who was opened in an emergency: told to those who look after the subject or the trial, without the arm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_UNBLINDINGS
from trialkit.operations.gate import reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.study import unblinded_subjects


@dataclass(frozen=True, slots=True)
class UnblindingNotice:
    """``account`` opened it; neither arm nor reason is told."""

    subject_id: str
    site: str
    at: datetime
    account: str


def list_unblindings(trial: Trial, actor: Actor) -> list[UnblindingNotice]:
    """Emergency unblindings of the subjects this actor is shown, in order.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_UNBLINDINGS) as gate:
        people = gate.subjects()
        return [
            UnblindingNotice(number, people[number].site, datetime.fromisoformat(at), account)
            for number, at, account in unblinded_subjects(gate.reader)
            if number in people
        ]
