"""Shared fixtures. Each room's tests keep their own beside them."""

from __future__ import annotations

import gc
import os
import sqlite3
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import argon2
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import postgres_server

# A worker holds some millions of objects; Python's own threshold looks through them a thousand times.
gc.set_threshold(50_000, 20, 100)

# Two workers on two cores: threads of the linear algebra would only wait for each other.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

_SHARED = Path(os.environ.get("TRIALKIT_SHARED", Path(__file__).resolve().parents[2] / "shared"))


# Files that lean on one thing dear to make (or to import) go to one worker, where it is made once.
_TOGETHER = {
    "tests/e2e/test_demo.py": "demonstration",
    "tests/e2e/test_readme.py": "demonstration",
    "tests/e2e/test_tour.py": "demonstration",
    "tests/wording/": "words",
    "tests/prediction/": "prediction",
}


# What takes longest begins first, so that no worker is left with it when the other has done.
_DEAREST_FIRST = (
    "tests/prediction/",
    "tests/e2e/test_demo.py",
    "tests/e2e/test_readme.py",
    "tests/e2e/test_tour.py",
    "tests/cli/test_non_interference.py",
    "tests/cli/test_many_desks.py",
    "tests/e2e/test_acupuncture.py",
    "tests/benchmarks/test_quick_forms.py",
    "tests/analysis/",
    "tests/web/",
    "tests/cli/",
    "tests/operations/",
    "tests/documents/",
    "tests/e2e/",
    "tests/simulation/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        places = (n for n, name in enumerate(_DEAREST_FIRST) if item.nodeid.startswith(name))
        return next(places, len(_DEAREST_FIRST))

    items.sort(key=turn)  # within a file as before


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests stay together, so that what a file makes for all of them is made once."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((scope for place, scope in _TOGETHER.items() if file.startswith(place)), file)

    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage need look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material that is read by tests but is not part of the project."""
    if not _SHARED.is_dir():
        pytest.skip("needs the shared reference material, which is not part of the project")
    return _SHARED


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A password takes a third of a second by design; here it need not withstand anybody."""
    with pytest.MonkeyPatch.context() as patch:
        quick = partial(argon2.PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(argon2, "PasswordHasher", quick)
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_foundations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Twenty migrations of an empty SQLite file are run once a process; every study founded after has a copy.

    ``tests/store/test_migrations.py`` and whatever runs as a process of its own migrate step by step.
    """
    from trialkit.operations import founding
    from trialkit.store.engine import Store
    from trialkit.store.migrations import newest_revision, present_revision, upgrade

    made = tmp_path_factory.mktemp("migrated") / "template.sqlite"

    def quick(store: Store, revision: str = "head") -> None:
        file = Path(store.engine.url.database or "")
        if store.dialect == "postgresql" and revision == "head":
            with store.reading() as reader:
                copied = present_revision(reader) == newest_revision()
            if copied:  # of ``postgres_template``, which was migrated
                return
        if store.dialect != "sqlite" or revision != "head" or (file.exists() and file.stat().st_size):
            upgrade(store, revision)
            return
        if not made.exists():
            template = Store(f"sqlite:///{made}")
            upgrade(template)
            template.close()
        with store.writing():  # makes the file as a store makes it
            pass
        with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(file)) as target:
            source.backup(target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(founding, "upgrade", quick)
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_queries() -> Iterator[None]:
    """A query is put into the words of a kind of database once a process, not once a study that is opened."""
    from sqlalchemy import Engine, create_engine
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
    from sqlalchemy.util import LRUCache

    from trialkit.store import engine as engines

    texts: dict[str, LRUCache[Any, Any]] = {}

    def quick(*arguments: Any, **more: Any) -> Engine:
        made = create_engine(*arguments, **more)
        made._compiled_cache = texts.setdefault(made.dialect.name, LRUCache(2000))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_engine", quick)
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # every one of a kind writes the same
            patch.setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))
            patch.setattr(dialect, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The maintenance database of a PostgreSQL server: a given one, or one of this process's own."""
    given = os.environ.get("TRIALKIT_TEST_DATABASE_URL")
    if given:
        yield _without_password(given)
        return
    postgres_server.sweep()
    yield postgres_server.start()


@pytest.fixture(scope="session")
def postgres_template(postgres_address: str) -> Iterator[str]:
    """The name of a migrated, empty database that every test gets a copy of."""
    from trialkit.store.engine import Store
    from trialkit.store.migrations import upgrade

    name = f"trialkit_template_{os.getpid()}"
    _maintain(postgres_address, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    store = Store(_database(postgres_address, name))
    upgrade(store)
    store.close()
    yield name
    _maintain(postgres_address, f"DROP DATABASE {name}")


@pytest.fixture
def postgres_url(postgres_address: str, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = f"trialkit_test_{uuid.uuid4().hex}"
    _maintain(postgres_address, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _database(postgres_address, name)
    _maintain(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres_url(postgres_address: str) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    name = f"trialkit_empty_{uuid.uuid4().hex}"
    _maintain(postgres_address, f"CREATE DATABASE {name}")
    yield _database(postgres_address, name)
    _maintain(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def _without_password(address: str) -> str:
    """An address as trialkit takes it; the password goes where PostgreSQL's library looks for it."""
    from sqlalchemy.engine import make_url

    parsed = make_url(address)
    if parsed.password:
        os.environ["PGPASSWORD"] = str(parsed.password)
        parsed = parsed.set(password=None)
    return parsed.render_as_string(hide_password=False)


def _database(address: str, name: str) -> str:
    before, _, rest = address.rpartition("/postgres")
    return f"{before}/{name}{rest}" if before else address.rpartition("/")[0] + f"/{name}"


def _maintain(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
