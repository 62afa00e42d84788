"""A batch of forms before it is written: read and checked outside the transaction, admitted inside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from trialkit.access import Act, Actor
from trialkit.entry import number_of_new_pass
from trialkit.entry.checking import CheckedEntry, FormEntry, check_entries
from trialkit.entry.errors import EntryError, PassError
from trialkit.entry.rules import StudyRules
from trialkit.errors import TrialkitError
from trialkit.operations.binding import asked_of_all, without_unasked_blanks
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, reading
from trialkit.operations.import_batches import ImportSource
from trialkit.operations.plausible_days import of_form
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.trial import Trial
from trialkit.operations.unnamed_arms import require_no_arm_named
from trialkit.operations.vouching import require_typist
from trialkit.store.reading.accounts import grants_of
from trialkit.store.reading.forms import BegunForm, FormKey
from trialkit.store.reading.subjects import subjects, visits
from trialkit.vocabulary import EntryMode, ItemType, Role
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a batch is taken: who confirmed it, and which file it comes from.

    ``rehearsed``: everything is looked at as if it were confirmed, and nothing is written. ``partial``: what
    is refused is left out, and the rest is asked again.
    """

    confirmed: bool
    confirmed_by: str | None = None
    second_person: Actor | None = None
    source: ImportSource | None = None
    rehearsed: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose hands a pass went through; ``importer`` is None where it was typed here."""

    typist: str
    importer: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms read by the rules that bound them when they were read."""

    rules: Mapping[FormKey, StudyRules]
    checked: Sequence[CheckedEntry]

    def part(self, checked: Sequence[CheckedEntry]) -> Batch:
        """Some of its forms."""
        return Batch({one.entry.key: self.rules[one.entry.key] for one in checked}, checked)


def read_batch(trial: Trial, actor: Actor, act: Act, entries: Sequence[FormEntry]) -> Batch:
    """Every text read and checked, while nobody waits.

    Raises
    ------
    AccessError, EntryError
        No right; texts that can be no values, forms or items that are not there.
    """
    with reading(trial, actor, act) as gate:
        gate.require_not_closed()
        rules = asked_of_all(gate, [entry.key for entry in entries])
        entries = without_unasked_blanks(gate, entries, rules)
        asked = gate.rules.form_items if trial.definitions.amended else {}
    return Batch(rules, _read(trial, rules, entries, asked))


def admitted(progress: OpenAct, batch: Batch, terms: Terms) -> Sequence[CheckedEntry]:
    """The batch, once its subjects are held and everything that may stand against it was asked.

    Raises
    ------
    AccessError, EntryError, OperationError
        No right at a site; a frozen or locked form; nobody who confirmed, or typed.
    """
    trial, checked, source = progress.trial, batch.checked, terms.source
    ids = {one.entry.subject_id for one in checked}
    sites = set(progress.known_sites(ids).values())
    now = asked_of_all(progress, list(batch.rules))
    if now != batch.rules:  # opened or locked for the analysis, or amended or begun by another, meanwhile
        checked = _read(trial, now, [one.entry for one in checked], {})
    progress.require_not_frozen([one.entry.key for one in checked])
    typist = progress.actor.account if source is None else source.typist
    if source is not None:
        require_typist(progress, typist, sites, source.file_sha256)
    _require_confirmer(progress, checked, terms, sites)
    needs_second = trial.study.capture.second_person_at_entry and not terms.rehearsed
    alone = final_at_once(checked) if needs_second else []
    confirm_critical(progress, alone, terms.second_person, sites=sites, authors=[typist])
    return _with_days(progress, checked)


def _with_days(progress: OpenAct, checked: Sequence[CheckedEntry]) -> list[CheckedEntry]:
    """The same, flagged where a form is of a visit that cannot have taken place."""
    people = subjects(progress.reader, {one.entry.subject_id for one in checked})
    return [
        replace(one, flags=(*one.flags, *odd)) if odd else one
        for one in checked
        for odd in [of_form(progress.trial, people[one.entry.subject_id], one.entry.visit, one.entry.where)]
    ]


