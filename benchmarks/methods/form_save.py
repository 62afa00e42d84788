"""Saving a form of ten items (checked, written, audited) beside bare inserts of the same rows.

The bare inserts go into the same tables of the same database, with their keys and triggers, the rows made
beforehand, one commit a form: what no program could do without.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from benchmarks.entry_desk import EntryDesk
from benchmarks.founded_trial import postgresql, sqlite
from benchmarks.measure import Measure, PythonPeer

AT_MOST = 3
"""Times what the bare inserts cost."""

AIM = 0.34  # of the inserts' time over the save's: a little under three times


def desk(database: Callable[[], AbstractContextManager[str]], *, second: bool) -> Callable[[int], EntryDesk]:
    return lambda forms: EntryDesk(forms, database(), second=second)


MEASURES = tuple(
    Measure(
        what=f"{words}, on {engine}",
        data=desk(database, second=second),
        ours=lambda desk: [desk.save()],
        sizes=(200,),
        quick=2,
        unit="forms",
        on_disk=True,
        peers=(
            PythonPeer(
                name="bare inserts of the same rows",
                work=lambda desk: [desk.insert()],
                within=0,
                aim={200: AIM},
            ),
        ),
    )
    for engine, database in (("SQLite", sqlite), ("PostgreSQL", postgresql))
    for words, second in (("first pass", False), ("second pass, compared", True))
)
