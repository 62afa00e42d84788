"""The language of the pages: kept for the account, and in the browser for whoever is not signed in."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from trialkit.web.asking import Asked, NotHereError
from trialkit.web.guard import carries_token
from trialkit.web.setting import LANGUAGE_COOKIE
from trialkit.wording.catalogues import LANGUAGES

_A_YEAR = 365 * 24 * 3600  # seconds


def choose(asked: Asked) -> Response:
    """Go back to the page that asked, in the language chosen."""
    language = asked.form.get("language", "")
    if language not in LANGUAGES:
        raise NotHereError
    if asked.session is not None and carries_token(asked.session, asked.form):
        asked.web.desk.prefer_language(asked.login, language)
    response = RedirectResponse(_page_before(asked.request) or asked.web.url("/"), status_code=303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_A_YEAR,
        httponly=True,
        samesite="lax",
        secure=asked.request.url.scheme == "https",
        path=asked.web.url("/"),
    )
    return response


def _page_before(request: Request) -> str:
    """The page of this application that sent the form, by its path; empty where it is not known."""
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.headers.get("host") or not before.path.startswith("/"):
        return ""
    path = "/" + before.path.lstrip("/\\")
    return f"{path}?{before.query}" if before.query else path