def final_at_once(checked: Sequence[CheckedEntry]) -> list[tuple[str, str]]:
    """(form, item) of what one person types and nobody compares."""
    forms = {one.form.name: one.form for one in checked if one.form.entry is EntryMode.SINGLE}
    return [
        (form.name, item.name)
        for form in forms.values()
        for item in form.items
        if item.type is not ItemType.DERIVED
    ]


def _require_confirmer(
    progress: OpenAct, checked: Sequence[CheckedEntry], terms: Terms, sites: Collection[str]
) -> None:
    """Whoever confirmed a form that is entered once answers for it: an investigator there, who is named.

    An investigator confirms what they enter; of others it is said who did.
    """
    actor, login = progress.actor, terms.confirmed_by
    if login is None:
        alone = any(one.form.entry is EntryMode.SINGLE for one in checked)
        if alone and terms.confirmed and not terms.rehearsed and actor.role is not Role.INVESTIGATOR:
            raise OperationError(
                expected="the login of the investigator who confirmed the values",
                found=said("none, and {login} acts as {role}", login=actor.account, role=actor.role.value),
                next_step="Name the investigator who did.",
            )
        return
    held = {grant.site for grant in grants_of(progress.reader, login) if grant.role is Role.INVESTIGATOR}
    if None not in held and not (held and held.issuperset(sites)):
        raise OperationError(
            expected=said(
                "the login of an investigator at {sites}, who confirmed the values",
                sites=", ".join(sorted(sites)),
            ),
            found=repr(login),
            next_step="Ask the investigator to confirm, and name that account.",
        )


def _read(
    trial: Trial,
    rules: Mapping[FormKey, StudyRules],
    entries: Sequence[FormEntry],
    asked: Mapping[str, Collection[str]],
) -> list[CheckedEntry]:
    checked = check_entries(lambda entry: rules[entry.key], entries, asked)
    for one in checked:
        _require_texts_without_arms(trial, one)
    return checked


def _require_texts_without_arms(trial: Trial, one: CheckedEntry) -> None:
    """What a form says in words is shown to blinded readers, unless the item is hidden from them."""
    shown = trial.rules_without_arms.form_items.get(one.form.name, {})
    texts = [item.name for item in one.form.items if item.type is ItemType.TEXT and item.name in shown]
    for row in one.rows:
        for name in texts:
            text = row.values[name].text if name in row.values else None
            if text:
                require_no_arm_named(trial, text, where=f"{one.entry.where}/{name}")


def pass_numbers(
    progress: OpenAct,
    checked: Sequence[CheckedEntry],
    present: Mapping[FormKey, BegunForm],
    hands: Hands,
    *,
    confirmed: bool,
) -> list[int]:
    """The pass number of each entry, or the refusal of every one that may not be made.

    A form for what happens (withdrawal, death) may stand on the visit that it made impossible.
    """
    ids = {one.entry.subject_id for one in checked}
    recorded = visits(progress.reader, ids)
    numbers: list[int] = []
    problems: list[TrialkitError] = []
    for one in checked:
        entry, state = one.entry, present.get(one.entry.key)
        visit = recorded.get((entry.subject_id, entry.visit))
        missed = visit is not None and visit.status == "not_done" and not one.form.optional
        try:
            numbers.append(_pass_number(one, state, hands, missed=missed, confirmed=confirmed))
        except (EntryError, PassError) as error:
            problems.append(error)
    if problems:
        raise TrialkitError.all_of(problems)
    return numbers


def _pass_number(
    one: CheckedEntry, state: BegunForm | None, hands: Hands, *, missed: bool, confirmed: bool
) -> int:
    entry = one.entry
    if missed or (state and state.not_done_reason is not None):
        raise EntryError(
            expected="a visit and form that were done",
            found="a statement that they were not",
            where=entry.where,
            next_step="Check the visit on the form.",
        )
    if one.form.entry is EntryMode.SINGLE and not confirmed:
        raise EntryError(
            expected="the investigator's confirmation of a form that is entered once",
            found="none",
            where=entry.where,
            next_step="Read the values back, and confirm.",
        )
    passes = state.passes if state else ()
    return number_of_new_pass(
        one.form.entry, passes, hands.typist, imported_by=hands.importer, where=entry.where
    )
