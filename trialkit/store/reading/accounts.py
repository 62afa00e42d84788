"""Accounts and the roles they hold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from trialkit.access import Grant
from trialkit.store.direct import rows_of
from trialkit.store.engine import Reader
from trialkit.store.models import (
    Account,
    AccountCredential,
    AccountStanding,
    AuditTransaction,
    RoleGrant,
    RoleWithdrawal,
    SecondFactor,
)
from trialkit.vocabulary import Role


@dataclass(frozen=True, slots=True)
class AccountState:
    login: str
    person_name: str
    grants: tuple[Grant, ...]
    closed: bool = False


_STANDS = RoleGrant.id.not_in(select(RoleWithdrawal.role_grant))
_LAST_STANDING = (
    select(AccountStanding.standing)
    .where(AccountStanding.login == bindparam("login"))
    .order_by(AccountStanding.id.desc())
    .limit(1)
)
_GRANTS = (
    select(RoleGrant.role, RoleGrant.site, _LAST_STANDING.scalar_subquery().label("standing"))
    .where(RoleGrant.login == bindparam("login"), _STANDS)
    .order_by(RoleGrant.id)
)


def accounts(reader: Reader) -> tuple[AccountState, ...]:
    """Every account, by login, with the roles it holds or would hold if it were open."""
    held: dict[str, list[Grant]] = defaultdict(list)
    for login, role, site in reader.execute(
        select(RoleGrant.login, RoleGrant.role, RoleGrant.site).where(_STANDS).order_by(RoleGrant.id)
    ):
        held[login].append(Grant(Role(role), site))
    standings = select(AccountStanding.login, AccountStanding.standing).order_by(AccountStanding.id)
    standing = {row.login: row.standing for row in reader.execute(standings)}
    people = reader.execute(select(Account.login, Account.person_name).order_by(Account.login))
    return tuple(
        AccountState(login, name, tuple(held[login]), standing.get(login) == "closed")
        for login, name in people
    )


def grants_of(reader: Reader, login: str) -> tuple[Grant, ...]:
    """The roles an account holds now; empty where there is no such account, or it is closed."""
    held = list(rows_of(reader, _GRANTS, login=login))
    if not held or held[0].standing == "closed":
        return ()
    return tuple(Grant(Role(row.role), row.site) for row in held)


def grant_number(reader: Reader, login: str, grant: Grant) -> int | None:
    """The number of a grant that stands; None where the account does not hold that role there."""
    query = select(RoleGrant.id).where(
        RoleGrant.login == login,
        RoleGrant.role == str(grant.role),
        RoleGrant.site.is_not_distinct_from(grant.site),
    )
    return reader.scalar(query.where(_STANDS))


def account_closed(reader: Reader, login: str) -> bool:
    return reader.scalar(_LAST_STANDING, {"login": login}) == "closed"


def account_exists(reader: Reader, login: str) -> bool:
    return reader.execute(select(Account.login).where(Account.login == login)).first() is not None


def login_taken(reader: Reader, login: str) -> bool:
    """Whether somebody has or had the login in any case of its letters: nobody tells LINA from lina."""
    query = select(Account.login).where(func.lower(Account.login) == login.lower())
    return reader.execute(query).first() is not None


def person_name(reader: Reader, login: str) -> str:
    """Whose account it is; shown with signatures, and nowhere else."""
    return str(reader.scalar(select(Account.person_name).where(Account.login == login)) or "")


def password_set_by(reader: Reader, login: str) -> str | None:
    """Who set the password in force: the account itself, or somebody who knows it too."""
    query = (
        select(AuditTransaction.account)
        .join(AccountCredential, AccountCredential.audit_number == AuditTransaction.number)
        .where(AccountCredential.login == login)
        .order_by(AccountCredential.id.desc())
    )
    return reader.scalar(query.limit(1))


def password_set_at(reader: Reader, login: str) -> datetime | None:
    """When the password in force was set; None where the account has none."""
    query = (
        select(AuditTransaction.at)
        .join(AccountCredential, AccountCredential.audit_number == AuditTransaction.number)
        .where(AccountCredential.login == login)
        .order_by(AccountCredential.id.desc())
    )
    at = reader.scalar(query.limit(1))
    return None if at is None else datetime.fromisoformat(at)


def sealed_factor(reader: Reader, login: str) -> str | None:
    """The sealed secret of an account's second factor; None where it has none."""
    query = select(SecondFactor.sealed).where(SecondFactor.login == login)
    return reader.scalar(query.order_by(SecondFactor.id.desc()).limit(1))


def password_hash(reader: Reader, login: str) -> str | None:
    """The argon2 hash in force; None where no password was set."""
    query = (
        select(AccountCredential.argon2)
        .where(AccountCredential.login == login)
        .order_by(AccountCredential.id.desc())
    )
    return reader.scalar(query.limit(1))
