"""Questions put to the driver itself are answered, guarded and heard as those of the connection are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import bindparam, event, func, select
from sqlalchemy.exc import DBAPIError

from trialkit.access import Actor
from trialkit.clock import SystemClock
from trialkit.store.direct import rows_of, write_all
from trialkit.store.engine import Store
from trialkit.store.errors import StoreError
from trialkit.store.ledger import transaction
from trialkit.store.migrations import upgrade
from trialkit.store.models import Account, Slot
from trialkit.vocabulary import Role

ADA = Actor("ada", Role.ADMINISTRATOR, os_user="tester", host="desk")

NAMED = select(Account.login, Account.person_name).where(Account.login >= bindparam("from_login"))
COUNTED = select(func.count()).select_from(Account)
TOGETHER = select(func.aggregate_strings(Account.login, ",")).where(Account.login >= "b")
SECRETS = select(Slot.nonce, Slot.sealed)


@pytest.fixture
def store(empty_database_url: str) -> Iterator[Store]:
    made = Store(empty_database_url)
    upgrade(made)
    with transaction(made, SystemClock(), ADA, "add_account") as progress:
        for login in ("ada", "bea", "cleo"):
            progress.add(Account, login=login, person_name=login.title())
    yield made
    made.close()


def test_rows_are_those_of_the_connection_each_time_they_are_asked_for(store: Store) -> None:
    with store.reading() as reader:
        for start in ("a", "b", "a"):
            expected = reader.execute(NAMED, {"from_login": start}).all()
            found = list(rows_of(reader, NAMED, from_login=start))
            assert [tuple(row) for row in found] == [tuple(row) for row in expected]
            assert [row.login for row in found] == [row.login for row in expected]
        assert [list(rows_of(reader, COUNTED)) for _ in range(3)] == [[(3,)]] * 3
        assert [list(rows_of(reader, TOGETHER)) for _ in range(3)] == [[("bea,cleo",)]] * 3
        assert [list(rows_of(reader, SECRETS)) for _ in range(3)] == [[]] * 3


def test_whoever_listens_to_the_connection_hears_these_too(store: Store) -> None:
    asked: list[str] = []
    with store.reading() as reader:
        for _ in range(2):
            list(rows_of(reader, COUNTED))
        event.listen(store.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
        list(rows_of(reader, COUNTED))
    assert any("account" in statement for statement in asked)


def test_what_the_database_refuses_is_told_in_our_words(store: Store) -> None:
    again = "INSERT INTO account (login, person_name, audit_number) VALUES ('ada', 'Again', 1)"
    with pytest.raises(StoreError), store.writing() as connection:
        write_all(connection, again, [()])
    with pytest.raises(DBAPIError), store.engine.connect() as connection, connection.begin():
        write_all(connection, "SELECT nothing FROM nowhere", [()])
    with store.reading() as reader:
        assert list(rows_of(reader, COUNTED)) == [(3,)]
