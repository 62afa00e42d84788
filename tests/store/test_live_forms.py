"""One form of a subject and visit that is not void: the database's own guarantee, without a lock of ours."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from trialkit.access import Actor
from trialkit.clock import SystemClock
from trialkit.store.engine import Store
from trialkit.store.errors import StoreError
from trialkit.store.ledger import transaction
from trialkit.store.migrations import upgrade
from trialkit.store.models import Account, FormInstance, FormVoid, StudyVersion, Subject
from trialkit.store.verification import check_chain
from trialkit.vocabulary import Role

ACTOR = Actor("ada", Role.ADMINISTRATOR)
PLACE = {"subject_id": "A-001", "visit": "week_6", "form": "odi", "study_version": 1}
FORM = "INSERT INTO form_instance VALUES ({id}, 'A-001', 'week_6', 'odi', 1, 1)"


@pytest.fixture
def store(empty_database_url: str) -> Iterator[Store]:
    made = Store(empty_database_url)
    upgrade(made)
    with transaction(made, SystemClock(), ACTOR, "enrol") as progress:
        progress.add(Account, login="ada", person_name="Ada")
        progress.add(
            StudyVersion,
            number=1,
            study_id="s",
            version="1",
            definition_text="",
            dictionary_text="",
            sha256="",
        )
        progress.add(Subject, subject_id="A-001", site="A")
    yield made
    made.close()


def begin(store: Store, number: int) -> None:
    with transaction(store, SystemClock(), ACTOR, "enter_passes") as progress:
        progress.add(FormInstance, id=number, **PLACE)


def live(store: Store) -> list[int]:
    with store.reading() as reader:
        return list(reader.scalars(text("SELECT form_instance FROM live_form")))


def findings(store: Store) -> list[str]:
    with store.reading() as reader:
        return [finding.text for finding in check_chain(reader, None).findings]


def test_two_sessions_without_a_lock_cannot_both_begin_the_form(store: Store) -> None:
    """Each has looked, and seen nothing, before the other one writes."""
    both_looked = threading.Barrier(2)
    ended: list[str] = []

    def session(number: int) -> None:
        with store.engine.connect() as connection, connection.begin():
            assert connection.scalar(text("SELECT count(*) FROM form_instance")) == 0
            both_looked.wait(10)
            try:
                connection.execute(text(FORM.format(id=number)))
                ended.append("written")
            except DBAPIError:
                ended.append("refused")
                raise

    def run(number: int) -> None:
        with contextlib.suppress(DBAPIError):
            session(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["refused", "written"]
    with store.reading() as reader:
        assert reader.scalar(text("SELECT count(*) FROM form_instance")) == 1


def test_a_second_form_is_refused_in_words_and_a_voided_one_frees_its_place(store: Store) -> None:
    begin(store, 1)
    with pytest.raises(StoreError, match="somebody else began"):
        begin(store, 2)
    with transaction(store, SystemClock(), ACTOR, "void_pass") as progress:
        progress.add(FormInstance, id=2, **PLACE)  # as when the other pass stands
        progress.add(FormVoid, form_instance=1, reason="Wrong subject")
    assert live(store) == [2]
    assert findings(store) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM live_form",
        "UPDATE live_form SET form_instance = 7",
        "INSERT OR REPLACE INTO form_instance VALUES (2, 'A-001', 'week_6', 'odi', 1, 1)",
        "TRUNCATE live_form",
    ],
)
def test_no_statement_takes_the_place_of_the_form_that_is_there(store: Store, statement: str) -> None:
    begin(store, 1)
    with pytest.raises(DBAPIError), store.engine.begin() as connection:
        connection.execute(text(statement))
    assert live(store) == [1]


def test_verify_finds_a_form_whose_place_is_not_kept_and_a_guard_that_is_gone(store: Store) -> None:
    begin(store, 1)
    with store.engine.begin() as connection:
        _without_guard(connection)
        connection.execute(text("DELETE FROM live_form"))
        connection.execute(text(FORM.format(id=2)))
    found = " ".join(findings(store))
    assert "A-001/week_6/odi counts, and nothing keeps another from its place" in found
    assert "trialkit_live_form_delete is missing" in found


def _without_guard(connection: Connection) -> None:
    on = "" if connection.dialect.name == "sqlite" else " ON live_form"
    connection.execute(text(f"DROP TRIGGER trialkit_live_form_delete{on}"))


def test_a_dropped_key_is_a_finding(store: Store) -> None:
    if store.dialect == "sqlite":
        pytest.skip("SQLite cannot drop the key of a table")
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE live_form DROP CONSTRAINT pk_live_form"))
    assert any("primary key of live_form" in text for text in findings(store))


@pytest.fixture
def former(empty_database_url: str) -> Iterator[Store]:
    """A database as it was before places were kept, with a form that was voided and entered again."""
    made = Store(empty_database_url)
    upgrade(made, "0009")
    with made.engine.begin() as connection:
        _former_rows(connection)
    yield made
    made.close()


def test_forms_of_a_former_revision_keep_their_places(former: Store) -> None:
    upgrade(former)
    assert live(former) == [2]


def test_two_live_forms_of_a_former_revision_stop_the_upgrade_by_name(former: Store) -> None:
    with former.engine.begin() as connection:
        connection.execute(text(FORM.format(id=3)))
    with pytest.raises(StoreError, match="A-001/week_6/odi"):
        upgrade(former)


def _former_rows(connection: Connection) -> None:
    for statement in (
        "INSERT INTO audit_transaction VALUES (1, '', '', NULL, '', '', '', NULL, '', '', '', '', '', '')",
        "INSERT INTO account VALUES ('ada', 'Ada', 1)",
        "INSERT INTO study_version VALUES (1, 's', '1', '', '', '', 1)",
        "INSERT INTO subject VALUES ('A-001', 'A', 1)",
        FORM.format(id=1),
        "INSERT INTO form_void VALUES (1, 'Wrong subject', 1)",
        FORM.format(id=2),
    ):
        connection.execute(text(statement))
