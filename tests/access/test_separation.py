"""Which roles one account must not join."""

from __future__ import annotations

import pytest

from trialkit.access import clash
from trialkit.vocabulary import Concealment, Role

BLINDED = (Role.OUTCOME_ASSESSOR, Role.STATISTICIAN)


def _clash(*roles: Role, concealment: Concealment = Concealment.SERVER) -> tuple[Role, Role] | None:
    return clash(roles, concealment=concealment, blinded_roles=BLINDED)


@pytest.mark.parametrize("other", [Role.COORDINATOR, Role.INVESTIGATOR, Role.OUTCOME_ASSESSOR])
def test_who_holds_the_machine_alone_neither_enrols_nor_assesses(other: Role) -> None:
    roles = (other, Role.ADMINISTRATOR)
    assert _clash(*roles, concealment=Concealment.CENTRAL) == (Role.ADMINISTRATOR, other)
    for elsewhere in (Concealment.SERVER, Concealment.DEMONSTRATION):
        assert clash(roles, concealment=elsewhere, blinded_roles=()) is None


def test_who_holds_the_machine_alone_may_manage_data() -> None:
    assert _clash(Role.ADMINISTRATOR, Role.DATA_MANAGER, concealment=Concealment.CENTRAL) is None


@pytest.mark.parametrize("other", sorted(set(Role) - set(BLINDED)))
def test_a_blinded_role_is_held_beside_none_that_is_not(other: Role) -> None:
    for blinded in BLINDED:
        assert _clash(blinded, other) == (blinded, other)
        assert clash((blinded, other), concealment=Concealment.SERVER, blinded_roles=()) is None


def test_roles_of_one_sight_go_together() -> None:
    assert _clash(Role.FIRST_ENTRY, Role.MONITOR, Role.ADJUDICATOR) is None
    assert _clash(*BLINDED) is None
    assert _clash(Role.COORDINATOR, Role.INVESTIGATOR, Role.FIRST_ENTRY) is None
