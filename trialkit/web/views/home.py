"""What is to do now, by role: every line a link to the place where it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from trialkit.access import AccessError, may
from trialkit.access.acts.queries import ANSWER_QUERY, CLOSE_QUERY
from trialkit.operations import forms_now, list_queries, recruitment_counts
from trialkit.operations.entry_desk import wanted_forms
from trialkit.operations.readiness import ready_subjects
from trialkit.operations.unblinding_notices import list_unblindings
from trialkit.operations.worklist import discrepancy_worklist
from trialkit.web.asking import Asked
from trialkit.web.pages import SHAPES
from trialkit.web.views.subjects import types_blindly
from trialkit.wording import said

_NOTICE_FOR = timedelta(days=14)
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Task:
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one kind; ``more`` were left out, and ``path`` shows all."""

    title: str
    tasks: tuple[Task, ...]
    more: int = 0
    path: str = ""
    counted: bool = True  # each task is one thing to do


def home(asked: Asked) -> Response:
    groups = [group for find in _FINDERS if (group := _found(find, asked)) is not None]
    return asked.page("home.html", groups=groups)


def _found(find: Callable[[Asked], Group | None], asked: Asked) -> Group | None:
    """A kind of work that the role has no part in is absent."""
    try:
        return find(asked)
    except AccessError:
        return None


def _group(title: str, tasks: list[Task], path: str = "") -> Group:
    return Group(title, tuple(tasks[:_SHOWN]), max(0, len(tasks) - _SHOWN), path)


def _to_randomize(asked: Asked) -> Group:
    tasks = [
        Task(
            said("{subject}: eligible", subject=number),
            f"/subjects/{number}/randomization",
        )
        for number in ready_subjects(asked.trial, asked.actor)
    ]
    return _group(said("To randomize"), tasks, "/subjects")


def _drafts(asked: Asked) -> Group | None:
    places = asked.web.desk.drafts(asked.login)
    tasks = [Task(place, _path(*place.split("/"))) for place in places]
    return _group(said("Begun and not completed"), tasks) if tasks else None


def _to_enter(asked: Asked) -> Group:
    study = asked.trial.study
    tasks = [
        Task(
            said(
                "{subject}, {visit}: {form}",
                subject=wanted.subject_id,
                visit=study.visit(wanted.visit).label,
                form=study.form(wanted.form).label,
            ),
            _path(wanted.subject_id, wanted.visit, wanted.form),
        )
        for wanted in wanted_forms(asked.trial, asked.actor)
    ]
    return _group(said("Forms to enter"), tasks, "/subjects")


def _to_decide(asked: Asked) -> Group:
    open_ones = Counter(
        row["subject_id"] for row in discrepancy_worklist(asked.trial, asked.actor, only_open=True)
    )
    tasks = [
        Task(said("{subject}: {n} undecided", subject=number, n=n), f"/discrepancies#{number}")
        for number, n in sorted(open_ones.items())
    ]
    return _group(said("Discrepancies between two entries"), tasks, "/discrepancies")


def _queries(asked: Asked) -> Group:
    """Queries that wait for this role's side."""
    answers = may(asked.actor.role, ANSWER_QUERY)
    closes = may(asked.actor.role, CLOSE_QUERY)
    mine = {*(("site",) if answers else ()), *(("data management",) if closes else ())}
    tasks = [
        Task(
            said(
                "Query {number}: {subject}, {form}, {n} days",
                number=query.number,
                subject=query.subject_id,
                form=asked.trial.study.form(query.form).label if query.form else query.visit,
                n=query.age_days,
            ),
            f"/queries/{query.number}",
        )
        for query in list_queries(asked.trial, asked.actor)
        if query.owner in mine
    ]
    return _group(said("Queries"), tasks, "/queries")


def _form_states(asked: Asked) -> Group | None:
    if types_blindly(asked):
        return None
    states = Counter(now.status for now in forms_now(asked.trial, asked.actor))
    tasks = [
        Task(said("{shape} {state}: {n} forms", shape=shape, state=word, n=states[state]), "/subjects")
        for state, (shape, word) in SHAPES.items()
        if states[state]
    ]
    return Group(said("Forms now"), tuple(tasks), counted=False)


def _unblindings(asked: Asked) -> Group | None:
    """Told to whoever looks after the subject or the trial: that one was opened, never what was found."""
    recent = [
        notice
        for notice in list_unblindings(asked.trial, asked.actor)
        if asked.web.now() - notice.at < _NOTICE_FOR
    ]
    tasks = [
        Task(
            said("{subject} was opened by {account}", subject=one.subject_id, account=one.account),
            "/emergency-unblindings",
        )
        for one in reversed(recent)
    ]
    return _group(said("Emergency unblindings"), tasks, "/emergency-unblindings") if tasks else None


def _recruitment(asked: Asked) -> Group:
    counts = recruitment_counts(asked.trial, asked.actor)
    screened, randomized = sum(counts.screened.values()), sum(counts.randomized.values())
    words = said("{screened} screened, {randomized} randomized", screened=screened, randomized=randomized)
    return Group(said("Recruitment"), (Task(words, "/recruitment"),), counted=False)


def _path(subject_id: str, visit: str, form: str) -> str:
    return f"/subjects/{subject_id}/visits/{visit}/forms/{form}/entry"


_FINDERS: tuple[Callable[[Asked], Group | None], ...] = (
    _unblindings,
    _to_randomize,
    _drafts,
    _to_enter,
    _to_decide,
    _queries,
    _form_states,
    _recruitment,
)
