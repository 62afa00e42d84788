"""The database's history: from nothing to the newest tables and back, on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text

from trialkit.access import Actor
from trialkit.clock import SystemClock
from trialkit.store.engine import Store
from trialkit.store.errors import StoreError
from trialkit.store.ledger import transaction
from trialkit.store.migrations import downgrade, newest_revision, present_revision, require_newest, upgrade
from trialkit.store.models import Account, Base
from trialkit.store.triggers import expected_triggers, present_triggers, trigger_drift
from trialkit.vocabulary import Role


@pytest.fixture
def store(empty_database_url: str) -> Iterator[Store]:
    made = Store(empty_database_url)
    yield made
    made.close()


def _schema(store: Store) -> dict[str, object]:
    with store.reading() as reader:
        seen = inspect(reader)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)],
                seen.get_pk_constraint(table),
                sorted(str(u) for u in seen.get_unique_constraints(table)),
                sorted(str(f) for f in seen.get_foreign_keys(table)),
                sorted(str(c) for c in seen.get_check_constraints(table)),
                sorted(_index(i) for i in seen.get_indexes(table)),
            )
            for table in seen.get_table_names()
        } | {"triggers": present_triggers(reader)}


def _index(index: dict[str, object]) -> str:
    options = {name: str(value) for name, value in (index.get("dialect_options") or {}).items()}
    return str([index["name"], index["column_names"], index["unique"], options])


def test_an_upgrade_from_nothing_gives_the_tables_of_the_models(store: Store) -> None:
    upgrade(store)
    with store.reading() as reader:
        assert present_revision(reader) == newest_revision()
        assert compare_metadata(MigrationContext.configure(reader), Base.metadata) == []
        assert trigger_drift(reader) == []
        require_newest(reader)


def test_the_checks_in_the_database_are_those_of_the_models(store: Store) -> None:
    """The migration tool does not compare them."""
    upgrade(store)
    with store.reading() as reader:
        seen = inspect(reader)
        present = {
            (table, check["name"])
            for table in seen.get_table_names()
            for check in seen.get_check_constraints(table)
        }
    wanted = {
        (table.name, str(constraint.name))
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert present == wanted


def test_going_back_and_forth_gives_the_same_database(store: Store) -> None:
    upgrade(store)
    before = _schema(store)
    downgrade(store)
    with store.reading() as reader:
        assert set(inspect(reader).get_table_names()) <= {"alembic_version"}
    upgrade(store)
    assert _schema(store) == before


def test_each_step_of_the_history_can_be_taken_alone(store: Store) -> None:
    for revision in ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"):
        upgrade(store, revision)
    for revision in ("0008", "0007", "0006", "0005", "0004", "0003", "0002", "0001", "base"):
        downgrade(store, revision)


def test_a_downgrade_refuses_a_database_that_holds_records(store: Store) -> None:
    upgrade(store)
    actor = Actor("ada", Role.ADMINISTRATOR)
    with transaction(store, SystemClock(), actor, "add_account") as progress:
        progress.add(Account, login="ada", person_name="Ada")
    with pytest.raises(StoreError, match="holds records"):
        downgrade(store)
    with store.reading() as reader:
        assert reader.scalar(text("SELECT count(*) FROM account")) == 1
        assert trigger_drift(reader) == []


def test_a_database_of_another_revision_is_refused(store: Store) -> None:
    with store.reading() as reader, pytest.raises(StoreError, match="no trialkit database"):
        require_newest(reader)
    upgrade(store, "0001")
    with store.reading() as reader, pytest.raises(StoreError, match="upgrade"):
        require_newest(reader)
    upgrade(store)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with store.reading() as reader, pytest.raises(StoreError, match="newer"):
        require_newest(reader)


def test_every_table_is_guarded_and_only_the_head_changes(store: Store) -> None:
    guarded = expected_triggers(store.dialect)
    for table in Base.metadata.tables:
        assert f"trialkit_{table}_delete" in guarded
        assert (f"trialkit_{table}_update" in guarded) == (table != "audit_head")


def test_a_dropped_or_rewritten_guard_is_drift(store: Store) -> None:
    upgrade(store)
    where = "" if store.dialect == "sqlite" else " ON pass_value"
    with store.writing() as connection:
        connection.execute(text(f"DROP TRIGGER trialkit_pass_value_update{where}"))
        if store.dialect != "sqlite":
            connection.execute(text("ALTER TABLE final_value DISABLE TRIGGER trialkit_final_value_update"))
    with store.reading() as reader:
        drift = trigger_drift(reader)
    assert "trialkit_pass_value_update" in drift
    if store.dialect != "sqlite":
        assert "trialkit_final_value_update" in drift


@pytest.mark.parametrize("address", ["mysql://root@localhost/x", "nonsense"])
def test_another_kind_of_database_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///"):
        Store(address)
