"""Adjudication: a third person, with the paper in hand, decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import ADJUDICATE
from trialkit.entry import (
    AdjudicationChoice,
    Discrepancy,
    ReasonCode,
    TypedValue,
    adjudicate as decide,
    check_adjudicator,
)
from trialkit.entry.checking import Flag
from trialkit.entry.errors import EntryError
from trialkit.entry.meaning import AS_WRITTEN
from trialkit.entry.rules import StudyRules
from trialkit.operations.errors import OperationError
from trialkit.operations.flags import FlagStage, keep_flags, sides_as_written
from trialkit.operations.gate import Gate, OpenAct, acting
from trialkit.operations.queries import ask
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.discrepancies import DiscrepancyState
from trialkit.store.reading.forms import FormKey, FormState
from trialkit.store.reading.review import QueryState
from trialkit.vocabulary import ValueState
from trialkit.wording import said

DiscrepancyPlace = tuple[str, str, str, str, str]
"""subject_id, visit, form, row, item."""


_ASKED = said("The two entries differ, and the form does not decide it. What does the source say?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the adjudicator decides about one discrepancy.

    Parameters
    ----------
    row
        Line number of a repeating form; empty on other forms.
    choice, reason
        As in ``trialkit.entry.adjudicate``.
    new_value
        With ``NEW_VALUE`` only: a text as typed, ``@unknown`` for a missing code, or a ``TypedValue``.
    """

    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    choice: AdjudicationChoice
    reason: ReasonCode
    new_value: str | TypedValue | None = None

    @property
    def place(self) -> DiscrepancyPlace:
        return (self.subject_id, self.visit, self.form, self.row, self.item)

    @property
    def where(self) -> str:
        return "/".join(part for part in self.place if part)


@dataclass(frozen=True, slots=True)
class Adjudicated:
    decided: int
    undecided: int  # "cannot decide": they stay open
    stamp: AuditStamp
    flags: tuple[Flag, ...] = ()  # what to look at in new values


def adjudicate(
    trial: Trial, actor: Actor, *, verdicts: Sequence[Verdict], second_person: Actor | None = None
) -> Adjudicated:
    """Decide discrepancies, all of them or none, in one transaction; "cannot decide" asks the site.

    Parameters
    ----------
    second_person
        Who confirms the new values, proved by password: needed where a new value is given to a critical item.
        (One of the two typed values has two people behind it: its typist and the adjudicator.)

    Raises
    ------
    OperationError
        No such open discrepancy, or one twice.
    PassError
        The account made one of the two passes.
    AdjudicationError, EntryError
        Choice, reason and new value do not hold together; the new value cannot be one.
    """
    return write_verdicts(trial, actor, verdicts, second_person)


def write_verdicts(
    trial: Trial,
    actor: Actor,
    verdicts: Sequence[Verdict],
    second_person: Actor | None,
    facts: Mapping[str, str] | None = None,
) -> Adjudicated:
    """The same with more for the audit record: the file that the verdicts stood in."""
    ids = {verdict.subject_id for verdict in verdicts}
    with acting(trial, actor, ADJUDICATE) as progress:
        sites = {state.site for state in progress.known_subjects(ids).values()}
        progress.require_not_frozen({verdict.place[:3] for verdict in verdicts})
        open_ones = {
            (found.subject_id, found.visit, found.form, found.row, found.item): found
            for found in progress.discrepancies(ids, only_open=True)
        }
        states = progress.forms(ids)
        asked = {_field_of(query) for query in progress.queries(ids) if not query.closed}
        wanted = [open_ones[one.place] for one in verdicts if one.place in open_ones]
        sides = sides_as_written(progress, wanted)
        changes = []
        decided = 0
        for verdict in verdicts:
            found = open_ones.pop(verdict.place, None)
            if found is None:
                raise OperationError(
                    expected="an open discrepancy",
                    found="none there, or one decided already",
                    where=verdict.where,
                    next_step="Look at the worklist again.",
                )
            check_adjudicator(
                states[verdict.place[:3]].passes, actor.account, where="/".join(verdict.place[:3])
            )
            rules = _rules_of(progress, verdict, states)
            changes.append(_write(progress, rules, verdict, found, sides[found.id]))
            if verdict.choice is not AdjudicationChoice.CANNOT_DECIDE:
                decided += 1
            elif verdict.place not in asked:
                ask(progress, verdict.place, _ASKED)
        _confirm(progress, verdicts, states, second_person, sites)
        progress.state(changes=changes, **(facts or {}))
        flags = tuple(
            flag for verdict in verdicts for flag in _flags(_rules_of(progress, verdict, states), verdict)
        )
        for verdict in verdicts:
            keep_flags(
                progress,
                verdict.place[:3],
                FlagStage.ADJUDICATED,
                _flags(_rules_of(progress, verdict, states), verdict),
            )
    return Adjudicated(decided, len(verdicts) - decided, progress.stamp, flags)


