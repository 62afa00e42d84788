"""What is to do now, by role: every line a link to the place where it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from trialkit.access import AccessError
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.operations import recruitment_counts
from trialkit.operations.at_a_glance import Glance, glance
from trialkit.operations.entry_desk import DeskStanding, places_at_desk
from trialkit.operations.people import names_of_people
from trialkit.operations.same_files import files_as_both_entries
from trialkit.operations.tasks import TaskKind
from trialkit.operations.unblinding_notices import list_unblindings
from trialkit.web.asking import Asked
from trialkit.web.pages import SHAPES
from trialkit.web.views.task_lines import TITLES, Line, form_line, form_path, task_line
from trialkit.wording import said, said_count

_NOTICE_FOR = timedelta(days=14)
_SHOWN = 12
_MEANWHILE = {
    DeskStanding.COMPLETED: said("completed meanwhile: read what you typed, or throw it away"),
    DeskStanding.CLOSED: said("locked or frozen meanwhile: read what you typed, or throw it away"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one kind; ``more`` were left out, and ``path`` shows all."""

    title: str
    tasks: tuple[Line, ...]
    more: int = 0
    path: str = ""
    counted: bool = True  # each task is one thing to do
    waits: bool = False  # not said_count, and yet something to do


def home(asked: Asked) -> Response:
    seen = glance(asked.trial, asked.actor)
    first = [_found(_unblindings, asked), _found(_same_files, asked), _found(_drafts, asked)]
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


def _group(title: str, found: list[Line], path: str = "") -> Group:
    return Group(title, tuple(found[:_SHOWN]), max(0, len(found) - _SHOWN), path)


def _drafts(asked: Asked) -> Group | None:
    kept = (place.split("/") for place in asked.web.desk.drafts(asked.login))
    places = [(subject_id, visit, form) for subject_id, visit, form in kept]
    found = tuple(
        Line(
            form_line(asked, *place),
            f"{form_path(*place)}/entry",
            _MEANWHILE.get(standing, ""),
        )
        for place, standing in places_at_desk(asked.trial, asked.actor, places).items()
    )
    return Group(said("Begun and not completed"), found) if found else None


def _work(asked: Asked, seen: Glance) -> list[Group]:
    """What the account is to do, as the operation has it: overdue first in each kind."""
    by_kind: dict[TaskKind, list[Line]] = {}
    for found in seen.tasks:
        by_kind.setdefault(found.kind, []).append(task_line(asked, found))
    return [
        _group(TITLES[kind], by_kind[kind], _ALL.get(kind, f"/tasks?kind={kind}"))
        for kind in TaskKind
        if kind in by_kind
    ]


def _to_verify(seen: Glance) -> Group | None:
    if seen.verified is None or seen.to_verify is None:
        return None
    words = said("{done} of {total} complete forms are verified", done=seen.verified, total=seen.to_verify)
    line = Line(words, "/source-verification")
    waits = seen.verified < seen.to_verify
    return Group(said("Source verification"), (line,), counted=False, waits=waits)


def _of_state(shape: str, word: str, n: int) -> str:
    return said_count("{shape} {state}: {n} form", "{shape} {state}: {n} forms", n, shape=shape, state=word)


def _form_states(asked: Asked, seen: Glance) -> Group | None:
    if asked.actor.types_blindly or not asked.allowed(LIST_FORMS.name):
        return None
    found = [
        Line(_of_state(shape, word, seen.forms[state]), f"/forms?kind={state}")
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
        Line(
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


def _same_files(asked: Asked) -> Group | None:
    """To whoever reviews: it may be that one file was taken for both entries."""
    found = [
        Line(
            said("{first}, {second}", first=one.first_file, second=one.second_file),
            "/discrepancies",
        )
        for one in files_as_both_entries(asked.trial, asked.actor)
    ]
    title = said("Files with the same bytes as both entries")
    return _group(title, found, "/discrepancies") if found else None


def _recruitment(asked: Asked) -> Group:
    counts = recruitment_counts(asked.trial, asked.actor)
    screened, randomized = sum(counts.screened.values()), sum(counts.randomized.values())
    words = said("{screened} screened, {randomized} randomized", screened=screened, randomized=randomized)
    return Group(said("Recruitment"), (Line(words, "/recruitment"),), counted=False)


_ALL: dict[TaskKind, str] = {
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
"""Where all of a kind are worked at together; the others are listed by themselves."""
