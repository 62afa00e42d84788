"""The entrance of the pages: password, second factor, and what must be settled before somebody gets in."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore

from trialkit.access import AccessError, Grant
from trialkit.operations.account_standing import change_own_password
from trialkit.operations.second_factor import factor_secret, set_second_factor, step_of_code
from trialkit.operations.sign_in import Place, password_expired, prove_password
from trialkit.operations.trial import Trial
from trialkit.operations.web_desk import act_in_session, roles_held
from trialkit.store.desk_file import DeskFile
from trialkit.store.reading.accounts import password_set_by

_AT_ONCE = BoundedSemaphore(4)
"""Passwords looked at together: each takes 64 MB and a core, which strangers must not use up."""


@dataclass(frozen=True, slots=True)
class Entered:
    """``password_known`` to whoever set it, ``password_expired``: to be changed first; ``factor_missing``: to
    be set first."""

    grants: tuple[Grant, ...]
    password_known: bool
    factor_missing: bool
    password_expired: bool = False


def enter(
    trial: Trial, desk: DeskFile, *, login: str, password: str, code: str = "", host: str, device: str = ""
) -> Entered:
    """Whether somebody is let in, and what is asked of them first.

    Parameters
    ----------
    code
        Of the second factor, where the account has one.
    host
        The client's address.
    device
        A token that the browser holds since an earlier sign-in.

    Raises
    ------
    AccessError
        As :func:`trialkit.operations.sign_in.prove_password`, a wrong code included.
    """
    secret = factor_secret(trial, login) if trial.study.sign_in.second_factor else None

    def code_fits() -> bool:
        if secret is None:  # none is set yet: asked for next
            return True
        step = step_of_code(trial, secret, code)
        return step is not None and desk.use_step(login, step)

    known = desk.device(device, login) if device else ""
    with _AT_ONCE:
        prove_password(
            trial,
            login=login,
            password=password,
            place=Place(host, "", known),
            besides=code_fits if trial.study.sign_in.second_factor else None,
        )
    with trial.store.reading() as reader:
        own = password_set_by(reader, login) == login
        expired = password_expired(trial, reader, login)
    return Entered(
        roles_held(trial, login),
        not own and not trial.study.demonstration,
        trial.study.sign_in.second_factor and secret is None,
        expired,
    )


def change_first_password(trial: Trial, *, login: str, present: str, password: str, host: str) -> None:
    """Change a password that somebody else set, or that is too old, before a session.

    Raises
    ------
    AccessError
        A wrong password, or no role; a new one that is short, or the same.
    """
    grant = _any_role(trial, login, present, host)
    actor = act_in_session(login, grant.role, grant.site, host)
    change_own_password(trial, actor, present=present, password=password)


def set_first_factor(trial: Trial, *, login: str, password: str, secret: str, code: str, host: str) -> None:
    """Set the second factor of an account that has none, before the first session.

    Raises
    ------
    AccessError, OperationError
        A wrong password, or no role; a factor that is there; a code that does not fit.
    """
    grant = _any_role(trial, login, password, host)
    prove_password(trial, login=login, password=password, place=Place(host, ""))
    if factor_secret(trial, login) is not None:
        raise AccessError(
            expected="an account without a second factor",
            found="one that has it",
            next_step="Sign in with its code; an administrator takes a lost one away.",
        )
    set_second_factor(trial, act_in_session(login, grant.role, grant.site, host), secret=secret, code=code)


def _any_role(trial: Trial, login: str, password: str, host: str) -> Grant:
    """A role to act in; who has none is refused after the work of looking at one password."""
    held = roles_held(trial, login)
    if not held:
        prove_password(trial, login=login, password=password, place=Place(host, ""))
        raise AccessError(
            expected="a login and its password", found="another combination", next_step="Try again."
        )
    return held[0]
