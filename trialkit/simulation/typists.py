"""Two people type the same paper, a third decides where they differ, and every error is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trialkit.simulation.branching import Branching, Known, known_by_subject
from trialkit.simulation.errors import SimulationError
from trialkit.simulation.paper import Decision, FieldKey, FormRow, PlantedError, TrialPaper, TypedPasses
from trialkit.simulation.scenario import Scenario, Typing
from trialkit.simulation.slips import SLIPS, differ, typed_wrongly
from trialkit.simulation.streams import Streams
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import EntryMode
from trialkit.wording import said

HIDDEN = "hidden_by_branching"


def typed_passes(study: Study, paper: TrialPaper, scenario: Scenario, seed: int) -> TypedPasses:
    """Type the double-entry forms twice.

    Parameters
    ----------
    study, scenario
        The study and its assumptions; the error rates stand under ``[typing]``.
    paper
        What both typists have before them.
    seed
        Of the typing; another seed gives other errors on the same paper.

    Returns
    -------
    TypedPasses
        Both passes, every planted error, and the fields in which they disagree under the rule of
        ``trialkit.entry.compare_values``. Single-entry forms are typed once, as they stand.

    Notes
    -----
    Forms of readings (items with ``agree_within``) are passed on as they stand, twice, and count no fields.
    Errors are made in fields with something on paper, never in the printed line number of a repeating form.
    A slip in an item that others branch on hides what the typing program then no longer asks for.
    """
    kinds = scenario.typing.kinds or dict.fromkeys(SLIPS, 1.0)
    unknown = set(kinds) - set(SLIPS)
    if unknown:
        raise SimulationError(
            expected=said("kinds of slip among {slips}", slips=", ".join(SLIPS)),
            found=repr(sorted(unknown)[0]),
            where="scenario, typing.kinds",
        )
    branching = Branching(study)
    known = known_by_subject(branching, paper.rows)
    typing = _Typing(scenario.typing, kinds, Streams(seed, ("typing",)), branching, known)
    double = {form.name for form in study.forms if form.entry is EntryMode.DOUBLE}
    by_form: dict[str, list[FormRow]] = {}
    for row in paper.rows:
        by_form.setdefault(row.form, []).append(row)
    for name, rows in by_form.items():
        if name in double:
            typing.type_form(study.form(name), rows)
    position = {row.key: place for place, row in enumerate(paper.rows)}
    return TypedPasses(
        first=tuple(sorted(typing.passes[0], key=lambda row: position[row.key])),
        second=tuple(sorted(typing.passes[1], key=lambda row: position[row.key])),
        single=tuple(row for row in paper.rows if row.form not in double),
        first_typist=scenario.typing.first_typist,
        second_typist=scenario.typing.second_typist,
        planted=tuple(sorted(typing.planted, key=lambda error: (_field(error), error.pass_number))),
        discordant=frozenset(typing.discordant),
        identical_errors=frozenset(typing.identical),
        fields=typing.fields,
        fields_filled=typing.fields_filled,
    )


def _field(error: PlantedError) -> FieldKey:
    return FieldKey(error.subject_id, error.visit, error.form, error.row, error.item)


@dataclass
class _Typing:
    rates: Typing
    kinds: Mapping[str, float]
    streams: Streams
    branching: Branching
    known: Mapping[str, Known]
    passes: tuple[list[FormRow], list[FormRow]] = field(default_factory=lambda: ([], []))
    planted: list[PlantedError] = field(default_factory=list)
    discordant: set[FieldKey] = field(default_factory=set)
    identical: set[FieldKey] = field(default_factory=set)
    fields: int = 0
    fields_filled: int = 0

    def type_form(self, form: Form, rows: list[FormRow]) -> None:
        """Both passes over all rows of one form."""
        items = [item for item in form.items if rows and item.name in rows[0].values]
        typeable = np.array(
            [[bool(row.values[item.name]) and item.name != form.row_key for item in items] for row in rows]
        )
        if form.is_measured:  # nobody copies it: no slip, no field of paper
            typeable[:] = False
        else:
            self.fields += typeable.size
            self.fields_filled += int(sum(bool(text) for row in rows for text in row.values.values()))
        under = self.streams.under(form.name)
        shared = typeable & (under("shared").random(typeable.shape) < self.rates.shared)
        alone = typeable & ~shared
        wrong = (
            alone & (under("first").random(typeable.shape) < self.rates.first),
            alone & (under("second").random(typeable.shape) < self.rates.second),
        )
        random = (under("slip", "first"), under("slip", "second"), under("slip", "shared"))
        for place, row in enumerate(rows):
            together = self._slips(row, items, shared[place], random[2])
            typed = [
                self._typed(form, row, {**together, **self._slips(row, items, wrong[k][place], random[k])})
                for k in (0, 1)
            ]
            for k in (0, 1):
                self.passes[k].append(typed[k][0])
                self.planted += _errors(row, typed[k][0], typed[k][1], k + 1)
            self._compare(form, row, typed[0][0], typed[1][0], {*typed[0][1], *typed[1][1]})

    def _slips(
        self,
        row: FormRow,
        items: list[Item],
        wrong: NDArray[np.bool_],
        random: np.random.Generator,
    ) -> dict[str, tuple[str, str]]:
        """Item -> what is typed and how it went wrong."""
        chosen = (items[place] for place in np.flatnonzero(wrong).tolist())
        return {item.name: typed_wrongly(item, row.values[item.name], self.kinds, random) for item in chosen}

    def _typed(
        self, form: Form, row: FormRow, slips: Mapping[str, tuple[str, str]]
    ) -> tuple[FormRow, dict[str, str]]:
        """The row as typed, and the kind of error by item."""
        if not slips:
            return row, {}
        values = dict(row.values)
        values.update({item: typed for item, (typed, _) in slips.items()})
        kinds = {item: kind for item, (_, kind) in slips.items()}
        if self.branching.controls(form).intersection(slips):
            for item in self.branching.hide(form, values, row.visit, self.known[row.subject_id]):
                kinds[item] = HIDDEN
        return FormRow(row.subject_id, row.visit, row.form, row.row, values), kinds

    def _compare(
        self, form: Form, paper: FormRow, first: FormRow, second: FormRow, touched: Iterable[str]
    ) -> None:
        for name in touched:
            item = form.item(name)
            key = FieldKey(paper.subject_id, paper.visit, paper.form, paper.row, name)
            if differ(item, first.values[name], second.values[name]):
                self.discordant.add(key)
            else:
                self.identical.add(key)


def _errors(paper: FormRow, typed: FormRow, kinds: Mapping[str, str], number: int) -> list[PlantedError]:
    return [
        PlantedError(
            subject_id=paper.subject_id,
            visit=paper.visit,
            form=paper.form,
            row=paper.row,
            item=item,
            true=paper.values[item],
            typed=typed.values[item],
            pass_number=number,
            kind=kind,
        )
        for item, kind in kinds.items()
    ]


def adjudicate(
    study: Study, paper: TrialPaper, passes: TypedPasses, scenario: Scenario, seed: int
) -> tuple[Decision, ...]:
    """Decide every discordant field with the paper in hand, wrongly at the scenario's rate.

    A wrong decision takes one of the typed values that does not stand on paper.

    Returns
    -------
    tuple of Decision
        One for each of ``passes.discordant``, in their order.
    """
    on_paper = {row.key: row for row in paper.rows}
    first = {row.key: row for row in passes.first}
    second = {row.key: row for row in passes.second}
    random = Streams(seed, ("adjudication",))("error")
    decisions = []
    for key in sorted(passes.discordant):
        row = (key.subject_id, key.visit, key.form, key.row)
        item = study.item(key.item)
        true = on_paper[row].values[key.item]
        typed = {"first": first[row].values[key.item], "second": second[row].values[key.item]}
        wrong = [choice for choice, text in typed.items() if differ(item, text, true)]
        right = [choice for choice in typed if choice not in wrong]
        slip, which = random.random(2)
        if slip < scenario.typing.adjudicator:
            choice = wrong[int(which * len(wrong))]
            decisions.append(Decision(key, choice, typed[choice], correct=False))
        else:
            decisions.append(Decision(key, right[0] if right else "new_value", true, correct=True))
    return tuple(decisions)


def residual_errors(passes: TypedPasses, decisions: Iterable[Decision]) -> frozenset[FieldKey]:
    """The fields that are wrong in the final record: wrong alike in both passes, or decided wrongly."""
    return passes.identical_errors | {decision.field for decision in decisions if not decision.correct}
