"""Allocation: the next slot of the subject's stratum, checked, recorded, and only then told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import normalize

from trialkit.access import Actor
from trialkit.access.acts.subjects import RANDOMIZE, TELL_ALLOCATION
from trialkit.entry.criteria import failed_criteria, true_levels
from trialkit.entry.lookup import texts_of
from trialkit.operations.anchoring import require_not_suspended, suspension
from trialkit.operations.custody import code_of, open_arm
from trialkit.operations.errors import EligibilityError, OperationError
from trialkit.operations.gate import Gate, acting
from trialkit.operations.recruitment import require_open
from trialkit.operations.screening import screening_rules
from trialkit.operations.slots import hold_stratum, next_free, write_allocation
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp, canonical
from trialkit.store.engine import Reader
from trialkit.store.reading.allocations import allocation_record, allocations
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.recruitment import last_allocated_at
from trialkit.store.reading.subjects import SubjectState
from trialkit.study.model import Study
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Allocated:
    """The answer to a randomization; the arm does not show in its ``repr``.

    ``repeated`` where the subject had the allocation already; ``allocated_by`` is the account that made it
    then. ``audit_number`` and ``audit_hash`` are the head of the audit trail, to be printed on the
    confirmation: an anchor on paper. ``code`` proves the paper after a restore; empty where the audit key
    is not on this machine. ``record`` is the number and hash of the audit record that allocated it, the same
    whenever it is told; ``stratum`` factor -> level as it was drawn.
    """

    subject_id: str
    site: str
    arm: str = field(repr=False)
    allocated_at: datetime
    allocated_by: str
    repeated: bool
    audit_number: int
    audit_hash: str
    code: str = field(repr=False)
    record: tuple[int, str] = (0, "")
    stratum: Mapping[str, str] = field(default_factory=dict)


def randomize(trial: Trial, actor: Actor, *, subject_id: str, stratum_values: Mapping[str, str]) -> Allocated:
    """Give a subject the next slot of its stratum.

    Parameters
    ----------
    subject_id
        Screened, consented, eligible by every criterion on the final record, not randomized.
    stratum_values
        Factor -> level, one for each factor of the study, as read back from the form: they must be those
        of the final record.

    Returns
    -------
    Allocated
        Asked again with the same values, the same allocation.

    Raises
    ------
    AccessError
        No right at the subject's site.
    EligibilityError
        No consent, a criterion that does not hold or cannot be decided, a stratum value missing or
        another than on the form; asked again with other values.
    OperationError
        No list, an exhausted stratum, recruitment not open, a database behind an anchor, a study that
        randomizes elsewhere.
    """
    if trial.study.randomization.method == "external":
        raise OperationError(
            expected="a study that randomizes with a list",
            found="one whose allocations are made outside",
            next_step="Record the allocation instead.",
        )
    values = _as_spelled(trial.study, stratum_values)
    again = _repeated(trial, actor, subject_id, values)
    if again is not None:
        return again
    try:
        return _take_slot(trial, actor, subject_id, values)
    except _AllocatedMeanwhileError:
        again = _repeated(trial, actor, subject_id, values)
        assert again is not None
        return again


def allocation_told(trial: Trial, actor: Actor, *, subject_id: str) -> Allocated:
    """The allocation a subject has, told again; recorded, since it tells an arm.

    Raises
    ------
    AccessError
        No right at the subject's site.
    EntryError, OperationError
        No such subject; one who was not randomized here.
    """
    with acting(trial, actor, TELL_ALLOCATION) as progress:
        state = progress.known_subjects([subject_id])[subject_id]
        if state.allocated_at is None:
            raise OperationError(
                expected="a subject who was randomized here",
                found="one who was not",
                where=subject_id,
                next_step="Look at the subject's page.",
            )
        progress.state(subject=subject_id)
    again = _repeated(trial, actor, subject_id, state.factor_values)
    assert again is not None
    return again


def _as_spelled(study: Study, values: Mapping[str, str]) -> dict[str, str]:
    """Values in the study's own spelling: a letter with its accent may be one character or two."""
    factors = {normalize("NFC", factor.name): factor for factor in study.factors}
    spelled = {}
    for name, value in values.items():
        factor = factors.get(normalize("NFC", name))
        levels = {normalize("NFC", level): level for level in factor.levels} if factor else {}
        spelled[factor.name if factor else name] = levels.get(normalize("NFC", value), value)
    return spelled


class _AllocatedMeanwhileError(Exception):
    """Another desk was quicker with the same subject; its allocation is the answer."""


