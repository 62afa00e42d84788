"""Subjects as a list shows them: number, site, dates and standing; never an arm."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.operations.gate import Gate, reading, unknown_subject
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.store.reading.subjects import SubjectState

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")


class SubjectStanding(StrEnum):
    IN_SCREENING = "in_screening"
    SCREEN_FAILED = "screen_failed"
    RANDOMIZED = "randomized"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SubjectListed:
    """``randomized_on`` is the day at the site; ``left_on`` that of a withdrawal or screening failure."""

    subject_id: str
    site: str
    standing: SubjectStanding
    consent_date: date | None
    randomized_on: date | None
    left_on: date | None
    visit_dates: dict[str, date]


def list_subjects(
    trial: Trial, actor: Actor, *, subject_ids: Collection[str] | None = None
) -> list[SubjectListed]:
    """The subjects this actor is shown, by number.

    Raises
    ------
    AccessError
        The actor's role is shown no forms.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        return _listed(gate, subject_ids)


def subject_shown(trial: Trial, actor: Actor, subject_id: str) -> SubjectListed:
    """One subject; of another site it is as unknown as one that never was.

    Raises
    ------
    AccessError, EntryError
        As :func:`list_subjects`; none with that number, at these sites.
    """
    found = list_subjects(trial, actor, subject_ids=[subject_id])
    if not found:
        raise unknown_subject(subject_id)
    return found[0]


def subject_typed(trial: Trial, actor: Actor, typed: str) -> SubjectListed:
    """One subject by its number as a person types it: in small letters, in full-width ones, with any dash.

    Raises
    ------
    AccessError, EntryError
        As :func:`subject_shown`.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    folded = plain.translate(_DASHES)
    with reading(trial, actor, LIST_FORMS) as gate:
        for number in dict.fromkeys((typed, folded, folded.upper())):
            if found := _listed(gate, [number]):
                return found[0]
        numbers = [one for one in gate.subjects(None) if one.casefold() == folded.casefold()]
        if len(numbers) != 1:
            raise unknown_subject(typed)
        return _listed(gate, numbers)[0]


def _listed(gate: Gate, subject_ids: Collection[str] | None) -> list[SubjectListed]:
    dates: dict[str, dict[str, date]] = {}
    for (subject_id, visit), state in gate.visits(subject_ids).items():
        if state.date is not None:
            dates.setdefault(subject_id, {})[visit] = state.date
    return [
        SubjectListed(
            number,
            state.site,
            _standing(state),
            state.consent_date,
            day_of_randomization(gate.trial, state),
            _left_on(state),
            dates.get(number, {}),
        )
        for number, state in sorted(gate.subjects(subject_ids).items())
    ]


def _standing(state: SubjectState) -> SubjectStanding:
    if state.screen_failed is not None:
        return SubjectStanding.SCREEN_FAILED
    if state.withdrawn is not None:
        return SubjectStanding.WITHDRAWN
    return SubjectStanding.RANDOMIZED if state.allocated else SubjectStanding.IN_SCREENING


def _left_on(state: SubjectState) -> date | None:
    left = state.screen_failed or state.withdrawn
    return None if left is None else left.date
