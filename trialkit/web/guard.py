"""What stands before every view: cross-site requests are refused, and every answer carries its headers."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from trialkit.web.sessions import Session

_CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


def came_from_elsewhere(request: Request) -> bool:
    """Whether another site's page sent this: as the browser says, where it says so."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None and fetched not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


def is_of_this_site(request: Request) -> bool:
    """Whether the browser says that a page of this application sent this; a silent one says nothing."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("host")


def carries_token(session: Session, form: Mapping[str, str]) -> bool:
    """Whether a form was rendered for this session."""
    return hmac.compare_digest(form.get("csrf", "").encode(), session.state.csrf.encode())


def guarded(headers: MutableHeaders, *, scheme: str) -> None:
    """Security headers on an answer, whoever gives it; it is kept nowhere unless it says so (an asset).

    An answer that brings a policy of its own keeps it (a calculator, which is closed tighter).
    """
    for name, value in (_HEADERS | (_TLS_ONLY if scheme == "https" else {})).items():
        headers.setdefault(name, value)
