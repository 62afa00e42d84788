"""Operations whose arguments or answers have another shape in JSON than in Python. They decide nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.entry.adjudication import AdjudicationChoice, ReasonCode
from trialkit.operations import readiness
from trialkit.operations.entry_desk import WantedForm, wanted_forms
from trialkit.operations.subject_list import SubjectListed, list_subjects, subject_shown
from trialkit.operations.trial import Trial
from trialkit.operations.worklist import discrepancy_worklist


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form as typed: item -> text; ``row`` is its key on a form with several lines.

    ``kept``: items whose value stays, after a refusal said that it differs from the other entry.
    """

    values: dict[str, str]
    row: str = ""
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entered:
    """Never whether the two entries agree: who types must not learn of the other one."""

    forms: int
    flags: tuple[op.Flag, ...]


def enter_form(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    rows: list[Row],
    confirmed: bool = False,
    confirmed_by: str | None = None,
) -> Entered:
    """Enter a form: the first or the second pass of it, whichever is wanted of this account."""
    lines = (op.EnteredRow(row.values, row.row, kept=frozenset(row.kept)) for row in rows)
    entry = op.FormEntry(subject_id, visit, form, tuple(lines))
    done = op.enter_pass(trial, actor, entry=entry, confirmed=confirmed, confirmed_by=confirmed_by)
    return Entered(done.forms, done.flags)


