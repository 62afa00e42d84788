"""Saving a form costs at most three times its bare inserts; read off in turn, so that load hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from benchmarks.entry_desk import SECOND, EntryDesk
from benchmarks.founded_trial import postgresql, sqlite
from benchmarks.measure import NotHere
from benchmarks.methods.form_save import AT_MOST
from trialkit import operations as op

FORMS = 60
READINGS = 3  # the least of them: a neighbour's work can only make a reading worse


@pytest.mark.long
@pytest.mark.parametrize("second", [False, True], ids=["first pass", "second pass"])
@pytest.mark.parametrize("database", [sqlite, postgresql], ids=["sqlite", "postgresql"])
def test_a_save_costs_at_most_three_times_its_bare_inserts(database, second):
    try:
        least = min(_times_the_inserts(database, second) for _ in range(READINGS))
    except NotHere as why:
        pytest.skip(str(why))
    assert least <= AT_MOST


def test_the_bare_inserts_are_the_rows_of_a_save():
    """As many rows in the same tables: else the measure flatters."""
    with closing(EntryDesk(1, sqlite(), second=True)) as desk:
        before = _counts(desk)
        desk.save()
        saved = _counts(desk)
        desk.insert()
        inserted = _counts(desk)
    added = {name: saved[name] - before[name] for name in before}
    assert added == {name: inserted[name] - saved[name] for name in before}
    assert added["pass_value"] == added["final_value"] == 10
    assert added["audit_transaction"] == 1


def test_a_server_that_starts_after_the_bare_inserts_saves() -> None:
    """As the load of fifty clerks has it: the codes of the trail are held against the key anew."""
    with closing(EntryDesk(2, sqlite(), second=True)) as desk:
        desk.insert()
        with op.open_trial(desk.trial.folder) as served:
            assert op.enter_pass(served, SECOND, entry=desk.entries[0]).stamp.number > 0


def _counts(desk: EntryDesk) -> dict[str, int]:
    from sqlalchemy import func, select

    from trialkit.store.models import Base

    with desk.trial.store.reading() as reader:
        tables = Base.metadata.sorted_tables
        return {table.name: reader.scalar(select(func.count()).select_from(table)) for table in tables}


def _times_the_inserts(database: Callable, second: bool) -> float:
    with closing(EntryDesk(FORMS, database(), second=second)) as desk:
        saves, inserts = [], []
        for entry, rows in zip(desk.entries, desk.bare, strict=True):
            saves.append(_seconds(desk.save_one, entry))
            inserts.append(_seconds(desk.insert_one, rows))
    return statistics.median(saves) / statistics.median(inserts)


def _seconds(work: Callable, what: object) -> float:
    begun = time.process_time()
    work(what)
    return time.process_time() - begun
