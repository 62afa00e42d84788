"""Whether the study is locked, and what is frozen: as far as the reader is shown it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.reading import VIEW_OBSTACLES
from trialkit.access.acts.versions import LIST_VERSIONS
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.review import frozen_places
from trialkit.store.reading.study import lock_stands, study_standing


@dataclass(frozen=True, slots=True)
class ClosingState:
    """(scope, place) of what stands: ``frozen`` of freezes, ``locks`` of locks below the study."""

    locked: bool
    lock_content_sha256: str
    frozen: tuple[tuple[str, str], ...]
    locks: tuple[tuple[str, str], ...]


def closing_state(trial: Trial, actor: Actor) -> ClosingState:
    """How far the closing has come.

    Raises
    ------
    AccessError
        A role that is shown no obstacles.
    """
    with reading(trial, actor, VIEW_OBSTACLES) as gate:
        standing = study_standing(gate.reader)
        people = gate.subjects()
        frozen, locks = (
            tuple(sorted(place for place in places if _is_shown(gate, people, *place)))
            for places in (frozen_places(gate.reader), gate.locked)
        )
        return ClosingState(standing.locked, standing.lock_content_sha256 or "", frozen, locks)


def study_locked(trial: Trial, actor: Actor) -> bool:
    """Whether the whole study is locked: every role is told, since nothing can be written then.

    Raises
    ------
    AccessError
        The account does not hold the role.
    """
    with reading(trial, actor, LIST_VERSIONS) as gate:
        return lock_stands(gate.reader)


def _is_shown(gate: Gate, people: Container[str], scope: str, place: str) -> bool:
    parts = place.split("/")
    if scope in ("form", "subject") and parts[0] not in people:
        return False
    return scope != "form" or gate.sight.of_form(parts[2])
