"""Administration of people: accounts, their roles and sites, passwords, second factors, closing."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from starlette.responses import Response

from trialkit.access.acts.accounts import ADD_ACCOUNT
from trialkit.errors import TrialkitError
from trialkit.operations import (
    AccountListed,
    add_account,
    close_account,
    grant_role,
    list_accounts,
    list_sign_ins,
    reopen_account,
    set_password,
    withdraw_role,
)
from trialkit.operations.second_factor import remove_second_factor
from trialkit.vocabulary import Role
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once, told_once
from trialkit.wording import said

_SHOWN_SIGN_INS = 30


def listed(asked: Asked) -> Response:
    _require_administrator(asked)
    return _list(asked)


def _list(asked: Asked, error: TrialkitError | None = None) -> Response:
    return asked.page(
        "accounts.html",
        accounts=list_accounts(asked.trial, asked.actor),
        sign_ins=list_sign_ins(asked.trial, asked.actor, days=7)[-_SHOWN_SIGN_INS:][::-1],
        sites=asked.trial.study.sites,
        roles=list(Role),
        typed=asked.form,
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def added(asked: Asked) -> Response:
    """Open an account with a password that is shown once, and changed at the first sign-in."""
    _require_administrator(asked)
    login, password = asked.form.get("login", "").strip(), _drawn_password()

    def act() -> Response:
        add_account(
            asked.trial,
            asked.actor,
            login=login,
            person_name=asked.form.get("person_name", "").strip(),
            role=_role(asked),
            site=asked.form.get("site") or None,
            password=password,
        )
        return asked.page("password_told.html", login=login, password=password)

    try:
        return told_once(asked, act, _told(login))
    except TrialkitError as error:
        return _list(asked, error)


def account(asked: Asked) -> Response:
    _require_administrator(asked)
    return _account(asked)


def _account(asked: Asked, error: TrialkitError | None = None) -> Response:
    return asked.page(
        "account.html",
        account=_known(asked),
        typed=asked.form,
        sites=asked.trial.study.sites,
        roles=list(Role),
        second_factor=asked.trial.study.sign_in.second_factor,
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def changed(asked: Asked) -> Response:
    """One change of an account: which, is the button that was pressed."""
    _require_administrator(asked)
    login = _known(asked).login
    change = _CHANGES.get(asked.form.get("change", ""))
    if change is None:
        raise NotHereError

    def act() -> Done:
        change(asked, login)
        return Done(said("The account {login} is changed", login=login), (), f"/accounts/{login}", login)

    try:
        done = once(asked, act)
    except TrialkitError as error:
        return _account(asked, error)
    if change is not _grant:
        asked.web.desk.end_sessions_of(login)
    return done


def password_reset(asked: Asked) -> Response:
    """Set a password that is drawn and shown once; every session of the account ends."""
    _require_administrator(asked)
    login, password = _known(asked).login, _drawn_password()

    def act() -> Response:
        set_password(asked.trial, asked.actor, login=login, password=password)
        asked.web.desk.end_sessions_of(login)
        return asked.page("password_told.html", login=login, password=password)

    try:
        return told_once(asked, act, _told(login))
    except TrialkitError as error:
        return _account(asked, error)


def _grant(asked: Asked, login: str) -> None:
    grant_role(asked.trial, asked.actor, login=login, role=_role(asked), site=asked.form.get("site") or None)


def _withdraw(asked: Asked, login: str) -> None:
    role, _, site = asked.form.get("held", "").partition("@")
    withdraw_role(
        asked.trial,
        asked.actor,
        login=login,
        role=_named_role(role),
        site=site or None,
        reason=_reason(asked),
    )


def _close(asked: Asked, login: str) -> None:
    close_account(asked.trial, asked.actor, login=login, reason=_reason(asked))


def _reopen(asked: Asked, login: str) -> None:
    reopen_account(asked.trial, asked.actor, login=login, reason=_reason(asked))


def _remove_factor(asked: Asked, login: str) -> None:
    remove_second_factor(asked.trial, asked.actor, login=login, reason=_reason(asked))


def _end_sessions(asked: Asked, login: str) -> None:
    asked.web.desk.end_sessions_of(login)


_CHANGES: dict[str, Callable[[Asked, str], None]] = {
    "grant": _grant,
    "withdraw": _withdraw,
    "close": _close,
    "reopen": _reopen,
    "remove_factor": _remove_factor,
    "end_sessions": _end_sessions,
}


def _require_administrator(asked: Asked) -> None:
    """A page of the menu of those who may open accounts; others see that it is not there."""
    if asked.actor.role not in ADD_ACCOUNT.allowed_roles:
        raise NotHereError


def _known(asked: Asked) -> AccountListed:
    wanted = asked.at("login")
    for one in list_accounts(asked.trial, asked.actor):
        if one.login == wanted:
            return one
    raise NotHereError


def _role(asked: Asked) -> Role:
    return _named_role(asked.form.get("role", ""))


def _named_role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise TrialkitError(
            expected="a role of the list", found=repr(name), next_step="Choose one of the list."
        ) from None


def _reason(asked: Asked) -> str:
    return asked.form.get("reason", "")


def _drawn_password() -> str:
    """Four groups of five letters and digits that are not mistaken for each other: 99 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _told(login: str) -> Done:
    return Done(
        said("The password of {login} was shown once", login=login),
        (said("It is kept nowhere. If nobody wrote it down, reset it again."),),
        f"/accounts/{login}",
        login,
    )
