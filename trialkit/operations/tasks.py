"""What an account is to do now, by its role; and how much of it waits for each person.

Each kind of task is found by one function, and asked of whoever has the right to the act that does it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trialkit.access import Act, Actor
from trialkit.access.acts.capture import (
    ADJUDICATE,
    ENDORSE_CORRECTION,
    ENTER_PASSES,
    IMPORT_PASS,
)
from trialkit.access.acts.closing import FREEZE, SIGN_FORM, VERIFY_SOURCE
from trialkit.access.acts.queries import ANSWER_QUERY, CLOSE_QUERY
from trialkit.access.acts.reading import COUNT_WORK, VIEW_TODO
from trialkit.access.acts.safety import REPORT_SERIOUS_EVENT
from trialkit.access.acts.subjects import ENROL, RANDOMIZE
from trialkit.entry import FormStatus, QueryStatus, live_passes
from trialkit.entry.work import WorkKind
from trialkit.operations.against_a_lock import against_a_lock
from trialkit.operations.endorsing import is_awaited, is_shown
from trialkit.operations.entry_desk import wants_a_pass_of
from trialkit.operations.form_marks import SIGNED, VERIFIED
from trialkit.operations.gate import Gate, reading
from trialkit.operations.import_claims import concerns, unfinished_imports
from trialkit.operations.open_work import OpenWork, load_open_work
from trialkit.operations.readiness import ready_among
from trialkit.operations.safety_list import events_of
from trialkit.operations.sight import sight
from trialkit.operations.subjects import local_date
from trialkit.operations.trial import Trial
from trialkit.operations.void_marks import void_marks, void_ticks
from trialkit.operations.work_state import typing_due_on
from trialkit.store.reading.accounts import accounts
from trialkit.store.reading.corrections import corrections
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import marked_forms
from trialkit.store.reading.study import lock_stands
from trialkit.vocabulary import Role
from trialkit.wording import said_count


class TaskKind(StrEnum):
    """What is to be done, in the order in which a list shows it."""

    REPORT_SERIOUS_EVENT = "report_serious_event"
    FOLLOW_UP_SERIOUS_EVENT = "follow_up_serious_event"
    RECORD_VISIT = "record_visit"
    RANDOMIZE = "randomize"
    FINISH_IMPORT = "finish_import"
    ENTER_FORM = "enter_form"
    ANSWER_QUERY = "answer_query"
    ENDORSE_CORRECTION = "endorse_correction"
    ADJUDICATE = "adjudicate"
    CLOSE_QUERY = "close_query"
    VERIFY_AGAIN = "verify_again"
    SIGN = "sign"
    SIGN_AGAIN = "sign_again"
    CHASE_QUERY = "chase_query"
    CHASE_DISCREPANCY = "chase_discrepancy"
    CLEAR_FOR_LOCK = "clear_for_lock"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    ``form``, ``row`` and ``item`` are empty where it is not about one; ``query`` is the number of a query,
    ``serious_event`` that of such an event, or None. ``count`` is how many discrepancies and lines of the
    form wait, or things stand against a lock of the site, which has no subject. ``due_on`` and ``overdue``
    are of visits, forms and reports; a query has ``age_days``.
    """

    kind: TaskKind
    site: str
    subject_id: str
    visit: str = ""
    form: str = ""
    row: str = ""
    item: str = ""
    query: int | None = None
    count: int = 1
    due_on: date | None = None
    overdue: bool = False
    age_days: int = 0
    text: str = ""
    serious_event: int | None = None

    @property
    def where(self) -> str:
        parts = (self.subject_id, self.visit, self.form, self.row, self.item)
        return "/".join(part for part in parts if part) or self.site


@dataclass(frozen=True, slots=True)
class PersonWork:
    """What waits for one account in one of its roles: tasks by kind, and how many of them are overdue."""

    account: str
    role: Role
    site: str | None
    waiting: Mapping[TaskKind, int] = field(hash=False)
    overdue: int = 0


def todo(trial: Trial, actor: Actor) -> list[Task]:
    """What this account is to do now in the role it acts in: overdue first, then by kind and subject.

    Raises
    ------
    AccessError
        The account does not hold the role.

    Degenerate case: a role that waits for others, such as an administrator, has nothing to do here.
    """
    with reading(trial, actor, VIEW_TODO) as gate:
        return tasks_of(gate, load_open_work(gate))


