"""The reads of a form page and the rows of a save, made directly: what no program could do without.

The statements are those that the server sends for the page, written down once and sent again with no program
around them; the rows are those that a save writes, made beforehand, one commit a form.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, event, insert
from sqlalchemy.pool import NullPool
from starlette.testclient import TestClient

from benchmarks.entry_desk import FORM, VISIT, EntryDesk, Rows
from trialkit.operations.web_desk import open_web_desk
from trialkit.vocabulary import Role
from trialkit.web import Web, make_application
from trialkit.web.sessions import begin

Statement = tuple[str, Any]
_EVERY = 0.25
"""Seconds between one pair of readings and the next: a fifth of the clerks' own pace."""


@dataclass
class Direct:
    """Milliseconds of each reading of all the page's statements, and of each insertion of a form's rows."""

    reads: list[float] = field(default_factory=list)
    inserts: list[float] = field(default_factory=list)


class Running:
    """Direct work in a process of its own; ``result`` after the block."""

    def __init__(self) -> None:
        self.found = Direct()

    def result(self) -> Direct:
        return self.found


@contextmanager
def direct_work(desk: EntryDesk, seconds: int) -> Iterator[Running]:
    """Read and insert for as long as the block takes, at most ``seconds``."""
    statements = reads_of_a_page(desk)
    address = desk.trial.store.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("fork")
    desk.trial.store.engine.dispose()
    here, there = context.Pipe()
    worker = context.Process(target=_work, args=(address, statements, desk.bare, seconds, there))
    worker.start()
    running = Running()
    try:
        yield running
        here.send("enough")
        running.found = here.recv()
    finally:
        worker.join(10)
        if worker.is_alive():
            worker.terminate()


def reads_of_a_page(desk: EntryDesk) -> list[Statement]:
    """What the server asks the database for one form page of a second typist, in its order."""
    trial = desk.trial
    path = f"/subjects/{desk.entries[0].subject_id}/visits/{VISIT}/forms/{FORM}/entry"
    web = Web(trial, open_web_desk(trial))
    session = begin(web, login="clerk_0", host="testclient", role=Role.SECOND_ENTRY)
    sent: list[Statement] = []

    def heard(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        sent.append((statement, parameters))

    with TestClient(make_application(web), follow_redirects=False) as client:
        client.cookies.set("trialkit", session.token)
        assert client.get(path).status_code == 200  # what is read once a process is read now
        event.listen(trial.store.engine, "before_cursor_execute", heard)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(trial.store.engine, "before_cursor_execute", heard)
    return sent


def _work(address: str, statements: list[Statement], bare: list[Rows], seconds: int, there: Any) -> None:
    engine = create_engine(address, poolclass=NullPool)
    found = Direct()
    until = time.monotonic() + seconds + 600
    with engine.connect() as reader, engine.connect() as writer:
        for rows in bare:
            if there.poll() or time.monotonic() > until:
                break
            begun = time.perf_counter()
            with reader.begin():
                for statement, parameters in statements:
                    reader.exec_driver_sql(statement, parameters).all()
            found.reads.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            with writer.begin():
                for table, some in rows.items():
                    writer.execute(insert(table), some)
            found.inserts.append((time.perf_counter() - begun) * 1000)
            time.sleep(_EVERY)
    if there.poll(seconds + 600):
        there.recv()
    there.send(found)
