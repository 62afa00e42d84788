"""Queries: asked, answered, closed, asked again; each step kept, each seen by whoever may see its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trialkit.access import Act, Actor
from trialkit.access.acts.queries import (
    ANSWER_QUERY,
    CLOSE_QUERY,
    LIST_QUERIES,
    OPEN_QUERY,
    REOPEN_QUERY,
)
from trialkit.entry import QueryStatus, check_query_step
from trialkit.entry.errors import EntryError
from trialkit.nearest import advice
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, OpenAct, acting, reading
from trialkit.operations.own_trail import is_shown
from trialkit.operations.sight import sight
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.review import QueryState, StepState
from trialkit.wording import said

OWNER = {
    QueryStatus.OPEN: "site",
    QueryStatus.REOPENED: "site",
    QueryStatus.ANSWERED: "data management",
    QueryStatus.CLOSED: "",
}


@dataclass(frozen=True, slots=True)
class QueryMoved:
    """A query after a step of its life."""

    number: int
    status: QueryStatus
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class QueryListed:
    """A query as a list shows it; ``age_days`` since it was first asked, to its closing or now."""

    number: int
    where: str
    site: str
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    status: QueryStatus
    owner: str
    age_days: int
    thread: tuple[str, ...]
    check: str = ""  # that raised it; empty where a person did
    steps: tuple[StepState, ...] = ()  # the thread in its parts


def open_query(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    text: str,
    form: str = "",
    item: str = "",
    row: str = "",
) -> QueryMoved:
    """Ask a site about a value, or (no item) about a form, typed or not, or (no form) about a visit.

    Parameters
    ----------
    subject_id, visit, form, row, item
        The field, as the study has it.
    text
        The question, in words that name no arm.

    Raises
    ------
    AccessError, EntryError, OperationError
        No right at the site; no such subject, form, visit or item; no text, or one that names an arm.
    """
    with acting(trial, actor, OPEN_QUERY) as progress:
        progress.known_subjects([subject_id])
        progress.require_form_unlocked([(subject_id, visit, form)])
        _require_place(progress, subject_id, visit, form, item)
        number = ask(progress, (subject_id, visit, form, row, item), text)
    return QueryMoved(number, QueryStatus.OPEN, progress.stamp)


def ask(
    progress: OpenAct, place: tuple[str, str, str, str, str], text: str, *, tells_arm: bool = False
) -> int:
    """A new query inside an act, about (subject, visit, form, row, item); its number.

    One that the blinded are not shown, by its place or as one that ``tells_arm``, is numbered apart.
    """
    subject_id, visit, form, row, item = place
    hidden = tells_arm or not is_shown(sight(progress.trial, blinded=True), form, item)
    number = next(progress.next_numbers(m.Query, hidden=hidden))
    progress.add(m.Query, id=number, subject_id=subject_id, visit=visit, form=form, row_key=row, item=item)
    where = "/".join(part for part in place if part)
    take_step(progress, number, where, QueryStatus.OPEN, text)
    return number


def answer_query(trial: Trial, actor: Actor, *, number: int, text: str) -> QueryMoved:
    """Answer a query, with the source in hand. The value itself is corrected by ``correct``, citing it.

    Raises
    ------
    AccessError, OperationError, FormLifeError
        No right at its site; no such query; it is answered or closed already; no text, or one that names an
        arm.
    """
    return _move(trial, actor, ANSWER_QUERY, number, QueryStatus.ANSWERED, text)


def close_query(trial: Trial, actor: Actor, *, number: int, text: str = "") -> QueryMoved:
    """Close a query.

    Raises
    ------
    AccessError, OperationError, FormLifeError
        As :func:`answer_query`; it is closed already.
    """
    return _move(trial, actor, CLOSE_QUERY, number, QueryStatus.CLOSED, text or "settled")


def reopen_query(trial: Trial, actor: Actor, *, number: int, text: str) -> QueryMoved:
    """Ask again: a closed or answered query is open once more.

    Raises
    ------
    AccessError, OperationError, FormLifeError
        As :func:`answer_query`; it is open.
    """
    return _move(trial, actor, REOPEN_QUERY, number, QueryStatus.REOPENED, text)


def list_queries(
    trial: Trial,
    actor: Actor,
    *,
    status: Sequence[QueryStatus] = (),
    form: str | None = None,
    subject_id: str | None = None,
    older_than_days: int = 0,
    check: str | None = None,
    site: str | None = None,
) -> list[QueryListed]:
    """Queries at the sites of the actor's right, oldest first.

    Parameters
    ----------
    status
        Only these; none given: all that are not closed.
    form, subject_id, older_than_days, check, site
        Only of this form or subject, asked at least so many days ago, raised by this check, of this site.

    Raises
    ------
    AccessError
        No right.
    """
    wanted = tuple(status) or tuple(set(QueryStatus) - {QueryStatus.CLOSED})
    now = trial.clock.now()
    with reading(trial, actor, LIST_QUERIES) as gate:
        people = gate.subjects(None if subject_id is None else [subject_id])
        found = [
            _listed(state, people[state.subject_id].site, now)
            for state in gate.queries(None if subject_id is None else [subject_id])
            if state.subject_id in people
            and state.status in wanted
            and form in (None, state.form)
            and check in (None, state.check)
            and site in (None, people[state.subject_id].site)
        ]
    return [query for query in found if query.age_days >= older_than_days]


def query_seen(gate: Gate, number: int) -> QueryState:
    """A query that this actor is shown.

    Raises
    ------
    OperationError
        None with that number: in the same words where it is another's to see.
    """
    found = next((state for state in gate.queries() if state.id == number), None)
    if found is None or found.subject_id not in gate.subjects([found.subject_id]):
        raise OperationError(
            expected="the number of a query",
            found=str(number),
            next_step="Look at the list of queries.",
        )
    return found


def _move(trial: Trial, actor: Actor, act: Act, number: int, status: QueryStatus, text: str) -> QueryMoved:
    with acting(trial, actor, act) as progress:
        state = query_seen(progress, number)
        progress.known_subjects([state.subject_id])
        progress.require_form_unlocked([(state.subject_id, state.visit, state.form)])
        check_query_step(state.status, status, where=state.where)
        take_step(progress, number, state.where, status, text)
    return QueryMoved(number, status, progress.stamp)


def take_step(progress: OpenAct, number: int, where: str, status: QueryStatus, text: str) -> None:
    """A step of a query's thread, in words that name no arm."""
    if not text.strip():
        raise OperationError(expected="a text", found="none", where=where, next_step="Say it in a few words.")
    progress.require_no_arm_named(text, where=where)
    progress.add(
        m.QueryStep,
        id=next(progress.next_ids(m.QueryStep)),
        query=number,
        status=status.value,
        said=text.strip(),
        account=progress.actor.account,
        at=progress.at,
    )
    progress.state(query=number, field=where, status=status.value)


