"""Which roles one account must not join: a pure decision."""

from __future__ import annotations

from collections.abc import Collection

from trialkit.vocabulary import Concealment, Role

_ENROLS_OR_ASSESSES = frozenset({Role.COORDINATOR, Role.INVESTIGATOR, Role.OUTCOME_ASSESSOR})


def clash(
    roles: Collection[Role], *, concealment: Concealment, blinded_roles: Collection[Role]
) -> tuple[Role, Role] | None:
    """Two of these roles that one person must not hold together, or None.

    Parameters
    ----------
    roles
        Every role the account holds or would hold.
    concealment
        Under ``central`` the administrator, who holds machine and key, neither enrols nor assesses.
    blinded_roles
        The roles the study keeps blinded: nobody holds one of them beside a role that is not. Each of the
        others is shown arms, or forms that tell one, or holds the keys; and one person has one memory.
    """
    ordered = sorted(set(roles))
    if concealment is Concealment.CENTRAL and Role.ADMINISTRATOR in ordered:
        for role in ordered:
            if role in _ENROLS_OR_ASSESSES:
                return Role.ADMINISTRATOR, role
    for blinded in ordered:
        if blinded in blinded_roles:
            for other in ordered:
                if other not in blinded_roles:
                    return blinded, other
    return None
