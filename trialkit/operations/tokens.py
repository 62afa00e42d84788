"""Tokens: a program acts for an account, in one role, at one site or all, for the acts it was issued for.

A token is shown once and kept as its digest. It never signs, and whoever is blinded gets a blinded token.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from trialkit.access import ACTS, AccessError, Actor, Authentication, may
from trialkit.access.acts.accounts import ISSUE_TOKEN, LIST_TOKENS, REVOKE_TOKEN
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting, reading
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.accounts import grants_of
from trialkit.store.reading.tokens import token_by_digest, tokens
from trialkit.vocabulary import Role
from trialkit.wording import said

LONGEST_LIFE_DAYS = 366
_PREFIX = "trialkit_"
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """``token`` is shown once: nobody can look it up again."""

    number: int
    token: str
    ends_at: datetime
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    number: int
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class TokenListed:
    number: int
    login: str
    role: Role
    site: str | None
    label: str
    scopes: tuple[str, ...]
    ends_at: datetime
    live: bool


def issue_token(
    trial: Trial,
    actor: Actor,
    *,
    label: str,
    scopes: Collection[str],
    site: str | None = None,
    days: int = 90,
) -> TokenIssued:
    """Issue a token for the actor's own account, in the role it acts in.

    Parameters
    ----------
    label
        What the token is for.
    scopes
        Names of acts that this role may do without a signature; at least one.
    site
        Confines it to a site that the actor reaches; None: as far as the actor.
    days
        How long it holds, 1 to 366.

    Raises
    ------
    AccessError, OperationError
        No right, or not signed; an act unknown, out of the role's reach or that is signed; a site or number
        of days out of range.
    """
    _require_days(days)
    secret = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    with acting(trial, actor, ISSUE_TOKEN, sites=[site] if site else ()) as progress:
        _require_site(trial, site)
        wanted = _acts(progress, scopes)
        ends_at = datetime.fromisoformat(progress.at) + timedelta(days=days)
        number = next(progress.next_ids(m.ApiToken))
        progress.add(
            m.ApiToken,
            id=number,
            login=actor.account,
            role=str(actor.role),
            site=site or actor.site,
            label=label.strip(),
            scopes=" ".join(wanted),
            sha256=_digest(secret),
            ends_at=ends_at.isoformat(),
        )
        progress.state(token=number, scopes=" ".join(wanted), at_site=site or actor.site, days=days)
    return TokenIssued(number, secret, ends_at, progress.stamp)


def revoke_token(trial: Trial, actor: Actor, *, number: int) -> TokenRevoked:
    """End a token before its time.

    Raises
    ------
    AccessError, OperationError
        No right; none of that number that stands, or another account's to anybody but an administrator.
    """
    with acting(trial, actor, REVOKE_TOKEN) as progress:
        shown = tokens(progress.reader, _whose(actor))
        if not any(one.number == number and not one.revoked for one in shown):
            raise OperationError(
                expected="the number of a token that stands",
                found=str(number),
                next_step="Look at the list of tokens.",
            )
        progress.next_ids(m.ApiToken)
        progress.add(m.ApiTokenEnd, api_token=number)
        progress.state(token=number)
    return TokenRevoked(number, progress.stamp)


def list_tokens(trial: Trial, actor: Actor) -> list[TokenListed]:
    """Tokens and how they stand: the actor's own, to an administrator everybody's.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_TOKENS) as gate:
        now = trial.clock.now()
        return [
            TokenListed(
                one.number,
                one.login,
                one.grant.role,
                one.grant.site,
                one.label,
                tuple(sorted(one.scopes)),
                one.ends_at,
                not one.revoked and now < one.ends_at,
            )
            for one in tokens(gate.reader, _whose(actor))
        ]


def actor_of_token(trial: Trial, token: str, *, host: str) -> Actor:
    """Whom a token acts for. What the account may do is asked again at every act.

    Raises
    ------
    AccessError
        Unknown, revoked, past its time, or of a role that was taken back since: the same for all.
    """
    with trial.store.reading() as reader:
        known = token_by_digest(reader, _digest(token))
        held = grants_of(reader, known.login) if known else ()
    if known is not None and not known.revoked and trial.clock.now() < known.ends_at:
        grant = known.grant
        if any(one.role is grant.role and one.site in (None, grant.site) for one in held):
            return Actor(
                known.login,
                grant.role,
                grant.site,
                Authentication.TOKEN,
                os_user="",
                host=host,
                scopes=known.scopes,
            )
    raise AccessError(
        expected="a token that stands",
        found="none",
        next_step="Send it as Authorization: Bearer; issue a new one if it was revoked or its time is over.",
    )


def _whose(actor: Actor) -> str | None:
    return None if actor.role is Role.ADMINISTRATOR else actor.account


def _acts(progress: OpenAct, scopes: Collection[str]) -> list[str]:
    wanted = sorted(set(scopes))
    blinded = progress.trial.study.blinding.blinded_roles
    for name in wanted:
        act = ACTS.get(name)
        if act is None or act.needs_signature or not may(progress.actor.role, act, blinded_roles=blinded):
            raise OperationError(
                expected=said(
                    "acts that the role {role} may do without a signature", role=progress.actor.role
                ),
                found=repr(name),
                next_step="Leave it out: a token does no more than its account, and never signs.",
            )
    if not wanted:
        raise OperationError(
            expected="at least one act", found="none", next_step="Name what the program is to do."
        )
    return wanted


def _require_site(trial: Trial, site: str | None) -> None:
    if site is not None and site not in trial.rules.sites:
        raise OperationError(
            expected=said("a site of the study: {sites}", sites=", ".join(sorted(trial.rules.sites))),
            found=repr(site),
        )


def _require_days(days: int) -> None:
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise OperationError(
            expected=said("1 to {most} days", most=LONGEST_LIFE_DAYS),
            found=str(days),
            next_step="Issue it again when its time is over.",
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