def _take_slot(trial: Trial, actor: Actor, subject_id: str, stratum_values: Mapping[str, str]) -> Allocated:
    with acting(trial, actor, RANDOMIZE) as progress:
        require_not_suspended(trial, progress.reader)
        held = hold_stratum(trial, progress, stratum_values, subject_id)
        state = progress.known_subjects([subject_id])[subject_id]
        if state.allocated:
            raise _AllocatedMeanwhileError
        require_open(progress.reader, state.site, held.label, subject_id)
        _require_eligible(progress, state, stratum_values)
        free = next_free(progress.reader, held, subject_id)
        arm = open_arm(trial, free.sealed_for(subject_id))
        trial.study.arm(arm)
        at = progress.now()  # not the time the act began: it may have waited for another desk
        _require_clock(progress.reader, held.label, at, subject_id)
        values_as_used = canonical(dict(stratum_values))
        write_allocation(trial, progress, actor.account, subject_id, held, free, values_as_used, at)
    stamp: AuditStamp = progress.stamp
    trial.anchors.keep(stamp.number, stamp.hash)
    code = code_of(trial, free.sealed_for(subject_id), arm, at)
    told_at, by = datetime.fromisoformat(at), actor.account
    head = (stamp.number, stamp.hash)
    drawn = dict(stratum_values)
    return Allocated(subject_id, state.site, arm, told_at, by, False, *head, code, head, drawn)


def _require_clock(reader: Reader, stratum: str, at: str, subject_id: str) -> None:
    """The final proof holds the slots of a stratum against their times: a clock set back would break it."""
    last = last_allocated_at(reader, stratum)
    if last is not None and at < last:
        raise OperationError(
            expected=said(
                "a time after {last}, when the stratum's last subject was randomized", last=last[:19]
            ),
            found=said("{at}: the clock was set back", at=at[:19]),
            where=subject_id,
            next_step="Set the clock of the database's machine right, then randomize. No slot was taken.",
        )


def _repeated(
    trial: Trial, actor: Actor, subject_id: str, stratum_values: Mapping[str, str]
) -> Allocated | None:
    """The allocation a subject has already, if it was asked for in the same words."""
    with trial.store.reading() as reader:
        gate = Gate(trial, reader, actor, RANDOMIZE)
        gate.authorize()
        state = gate.subject(subject_id)
        gate.authorize([state.site])
        if state.allocated_at is None:
            return None
        if dict(state.factor_values) != dict(stratum_values):
            raise EligibilityError(
                expected="the stratum values this subject was randomized with",
                found="others",
                where=subject_id,
                next_step="If a value was wrong then, record the mistake; no further slot is taken.",
            )
        sealed = allocations(reader, trial.study.id, [subject_id])[subject_id]
        number, link = audit_head(reader)
        arm, told_at, by = open_arm(trial, sealed), state.allocated_at, state.allocated_by
        behind = suspension(trial, reader) is not None
        own_record = allocation_record(reader, subject_id)
    if not behind:  # a desk may have been cut off between its commit and its anchor
        trial.anchors.keep(*own_record)
    code = code_of(trial, sealed, arm, told_at.isoformat(timespec="microseconds"))
    drawn, head = dict(state.factor_values), (own_record[0], own_record[1])
    return Allocated(subject_id, state.site, arm, told_at, by, True, number, link, code, head, drawn)


def _require_eligible(gate: Gate, state: SubjectState, stratum_values: Mapping[str, str]) -> None:
    if state.screen_failed or state.withdrawn:
        raise EligibilityError(
            expected="a subject in screening", found="one who left the study", where=state.subject_id
        )
    if state.consent_date is None:
        raise EligibilityError(expected="a signed consent", found="none", where=state.subject_id)
    rules = screening_rules(gate, state)
    texts = texts_of(rules, final_values(gate.reader, [state.subject_id]))
    failed = failed_criteria(rules, texts)
    if failed:
        raise EligibilityError(
            expected="every criterion to hold on the confirmed forms",
            found="; ".join(failed),
            where=state.subject_id,
            next_step="Complete and confirm the forms, or record a screening failure.",
        )
    for name, true in true_levels(rules, texts, state.site).items():
        if true is None:
            raise EligibilityError(
                expected=said("a confirmed value of {name}", name=_label(rules.study, name)),
                found="none",
                where=state.subject_id,
                next_step="Enter the form that it stands on, and let the investigator confirm it.",
            )
        if stratum_values.get(name) != true:
            raise EligibilityError(
                expected=said("{name} as on the confirmed form", name=_label(rules.study, name)),
                found="another value",
                where=state.subject_id,
                next_step="Look at the form. If the form is wrong, correct it first.",
            )


def _label(study: Study, factor_name: str) -> str:
    """A stratification factor as people name it."""
    item = next(factor.item for factor in study.factors if factor.name == factor_name)
    return study.item(item).label if item else said("Site")
