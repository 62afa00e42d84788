"""What is to do now, by role: every line a link to the place where it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from trialkit.access import AccessError
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.operations import recruitment_counts, tasks
from trialkit.operations.at_a_glance import Glance, glance
from trialkit.operations.entry_desk import places_at_desk
from trialkit.operations.people import names_of_people
from trialkit.operations.tasks import TaskKind
from trialkit.operations.unblinding_notices import list_unblindings
from trialkit.web.asking import Asked
from trialkit.web.pages import SHAPES
from trialkit.web.views.subjects import types_blindly
from trialkit.wording import said, said_count

_NOTICE_FOR = timedelta(days=14)
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Task:
    """``when`` says by which day, where there is one."""

    words: str
    path: str
    when: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one kind; ``more`` were left out, and ``path`` shows all."""

    title: str
    tasks: tuple[Task, ...]
    more: int = 0
    path: str = ""
    counted: bool = True  # each task is one thing to do
    waits: bool = False  # not said_count, and yet something to do


def home(asked: Asked) -> Response:
    seen = glance(asked.trial, asked.actor)
    first = [_found(_unblindings, asked), _found(_drafts, asked)]
    last = [_to_verify(seen), _form_states(asked, seen), _found(_recruitment, asked)]
    groups = [group for group in (*first, *_work(asked, seen), *last) if group is not None]
    nothing = not any(group.waits or (group.counted and group.tasks) for group in groups)
    return asked.page("home.html", groups=groups, nothing=nothing)


def _found(find: Callable[[Asked], Group | None], asked: Asked) -> Group | None:
    """A kind of work that the role has no part in is absent."""
    try:
        return find(asked)
    except AccessError:
        return None


def _group(title: str, found: list[Task], path: str = "") -> Group:
    return Group(title, tuple(found[:_SHOWN]), max(0, len(found) - _SHOWN), path)


def _drafts(asked: Asked) -> Group | None:
    kept = (place.split("/") for place in asked.web.desk.drafts(asked.login))
    places = [(subject_id, visit, form) for subject_id, visit, form in kept]
    at_desk = places_at_desk(asked.trial, asked.actor, places)
    found = [_begun(asked, *place, is_open=is_open) for place, is_open in at_desk.items()]
    return _group(said("Begun and not completed"), found) if found else None


def _begun(asked: Asked, subject_id: str, visit: str, form: str, *, is_open: bool) -> Task:
    study = asked.trial.study
    names = {"visit": study.visit(visit).label, "form": study.form(form).label}
    return Task(
        said("{subject}, {visit}: {form}", subject=subject_id, **names),
        _path(subject_id, visit, form),
        "" if is_open else said("completed meanwhile: read what you typed, or throw it away"),
    )


def _work(asked: Asked, seen: Glance) -> list[Group]:
    """What the account is to do, as the operation has it: overdue first in each kind."""
    by_kind: dict[TaskKind, list[Task]] = {}
    for found in seen.tasks:
        shown = Task(_words(asked, found), _place(found), _when(found), found.overdue)
        by_kind.setdefault(found.kind, []).append(shown)
    return [_group(TITLES[kind], by_kind[kind], _ALL[kind]) for kind in TaskKind if kind in by_kind]


def _words(asked: Asked, task: tasks.Task) -> str:
    """One thing to do; a query and a serious event by number and place, never by what they say."""
    study, number = asked.trial.study, task.subject_id
    visit = study.visit(task.visit).label if task.visit else ""
    form = study.form(task.form).label if task.form else visit
    if task.query is not None:
        return said_count(
            "Query {number}: {subject}, {form}, {n} day",
            "Query {number}: {subject}, {form}, {n} days",
            task.age_days or 0,
            number=task.query,
            subject=number,
            form=form,
        )
    if task.kind is TaskKind.CLEAR_FOR_LOCK:
        return said("Site {site}: {n} in all", site=task.site, n=task.count)
    if task.kind is TaskKind.FINISH_IMPORT:
        return said_count(
            "{subject}, {form}: {n} form",
            "{subject}, {form} and others: {n} forms",
            task.count,
            subject=number,
            form=form,
        )
    if task.serious_event is not None:
        return said("{subject}, event {number}", subject=number, number=task.serious_event)
    if not task.form:
        return said("{subject}, {visit}", subject=number, visit=visit) if visit else number
    if task.count > 1:
        return said(
            "{subject}, {visit}: {form}, {n} undecided",
            subject=number,
            visit=visit,
            form=form,
            n=task.count,
        )
    return said("{subject}, {visit}: {form}", subject=number, visit=visit, form=form)


def _when(task: tasks.Task) -> str:
    if task.due_on is None:
        return ""
    day = task.due_on.isoformat()
    return said("overdue since {day}", day=day) if task.overdue else said("by {day}", day=day)


def _place(task: tasks.Task) -> str:
    """The page on which it is done."""
    subject = f"/subjects/{task.subject_id}"
    form = f"{subject}/visits/{task.visit}/forms/{task.form}"
    event = f"/serious-events/{task.serious_event}" if task.serious_event else f"{subject}/events"
    return PLACES[task.kind].format(
        subject=subject, form=form, query=task.query, visit=task.visit, event=event
    )