def work_by_person(trial: Trial, actor: Actor) -> list[PersonWork]:
    """How much waits for each account in each of its roles, as far as whoever asks may see it.

    Raises
    ------
    AccessError
        A role that oversees nobody's work.
    """
    with reading(trial, actor, COUNT_WORK) as gate:
        states: dict[bool, OpenWork] = {}
        found = []
        for person in accounts(gate.reader):
            for grant in person.grants:
                theirs = Actor(person.login, grant.role, grant.site, actor.authentication)
                eyes = Gate(trial, gate.reader, theirs, VIEW_TODO)
                blinded = gate.sight.blinded or eyes.sight.blinded
                eyes.sight = sight(trial, blinded=blinded)
                if blinded not in states:
                    states[blinded] = load_open_work(gate.with_blinded_eyes() if blinded else gate)
                found.append(_counted(theirs, tasks_of(eyes, states[blinded])))
    return found


def _counted(person: Actor, tasks: Sequence[Task]) -> PersonWork:
    kinds = Counter(task.kind for task in tasks)
    return PersonWork(person.account, person.role, person.site, kinds, sum(task.overdue for task in tasks))


def tasks_of(gate: Gate, state: OpenWork) -> list[Task]:
    """The same inside a reading."""
    found = [
        task
        for act, find in _FINDERS
        if gate.permits(act)
        for task in find(gate, state)
        if gate.sites is None or task.site in gate.sites
    ]
    order = list(TaskKind)
    return sorted(found, key=lambda task: (not task.overdue, order.index(task.kind), task.subject_id))


def _to_record(gate: Gate, state: OpenWork) -> Iterator[Task]:
    for visit in state.visits_to_come():
        if visit.kind in (WorkKind.DUE, WorkKind.OVERDUE):
            yield Task(
                TaskKind.RECORD_VISIT,
                state.site_of(visit.subject_id),
                visit.subject_id,
                visit.visit,
                due_on=visit.dates.last,
                overdue=visit.kind is WorkKind.OVERDUE,
            )


