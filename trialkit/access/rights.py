"""May this account, in this role, do this act here? A pure decision on frozen values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from trialkit.access.act import Act
from trialkit.access.actor import Actor
from trialkit.access.errors import AccessError
from trialkit.vocabulary import Role
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that an account holds, at one site or (None) at all."""

    role: Role
    site: str | None = None


def may(role: Role, act: Act, *, blinded_roles: Collection[Role] = (), unblinded: bool = False) -> bool:
    """Whether a role may do an act at all.

    Parameters
    ----------
    role
        The role acted in.
    act
        From the registry.
    blinded_roles
        The roles the study keeps blinded.
    unblinded
        Whether the study was unblinded for its analysis.
    """
    if role not in act.allowed_roles:
        return False
    return not (act.reveals_arm and role in blinded_roles and not unblinded)


def sites_reached(actor: Actor, grants: Collection[Grant]) -> frozenset[str] | None:
    """The sites at which an actor holds the role it acts in; None: all of them."""
    if actor.site is not None:
        return frozenset({actor.site})
    reach = {grant.site for grant in grants if grant.role is actor.role}
    return None if None in reach else frozenset(site for site in reach if site is not None)


def check_right(
    act: Act,
    actor: Actor,
    grants: Collection[Grant],
    *,
    sites: Collection[str] = (),
    reason: str = "",
    blinded_roles: Collection[Role] = (),
    unblinded: bool = False,
) -> None:
    """Refuse an act that this actor may not do, or that lacks its signature or its reason.

    Parameters
    ----------
    act
        From the registry.
    actor
        Who acts, in which role.
    grants
        The roles the account holds.
    sites
        Every site the act touches; empty where it touches none.
    reason
        As stated by the actor.
    blinded_roles, unblinded
        As in :func:`may`.

    Raises
    ------
    AccessError
        The account does not hold the role (at a site the act touches), the role may not do the act, or a
        signature or reason is missing.
    """
    held = [
        grant
        for grant in grants
        if grant.role is actor.role and (actor.site is None or grant.site in (None, actor.site))
    ]
    place = said(" at {site}", site=actor.site) if actor.site else ""
    if not held:
        raise AccessError(
            expected=said("an account that holds the role {role}{place}", role=actor.role, place=place),
            found=said("{account}, which does not", account=actor.account),
            next_step="Act in a role of this account, or ask the administrator for the role.",
        )
    if actor.role not in act.allowed_roles:
        raise AccessError(
            expected=said(
                "one of the roles {allowed_roles} for {name}",
                allowed_roles=", ".join(sorted(act.allowed_roles)),
                name=act.name,
            ),
            found=str(actor.role),
            next_step="Let somebody with that role do it.",
        )
    if actor.scopes is not None and act.name not in actor.scopes:
        raise AccessError(
            expected=said("a token for {name}", name=act.name),
            found="one for other acts",
            next_step="Issue a token whose scopes name this act.",
        )
    if not may(actor.role, act, blinded_roles=blinded_roles, unblinded=unblinded):
        raise AccessError(
            expected=said("a role that is not blinded, or an unblinded study, for {name}", name=act.name),
            found=said("{role}, which is blinded", role=actor.role),
            next_step="Let somebody do it whose role is not blinded. The study is unblinded for its "
            "analysis, by an act of its own.",
        )
    _require_sites_reached(act, actor, held, sites)
    _require_signature_and_reason(act, actor, reason)


def _require_sites_reached(act: Act, actor: Actor, held: Collection[Grant], sites: Collection[str]) -> None:
    reach = {actor.site} if actor.site else {grant.site for grant in held}
    foreign = [site for site in sorted(set(sites)) if None not in reach and site not in reach]
    if foreign:
        raise AccessError(
            expected=said("the role {role} at site {foreign}", role=actor.role, foreign=foreign[0]),
            found=said(
                "{account}, acting at {reach}",
                account=actor.account,
                reach=", ".join(sorted(str(site) for site in reach)),
            ),
            next_step="Let somebody who holds the role at every site do it."
            if act.whole_study
            else "Let somebody of that site do it.",
        )


def _require_signature_and_reason(act: Act, actor: Actor, reason: str) -> None:
    if act.needs_signature and not actor.authentication.signs:
        raise AccessError(
            expected=said(
                "a signature for {name}: an account that proves itself with its password", name=act.name
            ),
            found=said(
                "{account}, as {authentication}", account=actor.account, authentication=actor.authentication
            ),
            next_step="Let the administrator set a password for the account, then act with it.",
        )
    if act.needs_reason and not reason.strip():
        raise AccessError(
            expected=said("a reason for {name}", name=act.name),
            found="none",
            next_step="Say why, in a few words.",
        )