def _to_verify(seen: Glance) -> Group | None:
    if seen.verified is None or seen.to_verify is None:
        return None
    words = said("{done} of {total} complete forms are verified", done=seen.verified, total=seen.to_verify)
    line = Task(words, "/source-verification")
    waits = seen.verified < seen.to_verify
    return Group(said("Source verification"), (line,), counted=False, waits=waits)


def _of_state(shape: str, word: str, n: int) -> str:
    return said_count("{shape} {state}: {n} form", "{shape} {state}: {n} forms", n, shape=shape, state=word)


def _form_states(asked: Asked, seen: Glance) -> Group | None:
    if types_blindly(asked) or not asked.allowed(LIST_FORMS.name):
        return None
    found = [
        Task(_of_state(shape, word, seen.forms[state]), "/subjects")
        for state, (shape, word) in SHAPES.items()
        if seen.forms.get(state)
    ]
    return Group(said("Forms now"), tuple(found), counted=False)


def _unblindings(asked: Asked) -> Group | None:
    """Told to whoever looks after the subject or the trial: that one was opened, never what was found."""
    recent = [
        notice
        for notice in list_unblindings(asked.trial, asked.actor)
        if asked.web.now() - notice.at < _NOTICE_FOR
    ]
    names = names_of_people(asked.trial, asked.actor) if recent else {}
    found = [
        Task(
            said(
                "{subject} was opened by {account}",
                subject=one.subject_id,
                account=names.get(one.account, one.account),
            ),
            "/emergency-unblindings",
        )
        for one in reversed(recent)
    ]
    return _group(said("Emergency unblindings"), found, "/emergency-unblindings") if found else None


def _recruitment(asked: Asked) -> Group:
    counts = recruitment_counts(asked.trial, asked.actor)
    screened, randomized = sum(counts.screened.values()), sum(counts.randomized.values())
    words = said("{screened} screened, {randomized} randomized", screened=screened, randomized=randomized)
    return Group(said("Recruitment"), (Task(words, "/recruitment"),), counted=False)


def _path(subject_id: str, visit: str, form: str) -> str:
    return f"/subjects/{subject_id}/visits/{visit}/forms/{form}/entry"


TITLES: dict[TaskKind, str] = {
    TaskKind.REPORT_SERIOUS_EVENT: said("Serious events to report"),
    TaskKind.FOLLOW_UP_SERIOUS_EVENT: said("Serious events to follow up"),
    TaskKind.RECORD_VISIT: said("Visits due"),
    TaskKind.RANDOMIZE: said("To randomize"),
    TaskKind.FINISH_IMPORT: said("Imports that broke off"),
    TaskKind.ENTER_FORM: said("Forms to enter"),
    TaskKind.ANSWER_QUERY: said("Queries to answer"),
    TaskKind.ENDORSE_CORRECTION: said("Corrections to endorse"),
    TaskKind.ADJUDICATE: said("Discrepancies between two entries"),
    TaskKind.CLOSE_QUERY: said("Queries answered, to close"),
    TaskKind.VERIFY_AGAIN: said("To verify again: changed since"),
    TaskKind.SIGN: said("To sign"),
    TaskKind.SIGN_AGAIN: said("To sign again: changed since"),
    TaskKind.CHASE_QUERY: said("Queries that wait for a site"),
    TaskKind.CHASE_DISCREPANCY: said("Discrepancies that wait for an adjudicator"),
    TaskKind.CLEAR_FOR_LOCK: said("What stands against a lock, by site"),
}
PLACES: dict[TaskKind, str] = {
    TaskKind.REPORT_SERIOUS_EVENT: "{event}",
    TaskKind.FOLLOW_UP_SERIOUS_EVENT: "{event}",
    TaskKind.RECORD_VISIT: "{subject}/events?step=visit&visit={visit}",
    TaskKind.RANDOMIZE: "{subject}/randomization",
    TaskKind.FINISH_IMPORT: "/imports",
    TaskKind.ENTER_FORM: "{form}/entry",
    TaskKind.ANSWER_QUERY: "/queries/{query}",
    TaskKind.ENDORSE_CORRECTION: "/corrections",
    TaskKind.ADJUDICATE: "{form}/discrepancies",
    TaskKind.CLOSE_QUERY: "/queries/{query}",
    TaskKind.VERIFY_AGAIN: "{form}",
    TaskKind.SIGN: "{form}",
    TaskKind.SIGN_AGAIN: "{form}",
    TaskKind.CHASE_QUERY: "/queries/{query}",
    TaskKind.CHASE_DISCREPANCY: "{form}/discrepancies",
    TaskKind.CLEAR_FOR_LOCK: "/closing",
}
_ALL: dict[TaskKind, str] = dict.fromkeys(TaskKind, "/subjects") | {
    TaskKind.REPORT_SERIOUS_EVENT: "/reports/safety",
    TaskKind.FOLLOW_UP_SERIOUS_EVENT: "/reports/safety",
    TaskKind.FINISH_IMPORT: "/imports",
    TaskKind.ANSWER_QUERY: "/queries",
    TaskKind.ENDORSE_CORRECTION: "/corrections",
    TaskKind.ADJUDICATE: "/discrepancies",
    TaskKind.CLOSE_QUERY: "/queries",
    TaskKind.CHASE_QUERY: "/queries",
    TaskKind.CHASE_DISCREPANCY: "/discrepancies",
    TaskKind.CLEAR_FOR_LOCK: "/closing",
    TaskKind.VERIFY_AGAIN: "/source-verification",
}
