"""Which version of the study binds a form: the one that its first pass used, for as long as it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from trialkit.entry.checking import FormEntry
from trialkit.entry.rules import StudyRules
from trialkit.operations.definitions import FOUNDED
from trialkit.operations.gate import Gate
from trialkit.operations.subjects import local_date
from trialkit.store.reading.forms import FormKey, begun_forms
from trialkit.store.reading.subjects import sites_of, visits


def bound_versions(gate: Gate, places: Collection[FormKey]) -> dict[FormKey, int]:
    """The number of the version that binds each form.

    A form that somebody has begun keeps the version of its first pass. A new one has the version in force at
    the subject's site on the day of the visit; for a visit whose day nobody recorded, on the day of entry.
    """
    definitions = gate.trial.definitions
    if not definitions.amended:
        return dict.fromkeys(places, FOUNDED)
    ids = {place[0] for place in places}
    sites, recorded = sites_of(gate.reader, ids), visits(gate.reader, ids)
    begun = begun_forms(gate.reader, places)
    found = {}
    for place in places:
        subject_id, visit, _ = place
        state = recorded.get((subject_id, visit))
        if place in begun:
            found[place] = begun[place].study_version
        elif subject_id not in sites:  # refused by whoever asks for the subject
            found[place] = definitions.current.number
        else:
            site = sites[subject_id]
            day = state.date if state and state.date else today_at(gate, site)
            found[place] = definitions.in_force(site, day).number
    return found


def today_at(gate: Gate, site: str) -> date:
    return local_date(gate.trial, site, gate.trial.clock.now())


def asked_of(gate: Gate, place: FormKey) -> StudyRules:
    """What one form asks, by the version that binds it."""
    return gate.asked_by(bound_versions(gate, [place])[place])


def asked_of_all(gate: Gate, places: Collection[FormKey]) -> dict[FormKey, StudyRules]:
    numbers = bound_versions(gate, places)
    rules = {number: gate.asked_by(number) for number in set(numbers.values())}
    return {place: rules[number] for place, number in numbers.items()}


def without_unasked_blanks(
    gate: Gate, entries: Iterable[FormEntry], rules: Mapping[FormKey, StudyRules]
) -> list[FormEntry]:
    """The entries without blank cells of items that only another version asks.

    A file or a script has one column an item for forms of all versions.
    """
    if not gate.trial.definitions.amended:
        return list(entries)
    known = gate.rules.form_items
    found = []
    for entry in entries:
        other = known.get(entry.form, {}).keys() - rules[entry.key].form_items.get(entry.form, {}).keys()
        rows = tuple(
            replace(row, values={n: v for n, v in row.values.items() if n not in other or v != ""})
            for row in entry.rows
        )
        found.append(replace(entry, rows=rows) if other else entry)
    return found
