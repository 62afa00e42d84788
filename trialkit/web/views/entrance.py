"""What is settled before a first session: a password nobody else knows, and a second factor."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.operations.entrance import change_first_password, set_first_factor
from trialkit.operations.second_factor import is_factor_secret, new_factor_secret
from trialkit.web.asking import Asked
from trialkit.web.factor_picture import picture_of_factor
from trialkit.web.sessions import device
from trialkit.wording import said

# A stranger may send any number of letters, and a picture holds only so many.
_MOST_OF_LOGIN = 64


def ask_password(asked: Asked, *, expired: bool = False) -> Response:
    return _password_page(asked, expired=expired)


def _password_page(asked: Asked, error: TrialkitError | None = None, *, expired: bool) -> Response:
    status = HTTPStatus.CONFLICT if error else HTTPStatus.OK
    login = asked.form.get("login", "")
    return asked.page(
        "first_password.html",
        error=error,
        login=login,
        expired=expired,
        second_factor=asked.trial.study.sign_in.second_factor,
        password_days=asked.trial.study.sign_in.password_days,
        status=status,
    )


def password_changed(asked: Asked) -> Response:
    """To the sign-in page, with the new password; every session of the account ends."""
    form = asked.form
    try:
        if form.get("password") != form.get("again"):
            raise TrialkitError(
                expected="the new password twice",
                found="two different ones",
                next_step="Type it again. The present one still holds.",
            )
        change_first_password(
            asked.trial,
            asked.web.desk,
            login=form.get("login", ""),
            present=form.get("present", ""),
            password=form.get("password", ""),
            code=form.get("code", ""),
            host=asked.host,
            device=device(asked.web, asked.request),
        )
    except TrialkitError as error:
        return _password_page(asked, error, expired=form.get("expired") == "yes")
    asked.web.desk.end_sessions_of(form.get("login", ""))
    return _sign_in_again(asked, said("The password is changed. Sign in with the new one."))


def _sign_in_again(asked: Asked, settled: str) -> Response:
    from trialkit.web.views.sign_in import ask  # it stands on this module

    return ask(asked, settled)


def ask_factor(asked: Asked) -> Response:
    return _factor_page(asked)


def _factor_page(asked: Asked, error: TrialkitError | None = None) -> Response:
    status = HTTPStatus.CONFLICT if error else HTTPStatus.OK
    sent = asked.form.get("secret", "")
    secret = sent if is_factor_secret(sent) else new_factor_secret()
    login = asked.form.get("login", "")
    return asked.page(
        "first_factor.html",
        error=error,
        login=login,
        secret=secret,
        picture=picture_of_factor(secret, login[:_MOST_OF_LOGIN], asked.trial.study.id),
        status=status,
    )


def factor_set(asked: Asked) -> Response:
    form = asked.form
    try:
        set_first_factor(
            asked.trial,
            asked.web.desk,
            login=form.get("login", ""),
            password=form.get("password", ""),
            secret=form.get("secret", ""),
            code=form.get("code", ""),
            host=asked.host,
            device=device(asked.web, asked.request),
        )
    except TrialkitError as error:
        return _factor_page(asked, error)
    return _sign_in_again(asked, said("The second factor is set. Sign in with the next code that it shows."))
