"""The database's history: alembic, driven from code, with our triggers made anew after every step."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, inspect, select

from trialkit import resources
from trialkit.store.audit_chain import GENESIS
from trialkit.store.engine import Store
from trialkit.store.errors import StoreError
from trialkit.store.models import AuditHead, AuditTransaction
from trialkit.store.triggers import drop_triggers, recreate_triggers
from trialkit.wording import said


@cache
def newest_revision() -> str:
    return str(ScriptDirectory.from_config(_config(None)).get_current_head())


def present_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the database to a revision, from nothing or from an older one, in one transaction.

    Raises
    ------
    StoreError
        The database is newer than this installation.
    """
    with store.writing("upgrade") as connection:
        _refuse_unknown(connection)
        drop_triggers(connection)
        command.upgrade(_config(connection), revision)
        recreate_triggers(connection)
        if not connection.scalar(select(func.count()).select_from(AuditHead)):
            connection.execute(insert(AuditHead), {"id": 1, "number": 0, "hash": GENESIS})


def downgrade(store: Store, revision: str = "base") -> None:
    """Go back to a revision; only for a database that holds nothing.

    Raises
    ------
    StoreError
        The database holds records: going back would lose them.
    """
    with store.writing() as connection:
        if inspect(connection).has_table(AuditTransaction.__tablename__) and connection.scalar(
            select(func.count()).select_from(AuditTransaction)
        ):
            raise StoreError(
                expected="a database without records",
                found="one that holds records",
                next_step="Restore a backup made before the upgrade instead.",
            )
        drop_triggers(connection)
        command.downgrade(_config(connection), revision)
        if inspect(connection).has_table(AuditHead.__tablename__):
            recreate_triggers(connection)


def require_newest(connection: Connection) -> None:
    """Refuse to work on a database of another revision than this installation's.

    Raises
    ------
    StoreError
        No trialkit database, an older one, or a newer one.
    """
    present = present_revision(connection)
    if present == newest_revision():
        return
    _refuse_unknown(connection)
    raise StoreError(
        expected=said("a database at revision {newest_revision}", newest_revision=newest_revision()),
        found="no trialkit database" if present is None else said("revision {present}", present=present),
        next_step="Create the study first."
        if present is None
        else "Make a backup, then upgrade the database.",
    )


def require_known_revision(connection: Connection) -> None:
    """Refuse a database that another version of trialkit must read; one whose revision was taken out is read.

    Raises
    ------
    StoreError
        An older revision, or one this installation does not know.
    """
    if present_revision(connection) is not None or not inspect(connection).has_table("audit_transaction"):
        require_newest(connection)


def _refuse_unknown(connection: Connection) -> None:
    present = present_revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    if present is not None and present not in known:
        raise StoreError(
            expected="a database this installation knows",
            found=said("revision {present}, which is newer", present=present),
            next_step="Install the trialkit version that was used last.",
        )


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.folder("db")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
