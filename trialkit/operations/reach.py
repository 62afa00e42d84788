"""Whether subjects lie within an actor's reach: asked by doors at which strangers try numbers."""

from __future__ import annotations

from collections.abc import Collection

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.operations.gate import Gate, unknown_subject
from trialkit.operations.trial import Trial


def require_reached(trial: Trial, actor: Actor, subject_ids: Collection[str]) -> None:
    """Refuse a subject of another site in the words that one gets who never was.

    The right to the act is not asked here: the act itself does.

    Raises
    ------
    EntryError
        The first number, in order, that is nobody's at the actor's sites.
    """
    with trial.store.reading() as reader:
        reached = Gate(trial, reader, actor, LIST_FORMS).subjects(subject_ids)
    for number in sorted(set(subject_ids)):
        if number not in reached:
            raise unknown_subject(number)
