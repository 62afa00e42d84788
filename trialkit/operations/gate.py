"""The one gate: what one actor may see and do while one act is open, by role, site and sight.

Acts and readings go through the same object. Whatever it hands out is already as the actor may have it: to
somebody blinded, a form that tells an arm was never there, in no list, no count and no refusal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from trialkit.access import AccessError, Act, Actor, Authentication, check_right, may, sites_reached
from trialkit.entry.errors import EntryError
from trialkit.entry.rules import StudyRules
from trialkit.operations.asked_now import record_now
from trialkit.operations.closed_places import (
    locked_keys,
    require_forms_unlocked,
    require_not_closed,
    require_not_frozen,
    require_unlocked,
)
from trialkit.operations.own_trail import OwnStamp
from trialkit.operations.sight import Sight, sight, sight_of
from trialkit.operations.trial import Trial
from trialkit.operations.unnamed_arms import require_no_arm_named
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.engine import Reader
from trialkit.store.ledger import Transaction, transaction
from trialkit.store.models import Base
from trialkit.store.reading.accounts import grants_of
from trialkit.store.reading.allocations import MistakeState, mistakes
from trialkit.store.reading.discrepancies import (
    DiscrepancyState,
    UnmatchedState,
    discrepancies,
    unmatched_rows,
)
from trialkit.store.reading.finals import FinalState, final_values
from trialkit.store.reading.forms import BegunForm, FormKey, FormState, begun_forms, forms
from trialkit.store.reading.review import QueryState, locked_places, queries
from trialkit.store.reading.study import study_standing
from trialkit.store.reading.subjects import SubjectState, VisitState, sites_of, subjects, visits
from trialkit.vocabulary import ItemType


class Gate:
    """One actor, one act, one state of the database. Made by :func:`reading` and :func:`acting` alone.

    Parameters
    ----------
    trial, reader
        What is read.
    actor, act
        Who does what: the right to it is asked of this pair and of nothing else.
    reason
        As stated.
    """

    def __init__(self, trial: Trial, reader: Reader, actor: Actor, act: Act, reason: str = "") -> None:
        self.trial, self.reader = trial, reader
        self.actor, self.act, self.reason = actor, act, reason.strip()
        trial.definitions.follow(reader)
        self._grants = grants_of(reader, actor.account)

    @cached_property
    def sight(self) -> Sight:
        return sight_of(self.trial, self.reader, self.actor)

    def with_blinded_eyes(self) -> Gate:
        """The same gate to somebody blinded: for what is handed on to such people."""
        other = Gate(self.trial, self.reader, self.actor, self.act, self.reason)
        other.sight = sight(self.trial, blinded=True)
        return other

    @property
    def rules(self) -> StudyRules:
        """The study as this actor has it."""
        return self.sight.rules

    def asked_by(self, number: int) -> StudyRules:
        """What a form under this version asks, as far as this actor has it."""
        return self.trial.definitions.version(number).asked(blinded=self.sight.blinded)

    @cached_property
    def sites(self) -> frozenset[str] | None:
        """The sites this actor is shown; None: all of them."""
        return sites_reached(self.actor, self._grants)

    @cached_property
    def locked(self) -> Mapping[tuple[str, str], str]:
        """(scope, place) of what is locked below the study."""
        return locked_places(self.reader)

    def locked_keys(self, keys: Collection[FormKey]) -> set[FormKey]:
        """Those of these forms that are locked, by themselves, their subject or their site."""
        return locked_keys(self.reader, self.locked, keys)

    def authorize(self, sites: Collection[str] = ()) -> None:
        """Refuse the act at these sites, or for want of reason or signature.

        Raises
        ------
        AccessError
            As :func:`trialkit.access.check_right` says; or simulated people in a real study.
        """
        if self.actor.authentication is Authentication.SIMULATED and not self.trial.study.demonstration:
            raise AccessError(
                expected="people who exist, in a study that is no demonstration",
                found="a simulated account",
                next_step="Act with a password, or mark the study as a demonstration.",
            )
        every_site = {site.code for site in self.trial.study.sites}
        check_right(
            self.act,
            self.actor,
            self._grants,
            sites=every_site if self.act.whole_study else sites,
            reason=self.reason,
            blinded_roles=self.trial.study.blinding.blinded_roles,
            unblinded=self.act.reveals_arm and study_standing(self.reader).unblinded,
        )

    def require_not_closed(self) -> None:
        """Say the lock of the study first: every act asks it, and the reading that one begins with."""
        require_not_closed(self.reader, self.act)

    def permits(self, act: Act) -> bool:
        """Whether the role may do another act as well: see more of the same list, say."""
        if self.actor.scopes is not None and act.name not in self.actor.scopes:
            return False
        unblinded = act.reveals_arm and study_standing(self.reader).unblinded
        blinded = self.trial.study.blinding.blinded_roles
        return may(self.actor.role, act, blinded_roles=blinded, unblinded=unblinded)

    def require_no_arm_named(self, text: str, *, where: str = "", plain_words: bool = False) -> None:
        require_no_arm_named(self.trial, text, where=where, plain_words=plain_words)

    def require_value_without_arm(self, item: str, text: str | None, *, where: str) -> None:
        """The same for a value: what a text item says, unless blinded readers are not shown the item."""
        shown = self.trial.rules_without_arms.items.get(item)
        if text and shown is not None and shown.type is ItemType.TEXT:
            self.require_no_arm_named(text, where=where)

    def subjects(self, subject_ids: Collection[str] | None = None) -> dict[str, SubjectState]:
        """The subjects of the sites this actor is shown."""
        found = subjects(self.reader, subject_ids)
        if self.sites is None:
            return found
        return {number: state for number, state in found.items() if state.site in self.sites}

    def subject(self, subject_id: str) -> SubjectState:
        """One subject that this actor is shown.

        Raises
        ------
        EntryError
            None with that number, at these sites.
        """
        found = self.subjects([subject_id]).get(subject_id)
        if found is None:
            raise unknown_subject(subject_id)
        return found

    def visits(self, subject_ids: Collection[str] | None = None) -> dict[tuple[str, str], VisitState]:
        return visits(self.reader, subject_ids)

    def forms(self, subject_ids: Collection[str] | None = None) -> dict[FormKey, FormState]:
        """Forms that somebody has touched; what is undecided about items out of sight is not counted."""
        found = {
            key: state
            for key, state in forms(self.reader, subject_ids).items()
            if self.sight.of_form(state.form)
        }
        if self.sight.blinded:
            for unseen in discrepancies(self.reader, subject_ids, only_open=True):
                key = (unseen.subject_id, unseen.visit, unseen.form)
                if key in found and not self.sight.of_item(unseen.form, unseen.item):
                    found[key] = found[key]._replace(undecided=found[key].undecided - 1)
        return found

    def begun_forms(self, places: Collection[FormKey]) -> dict[FormKey, BegunForm]:
        """Those of the forms that somebody has touched, with their passes alone."""
        found = begun_forms(self.reader, places)
        return {key: state for key, state in found.items() if self.sight.of_form(key[2])}

    def final_values(self, subject_ids: Collection[str] | None = None) -> list[FinalState]:
        """The final record: a blank that branching does not ask for, as things stand, is not applicable."""
        return record_now(self, self.written_values(subject_ids))

    def written_values(self, subject_ids: Collection[str] | None = None) -> list[FinalState]:
        """The same as it is stored: what a signature is bound to, and a correction replaces."""
        found = final_values(self.reader, subject_ids)
        return [final for final in found if self.sight.of_item(final.form, final.item)]

    def discrepancies(
        self, subject_ids: Collection[str] | None = None, *, only_open: bool = False
    ) -> list[DiscrepancyState]:
        found = discrepancies(self.reader, subject_ids, only_open=only_open)
        return [entry for entry in found if self.sight.of_item(entry.form, entry.item)]

    def unmatched_rows(
        self, subject_ids: Collection[str] | None = None, *, only_open: bool = False
    ) -> list[UnmatchedState]:
        found = unmatched_rows(self.reader, subject_ids, only_open=only_open)
        return [entry for entry in found if self.sight.of_form(entry.form)]

    def queries(self, subject_ids: Collection[str] | None = None) -> list[QueryState]:
        """Queries about what this actor is shown; a visit is shown to everybody."""
        return [state for state in queries(self.reader, subject_ids) if self._is_shown(state)]

    def _is_shown(self, query: QueryState) -> bool:
        if query.tells_arm and self.sight.blinded:
            return False
        if not query.form:
            return True
        if query.item:
            return self.sight.of_item(query.form, query.item)
        return self.sight.of_form(query.form)

    def mistakes(self) -> list[MistakeState]:
        """What went wrong at randomizations; to the blinded no wrong treatment: it speaks of an arm."""
        found = mistakes(self.reader, self.trial.study.id)
        hidden = "wrong_treatment" if self.sight.blinded else None
        return [entry for entry in found if entry.kind != hidden]


class OpenAct(Gate):
    """An act in progress: the gate, and the transaction that it ends in."""

    def __init__(self, trial: Trial, writing: Transaction, actor: Actor, act: Act, reason: str = "") -> None:
        super().__init__(trial, writing.reader, actor, act, reason)
        self._writing = writing
        self.lock_stratum = writing.lock_stratum
        self.next_ids = writing.next_ids
        self.next_numbers = writing.next_numbers
        self.now = writing.now
        self._held: dict[str, str] = {}

    @property
    def at(self) -> str:
        return self._writing.at

    @property
    def stamp(self) -> AuditStamp:
        """The record this act left, once it is committed; its number is that in the actor's own trail."""
        if self.actor.role in self.trial.study.blinding.blinded_roles and self.trial.hides_from_the_blinded:
            return OwnStamp(self._writing.stamp, self.trial, self.actor)
        return self._writing.stamp

    def add(self, model: type[Base], **values: Any) -> None:
        """One row to be written at the end.

        Raises
        ------
        OperationError
            It is about a subject, or a site, that is locked.
        """
        if self.locked:
            self._require_unlocked(model, [values])
        self._writing.add(model, **values)

    def add_all(self, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        """Rows to be written at the end; refused as one is."""
        self._require_unlocked(model, rows)
        self._writing.add_all(model, rows)

    def _require_unlocked(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """What the lock of the study closes, the lock of a subject or a site closes there."""
        if not model.clinical or not self.locked:
            return
        sites = {*self._held.values(), *(str(row["site"]) for row in rows if row.get("site"))}
        require_unlocked(self.locked, sites, self._held)

    def require_form_unlocked(self, places: Collection[FormKey]) -> None:
        """Refuse to say anything about a form that is locked by itself.

        Raises
        ------
        OperationError
            It is.
        """
        require_forms_unlocked(self.locked, places)

    def rewrite(self, model: type[Base], key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Change a row in place: for the act that takes a text out, and no other."""
        self._writing.rewrite(model, key, values)

    def state(self, **facts: Any) -> None:
        """What the act is about, for whoever reads the audit trail. Never an arm, never a password."""
        self._writing.state(**facts)

    def require_not_frozen(self, places: Collection[FormKey]) -> None:
        """Refuse to change a form that is frozen, by itself, its subject, its site or the study.

        Raises
        ------
        OperationError
            It is.
        """
        self.require_form_unlocked(places)
        require_not_frozen(self.reader, places)

    def known_subjects(self, subject_ids: Collection[str]) -> Mapping[str, SubjectState]:
        """The subjects, held against other writers, after the right at their sites was checked.

        Raises
        ------
        EntryError
            A number nobody has at the sites that the actor is shown.
        AccessError
            No right at the site of one.
        """
        self.known_sites(subject_ids)
        return subjects(self.reader, subject_ids)

    def known_sites(self, subject_ids: Collection[str]) -> Mapping[str, str]:
        """The site of each subject, held and checked in the same way.

        Raises
        ------
        EntryError, AccessError
            As :meth:`known_subjects`.
        """
        self._writing.lock_subjects(subject_ids)
        found = sites_of(self.reader, subject_ids)
        for subject_id in sorted(set(subject_ids)):
            if subject_id not in found or not (self.sites is None or found[subject_id] in self.sites):
                raise unknown_subject(subject_id)
        self.authorize(set(found.values()))
        self._held |= found
        return found


@contextmanager
def acting(
    trial: Trial,
    actor: Actor,
    act: Act,
    *,
    sites: Collection[str] = (),
    reason: str = "",
    exclusive: bool = False,
    plain_words: bool = False,
) -> Iterator[OpenAct]:
    """One act of one actor, in one transaction, after its right was checked.

    ``exclusive`` keeps every other writer out: for setting and lifting the lock. ``plain_words`` as in
    :func:`require_no_arm_named`.

    Raises
    ------
    AccessError, OperationError
        No right; a reason that names an arm.
    """
    with transaction(
        trial.store,
        trial.clock,
        actor,
        act.name,
        reason=reason.strip(),
        audit_key=trial.keys.audit_key,
    ) as writing:
        writing.lock_study(exclusive=exclusive)
        progress = OpenAct(trial, writing, actor, act, reason)
        progress.authorize(sites)
        progress.require_not_closed()
        progress.require_no_arm_named(reason, plain_words=plain_words)
        yield progress


@contextmanager
def reading(
    trial: Trial, actor: Actor, act: Act, *, sites: Collection[str] = (), reason: str = ""
) -> Iterator[Gate]:
    """One reading of one actor, after its right was checked; it leaves no record.

    Raises
    ------
    AccessError
        No right.
    """
    with trial.store.reading() as reader:
        gate = Gate(trial, reader, actor, act, reason)
        gate.authorize(sites)
        yield gate


def unknown_subject(subject_id: str, where: str = "") -> EntryError:
    return EntryError(
        expected="the number of a subject of this study",
        found=repr(subject_id),
        where=where,
        next_step="Check the number on the form.",
    )
