"""What is undecided about one form, with what both passes hold: for whoever reconciles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.entry.errors import EntryError
from trialkit.operations.adjudication import shown
from trialkit.operations.flags import sides_as_written
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.forms import FormKey, pass_rows


@dataclass(frozen=True, slots=True)
class Difference:
    """Two values of one item; None is a blank. ``asked``: somebody could not decide, the site is asked.

    ``first_shown``, ``second_shown``: the same to be read, with what stands on the form where a value could
    not be read.
    """

    row: str
    item: str
    kind: str
    first: str | None
    second: str | None
    asked: bool
    first_shown: str = ""
    second_shown: str = ""


@dataclass(frozen=True, slots=True)
class LeftoverLine:
    """A line of one pass that found no partner in the other."""

    pass_number: int
    row: str
    reason: str
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class FormDifferences:
    values: tuple[Difference, ...]
    lines: tuple[LeftoverLine, ...]


def form_differences(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str
) -> FormDifferences:
    """The open discrepancies and leftover lines of one form; both empty where all is decided.

    Raises
    ------
    AccessError
        The actor's role is no reader of discrepancies.
    EntryError
        No such subject, visit or form to these eyes.
    """
    with reading(trial, actor, LIST_DISCREPANCIES) as gate:
        known = gate.rules.forms.get(form)
        if known is None or visit not in known.visits or not gate.subjects([subject_id]):
            raise EntryError(
                expected="a form of a subject of this study",
                found="another place",
                next_step="Start from the list.",
            )
        order = list(gate.rules.form_items[form])
        open_ones = gate.discrepancies([subject_id], only_open=True)
        here = [found for found in open_ones if (found.visit, found.form) == (visit, form)]
        written = sides_as_written(gate, here)
        values = [
            Difference(
                found.row,
                found.item,
                str(found.kind),
                shown(found.first),
                shown(found.second),
                bool(found.choice),
                *written[found.id],
            )
            for found in here
        ]
        values.sort(key=lambda found: (found.row.zfill(6), order.index(found.item)))
        return FormDifferences(tuple(values), _lines(gate, (subject_id, visit, form)))


def _lines(gate: Gate, key: FormKey) -> tuple[LeftoverLine, ...]:
    left = [
        one
        for one in gate.unmatched_rows([key[0]], only_open=True)
        if (one.subject_id, one.visit, one.form) == key
    ]
    if not left:
        return ()
    state = gate.forms([key[0]])[key]
    stored = pass_rows(gate.reader, list(state.pass_ids.values()))
    rows = {row.id: row.row for of_pass in stored.values() for row in of_pass}
    return tuple(
        LeftoverLine(
            one.pass_number,
            one.row,
            one.reason,
            {
                item: shown(value)
                for item, value in rows[one.pass_row].values.items()
                if gate.sight.of_item(key[2], item)
            },
        )
        for one in left
    )
