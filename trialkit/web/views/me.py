"""One's own account: password, second factor, and tokens for programs."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from trialkit.access import Act, Actor, may
from trialkit.errors import TrialkitError
from trialkit.operations import change_own_password, issue_token, list_tokens, log_in, revoke_token
from trialkit.operations.second_factor import new_factor_secret, set_second_factor
from trialkit.web.api.endpoints import SCOPES
from trialkit.web.asking import Asked, NotHereError, new_request_key
from trialkit.web.once import Done, once, told_once
from trialkit.web.whole_number import whole_number
from trialkit.wording import said


def me(asked: Asked) -> Response:
    return _page(asked)


def _scopes_offered(asked: Asked) -> list[Act]:
    """What this role may do or be shown by a program: acts of the API's addresses, and no other."""
    blinded = asked.trial.study.blinding.blinded_roles
    mine = [one for one in SCOPES if may(asked.actor.role, one, blinded_roles=blinded)]
    return sorted((one for one in mine if not one.needs_signature), key=lambda act: act.name)


def _scopes_ticked(asked: Asked) -> list[str]:
    ticked = [name.removeprefix("scope.") for name in asked.form if name.startswith("scope.")]
    known = {act.name for act in SCOPES}
    if without := sorted(set(ticked) - known):
        raise TrialkitError(
            expected="acts that have an address in the API",
            found=", ".join(map(repr, without)),
            next_step="Leave them out: no program could do them.",
        )
    return ticked


def _page(asked: Asked, error: TrialkitError | None = None) -> Response:
    return asked.page(
        "me.html",
        sessions=asked.web.desk.sessions_of(asked.login, asked.session.token if asked.session else ""),
        tokens=[one for one in list_tokens(asked.trial, asked.actor) if one.live],
        acts=_scopes_offered(asked),
        second_factor=asked.trial.study.sign_in.second_factor,
        factor_secret=new_factor_secret(),
        error=error,
        request_key=new_request_key(),
        status=409 if error else 200,
    )


def changed(asked: Asked) -> Response:
    """One change of one's own account: which, is the button that was pressed."""
    change = _CHANGES.get(asked.form.get("change", ""))
    if change is None:
        raise NotHereError
    try:
        return once(asked, lambda: change(asked))
    except TrialkitError as error:
        return _page(asked, error)


def token_issued(asked: Asked) -> Response:
    """Issue a token, signed with the password; it is shown once."""

    def act() -> Response:
        issued = issue_token(
            asked.trial,
            _signer(asked),
            label=asked.form.get("label", ""),
            scopes=_scopes_ticked(asked),
            days=_days(asked.form.get("days", "")),
        )
        return asked.page("token_told.html", issued=issued)

    shown = said("The token was shown once")
    hint = said("It is kept nowhere. If nobody wrote it down, revoke it and issue another.")
    try:
        return told_once(asked, act, Done(shown, (hint,), "/me", said("My account")))
    except TrialkitError as error:
        return _page(asked, error)


def _password(asked: Asked) -> Done:
    assert asked.session is not None
    form = asked.form
    if form.get("password") != form.get("again"):
        raise TrialkitError(
            expected="the new password twice",
            found="two different ones",
            next_step="Type it again. The present one still holds.",
        )
    change_own_password(
        asked.trial,
        asked.actor,
        present=form.get("present", ""),
        password=form.get("password", ""),
        device=asked.device_of(asked.login),
    )
    asked.web.desk.end_sessions_of(asked.login, but=asked.session.token)
    return Done(
        said("The password is changed"),
        (said("Every other session of this account has ended."),),
        "/me",
        said("My account"),
    )


def _factor(asked: Asked) -> Done:
    _signer(asked)
    secret, code = asked.form.get("secret", ""), asked.form.get("code", "")
    set_second_factor(asked.trial, asked.web.desk, asked.actor, secret=secret, code=code)
    return Done(said("The second factor is set"), (), "/me", said("My account"))


def _end_sessions(asked: Asked) -> Done:
    assert asked.session is not None
    asked.web.desk.end_sessions_of(asked.login, but=asked.session.token)
    return Done(said("Every other session of this account has ended."), (), "/me", said("My account"))


def _signer(asked: Asked) -> Actor:
    """Who proved itself again with its password, for this one act."""
    return log_in(
        asked.trial,
        login=asked.login,
        password=asked.form.get("password", ""),
        role=asked.actor.role,
        site=asked.actor.site,
        host=asked.host,
        os_user="",
        device=asked.device_of(asked.login),
    )


def _revoke(asked: Asked) -> Done:
    number = whole_number(asked.form.get("token", ""))
    revoke_token(asked.trial, asked.actor, number=number or 0)
    return Done(said("The token is revoked"), (), "/me", said("My account"))


def _days(text: str) -> int:
    return whole_number(text.strip()) or 0


_CHANGES: dict[str, Callable[[Asked], Done]] = {
    "password": _password,
    "factor": _factor,
    "revoke": _revoke,
    "end_sessions": _end_sessions,
}
