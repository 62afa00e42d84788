"""Files that are in as both entries of a form: two typists may make one, or it was taken for both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.operations.gate import reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.imports import imported_as_both


@dataclass(frozen=True, slots=True)
class SameFile:
    """The two names that it was imported under, its typists as declared, and how many forms it fills."""

    first_file: str
    second_file: str
    first_typist: str
    second_typist: str
    forms: int


def files_as_both_entries(trial: Trial, actor: Actor) -> list[SameFile]:
    """Each pair of imports of exactly the same bytes that made both entries of a form that counts.

    If it was one file, void the forms' passes, and import what the second person typed.

    Raises
    ------
    AccessError
        The role reviews no entries: a typist would learn that the other one is there, and agrees.
    """
    with reading(trial, actor, LIST_DISCREPANCIES) as gate:
        people = gate.subjects()
        found = Counter(
            files
            for (subject_id, form), files in imported_as_both(gate.reader)
            if subject_id in people and gate.sight.of_form(form)
        )
    return [SameFile(*files, forms) for files, forms in sorted(found.items())]
