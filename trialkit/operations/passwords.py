"""A password for an account; earlier ones count no longer."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.accounts import SET_PASSWORD
from trialkit.access.passwords import hash_password
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import AccountCredential
from trialkit.store.reading.accounts import account_exists


@dataclass(frozen=True, slots=True)
class PasswordSet:
    login: str
    stamp: AuditStamp


def set_password(trial: Trial, actor: Actor, *, login: str, password: str) -> PasswordSet:
    """Set an account's password.

    Parameters
    ----------
    login
        Of an account that is there.
    password
        At least 12 characters; kept as an argon2id hash, and in no audit payload.

    Raises
    ------
    AccessError, OperationError
        No right; a shorter password; unknown account.
    """
    hashed = hash_password(password)
    with acting(trial, actor, SET_PASSWORD) as progress:
        if not account_exists(progress.reader, login):
            raise OperationError(expected="an account of this study", found=repr(login))
        credential = next(progress.next_ids(AccountCredential))
        progress.add(AccountCredential, id=credential, login=login, argon2=hashed)
        progress.state(login=login)
    return PasswordSet(login, progress.stamp)
