"""What the simulator hands out: people, their paper forms, and what two typists made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialkit.simulation.people import People


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of a paper form, or what was typed of it.

    ``row`` is the row key of a repeating form (the printed line number, or the code it stands for) and empty
    on every other form. ``values`` holds every
    item of the form that somebody writes (derived items are nobody's); a blank is the empty text.
    """

    subject_id: str
    visit: str
    form: str
    row: str
    values: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.subject_id, self.visit, self.form, self.row)


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A visit as it happened. ``status`` is ``done`` or ``not_done``; a visit not done has no date."""

    subject_id: str
    visit: str
    date: date | None
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who was screened. ``ready_on`` is the day on which an eligible one can be randomized."""

    subject_id: str
    site: str
    consent_date: date
    eligible: bool
    failure: str
    ready_on: date | None
    factors: Mapping[str, str]  # true value of each stratification factor


@dataclass(frozen=True)
class Candidates:
    """Turn 1: everyone screened, in date order, with the paper written before randomization.

    ``rows`` and ``visits`` cover screening and baseline; a person who failed screening has the screening
    forms only. ``people`` holds the latent truth of ``screened``, in the same order; no arm is in it.
    """

    screened: tuple[Candidate, ...]
    rows: tuple[FormRow, ...]
    visits: tuple[VisitRecord, ...]
    people: People

    @property
    def eligible(self) -> tuple[Candidate, ...]:
        return tuple(person for person in self.screened if person.eligible)


@dataclass(frozen=True, slots=True)
class SubjectCourse:
    """What truly happened to a randomized subject while in the study, whether or not it reached paper."""

    subject_id: str
    withdrawal_date: date | None
    death_date: date | None
    first_recurrence_day: int | None  # days after randomization, as the scenario defines a recurrence


@dataclass(frozen=True, slots=True)
class FormNotDone:
    """An expected form that stayed empty although the visit took place."""

    subject_id: str
    visit: str
    form: str
    reason: str


@dataclass(frozen=True)
class TrialPaper:
    """Turn 2: the paper of the randomized, from screening to the last visit."""

    rows: tuple[FormRow, ...]
    visits: tuple[VisitRecord, ...]
    not_done: tuple[FormNotDone, ...]
    courses: tuple[SubjectCourse, ...]


@dataclass(frozen=True, slots=True)
class PlantedError:
    """One field that was not typed as it stands on paper.

    ``pass_number`` is 1 or 2. ``kind`` names the slip; ``hidden_by_branching`` is an item that the typing
    program did not ask for, because an earlier slip in the same row made it look not applicable.
    """

    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    true: str
    typed: str
    pass_number: int
    kind: str


@dataclass(frozen=True, slots=True, order=True)
class FieldKey:
    """The address of one field."""

    subject_id: str
    visit: str
    form: str
    row: str
    item: str


@dataclass(frozen=True)
class TypedPasses:
    """Two independent entries of the double-entry forms, and what is wrong with them.

    ``single`` holds the single-entry forms, typed once and as they stand on paper. ``discordant`` are the
    fields in which the passes disagree under the rule of ``trialkit.entry``; ``identical_errors`` those in
    which both agree on the same wrong value, which no comparison can find.
    """

    first: tuple[FormRow, ...]
    second: tuple[FormRow, ...]
    single: tuple[FormRow, ...]
    first_typist: str
    second_typist: str
    planted: tuple[PlantedError, ...]
    discordant: frozenset[FieldKey]
    identical_errors: frozenset[FieldKey]
    fields: int  # fields of the double-entry forms in one pass, as a comparison counts them
    fields_filled: int  # those among them with something on paper


@dataclass(frozen=True, slots=True)
class Decision:
    """What the adjudicator settles on for one discordant field.

    ``choice`` is ``first`` or ``second`` where that pass has ``value``, else ``new_value``: as it stands on
    paper, which neither typed. ``correct`` says whether it is what stands on paper.
    """

    field: FieldKey
    choice: str
    value: str
    correct: bool
