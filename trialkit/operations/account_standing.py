"""What becomes of accounts: a role taken back, an account closed and opened again, one's own password."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import AccessError, Act, Actor, Grant
from trialkit.access.acts.accounts import CHANGE_OWN_PASSWORD, CLOSE_ACCOUNT, REOPEN_ACCOUNT, WITHDRAW_ROLE
from trialkit.access.passwords import hash_password
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.passwords import PasswordSet
from trialkit.operations.sign_in import Place, prove_password
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.accounts import account_closed, account_exists, grant_number
from trialkit.vocabulary import Role
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class AccountMoved:
    login: str
    stamp: AuditStamp


def withdraw_role(
    trial: Trial, actor: Actor, *, login: str, role: Role, site: str | None = None, reason: str
) -> AccountMoved:
    """Take a role back; from then on the account cannot act in it, in no session and by no token.

    Raises
    ------
    AccessError, OperationError
        No right; a role the account does not hold there; the administrator's own role.
    """
    with acting(trial, actor, WITHDRAW_ROLE, reason=reason) as progress:
        if role is Role.ADMINISTRATOR:
            _require_another(actor, login)
        number = grant_number(progress.reader, login, Grant(role, site))
        if number is None:
            raise OperationError(
                expected="a role that the account holds",
                found=said("{role} of {login}", role=role, login=login),
            )
        progress.next_ids(m.RoleGrant)
        progress.add(m.RoleWithdrawal, role_grant=number)
        progress.state(login=login, role=str(role), at_site=site)
    return AccountMoved(login, progress.stamp)


def close_account(trial: Trial, actor: Actor, *, login: str, reason: str) -> AccountMoved:
    """Close an account: it signs in no longer, and nothing acts for it. What it did stays.

    Raises
    ------
    AccessError, OperationError
        No right; unknown, closed already, or the actor's own.
    """
    _require_another(actor, login)
    return _moved(trial, actor, CLOSE_ACCOUNT, login=login, reason=reason, closed=True)


def reopen_account(trial: Trial, actor: Actor, *, login: str, reason: str) -> AccountMoved:
    """Open a closed account again, with the roles it had.

    Raises
    ------
    AccessError, OperationError
        No right; unknown, or not closed.
    """
    return _moved(trial, actor, REOPEN_ACCOUNT, login=login, reason=reason, closed=False)


def change_own_password(
    trial: Trial, actor: Actor, *, present: str, password: str, device: str = ""
) -> PasswordSet:
    """Change the password of one's own account.

    Parameters
    ----------
    present
        The password in force; held against the account's as at sign-in, wrong ones slow the next.
    password
        The new one, at least 12 characters.
    device
        The short name of a browser in which the account has signed in before.

    Raises
    ------
    AccessError
        A wrong password; a new one that is short, or the same.
    """
    hashed = hashed_new(present, password)
    place = Place(actor.host, actor.os_user, device)
    prove_password(trial, login=actor.account, password=present, place=place)
    return keep_own_password(trial, actor, hashed)


def hashed_new(present: str, password: str) -> str:
    """The hash of a new password that is long enough and another than the present one.

    Raises
    ------
    AccessError
        It is short, or the same.
    """
    if present == password:
        raise AccessError(
            expected="a new password", found="the present one", next_step="Use a phrase of several words."
        )
    return hash_password(password)


def keep_own_password(trial: Trial, actor: Actor, hashed: str) -> PasswordSet:
    """Keep the new password of an account that was proved by its present one."""
    with acting(trial, actor, CHANGE_OWN_PASSWORD) as progress:
        credential = next(progress.next_ids(m.AccountCredential))
        progress.add(m.AccountCredential, id=credential, login=actor.account, argon2=hashed)
        progress.state(login=actor.account)
    return PasswordSet(actor.account, progress.stamp)


def _moved(trial: Trial, actor: Actor, act: Act, *, login: str, reason: str, closed: bool) -> AccountMoved:
    with acting(trial, actor, act, reason=reason) as progress:
        _require_standing(progress, login, closed=not closed)
        number = next(progress.next_ids(m.AccountStanding))
        progress.add(m.AccountStanding, id=number, login=login, standing="closed" if closed else "open")
        progress.state(login=login)
    return AccountMoved(login, progress.stamp)


def _require_standing(progress: OpenAct, login: str, *, closed: bool) -> None:
    there = account_exists(progress.reader, login)
    if not there or account_closed(progress.reader, login) is not closed:
        raise OperationError(
            expected="a closed account of this study" if closed else "an open account of this study",
            found=repr(login),
        )


def _require_another(actor: Actor, login: str) -> None:
    """Somebody must be left who can undo it."""
    if actor.account == login:
        raise OperationError(
            expected="another account than one's own",
            found=repr(login),
            next_step="Let another administrator do it.",
        )
