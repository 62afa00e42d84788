"""The one gateway: locks in one order, rows and record together, and a database that guards itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from trialkit.access import Actor
from trialkit.clock import SimulatedClock, SystemClock
from trialkit.free_text import TextError
from trialkit.store.audit_chain import (
    GENESIS,
    TableWrite,
    canonical,
    chain_hash,
    chain_mac,
    payload_of,
    rows_digest,
    written_in,
)
from trialkit.store.engine import Store
from trialkit.store.errors import StoreError
from trialkit.store.ledger import transaction
from trialkit.store.migrations import upgrade
from trialkit.store.models import Account, AccountCredential, RoleGrant, StudyVersion, Subject
from trialkit.store.reading.audit import audit_entries, audit_head
from trialkit.store.verification import check_chain
from trialkit.vocabulary import Role

ADA = Actor("ada", Role.ADMINISTRATOR, os_user="tester", host="desk")
CLOCK = SimulatedClock(datetime(2024, 5, 1, 12, tzinfo=UTC))
KEY = bytes(range(32))


@pytest.fixture
def store(empty_database_url: str) -> Iterator[Store]:
    made = Store(empty_database_url)
    upgrade(made)
    yield made
    made.close()


def found(store: Store, login: str = "ada") -> None:
    with transaction(store, CLOCK, ADA, "add_account", reason="first", audit_key=KEY) as progress:
        progress.add(Account, login=login, person_name="Ada")
        progress.add(RoleGrant, id=next(progress.next_ids(RoleGrant)), login=login, role="administrator")
        progress.state(login=login)


def test_rows_and_their_record_are_written_together(store: Store) -> None:
    found(store)
    with store.reading() as reader:
        (record,) = audit_entries(reader)
        assert audit_head(reader) == (1, record.hash)
    assert record.previous_hash == GENESIS
    assert record.hash == chain_hash(GENESIS, record.payload_text)
    assert record.mac == chain_mac(KEY, record.hash)
    assert (record.at, record.account, record.reason) == ("2024-05-01T12:00:00.000000+00:00", "ada", "first")
    payload = json.loads(record.payload_text)
    assert payload["facts"] == {"login": "ada"}
    assert payload["writes"]["account"] == {"columns": ["login", "person_name"], "rows": [["ada", "Ada"]]}


def test_more_rows_than_one_statement_takes_are_all_written_and_all_guarded(store: Store) -> None:
    found(store)
    with transaction(store, CLOCK, ADA, "add_account") as progress:
        for number in range(1_037):
            progress.add(Account, login=f"clerk_{number:04}", person_name=f"Jose\u0301 {number}")
    with store.reading() as reader:
        *_, record = audit_entries(reader)
        kept = reader.execute(text("SELECT login, person_name FROM account ORDER BY login")).all()
    expected = [("ada", "Ada"), *((f"clerk_{n:04}", f"Jos\u00e9 {n}") for n in range(1_037))]
    assert [tuple(row) for row in kept] == expected
    assert [tuple(row) for row in json.loads(record.payload_text)["writes"]["account"]["rows"]] == expected[
        1:
    ]
    with pytest.raises(StoreError), transaction(store, CLOCK, ADA, "add_account") as progress:
        for number in range(200, 1_300):
            progress.add(Account, login=f"clerk_{number:04}", person_name="Again")
    with store.reading() as reader:
        assert reader.scalar(text("SELECT count(*) FROM account")) == len(expected)


def test_each_record_follows_the_one_before(store: Store) -> None:
    for login in ("ada", "bea", "cleo"):
        found(store, login)
    with store.reading() as reader:
        records = list(audit_entries(reader))
    assert [record.number for record in records] == [1, 2, 3]
    assert [record.previous_hash for record in records] == [GENESIS, records[0].hash, records[1].hash]


def test_whatever_goes_wrong_inside_an_act_leaves_neither_row_nor_record(store: Store) -> None:
    with pytest.raises(RuntimeError), transaction(store, CLOCK, ADA, "add_account") as progress:
        progress.add(Account, login="bea", person_name="Bea")
        raise RuntimeError
    with (
        pytest.raises(StoreError, match="Nothing was written"),
        transaction(store, CLOCK, ADA, "grant_role") as progress,
    ):
        progress.add(RoleGrant, id=1, login="nobody", role="monitor")
    with store.reading() as reader:
        assert audit_head(reader)[0] == 0
        assert reader.scalar(text("SELECT count(*) FROM account")) == 0


def test_locks_are_taken_in_one_order_only(store: Store) -> None:
    with (
        pytest.raises(StoreError, match="locks in the order"),
        transaction(store, CLOCK, ADA, "enrol") as progress,
    ):
        progress.lock_subjects(["A-001"])
        progress.lock_study()
    with (
        pytest.raises(StoreError, match="subjects after head"),
        transaction(store, CLOCK, ADA, "enrol") as progress,
    ):
        next(progress.next_ids(RoleGrant))
        progress.lock_subjects(["A-001"])


def test_a_password_hash_is_never_in_the_trail(store: Store) -> None:
    with transaction(store, CLOCK, ADA, "add_account") as progress:
        progress.add(Account, login="ada", person_name="Ada")
        progress.add(AccountCredential, id=1, login="ada", argon2="$argon2id$secret")
    with store.reading() as reader:
        (record,) = audit_entries(reader)
        assert check_chain(reader, None).findings == ()
    assert "secret" not in record.payload_text
    assert json.loads(record.payload_text)["writes"]["account_credential"]["count"] == 1


def test_the_time_is_the_database_servers_unless_a_clock_is_brought(store: Store) -> None:
    before = datetime.now(UTC)
    with transaction(store, SystemClock(), ADA, "add_account") as progress:
        progress.add(Account, login="ada", person_name="Ada")
    assert progress.stamp.at.endswith("+00:00")
    assert abs((datetime.fromisoformat(progress.stamp.at) - before).total_seconds()) < 60


def test_a_direct_change_is_refused_whatever_the_statement(store: Store) -> None:
    found(store)
    statements = [
        "UPDATE account SET person_name = 'Eve'",
        "DELETE FROM account",
        "UPDATE audit_transaction SET reason = 'none'",
        "DELETE FROM audit_head",
    ]
    if store.dialect == "sqlite":
        statements += [
            "INSERT OR REPLACE INTO account SELECT * FROM account",
            "REPLACE INTO role_grant SELECT * FROM role_grant",
            "UPDATE OR REPLACE account SET login = 'x'",
        ]
    else:
        statements += ["TRUNCATE account CASCADE", "TRUNCATE audit_transaction CASCADE"]
    for statement in statements:
        with pytest.raises(StoreError), store.writing() as connection:
            connection.execute(text(statement))
    with store.reading() as reader:
        assert check_chain(reader, KEY).findings == ()


def test_replacing_a_row_over_any_of_its_unique_keys_is_refused(tmp_path: Path) -> None:
    """INSERT OR REPLACE deletes the row in the way silently, also over a key that is not the primary one."""
    store = Store(f"sqlite:///{tmp_path / 'x.sqlite'}")
    upgrade(store)
    with transaction(store, CLOCK, ADA, "create_study") as progress:
        progress.add(
            StudyVersion,
            number=1,
            study_id="A",
            version="1",
            definition_text="",
            dictionary_text="",
            sha256="s",
        )
        progress.add(Subject, subject_id="A-001", site="A")
    store.close()
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="nothing recorded is changed"):
        connection.execute(
            "INSERT OR REPLACE INTO study_version SELECT 2, study_id, version, '', '', sha256, audit_number "
            "FROM study_version"
        )
    assert connection.execute("SELECT number FROM study_version").fetchall() == [(1,)]
    connection.close()


def test_sqlite_keeps_what_a_trial_needs(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with store.reading() as reader:
        assert reader.scalar(text("PRAGMA journal_mode")) == "wal"
        assert reader.scalar(text("PRAGMA synchronous")) == 2
        assert reader.scalar(text("PRAGMA foreign_keys")) == 1
    store.close()


def test_a_digest_depends_on_every_value_and_on_its_column() -> None:
    columns, rows = ("a", "b"), ((1, "x"), (2, None))
    digests = {
        rows_digest(columns, rows),
        rows_digest(("b", "a"), rows),
        rows_digest(columns, ((1, "x"), (2, ""))),
        rows_digest(columns, rows[:1]),
        rows_digest(columns, ((1, 'x"],[2,null]'),)),
    }
    assert len(digests) == 5


def test_a_payload_says_what_was_written_whether_shown_or_digested() -> None:
    write = TableWrite(("id", "text"), ((1, "x"),))
    identity = {"number": 1, "at": "now"}
    shown = json.loads(payload_of(identity, {}, {"t": write}, [], "salt"))
    hidden = json.loads(payload_of(identity, {}, {"t": write}, ["t"], "salt"))
    assert written_in(shown) == written_in(hidden) == {"t": (1, write.digest)}
    assert "x" not in canonical(hidden["writes"])


@pytest.mark.parametrize("reason", ["a\n   99  2024-01-01  unlock", "\x1b[2J", "x" * 3_000])
def test_a_reason_that_could_forge_a_line_is_refused_and_nothing_is_written(
    store: Store, reason: str
) -> None:
    with (
        pytest.raises(TextError),
        transaction(store, CLOCK, ADA, "add_account", reason=reason) as progress,
    ):
        progress.add(Account, login="ada", person_name="Ada")
    with store.reading() as reader:
        assert audit_head(reader)[0] == 0


def test_every_text_goes_through_the_policy_whatever_wrote_it(store: Store) -> None:
    desk = Actor("ada", Role.ADMINISTRATOR, os_user="te\nster", host="desk\x1b[2J")
    with transaction(store, CLOCK, desk, "add_account", reason="患者 re\u0301sume\u0301") as progress:
        progress.add(Account, login="ada", person_name="Rene\u0301")
        progress.state(old=["a\r\nb"])
    with store.reading() as reader:
        assert reader.scalar(text("SELECT person_name FROM account")) == "René"
        (record,) = audit_entries(reader)
        assert check_chain(reader, None).findings == ()
    assert (record.reason, record.os_user, record.host) == ("患者 résumé", "te\\nster", "desk\\x1b[2J")
    assert json.loads(record.payload_text)["facts"] == {"old": ["a\nb"]}
    with (
        pytest.raises(TextError, match="account, person_name"),
        transaction(store, CLOCK, ADA, "add_account") as progress,
    ):
        progress.add(Account, login="bea", person_name="B\nea")
