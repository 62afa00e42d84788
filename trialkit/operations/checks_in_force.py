"""The checks on a final record, each by the version it belongs to.

A form is held against the version it was entered under; a visit's day against the window in force on it; the
checks that the study writes itself are those of the version by which the site works today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from trialkit.entry.rules import StudyRules
from trialkit.entry.study_checks import Failed, SubjectDays
from trialkit.operations.binding import today_at
from trialkit.operations.gate import Gate
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.forms import FormKey


def versions_of(gate: Gate, subject_ids: Sequence[str]) -> Mapping[FormKey, int]:
    """The version that binds each form begun; empty where every form is under the one version there is."""
    if not gate.trial.definitions.amended:
        return {}
    return {key: state.study_version for key, state in gate.forms(subject_ids).items()}


def failed_checks(
    gate: Gate,
    subject_id: str,
    finals: Sequence[FinalState],
    days: SubjectDays,
    bound: Mapping[FormKey, int],
) -> list[Failed]:
    """Everything that one subject's final record fails."""
    definitions = gate.trial.definitions
    if not definitions.amended:
        return gate.rules.checks.on_final(finals, days)
    by_version: dict[int, list[FinalState]] = defaultdict(list)
    for final in finals:
        by_version[bound[subject_id, final.visit, final.form]].append(final)
    found: list[Failed] = []
    for number, asked_about in by_version.items():
        rules = definitions.version(number).seen(blinded=gate.sight.blinded)
        found += rules.checks.on_items(asked_about, _known(rules, finals), days)
    for visit, day in days.visits.items():
        rules = gate.asked_by(definitions.in_force(days.site, day).number)
        found += rules.checks.on_visits(replace(days, visits={visit: day}))
    today = definitions.in_force(days.site, today_at(gate, days.site))
    rules = today.seen(blinded=gate.sight.blinded)
    found += rules.checks.on_record(_known(rules, finals))
    return gate.rules.checks.in_order(found)


def _known(rules: StudyRules, finals: Sequence[FinalState]) -> list[FinalState]:
    return [final for final in finals if final.item in rules.items]