def correct(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    item: str,
    value: str,
    reason: str,
    row: str = "",
    seen: str | None = None,
    query: int | None = None,
) -> op.Corrected:
    """Correct a value of the final record; ``seen`` is the value it replaces, as the program read it."""
    return op.correct(
        trial, actor, subject_id=subject_id, visit=visit, form=form, item=item, value=value, reason=reason,
        row=row, seen=seen, query=query,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValueDecided:
    """What an adjudicator decides about one value; ``new_value`` where neither entry was right."""

    item: str
    choice: AdjudicationChoice
    reason: ReasonCode
    row: str = ""
    new_value: str | None = None


def adjudicate(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str, decisions: list[ValueDecided]
) -> op.Adjudicated:
    """Decide what the two entries of a form disagree about."""
    verdicts = [
        op.Verdict(subject_id, visit, form, one.row, one.item, one.choice, one.reason, one.new_value)
        for one in decisions
    ]
    return op.adjudicate(trial, actor, verdicts=verdicts)


def record_visit(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, date: date, reason: str = ""
) -> op.Recorded:
    """Record that a visit took place, and when."""
    return op.record_visits(trial, actor, visits_done=[op.VisitDone(subject_id, visit, date, reason)])


def mark_not_done(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, reason: str, form: str | None = None
) -> op.Recorded:
    """State that a visit, or one form of it, was not done."""
    return op.mark_not_done(trial, actor, entries=[op.NotDone(subject_id, visit, reason, form)])


@dataclass(frozen=True, slots=True)
class Left:
    subject_id: str
    left_on: date
    audit_number: int


def screen_fail(trial: Trial, actor: Actor, *, subject_id: str, date: date, reason: str) -> Left:
    """Record that a screened person does not enter the trial."""
    done = op.screen_fail(trial, actor, subject_id=subject_id, date=date, reason=reason)
    return Left(done.subject_id, done.date, done.stamp.number)


def withdraw(trial: Trial, actor: Actor, *, subject_id: str, date: date, reason: str) -> Left:
    """Record that a subject leaves the study."""
    done = op.withdraw(trial, actor, subject_id=subject_id, date=date, reason=reason)
    return Left(done.subject_id, done.date, done.stamp.number)


@dataclass(frozen=True, slots=True)
class Randomized:
    """Without the arm, which no answer that is kept may hold: read ``allocation``.

    ``audit_number`` is that of the record that allocated it, asked again too.
    """

    subject_id: str
    repeated: bool
    audit_number: int
    allocation: str


def randomize(trial: Trial, actor: Actor, *, subject_id: str, stratum_values: dict[str, str]) -> Randomized:
    """Allocate the next slot to an eligible subject; asked again, it draws nothing new."""
    done = op.randomize(trial, actor, subject_id=subject_id, stratum_values=stratum_values)
    return Randomized(
        done.subject_id, done.repeated, done.record[0], f"subjects/{done.subject_id}/allocation"
    )


@dataclass(frozen=True, slots=True)
class CriterionStanding:
    label: str
    kind: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Readiness:
    subject_id: str
    ready: bool
    consent_date: date | None
    criteria: tuple[CriterionStanding, ...]
    levels: dict[str, str | None]


def readiness_of(trial: Trial, actor: Actor, *, subject_id: str) -> Readiness:
    """What stands for and against randomizing a subject."""
    found = readiness.readiness_of(trial, actor, subject_id)
    standing = tuple(CriterionStanding(one.label, one.kind, met) for one, met in found.criteria)
    return Readiness(found.subject_id, found.ready, found.consent_date, standing, found.levels)


@dataclass(frozen=True, slots=True)
class SiteMonth:
    site: str
    month: str
    randomized: int


@dataclass(frozen=True, slots=True)
class Recruitment:
    screened: dict[str, int]
    randomized: tuple[SiteMonth, ...]
    withdrawn: int


def recruitment(trial: Trial, actor: Actor) -> Recruitment:
    """Subjects screened, and randomized by site and month."""
    counts = op.recruitment_counts(trial, actor)
    months = tuple(SiteMonth(site, month, n) for (site, month), n in sorted(counts.randomized.items()))
    return Recruitment(counts.screened, months, counts.withdrawn)


@dataclass(frozen=True, slots=True)
class LevelBalance:
    factor: str
    level: str
    arm: str
    subjects: int


@dataclass(frozen=True, slots=True)
class Balance:
    overall: dict[str, int]
    by_level: tuple[LevelBalance, ...]


def balance(trial: Trial, actor: Actor) -> Balance:
    """Subjects of each arm, overall and by factor; the look is recorded."""
    found = op.balance_of(trial, actor)
    return Balance(found.overall, tuple(LevelBalance(*key, n) for key, n in sorted(found.by_level.items())))


def subjects(trial: Trial, actor: Actor) -> list[SubjectListed]:
    """The subjects this account is shown, by number."""
    return list_subjects(trial, actor)


def subject(trial: Trial, actor: Actor, *, subject_id: str) -> SubjectListed:
    """One subject; of another site it is as unknown as one that never was."""
    return subject_shown(trial, actor, subject_id)


def forms_of(trial: Trial, actor: Actor, *, subject_id: str) -> list[op.FormNow]:
    """Where each form expected of a subject stands."""
    return op.forms_now(trial, actor, subject_ids=[subject_id])


def wanted(trial: Trial, actor: Actor) -> list[WantedForm]:
    """Forms that this account could enter now."""
    return wanted_forms(trial, actor)


def discrepancies(trial: Trial, actor: Actor, *, only_open: bool = True) -> list[dict[str, str]]:
    """What two entries disagree about."""
    return discrepancy_worklist(trial, actor, only_open=only_open)


def serious_events(trial: Trial, actor: Actor, *, only_overdue: bool = False) -> list[op.SeriousEventListed]:
    """Serious adverse events with their clock and reports; no arm."""
    return op.list_serious_events(trial, actor, only_overdue=only_overdue)


def serious_events_by_arm(trial: Trial, actor: Actor) -> list[op.SeriousEventListed]:
    """The same with everybody's arm, for the DSMB: an address of its own, since it tells arms."""
    return op.list_serious_events(trial, actor, by_arm=True)


def raise_queries(trial: Trial, actor: Actor, *, subject_ids: list[str] | None = None) -> op.QueriesRaised:
    """Let the study's checks ask about the final record, of some subjects or all."""
    return op.raise_queries(trial, actor, subject_ids=subject_ids)
