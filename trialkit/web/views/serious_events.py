"""A serious adverse event: reported to the sponsor, and followed up."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from trialkit.access import AccessError, may
from trialkit.access.acts.safety import REPORT_SERIOUS_EVENT
from trialkit.days import day_as_stored
from trialkit.entry.serious_events import EventOutcome, Expectedness, Relatedness, Seriousness, Severity
from trialkit.errors import TrialkitError
from trialkit.operations import (
    EventReport,
    SeriousEventListed,
    list_serious_events,
    report_serious_event,
)
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once
from trialkit.wording import said


def of_number(asked: Asked) -> Response:
    return _report_page(asked)


def _report_page(asked: Asked, error: TrialkitError | None = None) -> Response:
    event = _event(asked)
    study = asked.trial.study
    form = next((form for form in study.forms if form.name == study.safety.adverse_events), None)
    return asked.page(
        "serious_event.html",
        event=event,
        visits=[study.visit(name) for name in form.visits] if form else [],
        choices={
            "severity": Severity,
            "related": Relatedness,
            "expected": Expectedness,
            "outcome": EventOutcome,
        },
        criteria=tuple(Seriousness),
        typed=asked.form or _as_last_reported(event),
        error=error,
        request_key=new_request_key(),
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
    )


def _as_last_reported(event: SeriousEventListed) -> dict[str, str]:
    """A follow-up starts from what the last report said; the words are new."""
    last = event.last
    if last is None:
        return {}
    names = ("severity", "related", "expected", "outcome", "started", "ended", "visit", "row")
    found = {name: str(getattr(last, name)) for name in names}
    return found | {f"criterion.{one}": "yes" for one in last.criteria}


def reported(asked: Asked) -> Response:
    event = _event(asked)

    def act() -> Done:
        form = asked.form
        try:
            report = EventReport(
                criteria=[one for one in Seriousness if form.get(f"criterion.{one}") == "yes"],
                severity=Severity(form.get("severity", "")),
                outcome=EventOutcome(form.get("outcome", "")),
                related=Relatedness(form.get("related", "")),
                expected=Expectedness(form.get("expected", "")),
                **{name: day_as_stored(form.get(name, ""), partial=True) for name in ("started", "ended")},
                **{name: form.get(name, "") for name in ("narrative", "visit", "row")},
            )
        except ValueError:
            raise TrialkitError(
                expected="severity, relation, expectedness and outcome",
                found="one that is not chosen",
                next_step="Choose each; what is not known has a choice of its own.",
            ) from None
        done = report_serious_event(asked.trial, asked.actor, number=event.number or 0, report=report)
        heading = (
            said("Serious event {number}: follow-up report {n} is filed", number=done.number, n=done.report)
            if done.report
            else said("Serious event {number}: the initial report is filed", number=done.number)
        )
        lines = (said("It came after its time."),) if done.late else ()
        back = said("Back to {subject}", subject=event.subject_id)
        return Done(heading, lines, f"/subjects/{event.subject_id}", back)

    try:
        return once(asked, act)
    except TrialkitError as error:
        return _report_page(asked, error)


def _event(asked: Asked) -> SeriousEventListed:
    """The event of the address; unknown and another site's are one and the same."""
    blinded = asked.trial.study.blinding.blinded_roles
    _require(asked, may(asked.actor.role, REPORT_SERIOUS_EVENT, blinded_roles=blinded))
    number = asked.at("number")
    found = next((event for event in _listed(asked) if str(event.number) == number), None)
    if found is None:
        raise NotHereError
    return found


def _listed(asked: Asked) -> list[SeriousEventListed]:
    """Those shown to this role; somebody who may note an event need not see the others."""
    try:
        return list_serious_events(asked.trial, asked.actor)
    except AccessError:
        return []


def _require(asked: Asked, allowed: bool) -> None:
    if not allowed:
        raise NotHereError
