"""The entrance of the pages: password, second factor, and what must be settled before somebody gets in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trialkit.access import AccessError, Actor, Grant
from trialkit.operations.account_standing import hashed_new, keep_own_password
from trialkit.operations.second_factor import factor_secret, set_second_factor, step_of_code
from trialkit.operations.sign_in import Place, password_expired, prove_password
from trialkit.operations.trial import Trial
from trialkit.operations.web_desk import act_in_session, roles_held
from trialkit.store.desk_file import DeskFile
from trialkit.store.reading.accounts import password_set_by


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
    known, expired = _to_settle(trial, login)
    # A code works once: where a password comes first, it is the change that uses it up.
    fits = _code_fits(trial, desk, login, code, use_up=not (known or expired))
    place = _place(desk, login, host, device)
    prove_password(trial, login=login, password=password, place=place, besides=fits)
    return Entered(
        roles_held(trial, login),
        known,
        trial.study.sign_in.second_factor and factor_secret(trial, login) is None,
        expired,
    )


def change_first_password(
    trial: Trial,
    desk: DeskFile,
    *,
    login: str,
    present: str,
    password: str,
    code: str = "",
    host: str,
    device: str = "",
) -> None:
    """Change a password that somebody else set, or that is too old, before a session.

    Parameters
    ----------
    code, host, device
        As for :func:`enter`: the second factor is asked where the account has one.

    Raises
    ------
    AccessError
        As :func:`enter`; a new one that is short, or the same; a password that need not be changed.
    """
    hashed = hashed_new(present, password)  # says nothing of the account: before the present one is looked at
    place = _place(desk, login, host, device)
    prove_password(
        trial, login=login, password=present, place=place, besides=_code_fits(trial, desk, login, code)
    )
    if not any(_to_settle(trial, login)):
        raise AccessError(
            expected="a password that must be changed before the first session",
            found="one that holds",
            next_step="Sign in and change it under My account.",
        )
    keep_own_password(trial, _any_role(trial, login, host), hashed)


def set_first_factor(
    trial: Trial,
    desk: DeskFile,
    *,
    login: str,
    password: str,
    secret: str,
    code: str,
    host: str,
    device: str = "",
) -> None:
    """Set the second factor of an account that has none, before the first session.

    Where there is a factor, a right password is answered as a wrong one.

    Raises
    ------
    AccessError, OperationError
        A wrong password, or no role; a factor that is there; a password that must be changed first; a code
        that does not fit.
    """
    prove_password(
        trial,
        login=login,
        password=password,
        place=_place(desk, login, host, device),
        besides=lambda: factor_secret(trial, login) is None,
    )
    if any(_to_settle(trial, login)):
        raise AccessError(
            expected="a password of one's own that holds",
            found="one that must be changed first",
            next_step="Sign in: the page asks for a new password.",
        )
    set_second_factor(trial, desk, _any_role(trial, login, host), secret=secret, code=code)


def _place(desk: DeskFile, login: str, host: str, device: str) -> Place:
    return Place(host, "", desk.device(device, login) if device else "")


def _code_fits(
    trial: Trial, desk: DeskFile, login: str, code: str, *, use_up: bool = True
) -> Callable[[], bool] | None:
    """Whether the code of the account's second factor holds; None where the study asks for none."""
    if not trial.study.sign_in.second_factor:
        return None
    secret = factor_secret(trial, login)

    def fits() -> bool:
        if secret is None:  # none is set yet: asked for next
            return True
        step = step_of_code(trial, secret, code)
        return step is not None and (desk.use_step if use_up else desk.step_unused)(login, step)

    return fits


def _to_settle(trial: Trial, login: str) -> tuple[bool, bool]:
    """Whether the password is known to whoever set it, and whether it is too old."""
    with trial.store.reading() as reader:
        own = password_set_by(reader, login) == login
        return not own and not trial.study.demonstration, password_expired(trial, reader, login)


def _any_role(trial: Trial, login: str, host: str) -> Actor:
    """The account, proved by its password, in a role that it holds."""
    held = roles_held(trial, login)
    if not held:
        raise AccessError(
            expected="a login and its password", found="another combination", next_step="Try again."
        )
    return act_in_session(login, held[0].role, held[0].site, host)
