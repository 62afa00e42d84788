"""Whoever owns a PostgreSQL database can change it past its guards; the verification says so."""

from __future__ import annotations

import re
import threading
from datetime import date
from pathlib import Path

import chain
import pytest
from sqlalchemy import text

from trialkit import operations as op
from trialkit.snapshot import read_snapshot

TODAY = date(2023, 12, 31)
_PAST_THE_GUARDS = "SET session_replication_role = replica"
TAMPERINGS = {
    "a value changed in replica mode": (_PAST_THE_GUARDS, "UPDATE account SET person_name = 'Somebody'"),
    "a record changed in replica mode": (
        _PAST_THE_GUARDS,
        "UPDATE audit_transaction SET operation = 'enrol' WHERE number = 2",
    ),
    "a record deleted": (_PAST_THE_GUARDS, "DELETE FROM audit_transaction WHERE number = 3"),
    "a row put in": (
        _PAST_THE_GUARDS,
        "INSERT INTO subject SELECT 'Z-999', site, audit_number FROM subject LIMIT 1",
    ),
    "a guard switched off": ("ALTER TABLE subject DISABLE TRIGGER ALL",),
    "a guard that replicas pass": ("ALTER TABLE subject ENABLE REPLICA TRIGGER {trigger}",),
    "a guard dropped": ("DROP TRIGGER {trigger} ON subject",),
    "a guard that lets all pass": (
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
    ),
    "a guard that looks elsewhere": ("ALTER FUNCTION {function}() SET search_path = elsewhere, pg_temp",),
    "a guard with its owner's rights": ("ALTER FUNCTION {function}() SECURITY DEFINER",),
    "a guard with owner's rights that looks elsewhere": (
        "ALTER FUNCTION trialkit_begin_form() SET search_path = elsewhere, public",
    ),
    "a publication": ("CREATE PUBLICATION leak FOR ALL TABLES",),
    "a column more": ("ALTER TABLE subject ADD COLUMN arm text",),
    "a constraint dropped": ("ALTER TABLE role_grant DROP CONSTRAINT {constraint}",),
    "an index dropped": ("DROP INDEX {index}",),
    "a table more": ("CREATE TABLE notes (arm text)",),
    "a view over a table": ("CREATE VIEW seen AS SELECT * FROM account",),
    "a materialized view": ("CREATE MATERIALIZED VIEW seen AS SELECT * FROM account",),
    "a materialized view in another schema": (
        "CREATE SCHEMA elsewhere",
        "CREATE MATERIALIZED VIEW elsewhere.seen AS SELECT * FROM account",
    ),
    "a view in another schema": (
        "CREATE SCHEMA elsewhere",
        "CREATE VIEW elsewhere.seen AS SELECT subject_id FROM subject",
    ),
    "a table that adds rows to one": (
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.more () INHERITS (public.account)",
    ),
    "a policy that waits": ("CREATE POLICY hidden ON subject USING (false)",),
    "a constraint that excludes": ("ALTER TABLE subject ADD CONSTRAINT alone EXCLUDE (subject_id WITH =)",),
    "a table above one": (
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.whole (LIKE public.subject)",
        "ALTER TABLE subject INHERIT elsewhere.whole",
    ),
    "a partitioned table": ("CREATE TABLE part (site text) PARTITION BY LIST (site)",),
    "a text of limited length": ("ALTER TABLE account ALTER COLUMN person_name TYPE varchar(5000)",),
    "another kind of text": ("ALTER TABLE account ALTER COLUMN person_name TYPE text",),
    "a number of another width": ("ALTER TABLE audit_head ALTER COLUMN number TYPE smallint",),
    "another collation": ('ALTER TABLE account ALTER COLUMN person_name TYPE varchar COLLATE "C"',),
    "another collation of a key": ('ALTER TABLE account ALTER COLUMN login TYPE varchar COLLATE "C"',),
    "an index of another collation": (
        'CREATE UNIQUE INDEX more ON account (person_name COLLATE "C", login)',
    ),
    "an event trigger": (
        "CREATE FUNCTION seen() RETURNS event_trigger AS 'BEGIN END' LANGUAGE plpgsql",
        "CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION seen()",
    ),
}


def named(trial: op.Trial) -> dict[str, str]:
    """A guard of the subjects, its function, a constraint of the grants and an index, by their names."""
    asked = {
        "trigger": (
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'subject'::regclass AND NOT tgisinternal LIMIT 1"
        ),
        "function": (
            "SELECT proname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE tgrelid = 'subject'::regclass AND NOT tgisinternal LIMIT 1"
        ),
        "constraint": (
            "SELECT conname FROM pg_constraint "
            "WHERE conrelid = 'role_grant'::regclass AND contype = 'f' LIMIT 1"
        ),
        "index": (
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
            "WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) "
            "AND relnamespace = 'public'::regnamespace LIMIT 1"
        ),
    }
    with trial.store.reading() as reader:
        return {name: reader.execute(text(query)).scalar() for name, query in asked.items()}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_an_owner_changes_past_the_guards_is_seen(on_postgresql: op.Trial, tampering: str) -> None:
    op.enrol(on_postgresql, chain.COORDINATOR, site="A", consent_date=TODAY)
    assert op.verify_audit(on_postgresql).whole
    names = named(on_postgresql)
    with on_postgresql.store.engine.begin() as connection:
        for statement in TAMPERINGS[tampering]:
            found = re.sub(r"\{(\w+)\}", lambda match: names[match[1]], statement)
            connection.execute(text(found))
    assert not op.verify_audit(on_postgresql).whole


def test_a_snapshot_taken_while_others_write_is_of_one_moment(
    on_postgresql: op.Trial, tmp_path: Path
) -> None:
    """Subjects are enrolled one after the other; each snapshot has the first so many of them and no gap."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            op.enrol(on_postgresql, chain.COORDINATOR, site="A", consent_date=TODAY)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            made = op.write_snapshot(
                on_postgresql, chain.MANAGER, folder=tmp_path / f"s{number}", blinded=True
            )
            subjects = read_snapshot(made.folder).tables["subjects"]["subject_id"]
            numbers = sorted(int(one.rpartition("-")[2]) for one in subjects)
            assert numbers == list(range(1, len(numbers) + 1))
    finally:
        stop.set()
        writer.join()
    assert op.verify_audit(on_postgresql).whole
