"""Checks of the final record ask the sites: each failure once, and again when other values fail anew."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.queries import RAISE_QUERIES
from trialkit.entry import QueryStatus
from trialkit.entry.branching import NONE_ABSENT
from trialkit.entry.checking import Flag
from trialkit.entry.meaning import AS_WRITTEN
from trialkit.entry.study_checks import Failed, SubjectDays
from trialkit.operations.absent_forms import absent_forms
from trialkit.operations.asked_now import record_now
from trialkit.operations.checks_in_force import failed_checks, versions_of
from trialkit.operations.flags import kept_as_written
from trialkit.operations.gate import Gate, OpenAct, acting, reading
from trialkit.operations.queries import ask, take_step
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization, died
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.review import QueryState, queries_raised
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.vocabulary import ItemType, MissingCode
from trialkit.wording import said

_AT_A_TIME = 200
_MEASURED = frozenset({ItemType.INTEGER, ItemType.NUMBER, ItemType.DATE})

Place = tuple[str, str, str, str, str]
"""subject, visit, form, row, item; a visit has no form, a form as a whole no item."""


@dataclass(frozen=True, slots=True)
class QueriesRaised:
    """What the checks asked.

    Parameters
    ----------
    raised
        Numbers of new queries.
    reopened
        Queries that were answered, and whose check fails on the values that stand now.
    standing
        How many failures were asked about before, on the same values.
    settled
        Queries still open whose check fails no more: somebody may close them.
    stamp
        None where nothing was written, because nothing was new.
    """

    raised: tuple[int, ...]
    reopened: tuple[int, ...]
    standing: int
    settled: tuple[int, ...]
    stamp: AuditStamp | None


@dataclass(frozen=True, slots=True)
class _Failure:
    failed: Failed
    place: Place
    final_value: int | None
    seen_sha256: str
    tells_arm: bool
    measured: str  # the number or day at the place; empty where there is none

    @property
    def text(self) -> str:
        return said(
            "{message}{measured} (check {name}{severity})",
            message=self.failed.message,
            measured=said("; the record says {value}", value=self.measured) if self.measured else "",
            name=self.failed.name,
            severity=said(", hard") if self.failed.hard else "",
        )


def raise_queries(trial: Trial, actor: Actor, *, subject_ids: Collection[str] | None = None) -> QueriesRaised:
    """Hold the final record against every check, and ask the sites what was not asked before.

    Ranges and required items of the dictionary, reference ranges, the study's own checks, texts kept as
    written, and visits out of their windows, which have no form: such a query is about the visit. A failure
    is known by its check, its place and the values the check read; other values that fail are asked about
    anew, in the thread of the earlier query while that is not closed.

    Parameters
    ----------
    subject_ids
        Only of these; None: of everybody at the sites of the actor's right.

    Returns
    -------
    QueriesRaised
        Nothing is written where nothing is new.

    Raises
    ------
    AccessError, EntryError, StoreError
        No right; a number nobody has; a locked study.
    OperationError
        The message of a check names an arm.

    Degenerate case: to the blinded, checks that read what tells an arm are no part of the study; somebody
    who sees everything raises those, and the blinded are not shown the queries.
    """
    with reading(trial, actor, RAISE_QUERIES) as gate:
        gate.require_not_closed()
        for subject_id in subject_ids or ():
            gate.subject(subject_id)
        found = [
            one for people in _some_at_a_time(gate.subjects(subject_ids)) for one in _failures(gate, people)
        ]
        news = sorted({one.place[0] for one in _unseen(gate, found)})
        settled = _settled(gate, found, gate.subjects(subject_ids))
    if not news:
        return QueriesRaised((), (), len(found), settled, None)
    with acting(trial, actor, RAISE_QUERIES) as progress:
        people = progress.known_subjects(news)
        unseen = _unseen(progress, _failures(progress, people))
        raised, reopened = _ask_about(progress, unseen)
        progress.state(queries_raised=list(raised), queries_reopened=list(reopened))
    standing = len(found) - len(unseen)
    return QueriesRaised(raised, reopened, standing, settled, progress.stamp)


def raise_again(
    progress: OpenAct, corrected: FinalState, finals: Sequence[FinalState], flags: Sequence[Flag]
) -> tuple[int, ...]:
    """Inside a correction: what the checks that read the corrected value ask now, at any form and visit.

    Parameters
    ----------
    finals
        The subject's other final values.
    flags
        What the new value was warned of, in this act.

    Returns
    -------
    tuple of int
        Queries raised or reopened; none where the same was asked before, on the same values.
    """
    people = progress.subjects([corrected.subject_id])
    place = (corrected.item, corrected.visit, corrected.row)
    field = (corrected.subject_id, corrected.visit, corrected.row, corrected.item)
    written = _as_typed(flags)
    failures = _failures(progress, people, [*finals, corrected], {field: written} if written else {})
    reading = [one for one in failures if place in one.failed.reads]
    if not reading:
        return ()
    raised, reopened = _ask_about(progress, _unseen(progress, reading))
    return (*raised, *reopened)


def _as_typed(flags: Sequence[Flag]) -> str:
    return "; ".join(str(flag.text) for flag in flags if flag.check == AS_WRITTEN)


def _some_at_a_time(people: Mapping[str, SubjectState]) -> Iterator[dict[str, SubjectState]]:
    """Few enough subjects that their whole records fit into memory, however many there are."""
    ids = list(people)
    for start in range(0, len(ids), _AT_A_TIME):
        yield {number: people[number] for number in ids[start : start + _AT_A_TIME]}


def _failures(
    gate: Gate,
    people: Mapping[str, SubjectState],
    finals: Iterable[FinalState] | None = None,
    texts: Mapping[tuple[str, str, str, str], str] | None = None,
) -> list[_Failure]:
    """Every failure of these subjects' records, as far as the actor sees them."""
    by_subject: dict[str, list[FinalState]] = defaultdict(list)
    written = gate.written_values(list(people)) if finals is None else list(finals)
    for final in record_now(gate, written):
        by_subject[final.subject_id].append(final)
    recorded = gate.visits(list(people))
    visits: dict[str, list[VisitState]] = defaultdict(list)
    for visit in recorded.values():
        visits[visit.subject_id].append(visit)
    unread = {**kept_as_written(gate, list(people)), **(texts or {})}
    found = []
    bound = versions_of(gate, list(people))
    absent = absent_forms(gate, list(people))
    for subject_id, subject in people.items():
        here = by_subject[subject_id]
        days = SubjectDays(
            subject.site,
            subject.consent_date,
            day_of_randomization(gate.trial, subject),
            {visit.visit: visit.date for visit in visits[subject_id] if visit.date is not None},
            died(gate.trial.study.safety.death_date, here),
            absent.get(subject_id, NONE_ABSENT),
        )
        finals_by_place = {(final.item, final.visit, final.row): final for final in here}
        kept = [
            _as_written(final, unread[place])
            for final in here
            if (place := (subject_id, final.visit, final.row, final.item)) in unread
            and final.value.missing_code is MissingCode.UNKNOWN
        ]
        failures = failed_checks(gate, subject_id, here, days, bound)
        for failed in (*failures, *kept):
            found.append(_failure(gate, subject_id, failed, finals_by_place))
    known = {(one.place, one.failed.name, one.seen_sha256): one for one in found}
    return list(known.values())  # two ranges of one item may fail alike


