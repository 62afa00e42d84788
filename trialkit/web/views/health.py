"""Whether the process lives, and whether it can answer pages."""

from __future__ import annotations

from http import HTTPStatus

from trialkit.operations.web_desk import roles_held
from trialkit.web.setting import Web


def live(web: Web) -> tuple[int, str]:
    return HTTPStatus.OK, "live"


def ready(web: Web) -> tuple[int, str]:
    """The database and the desk answer."""
    try:
        roles_held(web.trial, "")
        web.desk.session("")
    except Exception:
        return HTTPStatus.SERVICE_UNAVAILABLE, "not ready"
    return HTTPStatus.OK, "ready"
