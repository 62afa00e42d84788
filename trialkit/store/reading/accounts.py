"""Accounts and the roles they hold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from trialkit.access import Grant
from trialkit.store.engine import Reader
from trialkit.store.models import Account, AccountCredential, RoleGrant
from trialkit.vocabulary import Role


@dataclass(frozen=True, slots=True)
class AccountState:
    login: str
    person_name: str
    grants: tuple[Grant, ...]


def accounts(reader: Reader) -> tuple[AccountState, ...]:
    """Every account, by login."""
    held: dict[str, list[Grant]] = defaultdict(list)
    for login, role, site in reader.execute(
        select(RoleGrant.login, RoleGrant.role, RoleGrant.site).order_by(RoleGrant.id)
    ):
        held[login].append(Grant(Role(role), site))
    people = reader.execute(select(Account.login, Account.person_name).order_by(Account.login))
    return tuple(AccountState(login, name, tuple(held[login])) for login, name in people)


def grants_of(reader: Reader, login: str) -> tuple[Grant, ...]:
    """The roles an account holds; empty where there is no such account."""
    query = select(RoleGrant.role, RoleGrant.site).where(RoleGrant.login == login).order_by(RoleGrant.id)
    return tuple(Grant(Role(role), site) for role, site in reader.execute(query))


def account_exists(reader: Reader, login: str) -> bool:
    return reader.execute(select(Account.login).where(Account.login == login)).first() is not None


def person_name(reader: Reader, login: str) -> str:
    """Whose account it is; shown with signatures, and nowhere else."""
    return str(reader.scalar(select(Account.person_name).where(Account.login == login)) or "")


def password_hash(reader: Reader, login: str) -> str | None:
    """The argon2 hash in force; None where no password was set."""
    query = (
        select(AccountCredential.argon2)
        .where(AccountCredential.login == login)
        .order_by(AccountCredential.id.desc())
    )
    return reader.scalar(query.limit(1))
