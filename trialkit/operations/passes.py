"""Entering forms: single ones become final at once, double ones when the second pass is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialkit.access import Act, Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.entry.checking import CheckedEntry, Flag, FormEntry, check_entries
from trialkit.entry.errors import EntryError
from trialkit.entry.rules import StudyRules
from trialkit.operations.binding import asked_of_all, without_unasked_blanks
from trialkit.operations.challenges import answered_challenges, challenge_entries
from trialkit.operations.errors import OperationError
from trialkit.operations.flags import FlagStage, keep_flags
from trialkit.operations.gate import OpenAct, acting, reading
from trialkit.operations.import_batches import ImportSource
from trialkit.operations.pass_writer import PassWriter
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.trial import Trial
from trialkit.operations.unnamed_arms import require_no_arm_named
from trialkit.operations.vouching import require_typist
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.accounts import grants_of
from trialkit.store.reading.forms import FormKey, imported_before
from trialkit.vocabulary import EntryMode, ItemType, Role


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
    ChallengedError
        In a study that verifies second entries: a value differs from the other entry, and the typist has
        neither typed it again nor said that she keeps it. That she was told is on record.
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
    if source is None:
        challenge_entries(trial, actor, checked)
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
        answered = answered_challenges(progress, checked) if source is None else {}
        writer = PassWriter(trial, progress, actor, typist, source, answered)
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