def _as_written(final: FinalState, text: str) -> Failed:
    """No value could be made of what stands on the form: the site says what it should be."""
    place = (final.visit, final.form, final.item, final.row)
    return Failed(AS_WRITTEN, *place, text, hard=False, reads=((final.item, final.visit, final.row),))


def _failure(
    gate: Gate, subject_id: str, failed: Failed, finals: Mapping[tuple[str, str, str], FinalState]
) -> _Failure:
    ids = {place: final.id for place, final in finals.items()}
    seen: list[object] = [[*place, ids.get(place)] for place in failed.reads] or [failed.message]
    content = json.dumps([failed.name, failed.rule, failed.visit, failed.row, failed.item, seen])
    shown = gate.trial.rules_without_arms.items
    return _Failure(
        failed,
        (subject_id, failed.visit, failed.form, failed.row, failed.item),
        ids.get((failed.item, failed.visit, failed.row)),
        hashlib.sha256(content.encode()).hexdigest(),
        any(item not in shown for item, _, _ in failed.reads),
        _measured(gate, finals.get((failed.item, failed.visit, failed.row))),
    )


def _measured(gate: Gate, final: FinalState | None) -> str:
    """A number or a day; what is said in words or by a code is left to the record."""
    if final is None or gate.rules.items[final.item].type not in _MEASURED:
        return ""
    return final.value.text or ""


def _unseen(gate: Gate, failures: Sequence[_Failure]) -> list[_Failure]:
    """Those that nobody was asked about yet, with the values that stand now; none behind a lock."""
    locked = gate.locked_keys({one.place[:3] for one in failures})
    places = {query.id: _place_of(query) for query in gate.queries()}
    seen = {
        (places[entry.query], entry.check, entry.seen_sha256)
        for entry in queries_raised(gate.reader)
        if entry.query in places
    }
    return [
        one
        for one in failures
        if (one.place, one.failed.name, one.seen_sha256) not in seen and one.place[:3] not in locked
    ]


def _settled(gate: Gate, failures: Sequence[_Failure], people: Mapping[str, SubjectState]) -> tuple[int, ...]:
    failing = {(one.place, one.failed.name) for one in failures}
    return tuple(
        query.id
        for query in gate.queries()
        if query.check
        and not query.closed
        and query.subject_id in people
        and (_place_of(query), query.check) not in failing
    )


def _ask_about(progress: OpenAct, failures: Sequence[_Failure]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A new query for each failure, or a further step where an earlier one is not closed."""
    open_ones: dict[tuple[Place, str], QueryState] = {
        (_place_of(query), query.check): query
        for query in progress.queries({one.place[0] for one in failures})
        if query.check and not query.closed
    }
    raised, reopened = [], []
    for one in failures:
        before = open_ones.get((one.place, one.failed.name))
        if before is None:
            number = ask(progress, one.place, one.text, tells_arm=one.tells_arm)
            raised.append(number)
        else:
            number = before.id
            if before.status is QueryStatus.ANSWERED:
                take_step(progress, number, before.where, QueryStatus.REOPENED, one.text)
                reopened.append(number)
        progress.add(
            m.QueryRaised,
            id=next(progress.next_ids(m.QueryRaised)),
            query=number,
            check_name=one.failed.name,
            final_value=one.final_value,
            seen_sha256=one.seen_sha256,
            tells_arm=one.tells_arm,
        )
    return tuple(raised), tuple(reopened)


def _place_of(query: QueryState) -> Place:
    return (query.subject_id, query.visit, query.form, query.row, query.item)
