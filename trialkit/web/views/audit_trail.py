"""The audit trail as far as it may be read: by subject, form, item, act, person; and whether it is whole."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.access.acts import ACTS
from trialkit.access.acts.reading import READ_TRAIL_OF, VIEW_CUSTODY
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.operations import TrailLine, present_anchor, read_trail, verify_audit
from trialkit.operations.people import names_of_people
from trialkit.operations.study_shown import study_shown
from trialkit.study.model import Study
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.whole_number import whole_number

_LINES = 100
_FIELDS = ("subject", "form", "item", "act", "account")


def listed(asked: Asked) -> Response:
    """The newest records first; a place is asked for only by who may read the trail of one."""
    sent = asked.request.query_params
    wanted = {name: sent.get(name, "").strip() for name in _FIELDS}
    by_place = asked.allowed(READ_TRAIL_OF.name)
    if any(wanted[name] for name in ("subject", "form", "item")) and not by_place:
        raise NotHereError
    before = whole_number(sent.get("before", ""))
    study = study_shown(asked.trial, asked.actor)
    lines: list[TrailLine] = []
    error: TrialkitError | None = None
    try:
        lines = _found(asked, wanted, before)
    except EntryError as refusal:
        error = refusal
    return asked.page(
        "audit_trail.html",
        lines=lines[:_LINES],
        older=lines[_LINES - 1].number if len(lines) > _LINES else None,
        wanted=wanted,
        before=before,
        by_place=by_place,
        error=error,
        acts=ACTS,
        forms=study.forms,
        items=_items(study, wanted["form"]),
        study_items={item.name: item for form in study.forms for item in form.items},
        people=sorted(names_of_people(asked.trial, asked.actor).items(), key=lambda one: one[1]),
        status=404 if error else 200,
    )


def _found(asked: Asked, wanted: dict[str, str], before: int | None) -> list[TrailLine]:
    lines = read_trail(
        asked.trial,
        asked.actor,
        operation=wanted["act"] or None,
        account=wanted["account"] or None,
        subject_id=wanted["subject"] or None,
        form=wanted["form"] or None,
        item=wanted["item"] or None,
    )
    return [line for line in reversed(lines) if before is None or line.number < before]


def _items(study: Study, form: str) -> list[tuple[str, str, str]]:
    """Form, item, label; of the form that was chosen, where one was."""
    return [
        (one.label, item.name, item.label)
        for one in study.forms
        if form in ("", one.name)
        for item in one.items
    ]


def verified(asked: Asked) -> Response:
    """Every record checked now, and where the trail stands, to be printed and kept elsewhere."""
    if not asked.allowed(VIEW_CUSTODY.name):
        raise NotHereError
    anchor = present_anchor(asked.trial, asked.actor)
    return asked.page(
        "audit_verified.html",
        found=verify_audit(asked.trial),
        anchor=anchor,
        counted=asked.actor.role not in asked.trial.study.blinding.blinded_roles,
    )
