"""Accounts: one a person, never deleted; and proving that one is who one says."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor, Grant, clash
from trialkit.access.acts.accounts import ADD_ACCOUNT, GRANT_ROLE
from trialkit.access.acts.reading import LIST_ACCOUNTS
from trialkit.access.passwords import hash_password
from trialkit.free_text import persons_name, plain_login
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import acting, reading
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import Account, AccountCredential, RoleGrant
from trialkit.store.reading.accounts import account_exists, accounts, grants_of, login_taken, password_hash
from trialkit.vocabulary import Role
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class AccountOpened:
    login: str
    role: Role
    site: str | None
    stamp: AuditStamp


def add_account(
    trial: Trial,
    actor: Actor,
    *,
    login: str,
    person_name: str,
    role: Role,
    site: str | None = None,
    password: str | None = None,
) -> AccountOpened:
    """Open an account for a person, with its first role.

    Parameters
    ----------
    login
        Not in use, and never given to anybody else.
    person_name
        Shown with signatures; nowhere in messages.
    role, site
        The role, at one site of the study or (None) at all.
    password
        At least 12 characters; None for an account that only acts as declared by the host operator.

    Raises
    ------
    AccessError, OperationError
        No right to do it; login in use, unknown site.
    """
    _require_site(trial, site)
    plain_login(login)
    person_name = persons_name(person_name)
    with acting(trial, actor, ADD_ACCOUNT) as progress:
        for name in (login, person_name):  # they stand beside every pass, before blinded eyes too
            progress.require_no_arm_named(name)
        if login_taken(progress.reader, login):
            raise OperationError(
                expected="a login that nobody has or had",
                found=repr(login),
                next_step="Choose another; accounts are never handed on.",
            )
        progress.add(Account, login=login, person_name=person_name)
        grant = next(progress.next_ids(RoleGrant))
        progress.add(RoleGrant, id=grant, login=login, role=str(role), site=site)
        if password is not None:
            credential = next(progress.next_ids(AccountCredential))
            progress.add(AccountCredential, id=credential, login=login, argon2=hash_password(password))
        progress.state(login=login, role=str(role), at_site=site)
    return AccountOpened(login, role, site, progress.stamp)


def grant_role(
    trial: Trial, actor: Actor, *, login: str, role: Role, site: str | None = None
) -> AccountOpened:
    """Give an account a further role, at one site or (None) at all.

    Raises
    ------
    AccessError, OperationError
        No right to do it; unknown account or site; the role is held already, or goes with no other that the
        account holds: see :func:`trialkit.access.clash`.
    """
    _require_site(trial, site)
    with acting(trial, actor, GRANT_ROLE) as progress:
        held = grants_of(progress.reader, login)
        if not account_exists(progress.reader, login):
            raise OperationError(expected="an account of this study", found=repr(login))
        if any(grant.role is role and grant.site == site for grant in held):
            raise OperationError(expected="a role the account does not hold yet", found=str(role))
        _require_separate(trial, login, {role, *(grant.role for grant in held)})
        grant_id = next(progress.next_ids(RoleGrant))
        progress.add(RoleGrant, id=grant_id, login=login, role=str(role), site=site)
        progress.state(login=login, role=str(role), at_site=site)
    return AccountOpened(login, role, site, progress.stamp)


@dataclass(frozen=True, slots=True)
class AccountListed:
    """An account without its person's name."""

    login: str
    grants: tuple[Grant, ...]
    has_password: bool
    closed: bool = False


def list_accounts(trial: Trial, actor: Actor) -> tuple[AccountListed, ...]:
    """Every account and the roles it holds, by login; names are not shown.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_ACCOUNTS) as gate:
        return tuple(
            AccountListed(
                account.login,
                account.grants,
                password_hash(gate.reader, account.login) is not None,
                account.closed,
            )
            for account in accounts(gate.reader)
        )


def _require_separate(trial: Trial, login: str, roles: set[Role]) -> None:
    study = trial.study
    found = clash(
        roles, concealment=study.randomization.concealment, blinded_roles=study.blinding.blinded_roles
    )
    if found is not None:
        raise OperationError(
            expected="roles that one person may hold together",
            found=said("{first} and {second}", first=found[0], second=found[1]),
            where=login,
            next_step="Give it to another person: one of the two is kept from what the other knows.",
        )


def _require_site(trial: Trial, site: str | None) -> None:
    if site is not None and site not in trial.rules.sites:
        raise OperationError(
            expected=said("a site of the study: {sites}", sites=", ".join(sorted(trial.rules.sites))),
            found=repr(site),
        )
