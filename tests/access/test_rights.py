"""The rights, held against a table that was written by hand and reviewed, not generated."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from trialkit.access import ACTS, AccessError, Actor, Authentication, Grant, check_right, may
from trialkit.access.passwords import hash_password, password_matches
from trialkit.vocabulary import Role

PROPERTIES = ("needs_reason", "needs_signature", "reveals_arm", "whole_study", "reads")
EXPECTED = Path(__file__).resolve().parents[1] / "expected_rights.csv"


def _expected() -> dict[str, dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    repeated = [act for act, n in Counter(row["act"] for row in rows).items() if n > 1]
    assert not repeated, f"acts with more than one row: {repeated}"
    return {row.pop("act"): row for row in rows}


def test_the_table_names_every_act_and_every_role() -> None:
    table = _expected()
    assert set(table) == set(ACTS)
    for row in table.values():
        assert set(row) == {*Role, *PROPERTIES}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_is_allowed_to_the_roles_of_the_table_and_to_no_other(name: str) -> None:
    act, row = ACTS[name], _expected()[name]
    assert {role for role in Role if may(role, act)} == {role for role in Role if row[role] == "x"}
    for property_of_act in PROPERTIES:
        assert getattr(act, property_of_act) == (row[property_of_act] == "x"), property_of_act


def test_nobody_who_enrols_or_assesses_may_see_everybodys_arm() -> None:
    whole = ACTS["write_unblinded_snapshot"]
    for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.OUTCOME_ASSESSOR, Role.FIRST_ENTRY):
        assert not may(role, whole)


def test_a_blinded_role_learns_an_arm_only_after_unblinding() -> None:
    act = ACTS["write_unblinded_snapshot"]
    blinded = [Role.STATISTICIAN]
    assert not may(Role.STATISTICIAN, act, blinded_roles=blinded)
    assert may(Role.STATISTICIAN, act, blinded_roles=blinded, unblinded=True)
    assert may(Role.UNBLINDED_STATISTICIAN, act, blinded_roles=blinded)


COORDINATOR_A = Actor("lina", Role.COORDINATOR, "A", Authentication.PASSWORD, "os", "host")


@pytest.mark.parametrize(
    ("grants", "actor", "sites", "reason", "said"),
    [
        ([], COORDINATOR_A, ["A"], "", "holds the role"),
        ([Grant(Role.COORDINATOR, "B")], COORDINATOR_A, ["A"], "", "holds the role"),
        ([Grant(Role.COORDINATOR, "A")], COORDINATOR_A, ["A", "B"], "", "at site B"),
        ([Grant(Role.COORDINATOR)], COORDINATOR_A, ["B"], "", "at site B"),
    ],
)
def test_a_right_ends_at_the_site_it_was_given_for(
    grants: list[Grant], actor: Actor, sites: list[str], reason: str, said: str
) -> None:
    with pytest.raises(AccessError, match=said):
        check_right(ACTS["enrol"], actor, grants, sites=sites, reason=reason)


def test_a_role_held_at_all_sites_reaches_each() -> None:
    everywhere = Actor("lina", Role.COORDINATOR, None)
    check_right(ACTS["enrol"], everywhere, [Grant(Role.COORDINATOR)], sites=["A", "E"])


def test_an_act_that_needs_a_reason_is_refused_with_blanks_for_one() -> None:
    manager = Actor("mia", Role.DATA_MANAGER)
    with pytest.raises(AccessError, match="a reason for correct"):
        check_right(ACTS["correct"], manager, [Grant(Role.DATA_MANAGER)], reason="   ")
    check_right(ACTS["correct"], manager, [Grant(Role.DATA_MANAGER)], reason="Misread")


SIGNED = sorted(name for name, act in ACTS.items() if act.needs_signature)


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize(
    ("authentication", "signs"),
    [
        (Authentication.DECLARED, False),
        (Authentication.SESSION, False),
        (Authentication.PASSWORD, True),
        (Authentication.SIMULATED, True),  # refused outside a demonstration, whatever the act
    ],
)
def test_a_signed_act_takes_a_password(name: str, authentication: Authentication, signs: bool) -> None:
    act = ACTS[name]
    role = min(act.allowed_roles)
    actor = Actor("mia", role, None, authentication)
    if signs:
        check_right(act, actor, [Grant(role)], reason="because")
        return
    with pytest.raises(AccessError, match="set a password for the account"):
        check_right(act, actor, [Grant(role)], reason="because")


def test_one_person_opens_an_arm_in_an_emergency_and_another_the_study_for_its_analysis() -> None:
    emergency, analysis = ACTS["emergency_unblind"], ACTS["unblind"]
    assert may(Role.INVESTIGATOR, emergency, blinded_roles=[Role.INVESTIGATOR])
    assert not emergency.allowed_roles & analysis.allowed_roles


def test_a_password_is_kept_as_a_salted_hash_and_short_ones_are_refused() -> None:
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")
    assert first != second
    assert "correct" not in first
    assert password_matches("correct horse battery", first)
    assert not password_matches("correct horse batterY", first)
    with pytest.raises(AccessError, match="12 characters"):
        hash_password("short")


@pytest.mark.parametrize("name", sorted(name for name, act in ACTS.items() if act.whole_study))
def test_an_act_on_the_whole_study_is_refused_to_a_role_held_at_one_site(name: str) -> None:
    act = ACTS[name]
    role = sorted(act.allowed_roles)[0]
    for site in ("A", None):  # acting at that site, or wherever the role is held
        actor = Actor("mia", role, site, Authentication.PASSWORD)
        with pytest.raises(AccessError, match="at every site"):
            check_right(act, actor, [Grant(role, "A")], sites=["A", "B"], reason="Because")
