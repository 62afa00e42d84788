"""Verification of second entries, where the study says so: the typist is told where her value differs.

She is told *that* it differs and never what the other entry has, and once a field: what she types after
that is not compared before the entry is complete, so that nobody finds the other value by trying. Each
time she was told is on record, and so is whether she typed another value or kept hers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.entry import PassRow, live_passes
from trialkit.entry.checking import CheckedEntry, EnteredRow, place_of
from trialkit.entry.errors import ChallengedError
from trialkit.entry.final_record import ItemRule
from trialkit.entry.verification import Field, as_typed, fields_that_differ
from trialkit.operations.binding import asked_of
from trialkit.operations.gate import Gate, OpenAct, acting, reading
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.reading.challenges import ChallengeState, challenges_of
from trialkit.store.reading.forms import FormKey, pass_rows
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode, SecondPass, ValueState
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class _Other:
    """What an entry is held against, and the challenges that its typist has had."""

    form_instance: int
    rows: tuple[PassRow, ...]
    rules: tuple[ItemRule, ...]
    told: Mapping[Field, ChallengeState]

    def new_in(self, rows: Sequence[PassRow], items: Collection[str] | None = None) -> list[Field]:
        """Fields that differ and of which the typist was not told yet."""
        rules = [rule for rule in self.rules if items is None or rule.name in items]
        return [field for field in fields_that_differ(rows, self.rows, rules) if field not in self.told]


@dataclass(frozen=True, slots=True)
class Answered:
    """The challenges of one entry with what became of each: ``retyped`` or ``kept``."""

    outcomes: tuple[tuple[int, str], ...]


def is_verified(trial: Trial, form: Form) -> bool:
    """Whether second entries of a form are verified: never those of readings, which copy no paper."""
    return form.entry is EntryMode.DOUBLE and not form.is_measured and _verifies_any(trial)


def _verifies_any(trial: Trial) -> bool:
    """Whether any version of the study verifies second entries."""
    return any(_verifies(version.study.capture.second_pass) for version in trial.definitions.versions)


def challenge_field(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    item: str,
    values: Mapping[str, str],
    row: str = "",
) -> bool:
    """Whether the typist is told now that a field differs from the other entry; that she was is recorded.

    Parameters
    ----------
    item
        The field that she has just left.
    values
        Item -> text: the whole line, since branching may not ask for the field.
    row
        The printed line number, on a form with several lines.

    Returns
    -------
    bool
        False also where there is nothing to hold it against: a first entry, a study that does not verify, a
        form out of sight, a field left blank, a text that can be no value, a field she was told of before.

    Raises
    ------
    AccessError, EntryError, OperationError
        No right at the site; no such subject; a frozen or locked form.
    """
    place = (subject_id, visit, form)
    with reading(trial, actor, ENTER_PASSES) as gate:
        gate.subject(subject_id)
        other = _held_against(gate, place)
        typed = None if other is None else _line(gate, place, values, row)
        if other is None or typed is None or typed.values.get(item) is None:
            return False
        if typed.values[item].state is ValueState.BLANK or not other.new_in([typed], {item}):
            return False
    return bool(_record(trial, actor, place, [typed], {item}))


def challenges_at(trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str) -> tuple[Field, ...]:
    """The fields, as line and item, of which this account was told that they differ.

    Raises
    ------
    AccessError, EntryError
        No right; no such subject.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        gate.subject(subject_id)
        other = _held_against(gate, (subject_id, visit, form))
        return tuple(other.told) if other else ()


def challenge_entries(trial: Trial, actor: Actor, checked: Sequence[CheckedEntry]) -> None:
    """Tell of every field that differs and was not told of, in an act of its own, and refuse the entry.

    Raises
    ------
    ChallengedError
        There are such fields.
    """
    if not _verifies_any(trial) or not any(is_verified(trial, one.form) for one in checked):
        return
    with reading(trial, actor, ENTER_PASSES) as gate:
        differing = [
            one
            for one in checked
            if (other := _held_against(gate, one.entry.key)) is not None and other.new_in(one.rows)
        ]
    told = [
        _undecided(one, field)
        for one in differing
        for field in _record(trial, actor, one.entry.key, one.rows, None)
    ]
    if told:
        raise ChallengedError.all_of(told)


