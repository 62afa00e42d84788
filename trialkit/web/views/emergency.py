"""Emergency unblinding: two deliberate steps, signed, one subject; told to others without the arm."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.access.acts.safety import EMERGENCY_UNBLIND
from trialkit.errors import TrialkitError
from trialkit.operations import emergency_unblind, log_in
from trialkit.operations.emergency_unblinding import require_may_be_opened
from trialkit.operations.reach import require_reached
from trialkit.operations.unblinding_notices import list_unblindings
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, told_once
from trialkit.wording import said


def notices(asked: Asked) -> Response:
    return asked.page("unblindings.html", notices=list_unblindings(asked.trial, asked.actor)[::-1])


def ask(asked: Asked) -> Response:
    """The first step: why, and the subject's number typed again."""
    return _step(asked, "emergency.html")


def confirm(asked: Asked) -> Response:
    """From the first step to the second, and from the second to the act."""
    subject_id = _subject(asked)
    if asked.form.get("number", "").strip() != subject_id or not asked.form.get("reason", "").strip():
        error = TrialkitError(
            expected=said("a reason, and the number {subject} typed again", subject=subject_id),
            found="another",
            next_step="Nothing was opened.",
        )
        return _step(asked, "emergency.html", error)
    try:
        require_may_be_opened(
            asked.trial, asked.actor, subject_id=subject_id, reason=asked.form.get("reason", "")
        )
    except TrialkitError as error:
        return _step(asked, "emergency.html", error)
    if "password" not in asked.form:
        return _step(asked, "emergency_confirm.html")
    try:
        return _opened(asked, subject_id)
    except TrialkitError as error:
        return _step(asked, "emergency_confirm.html", error)


def _opened(asked: Asked, subject_id: str) -> Response:
    def act() -> Response:
        signer = log_in(
            asked.trial,
            login=asked.login,
            password=asked.form["password"],
            role=asked.actor.role,
            site=asked.actor.site,
            host=asked.host,
            os_user="",
            device=asked.device_of(asked.login),
        )
        opened = emergency_unblind(
            asked.trial, signer, subject_id=subject_id, reason=asked.form.get("reason", "")
        )
        return asked.page(
            "emergency_opened.html",
            opened=opened,
            arm=asked.trial.study.arm(opened.arm),
            received=asked.trial.study.arm(opened.received) if opened.received else None,
        )

    heading = said("The treatment of {subject} was opened", subject=subject_id)
    lines = (said("It was shown once. To see it again, open it again: that is another record."),)
    return told_once(asked, act, Done(heading, lines, f"/subjects/{subject_id}", subject_id))


def _step(asked: Asked, template: str, error: TrialkitError | None = None) -> Response:
    return asked.page(
        template,
        subject_id=_subject(asked),
        typed=asked.form,
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def _subject(asked: Asked) -> str:
    """The subject of the address, for whoever may open an arm; to all others the page is not there."""
    subject_id = asked.at("subject_id")
    if asked.actor.role not in EMERGENCY_UNBLIND.allowed_roles:
        raise NotHereError
    try:
        require_reached(asked.trial, asked.actor, [subject_id])
    except TrialkitError:
        raise NotHereError from None
    return subject_id
