"""Accounts that end, and tokens of programs, on both engines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chain import ADMIN, Role

from trialkit import operations as op
from trialkit.access import AccessError, Actor, Authentication
from trialkit.clock import SimulatedClock
from trialkit.errors import OperationError, TrialkitError

PASSWORD = "correct horse battery"
TODAY = date(2023, 12, 31)


def _lina(trial: op.Trial) -> Actor:
    op.add_account(
        trial, ADMIN, login="lina", person_name="L", role=Role.COORDINATOR, site="A", password=PASSWORD
    )
    return op.log_in(trial, login="lina", password=PASSWORD, role=Role.COORDINATOR, site="A")


def test_a_role_taken_back_counts_no_longer_and_may_be_given_again(either: op.Trial) -> None:
    lina = _lina(either)
    op.enrol(either, lina, site="A", consent_date=TODAY)
    op.withdraw_role(either, ADMIN, login="lina", role=Role.COORDINATOR, site="A", reason="left the site")
    with pytest.raises(AccessError, match="holds the role"):
        op.enrol(either, lina, site="A", consent_date=TODAY)
    with pytest.raises(OperationError, match="a role that the account holds"):
        op.withdraw_role(either, ADMIN, login="lina", role=Role.COORDINATOR, site="A", reason="again")
    op.grant_role(either, ADMIN, login="lina", role=Role.COORDINATOR, site="A")
    op.enrol(either, lina, site="A", consent_date=TODAY)
    assert op.verify_audit(either).whole


def test_a_closed_account_neither_signs_in_nor_acts(either: op.Trial) -> None:
    lina = _lina(either)
    op.close_account(either, ADMIN, login="lina", reason="left")
    with pytest.raises(AccessError, match="another combination"):
        op.log_in(either, login="lina", password=PASSWORD, role=Role.COORDINATOR, site="A")
    with pytest.raises(AccessError, match="holds the role"):
        op.enrol(either, lina, site="A", consent_date=TODAY)
    (listed,) = [one for one in op.list_accounts(either, ADMIN) if one.login == "lina"]
    assert listed.closed and listed.grants
    with pytest.raises(OperationError, match="an open account"):
        op.close_account(either, ADMIN, login="lina", reason="twice")
    op.reopen_account(either, ADMIN, login="lina", reason="back")
    op.enrol(either, lina, site="A", consent_date=TODAY)


def test_an_administrator_cannot_shut_the_door_behind_itself(trial: op.Trial) -> None:
    with pytest.raises(OperationError, match="another account"):
        op.close_account(trial, ADMIN, login=ADMIN.account, reason="x")
    with pytest.raises(OperationError, match="another account"):
        op.withdraw_role(trial, ADMIN, login=ADMIN.account, role=Role.ADMINISTRATOR, reason="x")


def test_ones_own_password_is_changed_with_the_present_one(trial: op.Trial) -> None:
    lina = _lina(trial)
    for present, new in (
        ("wrong horse battery", "new horse battery"),
        (PASSWORD, PASSWORD),
        (PASSWORD, "short"),
    ):
        with pytest.raises(AccessError):
            op.change_own_password(trial, lina, present=present, password=new)
    op.change_own_password(trial, lina, present=PASSWORD, password="new horse battery")
    op.log_in(trial, login="lina", password="new horse battery", role=Role.COORDINATOR, site="A")


def test_a_token_does_its_acts_and_no_other(either: op.Trial) -> None:
    lina = _lina(either)
    issued = op.issue_token(either, lina, label="nightly", scopes=["enrol"])
    program = op.actor_of_token(either, issued.token, host="10.0.0.9")
    assert (program.account, program.site, program.authentication) == ("lina", "A", Authentication.TOKEN)
    op.enrol(either, program, site="A", consent_date=TODAY)
    with pytest.raises(AccessError, match="a token for list_tokens"):
        op.list_tokens(either, program)
    trail = op.read_trail(either, ADMIN)
    assert issued.token not in str(trail)
    op.revoke_token(either, lina, number=issued.number)
    with pytest.raises(AccessError, match="a token that stands"):
        op.actor_of_token(either, issued.token, host="h")
    with pytest.raises(OperationError, match="a token that stands"):
        op.revoke_token(either, lina, number=issued.number)
    assert op.verify_audit(either).whole


def test_the_database_holds_no_token(trial: op.Trial) -> None:
    issued = op.issue_token(trial, _lina(trial), label="nightly", scopes=["enrol"])
    trial.close()
    secret = issued.token.removeprefix("trialkit_").encode()
    assert all(secret not in file.read_bytes() for file in trial.folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"scopes": []}, "at least one act"),
        ({"scopes": ["lock"]}, "without a signature"),
        ({"scopes": ["add_account"]}, "without a signature"),
        ({"scopes": ["no such act"]}, "without a signature"),
        ({"scopes": ["enrol"], "days": 0}, "1 to 366 days"),
        ({"scopes": ["enrol"], "days": 367}, "1 to 366 days"),
        ({"scopes": ["enrol"], "site": "B"}, "at site B"),
    ],
)
def test_a_token_reaches_no_further_than_who_issues_it(
    trial: op.Trial, wrong: dict[str, object], match: str
) -> None:
    with pytest.raises((AccessError, OperationError), match=match):
        op.issue_token(trial, _lina(trial), label="x", **wrong)  # type: ignore[arg-type]


def test_a_token_ends_with_its_time_its_role_and_its_account(trial: op.Trial) -> None:
    lina = _lina(trial)
    token = op.issue_token(trial, lina, label="x", scopes=["enrol"], days=1).token
    op.close_account(trial, ADMIN, login="lina", reason="x")
    with pytest.raises(AccessError):
        op.actor_of_token(trial, token, host="h")
    op.reopen_account(trial, ADMIN, login="lina", reason="x")
    op.actor_of_token(trial, token, host="h")
    assert isinstance(trial.clock, SimulatedClock)
    trial.clock.advance_to(trial.clock.now() + timedelta(days=1))
    with pytest.raises(AccessError):
        op.actor_of_token(trial, token, host="h")


def test_a_token_needs_a_signature_and_only_an_administrator_ends_anothers(trial: op.Trial) -> None:
    lina = _lina(trial)
    session = Actor("lina", Role.COORDINATOR, "A", Authentication.SESSION)
    with pytest.raises(AccessError, match="a signature"):
        op.issue_token(trial, session, label="x", scopes=["enrol"])
    issued = op.issue_token(trial, lina, label="x", scopes=["enrol"])
    op.add_account(trial, ADMIN, login="mona", person_name="M", role=Role.COORDINATOR, site="A")
    mona = Actor("mona", Role.COORDINATOR, "A")
    assert op.list_tokens(trial, mona) == []
    with pytest.raises(OperationError):
        op.revoke_token(trial, mona, number=issued.number)
    assert [one.login for one in op.list_tokens(trial, ADMIN)] == ["lina"]
    op.revoke_token(trial, ADMIN, number=issued.number)


@pytest.mark.parametrize("login", ["LINA", "Lina", "linA"])
def test_no_two_logins_differ_in_the_case_of_letters_alone(either: op.Trial, login: str) -> None:
    op.add_account(either, ADMIN, login="lina", person_name="Lina", role=Role.COORDINATOR, site="A")
    with pytest.raises(TrialkitError, match="a login that nobody has or had"):
        op.add_account(either, ADMIN, login=login, person_name="Another", role=Role.COORDINATOR, site="A")
    op.add_account(either, ADMIN, login="lina2", person_name="Another", role=Role.COORDINATOR, site="A")


UNSEEN = {
    "zero-width space": "A\u200bB",
    "word joiner": "A\u2060B",
    "soft hyphen": "Wu\u00ad Li",
    "left-to-right": "A\u200eB",
    "joiner between our letters": "Wu\u200dLi",
    "invisible times": "A\u2062B",
    "Hangul filler": "A\u3164B",
    "empty braille cell": "A\u2800B",
    "grapheme joiner": "A\u034fB",
    "variation selector": "A\ufe0fB",
}
SPELT = ("\u0645\u06cc\u200c\u062e\u0648", "\u738b\u4f1f", "Zo\u00eb", "D\u2019Arcy")


@pytest.mark.parametrize("case", UNSEEN)
def test_a_name_has_no_character_that_nobody_sees(trial: op.Trial, case: str) -> None:
    with pytest.raises(TrialkitError, match=r"letters that are seen|control characters"):
        op.add_account(trial, ADMIN, login="b", person_name=UNSEEN[case], role=Role.COORDINATOR, site="A")


def test_names_are_spelt_as_their_script_spells_them(trial: op.Trial) -> None:
    for place, name in enumerate(SPELT):
        op.add_account(trial, ADMIN, login=f"b{place}", person_name=name, role=Role.COORDINATOR, site="A")