def answered_challenges(progress: OpenAct, checked: Sequence[CheckedEntry]) -> dict[FormKey, Answered]:
    """What became of the challenges of each entry that is verified; the others are not in it.

    Raises
    ------
    ChallengedError
        A field differs of which the typist was not told, or was told and has neither changed nor kept it.
    """
    found: dict[FormKey, Answered] = {}
    undecided: list[ChallengedError] = []
    verified = _verifies_any(progress.trial)
    for one in checked if verified else ():
        if not is_verified(progress.trial, one.form):
            continue
        other = _held_against(progress, one.entry.key)
        if other is None:
            continue
        undecided += [_undecided(one, field) for field in other.new_in(one.rows)]
        outcomes = []
        lines = {row.row_key: (row, entered) for row, entered in zip(one.rows, one.entry.rows, strict=True)}
        for field, challenge in other.told.items():
            row, entered = lines.get(field[0], (None, None))
            same = row is not None and as_typed(row.values.get(field[1])).strip() == challenge.typed.strip()
            if same and entered is not None and field[1] not in entered.kept:
                undecided.append(_undecided(one, field))
            outcomes.append((challenge.id, "kept" if same else "retyped"))
        found[one.entry.key] = Answered(tuple(outcomes))
    if undecided:
        raise ChallengedError.all_of(undecided)
    if found:
        all_outcomes = [outcome for answered in found.values() for _, outcome in answered.outcomes]
        progress.state(
            verified=len(found), **{name: all_outcomes.count(name) for name in ("retyped", "kept")}
        )
    return found


def write_answers(progress: OpenAct, form_pass: int, answered: Answered) -> None:
    """That a pass was verified, and the outcome of each challenge in it."""
    progress.add(m.VerifiedPass, form_pass=form_pass)
    for challenge, outcome in answered.outcomes:
        progress.add(m.ChallengeOutcome, challenge=challenge, outcome=outcome)


def _held_against(gate: Gate, place: FormKey) -> _Other | None:
    """The other entry of a form, where this account is about to make the second one and the study verifies.

    Items out of sight are in no comparison; a form out of sight is not there.
    """
    rules = asked_of(gate, place)
    form = rules.forms.get(place[2])
    if form is None or form.entry is not EntryMode.DOUBLE or form.is_measured:
        return None
    if not _verifies(rules.study.capture.second_pass):
        return None
    state = gate.begun_forms([place]).get(place)
    live = live_passes(state.passes) if state else {}
    if state is None or len(live) != 1 or any(gate.actor.account in made.hands for made in live.values()):
        return None
    (number,) = live
    pass_id = state.pass_ids[number]
    rows = tuple(stored.row for stored in pass_rows(gate.reader, [pass_id])[pass_id])
    told = {(one.row_key, one.item): one for one in challenges_of(gate.reader, state.id, gate.actor.account)}
    return _Other(state.id, rows, rules.compared[form.name], told)


def _verifies(mode: SecondPass) -> bool:
    return mode is SecondPass.VERIFICATION


def _line(gate: Gate, place: FormKey, values: Mapping[str, str], row: str) -> PassRow | None:
    """One line as it stands half typed: what can be no value is left out. None: an item of another form."""
    _, visit, form = place
    rules = asked_of(gate, place)
    items = rules.form_items[form]
    if values.keys() - items.keys():
        return None
    found = {
        name: typed.value for name, typed in rules.read_row(form, values, visit).items() if not typed.problem
    }
    key = rules.forms[form].row_key
    return PassRow(as_typed(found.get(key)) if key is not None and key in found else row, found)


def _record(
    trial: Trial, actor: Actor, place: FormKey, rows: Sequence[PassRow], items: Collection[str] | None
) -> list[Field]:
    """Tell of what differs, and leave a record that it was told: nothing where another session just did."""
    with acting(trial, actor, ENTER_PASSES) as progress:
        progress.known_subjects([place[0]])
        progress.require_not_frozen([place])
        other = _held_against(progress, place)
        told = other.new_in(rows, items) if other is not None else []
        if other is not None and told:
            values = {row.row_key: row.values for row in rows}
            ids = progress.next_ids(m.EntryChallenge)
            for key, item in told:
                progress.add(
                    m.EntryChallenge,
                    id=next(ids),
                    form_instance=other.form_instance,
                    row_key=key,
                    item=item,
                    account=actor.account,
                    typed=as_typed(values[key].get(item)),
                )
        where = "/".join(place)
        progress.state(form=where, told_differs=["/".join(filter(None, field)) for field in told])
    return told


def _undecided(one: CheckedEntry, field: Field) -> ChallengedError:
    entered: EnteredRow | None = next(
        (entered for row, entered in zip(one.rows, one.entry.rows, strict=True) if row.row_key == field[0]),
        None,
    )
    return ChallengedError(
        expected=said("the paper form looked at again: the other entry has another value here"),
        found="no decision about it",
        where=place_of(one.entry, entered, field[1]),
        next_step="Type it again, or say that you keep it.",
    )
