"""Signing in: one message for all, every attempt kept, wrong ones slower each time; and numbers."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Lock
from types import SimpleNamespace

import argon2
import pytest
from chain import ADMIN, COORDINATOR, MANAGER, Role

from trialkit import operations as op
from trialkit.access import AccessError, Authentication, this_os_user
from trialkit.access.passwords import hash_password, password_matches
from trialkit.access.throttle import LONGEST_WAIT, may_try_from
from trialkit.clock import SimulatedClock
from trialkit.errors import OperationError

PASSWORD = "correct horse battery"


@pytest.fixture
def lina(trial: op.Trial) -> op.Trial:
    op.add_account(
        trial, ADMIN, login="lina", person_name="L", role=Role.COORDINATOR, site="A", password=PASSWORD
    )
    op.add_account(trial, ADMIN, login="plain", person_name="P", role=Role.COORDINATOR, site="A")
    return trial


def _try(trial: op.Trial, password: str, *, login: str = "lina", host: str = "desk") -> str:
    try:
        op.log_in(trial, login=login, password=password, role=Role.COORDINATOR, site="A", host=host)
    except AccessError as refused:
        return str(refused)
    return "in"


def _wait(trial: op.Trial, wait: timedelta) -> None:
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(clock.now() + wait)


def test_unknown_unproven_wrong_and_too_soon_are_refused_in_the_same_words(lina: op.Trial) -> None:
    said = {_try(lina, PASSWORD, login=login) for login in ("nobody", "plain", "=cmd")}
    said |= {_try(lina, "wrong horse battery") for _ in range(6)}
    said.add(_try(lina, PASSWORD))
    assert len(said) == 1
    assert "in" not in said


def test_each_refusal_does_the_work_of_looking_at_one_password(
    lina: op.Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialkit.operations import sign_in

    looked: list[str] = []
    real = sign_in.password_matches
    monkeypatch.setattr(sign_in, "password_matches", lambda p, h: looked.append(h) or real(p, h))
    for login in ("nobody", "plain", "lina"):
        _try(lina, "wrong horse battery", login=login)
    assert [hashed.split("$")[1:4] for hashed in looked] == [looked[0].split("$")[1:4]] * 3


def test_the_right_password_waits_after_five_wrong_ones_and_only_where_they_were_tried(
    lina: op.Trial,
) -> None:
    for _ in range(5):
        _try(lina, "wrong horse battery")
    assert _try(lina, PASSWORD, host="other desk") == "in"
    assert _try(lina, PASSWORD) != "in"
    _wait(lina, timedelta(seconds=3))
    assert _try(lina, PASSWORD) == "in"
    assert _try(lina, "wrong horse battery") != "in"
    assert _try(lina, PASSWORD) == "in", "one slip after a right one costs nothing"


def test_nobody_elsewhere_keeps_a_person_out_for_more_than_a_minute(lina: op.Trial) -> None:
    for number in range(60):
        _try(lina, "wrong horse battery", host=f"address {number % 20}")
    assert _try(lina, PASSWORD) != "in"
    _wait(lina, timedelta(seconds=61))
    assert _try(lina, PASSWORD) == "in"


def test_attempts_are_kept_for_the_administrator_and_the_trail_does_not_grow(lina: op.Trial) -> None:
    before = op.present_anchor(lina).number
    _try(lina, "wrong horse battery")
    _try(lina, "x", login="nobody\n" + "x" * 200)
    _try(lina, PASSWORD)
    kept = op.list_sign_ins(lina, ADMIN)
    assert [attempt.outcome for attempt in kept] == ["wrong", "wrong", "right"]
    assert kept[1].login == ("nobody" + "x" * 200)[:64]
    assert op.present_anchor(lina).number == before
    assert op.verify_audit(lina).whole
    with pytest.raises(AccessError):
        op.list_sign_ins(lina, MANAGER)


def test_many_wrong_passwords_at_once_are_counted_one_by_one(lina: op.Trial) -> None:
    with ThreadPoolExecutor(16) as together:
        list(together.map(lambda number: _try(lina, f"wrong horse {number}"), range(48)))
    outcomes = Counter(one.outcome for one in op.list_sign_ins(lina, ADMIN, days=1))
    assert outcomes == {"wrong": 5, "too_soon": 43}


def test_four_passwords_are_looked_at_or_kept_together_and_no_fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MB and a core: strangers who try many do not use the machine up."""
    present, most, counting = 0, 0, Lock()

    def counted(*_: object) -> bool:
        nonlocal present, most
        with counting:
            present += 1
            most = max(most, present)
        time.sleep(0.02)
        with counting:
            present -= 1
        return True

    monkeypatch.setattr(argon2, "PasswordHasher", lambda: SimpleNamespace(verify=counted, hash=counted))
    with ThreadPoolExecutor(16) as together:
        asked = [together.submit(password_matches, PASSWORD, "x") for _ in range(16)]
        asked += [together.submit(hash_password, PASSWORD) for _ in range(16)]
        assert all(one.result() for one in asked)
    assert most == 4


def test_waits_double_and_end() -> None:
    from datetime import UTC, datetime

    start = datetime(2025, 1, 1, tzinfo=UTC)
    waits = [may_try_from([start] * n, []) for n in range(4, 20)]
    seconds = [None if until is None else (until - start).total_seconds() for until in waits]
    assert seconds[:5] == [None, 2, 4, 8, 16]
    assert seconds[-1] == LONGEST_WAIT.total_seconds() == 900


def test_the_system_says_who_sits_there_not_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody_else")
    assert this_os_user() == pwd.getpwuid(os.getuid()).pw_name


def test_a_web_application_says_where_its_client_is(lina: op.Trial) -> None:
    actor = op.log_in(
        lina, login="lina", password=PASSWORD, role=Role.COORDINATOR, site="A", host="192.0.2.7", os_user=""
    )
    assert (actor.host, actor.os_user, actor.authentication) == ("192.0.2.7", "", Authentication.PASSWORD)


def _enrol(trial: op.Trial, site: str = "A", number: str | None = None) -> str:
    done = op.enrol(trial, COORDINATOR, site=site, consent_date=date(2024, 5, 1), subject_id=number)
    return done.subject_id


def test_a_number_given_by_hand_leaves_the_series_where_it_was(trial: op.Trial) -> None:
    assert _enrol(trial) == "A-001"
    assert _enrol(trial, number="A-003") == "A-003"
    assert [_enrol(trial) for _ in range(3)] == ["A-002", "A-004", "A-005"]
    assert _enrol(trial, number="screen-12") == "screen-12"
    assert _enrol(trial) == "A-006"


@pytest.mark.parametrize(
    ("number", "said"), [("B-001", "series of site B"), ("b-7", "series of site B"), ("a-001", "nobody has"),
                         ("A-9", "series as A-009"), ("A-001", "nobody has")],
)  # fmt: skip
def test_a_number_given_by_hand_is_nobody_elses(trial: op.Trial, number: str, said: str) -> None:
    _enrol(trial)
    with pytest.raises(OperationError, match=said):
        _enrol(trial, number=number)
    assert _enrol(trial, "B") == "B-001"
