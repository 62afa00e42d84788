"""Source verification: the monitor's list of complete forms; each is ticked on its own page."""

from __future__ import annotations

from starlette.responses import Response

from trialkit.operations.verifying import forms_to_verify
from trialkit.web.asking import Asked


def listed(asked: Asked) -> Response:
    found = forms_to_verify(asked.trial, asked.actor)
    wanted = asked.request.query_params.get("number", "").strip()
    only_open = asked.request.query_params.get("all") is None
    shown = [
        one
        for one in found
        if (not wanted or wanted.casefold() in one.subject_id.casefold())
        and not (only_open and one.verified_at)
    ]
    done = sum(1 for one in found if one.verified_at)
    return asked.page(
        "verification.html",
        forms=shown[:300],
        hidden=max(0, len(shown) - 300),
        done=done,
        total=len(found),
        wanted=wanted,
        only_open=only_open,
    )
