"""A trial with two typists and one form of many subjects on paper, for timing what saving a form costs."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from benchmarks.founded_trial import ADMINISTRATOR, COORDINATOR
from trialkit import operations as op, resources
from trialkit.access import Actor
from trialkit.store.audit_chain import chain_mac
from trialkit.store.models import Base, LiveForm
from trialkit.vocabulary import Role

FORM, VISIT, OTHER_VISIT = "odi", "baseline", "week_6"
FIRST, SECOND = Actor("ada", Role.FIRST_ENTRY), Actor("bob", Role.SECOND_ENTRY)
APART = 1_000_000
"""Rows inserted bare have numbers of their own, far from those of the saves."""

Rows = dict[Table, list[dict[str, Any]]]


class EntryDesk:
    """A form of ten items for each subject; ``close`` leaves nothing behind.

    ``second``: the forms have a first pass already, so that a save also compares the two and writes the final
    values.
    """

    def __init__(self, subjects: int, database: AbstractContextManager[str], *, second: bool = False) -> None:
        self._open = ExitStack()
        address = self._open.enter_context(database)
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self.trial = self._open.enter_context(_found(folder, address))
        row = op.EnteredRow({name: str(n % 6) for n, name in enumerate(self.trial.rules.form_items[FORM])})
        pilot, *self.entries = (op.FormEntry(self._enrol(), VISIT, FORM, (row,)) for _ in range(subjects + 1))
        self._typist = SECOND if second else FIRST
        self.bare = self._as_written(FIRST, pilot)
        if second:
            op.enter_passes(self.trial, FIRST, entries=self.entries)
            self.insert()
            self.bare = self._as_written(SECOND, pilot)

    def save(self) -> int:
        """Each form checked, written and audited, in an act of its own."""
        for entry in self.entries:
            self.save_one(entry)
        return len(self.entries)

    def insert(self) -> int:
        """Such rows as a save writes, its audit record among them, made beforehand: one commit a form."""
        for rows in self.bare:
            self.insert_one(rows)
        return len(self.bare)

    def save_one(self, entry: op.FormEntry) -> None:
        op.enter_pass(self.trial, self._typist, entry=entry)

    def insert_one(self, rows: Rows) -> None:
        with self.trial.store.writing() as connection:
            for table, some in rows.items():
                connection.execute(insert(table), some)

    def close(self) -> None:
        self._open.close()

    def _enrol(self) -> str:
        return op.enrol(self.trial, COORDINATOR, site="A", consent_date=date(2024, 3, 1)).subject_id

    def _as_written(self, typist: Actor, pilot: op.FormEntry) -> list[Rows]:
        """What saving the pilot's form writes, once for every other subject."""
        act = op.enter_pass(self.trial, typist, entry=pilot)
        written, key = self._rows_of(act.stamp.number).items(), self.trial.keys.audit_key
        return [
            {table: [_moved(row, n, entry.subject_id, key) for row in rows] for table, rows in written}
            for n, entry in enumerate(self.entries, start=1)
        ]

    def _rows_of(self, number: int) -> Rows:
        """By table, in the order in which they refer to each other."""
        with self.trial.store.reading() as reader:
            found: Rows = {}
            for table in Base.metadata.sorted_tables:
                column = table.columns.get("audit_number", table.columns.get("number"))
                if column is None or table in _NOT_INSERTED:
                    continue
                rows = reader.execute(select(table).where(column == number)).mappings().all()
                if rows:
                    found[table] = [dict(row) for row in rows]
        return found


_NOT_INSERTED = (
    LiveForm.__table__,
    Base.metadata.tables["audit_head"],
    Base.metadata.tables["study_version"],
)
_OWN_NUMBERS = {"id", "number", "audit_number", "form_instance", "form_pass", "pass_row", "final_row"}
_OWN_NUMBERS |= {"pass1_row", "pass2_row"}


def _moved(row: dict[str, Any], place: int, subject_id: str, audit_key: bytes | None) -> dict[str, Any]:
    """The same row for another subject, at another visit."""
    moved = {
        name: value + place * APART if name in _OWN_NUMBERS and value is not None else value
        for name, value in row.items()
    }
    if "hash" in moved:  # each record has its own
        moved |= {"hash": f"{moved['number']:064x}", "previous_hash": f"{-moved['number']:064x}"}
        if audit_key is not None:  # a server that starts holds the last codes against its key
            moved["mac"] = chain_mac(audit_key, moved["hash"])
    if "subject_id" in moved:
        moved |= {"subject_id": subject_id, "visit": OTHER_VISIT}
    return moved


def _found(folder: Path, database: str) -> op.Trial:
    trial = op.create_study(
        folder / "study",
        definition=resources.folder("sample_data"),
        administrator="root",
        person_name="R",
        database_url=database,
    )
    for actor in (COORDINATOR, FIRST, SECOND):
        op.add_account(trial, ADMINISTRATOR, login=actor.account, person_name="P", role=actor.role)
    return trial