def _field_of(query: QueryState) -> DiscrepancyPlace:
    return (query.subject_id, query.visit, query.form, query.row, query.item)


def _confirm(
    progress: OpenAct,
    verdicts: Sequence[Verdict],
    states: Mapping[FormKey, FormState],
    second: Actor | None,
    sites: Collection[str],
) -> None:
    """New values are the adjudicator's alone; whoever made a pass that is set aside confirms none."""
    new = [verdict for verdict in verdicts if verdict.choice is AdjudicationChoice.NEW_VALUE]
    typists = {
        str(hand) for verdict in new for made in states[verdict.place[:3]].passes for hand in made.hands
    }
    where = new[0].where if len(new) == 1 else ""
    fields = [(verdict.form, verdict.item) for verdict in new]
    confirm_critical(progress, fields, second, sites=sites, authors=typists, where=where)


def _rules_of(gate: Gate, verdict: Verdict, states: Mapping[FormKey, FormState]) -> StudyRules:
    """What the form asked of its typists: by the version that they entered it under."""
    return gate.asked_by(states[verdict.place[:3]].study_version)


def _flags(rules: StudyRules, verdict: Verdict) -> tuple[Flag, ...]:
    if verdict.new_value is None:
        return ()
    blank = readable(rules, verdict.item, verdict.new_value, verdict.where).state is ValueState.BLANK
    if blank and rules.decided_elsewhere(verdict.form, verdict.item, verdict.visit):
        return ()  # whether it is asked for, the final record says, and a query where it is
    return oddities(rules, verdict.item, verdict.new_value, verdict.where, verdict.row)


def _write(
    progress: OpenAct, rules: StudyRules, verdict: Verdict, found: DiscrepancyState, sides: tuple[str, str]
) -> dict[str, object]:
    new_value = None
    if verdict.new_value is not None:
        new_value = readable(rules, verdict.item, verdict.new_value, verdict.where)
        progress.require_value_without_arm(verdict.item, new_value.text, where=verdict.where)
    decision = decide(
        Discrepancy(found.row, found.item, found.first, found.second, found.kind),
        verdict.choice,
        verdict.reason,
        new_value,
        where=verdict.where,
    )
    final_id = None
    if decision.final is not None:
        final_id = next(progress.next_ids(m.FinalValue))
        value = decision.final.value
        progress.add(
            m.FinalValue,
            id=final_id,
            final_row=found.final_row,
            item=found.item,
            raw_text=value.text,
            state=value.state.value,
            missing_code=value.missing_code and value.missing_code.value,
            origin=decision.final.origin.value,
        )
    progress.add(
        m.Adjudication,
        id=next(progress.next_ids(m.Adjudication)),
        discrepancy=found.id,
        choice=verdict.choice.value,
        reason_code=verdict.reason.value,
        final_value=final_id,
        decided_by=progress.actor.account,
    )
    first, second = (side or None for side in sides)
    chosen = {AdjudicationChoice.FIRST: first, AdjudicationChoice.SECOND: second}
    new = None if decision.final is None else shown(decision.final.value)
    return {
        "field": verdict.where,
        "first": first,
        "second": second,
        "new": chosen.get(verdict.choice, new),
        "reason_code": verdict.reason.value,
    }


def readable(rules: StudyRules, item: str, typed: str | TypedValue, where: str) -> TypedValue:
    """A typed text as a value of the item, or a refusal."""
    read = rules.read(rules.items[item], typed)
    if read.problem:
        raise EntryError(expected=read.problem, found=repr(shown(read.value)), where=where)
    return read.value


def oddities(
    rules: StudyRules, item: str, typed: str | TypedValue, where: str, row: str = ""
) -> tuple[Flag, ...]:
    """What to look at in a value that is taken all the same, as at entry."""
    read = rules.read(rules.items[item], typed)
    check = AS_WRITTEN if read.as_written else ""
    return (Flag(where, read.oddity, row, item, check),) if read.oddity else ()


def shown(value: TypedValue) -> str | None:
    """A value in one text, as the audit trail shows it: the text typed, ``@unknown``, or nothing."""
    if value.missing_code is not None:
        return f"@{value.missing_code}"
    return value.text
