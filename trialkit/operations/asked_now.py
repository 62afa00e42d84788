"""Final values as the record has them now: a blank that branching does not ask for is not applicable.

A form is held against the branching of the version that it was entered under.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trialkit.entry.branching import NONE_ABSENT, NOTHING_TYPED, Asked, as_asked
from trialkit.operations.absent_forms import absent_forms
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.forms import FormKey

if TYPE_CHECKING:
    from trialkit.operations.gate import Gate


def record_now(gate: Gate, written: Sequence[FinalState]) -> list[FinalState]:
    """The same values in the same order, with what branching says of blanks.

    Parameters
    ----------
    written
        Final values as they are stored, of whole subjects, as far as the actor sees them.
    """
    branched = _branched(gate)
    blanks = [final for final in written if final.item in branched and final.value.state in NOTHING_TYPED]
    if not blanks:
        return list(written)
    asked = asked_for(gate, blanks, written)
    return [
        final._replace(value=as_asked(final.value, asked[final.id])) if final.id in asked else final
        for final in written
    ]


def _branched(gate: Gate) -> frozenset[str]:
    """Items that have branching in any version, to these eyes."""
    versions, blinded = gate.trial.definitions.versions, gate.sight.blinded
    return frozenset().union(*(one.seen(blinded=blinded).final_branching.items for one in versions))


def asked_for(gate: Gate, about: Sequence[FinalState], written: Sequence[FinalState]) -> dict[int, Asked]:
    """The number of a final value -> whether the record asks for its item; only of items with branching."""
    bound = _versions_of(gate, about)
    whole: dict[str, list[FinalState]] = {final.subject_id: [] for final in about}
    for final in written:
        if final.subject_id in whole:
            whole[final.subject_id].append(final)
    together: dict[tuple[str, int], list[FinalState]] = defaultdict(list)
    for final in about:
        together[final.subject_id, bound.get(_form_of(final), gate.trial.version_number)].append(final)
    absent = absent_forms(gate, whole)
    found = {}
    for (subject_id, number), some in together.items():
        rules = gate.trial.definitions.version(number).seen(blinded=gate.sight.blinded)
        answers = rules.final_branching.asked(some, whole[subject_id], absent.get(subject_id, NONE_ABSENT))
        for final in some:
            place = (final.item, final.visit, final.row)
            if place in answers:
                found[final.id] = answers[place]
    return found


def _versions_of(gate: Gate, finals: Sequence[FinalState]) -> Mapping[FormKey, int]:
    """The version that binds each of the forms; empty where there is only one."""
    if not gate.trial.definitions.amended:
        return {}
    begun = gate.begun_forms({_form_of(final) for final in finals})
    return {key: state.study_version for key, state in begun.items()}


def _form_of(final: FinalState) -> FormKey:
    return (final.subject_id, final.visit, final.form)
