"""Entering forms: single ones become final at once, double ones when the second pass is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialkit.access import Act, Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.entry import PassRow, compare_rows, number_of_new_pass, pair_rows, take_single_pass
from trialkit.entry.checking import CheckedEntry, Flag, FormEntry, check_entries
from trialkit.entry.errors import EntryError
from trialkit.entry.final_record import FinalValue as FinalDraftValue, ItemRule
from trialkit.entry.rules import StudyRules
from trialkit.operations.binding import asked_of_all, bound_versions, without_unasked_blanks
from trialkit.operations.errors import OperationError
from trialkit.operations.flags import FlagStage, keep_flags
from trialkit.operations.gate import OpenAct, acting, reading
from trialkit.operations.import_batches import ImportSource, write_import_batches
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.stored_pass import new_instance, write_pass
from trialkit.operations.trial import Trial
from trialkit.operations.unnamed_arms import require_no_arm_named
from trialkit.operations.vouching import require_typist
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.accounts import grants_of
from trialkit.store.reading.forms import BegunForm, FormKey, PassOrigin, StoredRow, imported_before, pass_rows
from trialkit.store.reading.subjects import visits
from trialkit.vocabulary import EntryMode, ItemType, Role, ValueState


@dataclass(frozen=True, slots=True)
class PassesEntered:
    """What one batch added, and what it left to look at."""

    forms: int
    single: int
    first_passes: int
    second_passes: int
    discrepancies: int
    unmatched_rows: int
    flags: tuple[Flag, ...]
    stamp: AuditStamp
    notes: tuple[str, ...] = ()  # of an import: what was passed over or converted


def enter_pass(
    trial: Trial,
    actor: Actor,
    *,
    entry: FormEntry,
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
) -> PassesEntered:
    """Enter one form; as :func:`enter_passes` with a batch of one."""
    return enter_passes(
        trial,
        actor,
        entries=[entry],
        confirmed=confirmed,
        confirmed_by=confirmed_by,
        second_person=second_person,
    )


def enter_passes(
    trial: Trial,
    actor: Actor,
    *,
    entries: Sequence[FormEntry],
    confirmed: bool = False,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
) -> PassesEntered:
    """Enter a batch of forms in one transaction with one audit record: all of them, or none.

    Parameters
    ----------
    entries
        Each form at most once. Whether an entry is pass 1 or 2 follows from what is there already.
    confirmed
        The investigator has confirmed the values: needed for single-entry forms, which become final at once.
    confirmed_by
        The login of the investigator who did, who is named in the audit trail; None: the actor.
    second_person
        Proved by password, and not the typist: needed for a single-entry form with a critical item where
        ``[capture]`` of the study says so.

    Returns
    -------
    PassesEntered
        With counts, discrepancies found by second passes, and flags (out of range, required but blank):
        flagged values are taken.

    Raises
    ------
    EntryError
        A text that cannot be a value, an unknown subject, form, visit or item; nothing was written.
    PassError
        All passes are there, or this account made the other one.
    AccessError, StoreError
        No right at a site; a locked study.
    """
    return write_batch(
        trial,
        actor,
        ENTER_PASSES,
        entries=entries,
        confirmed=confirmed,
        confirmed_by=confirmed_by,
        second_person=second_person,
    )


def write_batch(
    trial: Trial,
    actor: Actor,
    act: Act,
    *,
    entries: Sequence[FormEntry],
    confirmed: bool,
    confirmed_by: str | None = None,
    second_person: Actor | None = None,
    source: ImportSource | None = None,
) -> PassesEntered:
    """A batch typed here or in a file (``source``), whose declared typist then counts as who made the pass.

    Raises
    ------
    As :func:`enter_passes`.
    """
    if not entries:
        raise EntryError(expected="at least one form", found="none")
    with reading(trial, actor, act) as gate:
        rules = asked_of_all(gate, [entry.key for entry in entries])
        entries = without_unasked_blanks(gate, entries, rules)
    checked = _checked(trial, rules, entries)  # before the transaction: nobody waits for it
    with acting(trial, actor, act) as progress:
        ids = {one.entry.subject_id for one in checked}
        sites = set(progress.known_sites(ids).values())
        now = asked_of_all(progress, list(rules))
        if now != rules:  # opened or locked for the analysis, or amended or begun by another, meanwhile
            checked = _checked(trial, now, entries)
        progress.require_not_frozen([one.entry.key for one in checked])
        typist = actor.account if source is None else source.typist
        if source is not None:
            require_typist(progress, typist, sites, source.file_sha256)
        _require_confirmer(progress, confirmed_by)
        alone = final_at_once(checked) if trial.study.capture.second_person_at_entry else []
        confirm_critical(progress, alone, second_person, sites=sites, authors=[typist])
        notes = () if source is None or source.scans else _file_seen_before(progress, source, checked)
        writer = PassWriter(trial, progress, actor, typist, source)
        result = writer.write_all(checked, confirmed=confirmed)
        for one in checked:
            keep_flags(progress, one.entry.key, FlagStage.ENTERED, one.flags)
        progress.state(forms=len(checked), subjects=len(ids), typist=typist, **result)
        if result["single"]:
            progress.state(confirmed_by=confirmed_by or actor.account)
        if source is not None:
            progress.state(**source.told)
    return PassesEntered(
        forms=len(checked),
        flags=tuple(flag for one in checked for flag in one.flags),
        stamp=progress.stamp,
        single=result["single"],
        first_passes=result["first_passes"],
        second_passes=result["second_passes"],
        discrepancies=result["discrepancies"],
        unmatched_rows=result["unmatched_rows"],
        notes=notes,
    )


def final_at_once(checked: Sequence[CheckedEntry]) -> list[tuple[str, str]]:
    """(form, item) of what one person types and nobody compares."""
    forms = {one.form.name: one.form for one in checked if one.form.entry is EntryMode.SINGLE}
    return [
        (form.name, item.name)
        for form in forms.values()
        for item in form.items
        if item.type is not ItemType.DERIVED
    ]


def _require_confirmer(progress: OpenAct, login: str | None) -> None:
    """Whoever confirmed a form that is entered once answers for it: an investigator of the study."""
    roles = {grant.role for grant in grants_of(progress.reader, login)} if login else {Role.INVESTIGATOR}
    if Role.INVESTIGATOR not in roles:
        raise OperationError(
            expected="the login of an investigator, who confirmed the values",
            found=repr(login),
            next_step="Ask the investigator to confirm, and name that account.",
        )


def _file_seen_before(
    progress: OpenAct, source: ImportSource, checked: Sequence[CheckedEntry]
) -> tuple[str, ...]:
    """Two typists may make the same bytes; one file taken for both passes makes them too."""
    names = {one.form.name for one in checked}
    return tuple(
        f"a file with exactly these bytes was imported before: {name}, typed by {typist}, audit record "
        f"{number}. If it is the same file, void this pass and import what the second person typed."
        for name, typist, number in imported_before(progress.reader, source.file_sha256, names)
    )


def _checked(
    trial: Trial, rules: Mapping[FormKey, StudyRules], entries: Sequence[FormEntry]
) -> list[CheckedEntry]:
    checked = check_entries(lambda entry: rules[entry.key], entries)
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


class PassWriter:
    """Turns checked entries into rows, with the decisions left to ``trialkit.entry``."""

    def __init__(
        self, trial: Trial, progress: OpenAct, actor: Actor, typist: str, source: ImportSource | None
    ) -> None:
        self.trial, self.progress, self.actor = trial, progress, actor
        self.typist, self.source = typist, source
        self.batch_of: dict[tuple[str, str, str], int] = {}
        self.counts = {
            "single": 0,
            "first_passes": 0,
            "second_passes": 0,
            "discrepancies": 0,
            "unmatched_rows": 0,
        }

    def write_all(self, checked: Sequence[CheckedEntry], *, confirmed: bool) -> dict[str, int]:
        places = [one.entry.key for one in checked]
        present = self.progress.begun_forms(places)
        versions = bound_versions(self.progress, places)
        numbers = self._numbers(checked, present, confirmed=confirmed)
        firsts = self._first_passes(checked, present, numbers)
        if self.source is not None:
            keys = [one.entry.key for one in checked]
            self.batch_of = write_import_batches(self.progress, self.source, keys)
        for one, number in zip(checked, numbers, strict=True):
            state = present.get(one.entry.key)
            version = versions[one.entry.key]
            instance = state.id if state else new_instance(self.progress, *one.entry.key, version)
            compared = self.trial.definitions.version(version).rules.compared[one.form.name]
            stored = self._write_pass(one, instance, number)
            if one.form.entry is EntryMode.SINGLE:
                self.counts["single"] += 1
                self._write_single(compared, instance, stored)
            elif number == 1 and not (state and state.passes):
                self.counts["first_passes"] += 1
            else:
                self.counts["second_passes"] += 1
                other = firsts[one.entry.key]
                pair = (stored, other) if number == 1 else (other, stored)
                self._write_comparison(one, compared, instance, *pair)
        return self.counts

    def _numbers(
        self,
        checked: Sequence[CheckedEntry],
        present: Mapping[tuple[str, str, str], BegunForm],
        *,
        confirmed: bool,
    ) -> list[int]:
        """The pass number of each entry, or the refusal of the first that may not be made.

        A form for what happens (withdrawal, death) may stand on the visit that it made impossible.
        """
        ids = {one.entry.subject_id for one in checked}
        recorded = visits(self.progress.reader, ids)
        numbers = []
        importer = None if self.source is None else self.actor.account
        for one in checked:
            entry, state = one.entry, present.get(one.entry.key)
            visit = recorded.get((entry.subject_id, entry.visit))
            missed = visit is not None and visit.status == "not_done" and not one.form.optional
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
            numbers.append(
                number_of_new_pass(
                    one.form.entry, passes, self.typist, imported_by=importer, where=entry.where
                )
            )
        return numbers

    def _first_passes(
        self,
        checked: Sequence[CheckedEntry],
        present: Mapping[tuple[str, str, str], BegunForm],
        numbers: Sequence[int],
    ) -> dict[tuple[str, str, str], list[StoredRow]]:
        """The other pass of every form that this batch completes."""
        wanted = {}
        for one, number in zip(checked, numbers, strict=True):
            state = present.get(one.entry.key)
            if state is not None and (3 - number) in state.pass_ids:
                wanted[one.entry.key] = state.pass_ids[3 - number]
        rows = pass_rows(self.progress.reader, list(wanted.values()))
        return {key: rows[pass_id] for key, pass_id in wanted.items()}

    def _write_pass(self, one: CheckedEntry, instance: int, number: int) -> list[StoredRow]:
        imported = self.source is not None
        origin = PassOrigin(
            entered_by=self.typist,
            imported_by=self.actor.account if imported else None,
            import_batch=self.batch_of.get(one.entry.key),
            authentication="declared" if imported else str(self.actor.authentication),
        )
        return write_pass(self.progress, instance, number, origin, one.rows)

    def _write_single(self, rules: Sequence[ItemRule], instance: int, stored: Sequence[StoredRow]) -> None:
        for place in stored:
            final_row = self._final_row(instance, place.row.row_key, place.id, None)
            self._final_values(final_row, take_single_pass([place.row], rules).values)

    def _write_comparison(
        self,
        one: CheckedEntry,
        compared: Sequence[ItemRule],
        instance: int,
        first: Sequence[StoredRow],
        second: Sequence[StoredRow],
    ) -> None:
        paired = pair_rows([place.row for place in first], [place.row for place in second])
        place_of = {id(place.row): place.id for place in (*first, *second)}
        for row_one, row_two in paired.pairs:
            final_row = self._final_row(
                instance, row_one.row_key, place_of[id(row_one)], place_of[id(row_two)]
            )
            self._compare(one.form.name, compared, final_row, row_one, row_two)
        for row in paired.unmatched:
            side = first if row.pass_number == 1 else second
            self.counts["unmatched_rows"] += 1
            self.progress.add(
                m.UnmatchedRow,
                pass_row=side[row.position].id,
                form_instance=instance,
                reason=row.reason,
            )

    def _compare(
        self, form: str, compared: Sequence[ItemRule], final_row: int, first: PassRow, second: PassRow
    ) -> None:
        draft = compare_rows(first.row_key, first, second, compared)
        self._final_values(final_row, draft.values)
        ids = self.progress.next_ids(m.Discrepancy)
        for found in draft.discrepancies:
            self.counts["discrepancies"] += self.progress.sight.of_item(form, found.item)
            self.progress.add(
                m.Discrepancy, id=next(ids), final_row=final_row, item=found.item, kind=found.kind.value
            )

    def _final_row(self, instance: int, row_key: str, first: int | None, second: int | None) -> int:
        final_row = next(self.progress.next_ids(m.FinalRow))
        self.progress.add(
            m.FinalRow,
            id=final_row,
            form_instance=instance,
            row_key=row_key,
            pass1_row=first,
            pass2_row=second,
        )
        return final_row

    def _final_values(self, final_row: int, values: Sequence[FinalDraftValue]) -> None:
        """Items that no pass has seen have no final value: "never seen" is their absence."""
        ids = self.progress.next_ids(m.FinalValue)
        self.progress.add_all(
            m.FinalValue,
            [
                {
                    "id": next(ids),
                    "final_row": final_row,
                    "item": final.item,
                    "raw_text": final.value.text,
                    "state": final.value.state.value,
                    "missing_code": final.value.missing_code and final.value.missing_code.value,
                    "origin": final.origin.value,
                }
                for final in values
                if final.value.state is not ValueState.NEVER_SEEN
            ],
        )
