"""On PostgreSQL: whoever wants the study alone gets its turn, a stopped desk is ended, who waits is told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from trialkit.access import Actor
from trialkit.clock import SimulatedClock
from trialkit.errors import StoreError
from trialkit.store import postgresql
from trialkit.store.engine import Store, has_password
from trialkit.store.ledger import transaction
from trialkit.store.models import Account
from trialkit.vocabulary import Role

ADA = Actor("ada", Role.ADMINISTRATOR)
CLOCK = SimulatedClock(datetime(2024, 5, 1, 12, tzinfo=UTC))


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    made = Store(postgres_url)
    yield made
    made.close()


def act(store: Store, name: str, *, exclusive: bool = False, seconds: float = 0.0) -> None:
    with transaction(store, CLOCK, ADA, name) as progress:
        progress.lock_study(exclusive=exclusive)
        time.sleep(seconds)


def test_whoever_wants_the_study_alone_is_not_passed_over_by_those_who_come_later(store: Store) -> None:
    """Desks overlap without a gap; with locks of rows the one that wants it alone would never have a turn."""
    ended, done = threading.Event(), []

    def desk() -> None:
        while not ended.is_set():
            act(store, "enter_pass", seconds=0.05)

    desks = [threading.Thread(target=desk) for _ in range(4)]
    for thread in desks:
        thread.start()
    try:
        time.sleep(0.2)
        begun = time.monotonic()
        act(store, "lock", exclusive=True)
        done.append(time.monotonic() - begun)
    finally:
        ended.set()
        for thread in desks:
            thread.join()
    assert done[0] < 5


def test_who_waits_in_vain_is_told_which_act_holds_the_study(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 1)
    with transaction(store, CLOCK, ADA, "lock") as progress:
        progress.lock_study(exclusive=True)
        with pytest.raises(StoreError, match=r"lock on .*, begun \d+ seconds ago") as told:
            act(store, "enter_pass")
    assert "Nothing was written" in told.value.next_step
    act(store, "enter_pass")


_STOPPED = """
import sys, time
from trialkit.access import Actor
from trialkit.clock import SystemClock
from trialkit.store import postgresql
from trialkit.store.engine import Store
from trialkit.store.ledger import transaction
from trialkit.vocabulary import Role
postgresql.IDLE_SECONDS = 1
ada = Actor("ada", Role.ADMINISTRATOR)
with transaction(Store(sys.argv[1]), SystemClock(), ada, "enter_pass") as progress:
    progress.lock_study(exclusive=True)
    print("holds", flush=True)
    time.sleep(60)
"""


def test_a_desk_that_stands_still_does_not_hold_up_another_site(store: Store, postgres_url: str) -> None:
    stopped = subprocess.Popen(
        [sys.executable, "-c", _STOPPED, postgres_url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert stopped.stdout is not None
        assert stopped.stdout.readline() == "holds\n"
        begun = time.monotonic()
        act(store, "enter_pass")
        assert time.monotonic() - begun < 10
    finally:
        stopped.kill()
        stopped.wait()
        if stopped.stdout:
            stopped.stdout.close()


def test_an_act_that_was_ended_for_standing_still_says_so_and_wrote_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 1)
    with (
        pytest.raises(StoreError, match=r"stood still|server"),
        transaction(store, CLOCK, ADA, "add_account") as progress,
    ):
        progress.lock_study()
        progress.add(Account, login="ada", person_name="Ada")
        time.sleep(2.5)
    with store.reading() as reader:
        assert reader.scalar(text("SELECT count(*) FROM account")) == 0


def test_the_drivers_reason_is_passed_on_and_no_value(store: Store) -> None:
    with pytest.raises(StoreError, match="pk_account") as refused:
        for _ in range(2):
            with transaction(store, CLOCK, ADA, "add_account") as progress:
                progress.add(Account, login="secret-login", person_name="Ada")
    assert "secret" not in str(refused.value)
    with (
        pytest.raises(StoreError) as nowhere,
        Store("postgresql+psycopg://postgres@127.0.0.1:9/none?connect_timeout=2").reading(),
    ):
        pass
    assert "refused" in nowhere.value.found.lower()


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("postgresql+psycopg://desk:secret@db/trial", True),
        ("postgresql+psycopg://desk@db/trial?password=secret", True),
        ("postgresql+psycopg://desk@db/trial", False),
        ("postgresql://desk:secret@db/trial", True),
        ("postgres://desk@db/trial", False),
        ("postgresql+psycopg:///trial?passfile=/etc/pgpass", False),
        ("sqlite:///trial.sqlite", False),
    ],
)
def test_a_password_in_an_address_is_noticed(address: str, held: bool) -> None:
    assert has_password(address) is held


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_usual_address_of_a_server_is_taken(scheme: str) -> None:
    store = Store(f"{scheme}://desk@127.0.0.1:9/trial")
    assert store.engine.driver == "psycopg"
    store.close()
