"""Signing in, choosing the role one acts in, signing out."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from trialkit.access import AccessError, Grant
from trialkit.operations.entrance import enter as let_in
from trialkit.operations.web_desk import roles_held
from trialkit.web import sessions
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.setting import Web
from trialkit.web.unsent import Unsent, keep, unpacked
from trialkit.web.views import entrance

_PAGE = re.compile(r"/(?![/\\])[\w/.%~@:+-]*(\?[\w/.%~@:+&=-]*)?", re.ASCII)
_LONGEST = 500


def asked_for(web: Web, request: Request) -> str:
    """What the address of the sign-in page says of the page that was asked for; nothing for the home page."""
    if request.method != "GET":
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    path = request.url.path.removeprefix(web.path_prefix) + query
    return "" if path == "/" or page_of(path) == "/" else "?" + urlencode({"next": path})


def page_of(text: str) -> str:
    """A page of this application, or its home page: never an address of somewhere else."""
    return text if len(text) <= _LONGEST and _PAGE.fullmatch(text) else "/"


def ask(asked: Asked, settled: str = "") -> Response:
    """The page; ``settled`` says what was done just before, such as a password changed."""
    return _form(asked, settled=settled)


def ask_again(asked: Asked, sent: Unsent) -> Response:
    """A form came when its session had ended: nothing was done, and what was typed is carried along."""
    return _form(asked, status=HTTPStatus.UNAUTHORIZED, sent=sent)


def _form(
    asked: Asked,
    error: AccessError | None = None,
    status: int = HTTPStatus.OK,
    sent: Unsent | None = None,
    settled: str = "",
) -> Response:
    shown = asked.web.shown_accounts if asked.trial.study.demonstration else ()
    form = asked.form if sent is None else {}  # of another page
    sent = sent or unpacked(form.get("unsent", ""))
    return asked.page(
        "sign_in.html",
        error=error,
        settled=settled,
        accounts=shown,
        second_factor=asked.trial.study.sign_in.second_factor,
        login=form.get("login") or (sent.login if sent else ""),
        next_page=page_of(form.get("next") or asked.request.query_params.get("next", "/")),
        unsent=sent,
        status=status,
    )


def enter(asked: Asked) -> Response:
    """A password opens a session with a new token; the account's only role is taken at once."""
    login = asked.form.get("login", "")
    try:
        entered = let_in(
            asked.trial,
            asked.web.desk,
            login=login,
            password=asked.form.get("password", ""),
            code=asked.form.get("code", ""),
            host=asked.host,
            device=sessions.device(asked.web, asked.request),
        )
    except AccessError as error:
        return _form(asked, error, HTTPStatus.UNAUTHORIZED)
    if entered.password_known or entered.password_expired:
        return entrance.ask_password(asked, expired=not entered.password_known)
    if entered.factor_missing:
        return entrance.ask_factor(asked)
    held = entered.grants
    if asked.session is not None:
        asked.web.desk.end_session(asked.session.token)
    before = [grant for grant in held if _name(grant) == asked.form.get("grant")]  # over a form that is open
    only = held[0] if len(held) == 1 else next(iter(before), None)
    session = sessions.begin(
        asked.web,
        login=login,
        host=asked.host,
        role=only.role if only else None,
        site=only.site if only else None,
    )
    following = page_of(_kept(asked, login) or asked.form.get("next", "/"))
    choosing = "/acting-as" + ("" if following == "/" else "?" + urlencode({"next": following}))
    response = asked.redirect(following if only else choosing)
    sessions.hand_out(asked.web, asked.request, response, session)
    return sessions.know_device(asked.web, asked.request, response, login)


def _kept(asked: Asked, login: str) -> str:
    """Where a form leads that came after its session had ended; empty where none did."""
    sent = unpacked(asked.form.get("unsent", ""))
    return "" if sent is None else keep(asked.web, login, sent)


def choose(asked: Asked) -> Response:
    next_page = page_of(asked.request.query_params.get("next", "/"))
    return asked.page("acting_as.html", grants=_choices(asked), next_page=next_page)


def act_as(asked: Asked) -> Response:
    """Act in a role that the account holds; the session gets a new token."""
    assert asked.session is not None
    chosen = asked.form.get("grant", "")
    grant = _choices(asked).get(chosen)
    if grant is None:
        raise NotHereError
    session = sessions.begin(
        asked.web,
        login=asked.login,
        host=asked.host,
        role=grant.role,
        site=grant.site,
        opened_at=asked.session.state.opened_at,
    )
    asked.web.desk.end_session(asked.session.token)
    return sessions.hand_out(
        asked.web, asked.request, asked.redirect(page_of(asked.form.get("next", "/"))), session
    )


def _choices(asked: Asked) -> dict[str, Grant]:
    held = roles_held(asked.trial, asked.login)
    return {_name(grant): grant for grant in held}


def _name(grant: Grant) -> str:
    return f"{grant.role}@{grant.site or ''}"


def leave(asked: Asked) -> Response:
    assert asked.session is not None
    asked.web.desk.end_session(asked.session.token)
    return sessions.take_back(asked.web, asked.request, asked.redirect("/sign-in"))
