"""The application: routes, and the one way in which each request is taken and answered."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from trialkit.access import AccessError
from trialkit.access.passwords import PASSWORDS_AT_ONCE
from trialkit.errors import TrialkitError, UnreachableError
from trialkit.web import unsent
from trialkit.web.api import answering, problems
from trialkit.web.asking import Asked, NotHereError, SentFile, View
from trialkit.web.guard import came_from_elsewhere, carries_token, is_of_this_site
from trialkit.web.known import Known
from trialkit.web.no_text import holds_no_text
from trialkit.web.pages import STATIC, static_path
from trialkit.web.sessions import Session, known_browser, live_session
from trialkit.web.setting import Web
from trialkit.web.views import health, routes, sign_in
from trialkit.web.views.sign_in import asked_for
from trialkit.web.watching import PROVING, Metrics, Watched, note
from trialkit.web.whole_number import whole_number
from trialkit.wording import said

_log = logging.getLogger("trialkit.web")

Endpoint = Callable[[Request], Awaitable[Response]]


def make_application(web: Web, metrics: Metrics | None = None) -> ASGIApp:
    """The web application of one study, as an ASGI application.

    Every page is answered in a thread of its own, by the same operations as the command line.
    """
    strangers = CapacityLimiter(PASSWORDS_AT_ONCE - 1)
    pages: list[BaseRoute] = [
        Route(known.path, _endpoint(web, known, strangers), methods=list(known.methods))
        for known in routes.ROUTES
    ]
    pages += answering.routes(web)
    pages += [Route("/favicon.ico", _icon(web)), Mount("/static", _Assets(directory=STATIC))]
    checks: list[BaseRoute] = [
        Route(path, _check(path, web, look))
        for path, look in (("/health/live", health.live), ("/health/ready", health.ready))
    ]
    inside: list[BaseRoute] = checks + pages
    if web.path_prefix:
        inside = [*checks, Mount(web.path_prefix, routes=checks + pages)]
    app = Starlette(
        routes=inside, exception_handlers={HTTPException: _nothing_here(web), Exception: _defect(web)}
    )
    return Watched(app, web, metrics or Metrics())


class _Assets(StaticFiles):
    """Files of the wheel; their addresses carry their digest."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        note(scope, route="/static")
        response = await self.get_response(self.get_path(scope), scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        await response(scope, receive, send)


def _check(path: str, web: Web, look: Callable[[Web], tuple[int, str]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        note(request.scope, route=path)
        status, word = await run_in_threadpool(look, web)
        return PlainTextResponse(f"{word}\n", status)

    return endpoint


def _icon(web: Web) -> Endpoint:
    """For browsers that ask for it by its old name, beside a file that is no page."""

    async def endpoint(request: Request) -> Response:
        return RedirectResponse(web.url(static_path("icon.svg")), 308)

    return endpoint


def _endpoint(web: Web, known: Known, strangers: CapacityLimiter) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        form: dict[str, str] = {}
        files: dict[str, SentFile] = {}
        note(request.scope, route=known.path)
        if holds_no_text(request.path_params) or holds_no_text(request.query_params):
            return await run_in_threadpool(not_here, Asked(web, request, None, {}))
        if request.method == "POST":
            if came_from_elsewhere(request):
                return _refused(web, request, None)
            if not _within(request, known.largest_body):
                return await run_in_threadpool(_too_large, web, request, known)
            if known.files and await run_in_threadpool(live_session, web, request) is None:
                return _to_sign_in(Asked(web, request, None, form), known)
            async with request.form(max_files=known.files, max_fields=5000) as sent:
                form = {name: value for name, value in sent.items() if isinstance(value, str)}
                files = {
                    name: SentFile(value.filename or "", await value.read())
                    for name, value in sent.items()
                    if isinstance(value, UploadFile)
                }
        if holds_no_text(form):
            return await run_in_threadpool(_no_text, web, request)
        asked = Asked(web, request, None, form, files)
        if known.path in PROVING and not await run_in_threadpool(known_browser, web, request):
            # However many there are, one password is left to be looked at for those who are known here.
            return await run_sync(_answered, asked, known, limiter=strangers)
        return await run_in_threadpool(_answered, asked, known)

    return endpoint


def _within(request: Request, largest: int) -> bool:
    """Whether a body says that it is no larger; in chunks it is as long as it likes, whatever it says."""
    length = whole_number(request.headers.get("content-length", ""))
    return "transfer-encoding" not in request.headers and length is not None and length <= largest


def _answered(asked: Asked, known: Known) -> Response:
    try:
        return _taken(asked, known)
    except UnreachableError as error:
        return _without_database(asked.web, asked.request, error)


def _taken(sent: Asked, known: Known) -> Response:
    web, request, form = sent.web, sent.request, sent.form
    session = live_session(web, request)
    note(request.scope, login=session.state.login if session else None)
    asked = replace(sent, session=session)
    if known.needs_session:
        if session is None:
            return _to_sign_in(asked, known)
        if session.role is None and not known.before_role:
            return RedirectResponse(web.url("/acting-as" + asked_for(web, request)), status_code=303)
        if request.method == "POST" and not carries_token(session, form):
            return _of_another_session(asked, known)
        if request.method == "POST" and not known.before_role:
            unsent.forget(web, request, asked.login)
    return _viewed(asked, known.views[request.method if request.method != "HEAD" else "GET"])


def _viewed(asked: Asked, view: View) -> Response:
    try:
        return view(asked)
    except NotHereError:
        return not_here(asked)
    except UnreachableError:
        raise
    except AccessError as error:
        if asked.request.method != "POST":
            return not_here(asked)
        return asked.page("error.html", error=error, status=HTTPStatus.FORBIDDEN)
    except TrialkitError as error:
        return asked.page("error.html", error=error, status=HTTPStatus.CONFLICT)


def _without_database(web: Web, request: Request, error: UnreachableError) -> Response:
    """What its driver says names hosts and ports: it goes to the log, and a number to whoever asked."""
    number = secrets.token_hex(4)
    _log.error("database %s: %s", number, error.found)
    page = Asked(web, request, None, {}).page(
        "away.html", number=number, status=HTTPStatus.SERVICE_UNAVAILABLE
    )
    page.headers["Retry-After"] = "30"
    return page


def not_here(asked: Asked) -> Response:
    """The same bytes for what never was and for what this role is not shown."""
    return asked.page("not_here.html", status=HTTPStatus.NOT_FOUND)


def _to_sign_in(asked: Asked, known: Known) -> Response:
    """To the sign-in page; of a form that was sent it says that nothing was done, and carries it along."""
    web, request = asked.web, asked.request
    if request.headers.get("x-requested-with") == "trialkit":
        return PlainTextResponse("signed out\n", HTTPStatus.UNAUTHORIZED)
    sent = unsent.carried(web, request, asked.form, readable="GET" in known.views)
    if sent is not None and not known.before_role:
        return sign_in.ask_again(asked, sent)
    return RedirectResponse(web.url("/sign-in" + asked_for(web, request)), status_code=303)


def _of_another_session(asked: Asked, known: Known) -> Response:
    """A page from before the last sign-in: its form is shown anew, filled in, where the browser vouches."""
    web, request = asked.web, asked.request
    sent = unsent.carried(web, request, asked.form, readable="GET" in known.views)
    script = request.headers.get("x-requested-with") == "trialkit"
    if sent is None or known.before_role or script or not is_of_this_site(request):
        return _refused(web, request, asked.session)
    return asked.redirect(sign_in.page_of(unsent.keep(web, asked.login, sent)))


def _too_large(web: Web, request: Request, known: Known) -> Response:
    error = TrialkitError(
        expected=said("a form of at most {n} kB", n=known.largest_body // 1024),
        found="a larger one, or one that does not say its size",
        next_step="Send less at once. Nothing was written.",
    )
    return _unread(web, request, error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _no_text(web: Web, request: Request) -> Response:
    error = TrialkitError(
        expected="text",
        found="a character that is none (U+0000)",
        next_step="Send it without. Nothing was written.",
    )
    return _unread(web, request, error, HTTPStatus.BAD_REQUEST)


def _unread(web: Web, request: Request, error: TrialkitError, status: HTTPStatus) -> Response:
    asked = Asked(web, request, live_session(web, request), {})
    return asked.page("error.html", error=error, status=status)


def _refused(web: Web, request: Request, session: Session | None) -> Response:
    error = AccessError(
        expected="a form that this application rendered for your session",
        found="one from elsewhere, or from an earlier session",
        next_step="Open the page anew and send its form again. Nothing was written.",
    )
    return Asked(web, request, session, {}).page("error.html", error=error, status=HTTPStatus.FORBIDDEN)


Handler = Callable[[Request, Exception], Awaitable[Response]]


def _nothing_here(web: Web) -> Handler:
    async def handler(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        if request.url.path.startswith(web.url("/api/")):
            return problems.no_such_address(status)
        if status != HTTPStatus.NOT_FOUND:
            return PlainTextResponse(f"{HTTPStatus(status).phrase}\n", status)
        session = await run_in_threadpool(live_session, web, request)
        return not_here(Asked(web, request, session, {}))

    return handler


def _defect(web: Web) -> Handler:
    """Unexpected: a number to quote, and nothing of what went wrong, which might tell an arm."""

    async def handler(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        _log.error("defect %s: %s", number, type(error).__name__)
        return Asked(web, request, None, {}).page("defect.html", number=number, status=500)

    return handler
