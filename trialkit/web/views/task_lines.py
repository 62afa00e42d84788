"""A thing to do, or a form, as a line of a list: its words, and the page where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.operations.tasks import Task, TaskKind
from trialkit.web.asking import Asked
from trialkit.wording import said, said_count


@dataclass(frozen=True, slots=True)
class Line:
    """``when`` says by which day, where there is one."""

    words: str
    path: str
    when: str = ""
    overdue: bool = False


def task_line(asked: Asked, task: Task) -> Line:
    return Line(_words(asked, task), _place(task), _when(task), task.overdue)


def form_line(asked: Asked, subject_id: str, visit: str, form: str) -> str:
    study = asked.trial.study
    names = {"visit": study.visit(visit).label, "form": study.form(form).label}
    return said("{subject}, {visit}: {form}", subject=subject_id, **names)


def form_path(subject_id: str, visit: str, form: str) -> str:
    return f"/subjects/{subject_id}/visits/{visit}/forms/{form}"


def _words(asked: Asked, task: Task) -> str:
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
    return form_line(asked, number, task.visit, task.form)


def _when(task: Task) -> str:
    if task.due_on is None:
        return ""
    day = task.due_on.isoformat()
    return said("overdue since {day}", day=day) if task.overdue else said("by {day}", day=day)


def _place(task: Task) -> str:
    """The page on which it is done."""
    subject = f"/subjects/{task.subject_id}"
    form = f"{subject}/visits/{task.visit}/forms/{task.form}"
    event = f"/serious-events/{task.serious_event}" if task.serious_event else f"{subject}/events"
    return PLACES[task.kind].format(
        subject=subject, form=form, query=task.query, visit=task.visit, event=event
    )


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