def _to_report(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """Serious events to report or follow up; lines of the form that say serious have no number yet."""
    for event in events_of(gate, {}, state.people):
        clock = event.clock
        if event.subject_id not in state.people or clock.next_due_at is None:
            continue
        yield Task(
            TaskKind.FOLLOW_UP_SERIOUS_EVENT if event.reports else TaskKind.REPORT_SERIOUS_EVENT,
            event.site,
            event.subject_id,
            event.visit,
            row=event.row,
            due_on=local_date(gate.trial, event.site, clock.next_due_at),
            overdue=clock.overdue,
            text=event.term,
            serious_event=event.number,
        )


def _to_randomize(gate: Gate, state: OpenWork) -> Iterator[Task]:
    for subject_id in ready_among(gate, state.people):
        yield Task(TaskKind.RANDOMIZE, state.site_of(subject_id), subject_id)


def _to_enter(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """Forms of visits that took place or are due; which of the two passes it would be is not said, and a
    form is due alike for both.
    """
    for form in state.forms.forms:
        touched = state.forms.touched.get((form.subject_id, form.visit, form.form))
        if not wants_a_pass_of(gate.actor.account, form, touched):
            continue
        visit = state.visit(form.subject_id, form.visit)
        if visit is not None and visit.kind is WorkKind.EXPECTED and visit.dates.first is not None:
            continue  # typed once or not at all: both wait for the visit
        yield Task(
            TaskKind.ENTER_FORM,
            state.site_of(form.subject_id),
            form.subject_id,
            form.visit,
            form.form,
            due_on=(due_on := typing_due_on(visit, state.study.capture.days_to_enter)),
            overdue=due_on is not None and state.today_of(form.subject_id) > due_on,
        )


def _to_decide(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """Forms whose passes differ, but those of which this account typed one."""
    for task in _in_conflict(state, TaskKind.ADJUDICATE):
        touched = state.forms.touched[task.subject_id, task.visit, task.form]
        if not any(gate.actor.account in entry.hands for entry in live_passes(touched.passes).values()):
            yield task


def _to_be_decided(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """The same forms for whoever waits for the adjudicator."""
    return _in_conflict(state, TaskKind.CHASE_DISCREPANCY)


def _in_conflict(state: OpenWork, kind: TaskKind) -> Iterator[Task]:
    for form in state.forms.forms:
        if form.status is FormStatus.IN_ADJUDICATION and form.undecided:
            yield Task(
                kind,
                state.site_of(form.subject_id),
                form.subject_id,
                form.visit,
                form.form,
                count=form.undecided,
            )


def _to_import(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """Imports that broke off: for whoever began them or typed their file, and for who may end them."""
    for one, waiting in unfinished_imports(gate):
        if not concerns(gate, one):
            continue
        first = next((key for key in waiting if key[0] in state.people), None)
        if first is not None:
            said_so = said_count(
                "import {number}, {file}: {n} form is not in yet; run it again",
                "import {number}, {file}: {n} forms are not in yet; run it again",
                len(waiting),
                number=one.number,
                file=one.file_name,
            )
            where = (state.site_of(first[0]), *first)
            yield Task(TaskKind.FINISH_IMPORT, *where, count=len(waiting), text=said_so)


def _queries_in(kind: TaskKind, *wanted: QueryStatus) -> Callable[[Gate, OpenWork], Iterator[Task]]:
    def find(gate: Gate, state: OpenWork) -> Iterator[Task]:
        now = gate.trial.clock.now()
        for query in state.queries:
            if query.status not in wanted:
                continue
            yield Task(
                kind,
                state.site_of(query.subject_id),
                query.subject_id,
                query.visit,
                query.form,
                query.row,
                query.item,
                query=query.id,
                age_days=max((now - query.steps[0].at).days, 0),
                text=query.steps[-1].said,
            )

    return find


def _to_sign(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """Complete forms that need a signature, and bear none yet."""
    required = [form.name for form in gate.rules.study.forms if form.signature_required]
    signed = marked_forms(gate.reader, SIGNED) if required else {}
    for form in state.forms.settled_ones(required):
        key = (form.subject_id, form.visit, form.form)
        if form.status is FormStatus.COMPLETE and key not in signed:
            yield Task(TaskKind.SIGN, state.site_of(form.subject_id), *key)


def _to_endorse(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """What data management corrected of the site's data, and the site has not seen."""
    asked = [one for one in corrections(gate.reader) if is_awaited(one) and is_shown(gate, one, state.people)]
    places = [(one.subject_id, one.visit, one.form) for one in asked]
    open_ = _unlocked(gate, places)
    for one, place in zip(asked, places, strict=True):
        if place in open_:
            site = state.site_of(one.subject_id)
            yield Task(TaskKind.ENDORSE_CORRECTION, site, *place, one.row, one.item, text=one.reason)


def _unlocked(gate: Gate, keys: Collection[FormKey]) -> set[FormKey]:
    """Those of these forms that may still be written about."""
    return set() if lock_stands(gate.reader) else {*keys} - gate.locked_keys(keys)


def _marked_before(kind: TaskKind, mark: str) -> Callable[[Gate, OpenWork], Iterator[Task]]:
    """Complete forms whose verification or signature is void: changed, or entered anew, since."""

    def find(gate: Gate, state: OpenWork) -> Iterator[Task]:
        marked = list(void_marks(gate, mark, state.people))
        open_ = _unlocked(gate, marked)
        for key in marked:
            if key in open_ and key not in state.forms.keys:  # it is complete, and nothing is asked
                yield Task(kind, state.site_of(key[0]), *key)

    return find


def _values_ticked_before(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """Values that were corrected after somebody held them against their source, one by one."""
    ticks = list(void_ticks(gate, state.people))
    open_ = _unlocked(gate, [(tick.subject_id, tick.visit, tick.form) for tick in ticks])
    for tick in ticks:
        place = (tick.subject_id, tick.visit, tick.form)
        if place in open_:
            yield Task(TaskKind.VERIFY_AGAIN, state.site_of(tick.subject_id), *place, tick.row, tick.item)


def _against_a_lock(gate: Gate, state: OpenWork) -> Iterator[Task]:
    """A task a site: how many of what still stand against locking it, as the page of closing lists them."""
    found = against_a_lock(gate, state, gate.rules.forms.keys())
    by_site: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        site = state.site_of(one.where.split("/")[0])
        by_site[site][one.kind.replace("_", " ")] += one.count
    for site, kinds in sorted(by_site.items()):
        listed = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        yield Task(TaskKind.CLEAR_FOR_LOCK, site, "", count=sum(kinds.values()), text=listed)


_FINDERS: tuple[tuple[Act, Callable[[Gate, OpenWork], Iterator[Task]]], ...] = (
    (REPORT_SERIOUS_EVENT, _to_report),
    (ENROL, _to_record),  # who sees people, of all those who may record a visit
    (RANDOMIZE, _to_randomize),
    (IMPORT_PASS, _to_import),
    (ENTER_PASSES, _to_enter),
    (ANSWER_QUERY, _queries_in(TaskKind.ANSWER_QUERY, QueryStatus.OPEN, QueryStatus.REOPENED)),
    (ENDORSE_CORRECTION, _to_endorse),
    (ADJUDICATE, _to_decide),
    (CLOSE_QUERY, _queries_in(TaskKind.CLOSE_QUERY, QueryStatus.ANSWERED)),
    (VERIFY_SOURCE, _marked_before(TaskKind.VERIFY_AGAIN, VERIFIED)),
    (VERIFY_SOURCE, _values_ticked_before),
    (SIGN_FORM, _to_sign),
    (SIGN_FORM, _marked_before(TaskKind.SIGN_AGAIN, SIGNED)),
    (FREEZE, _queries_in(TaskKind.CHASE_QUERY, QueryStatus.OPEN, QueryStatus.REOPENED)),
    (FREEZE, _to_be_decided),
    (FREEZE, _against_a_lock),
)
