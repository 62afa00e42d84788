"""Sessions: kept on the server, named by a random token, ended by idleness, age or sign-out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from trialkit.operations.web_desk import SessionState
from trialkit.vocabulary import Role
from trialkit.web.setting import ABSOLUTE_LIMIT, IDLE_LIMIT, REQUESTS_KEPT, Web

_RANDOM_BYTES = 32
_DEVICE_DAYS = 180
_SESSION, _DEVICE = "session", "device"
_SEEN_AGAIN = timedelta(seconds=20)
"""A request sooner than this after the last one is not written down: the limits are minutes and hours."""


@dataclass(frozen=True, slots=True)
class Session:
    """A live session and its token."""

    token: str
    state: SessionState

    @property
    def role(self) -> Role | None:
        return Role(self.state.role) if self.state.role else None


def begin(
    web: Web,
    *,
    login: str,
    host: str,
    role: Role | None = None,
    site: str | None = None,
    opened_at: str | None = None,
) -> Session:
    """A session with a new token; a change of role keeps the age (``opened_at``) of the one before."""
    now = web.now()
    web.desk.end_sessions_opened_before((now - ABSOLUTE_LIMIT).isoformat())
    web.desk.forget_unsent_before((now - ABSOLUTE_LIMIT).isoformat())
    web.desk.forget_uploads_before((now - ABSOLUTE_LIMIT).isoformat())
    web.desk.forget_requests_sent_before((now - REQUESTS_KEPT).isoformat())
    state = SessionState(
        login,
        str(role) if role else None,
        site,
        host,
        secrets.token_urlsafe(_RANDOM_BYTES),
        opened_at or now.isoformat(),
        now.isoformat(),
    )
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    web.desk.open_session(token, state)
    return Session(token, state)


def live_session(web: Web, request: Request) -> Session | None:
    """The session of a request, if neither limit has passed; being asked counts as activity."""
    token = request.cookies.get(cookie_name(web, request.url.scheme))
    state = web.desk.session(token) if token else None
    if token is None or state is None:
        return None
    now = web.now()
    idle = now - datetime.fromisoformat(state.seen_at)
    age = now - datetime.fromisoformat(state.opened_at)
    if idle > IDLE_LIMIT or age > ABSOLUTE_LIMIT:
        web.desk.end_session(token)
        return None
    if idle > _SEEN_AGAIN:
        web.desk.touch_session(token, now.isoformat())
    return Session(token, state)


def hand_out(web: Web, request: Request, response: Response, session: Session) -> Response:
    response.set_cookie(
        cookie_name(web, request.url.scheme),
        session.token,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


def device(web: Web, request: Request) -> str:
    """The token of a browser in which somebody has signed in before; empty where it has none."""
    return request.cookies.get(cookie_name(web, request.url.scheme, _DEVICE), "")


def known_browser(web: Web, request: Request) -> str:
    """The short name of a browser in which an account has signed in before; empty for one without a token, or
    with one that was never issued."""
    token = device(web, request)
    return web.desk.device(token) if token else ""


def know_device(web: Web, request: Request, response: Response, login: str) -> Response:
    """Remember a browser of this login: wrong passwords from elsewhere no longer slow it there.

    A token that was not issued here is never taken over: whoever put it there would know it.
    """
    token = device(web, request) if known_browser(web, request) else secrets.token_urlsafe(_RANDOM_BYTES)
    web.desk.know_device(token, login)
    response.set_cookie(
        cookie_name(web, request.url.scheme, _DEVICE),
        token,
        max_age=_DEVICE_DAYS * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


def take_back(web: Web, request: Request, response: Response) -> Response:
    """End it in the browser too: its pages must not come back from the cache."""
    response.delete_cookie(
        cookie_name(web, request.url.scheme),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def cookie_name(web: Web, scheme: str, what: str = _SESSION) -> str:
    """Behind TLS a name that the browser takes from this host alone; another for each study of the host.

    Such a name is of the whole host whatever its prefix: without the study's mark, signing in to a second
    study there would end the session of the first.
    """
    name = f"trialkit-{what}-{web.mark}"
    return f"__Host-{name}" if scheme == "https" else name
