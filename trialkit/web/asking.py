"""One request as a view has it: who asks, what was sent, and the ways to answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from trialkit.access import ACTS, Actor
from trialkit.errors import UnreachableError
from trialkit.operations import Trial
from trialkit.operations.web_desk import act_in_session
from trialkit.web.pages import allowed, moment_at, rendered, zone
from trialkit.web.sessions import Session, device
from trialkit.web.setting import LANGUAGE_COOKIE, ZONE_COOKIE, Web
from trialkit.web.unsent import Unsent, waiting
from trialkit.wording.catalogues import LANGUAGES, language_asked_for


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, as sent: its name is the sender's word."""

    name: str
    content: bytes


class NotHereError(Exception):
    """What is not there, or may not be seen by who asks: the same page for both."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``form`` holds the fields of a POST, as sent, and ``files`` its files by the names of their fields."""

    web: Web
    request: Request
    session: Session | None
    form: Mapping[str, str]
    files: Mapping[str, SentFile] = field(default_factory=dict)

    @property
    def trial(self) -> Trial:
        return self.web.trial

    @property
    def host(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def login(self) -> str:
        assert self.session is not None
        return self.session.state.login

    def device_of(self, login: str) -> str:
        """The short name of this browser, if the login has signed in in it before; else empty."""
        token = device(self.web, self.request)
        return self.web.desk.device(token, login) if token else ""

    @property
    def actor(self) -> Actor:
        """The account in the role that its session acts in."""
        assert self.session is not None and self.session.role is not None
        state = self.session.state
        return act_in_session(state.login, self.session.role, state.site, self.host)

    @property
    def language(self) -> str:
        """As the account chose, or else the browser: by its cookie, or by what it says it prefers."""
        if self.session is not None and self.session.state.language:
            return self.session.state.language
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, "")
        return (
            chosen
            if chosen in LANGUAGES
            else language_asked_for(self.request.headers.get("accept-language", ""))
        )

    @property
    def browser_zone(self) -> str:
        """The time zone that the browser says it is in; empty where it says none."""
        return unquote(self.request.cookies.get(ZONE_COOKIE, ""))

    def time_of_day(self, at: datetime, site: str) -> str:
        """A moment as the clock shows it at a site, with its offset."""
        there = zone(self.web, site, self.browser_zone)
        return at.astimezone(there).isoformat(timespec="seconds")[11:]

    def moment(self, at: datetime, site: str) -> str:
        """Day and time of a moment as the clock shows them at a site, with its offset."""
        return moment_at(at, zone(self.web, site, self.browser_zone))

    def at(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def allowed(self, act: str) -> bool:
        """Whether the role may do an act: for what a page shows. The operation decides."""
        return allowed(self.web, self.session, ACTS[act])

    def page(self, template: str, *, status: int = 200, **content: object) -> Response:
        """A page; where its error is that the database was lost, that goes on to whoever answers it.

        What the driver says of it is for the log alone, and no reason why the act was refused.
        """
        if isinstance(error := content.get("error"), UnreachableError):
            raise error
        html = rendered(
            self.web,
            self.session,
            self.language,
            template,
            content,
            browser_zone=self.browser_zone,
            unsent_here=self._unsent() if self.request.method == "GET" else None,
        )
        return HTMLResponse(html, status)

    def _unsent(self) -> Unsent | None:
        """A form of this page that came when its session had ended."""
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        path = self.request.url.path.removeprefix(self.web.path_prefix)
        return waiting(self.web, self.session, path + query)

    def redirect(self, path: str) -> Response:
        """After a POST: the browser fetches the page that a reload may fetch again."""
        return RedirectResponse(self.web.url(path), status_code=303)


View = Callable[[Asked], Response]


def new_request_key() -> str:
    """What a form that may be sent only once carries; see :mod:`trialkit.web.once`."""
    return secrets.token_urlsafe(16)