def _require_place(progress: OpenAct, subject_id: str, visit: str, form: str, item: str) -> None:
    where = "/".join(part for part in (subject_id, visit, form) if part)
    if not form:
        if visit not in progress.rules.visits or item:
            raise EntryError(
                expected=said("a visit of the study: {visits}", visits=", ".join(progress.rules.visits)),
                found=said("item {item!r} without its form", item=item) if item else repr(visit),
                where=where,
            )
        return
    known = progress.rules.forms.get(form)
    if known is None:
        near = advice(form, list(progress.rules.forms), otherwise="")
        raise EntryError(expected="a form of the study", found=repr(form), where=where, next_step=near)
    if visit not in known.visits:
        raise EntryError(
            expected=said("a visit of form {form}: {visits}", form=form, visits=", ".join(known.visits)),
            found=repr(visit),
            where=where,
            next_step=advice(visit, known.visits, otherwise="Name the visit as the study definition does."),
        )
    items = progress.rules.form_items[form]
    if item and item not in items:
        near = advice(item, list(items), otherwise="")
        raise EntryError(
            expected=said("an item of form {form}", form=form), found=repr(item), where=where, next_step=near
        )


def _listed(state: QueryState, site: str, now: datetime) -> QueryListed:
    until = state.steps[-1].at if state.closed else now
    return QueryListed(
        number=state.id,
        where=state.where,
        site=site,
        subject_id=state.subject_id,
        visit=state.visit,
        form=state.form,
        row=state.row,
        item=state.item,
        status=state.status,
        owner=OWNER[state.status],
        age_days=max((until - state.steps[0].at).days, 0),
        thread=tuple(
            f"{step.at:%Y-%m-%d %H:%M} {step.account} ({step.status}): {step.said}" for step in state.steps
        ),
        check=state.check,
        steps=tuple(state.steps),
    )
