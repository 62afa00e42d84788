"""The reads of a form page, and the reads and rows of a save, made directly.

The statements are those that the server sends, written down once and sent again with no program around
them, those that wait for a lock left out; the rows are those that a save writes, made beforehand, one commit
a form: what no program could do without.
"""

from __future__ import annotations

import multiprocessing
import re
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
from trialkit.web.sessions import begin, cookie_name

Statement = tuple[str, Any]
_EVERY = 0.25
"""Seconds between one pair of readings and the next: a fifth of the clerks' own pace."""


@dataclass
class Direct:
    """Milliseconds of each reading of a page's statements, and of each save's statements and rows."""

    reads: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)


class Running:
    """Direct work in a process of its own; ``result`` after the block."""

    def __init__(self) -> None:
        self.found = Direct()

    def result(self) -> Direct:
        return self.found


@contextmanager
def direct_work(desk: EntryDesk, seconds: int) -> Iterator[Running]:
    """Read and insert for as long as the block takes, at most ``seconds``."""
    page, save = statements_of(desk)
    address = desk.trial.store.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("fork")
    desk.trial.store.engine.dispose()
    here, there = context.Pipe()
    worker = context.Process(target=_work, args=(address, page, save, desk.bare, seconds, there))
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


def statements_of(desk: EntryDesk) -> tuple[list[Statement], list[Statement]]:
    """What the server asks the database for one form page of a second typist, and for one save, in its order.

    The subject of the last form is used up.
    """
    trial = desk.trial
    path = f"/subjects/{desk.entries.pop().subject_id}/visits/{VISIT}/forms/{FORM}/entry"
    web = Web(trial, open_web_desk(trial))
    session = begin(web, login="clerk_0", host="testclient", role=Role.SECOND_ENTRY)
    sent: list[Statement] = []

    def heard(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        if statement.startswith("SELECT") and "FOR UPDATE" not in statement and "lock" not in statement:
            sent.append((statement, parameters))

    with TestClient(make_application(web), follow_redirects=False) as client:
        client.cookies.set(cookie_name(web, "http"), session.token)
        assert client.get(path).status_code == 200  # what is read once a process is read now
        event.listen(trial.store.engine, "before_cursor_execute", heard)
        try:
            page = client.get(path).text
            of_page, sent = sent, []
            answer = client.post(path, data=filled_in(page))
            assert answer.status_code == 303
        finally:
            event.remove(trial.store.engine, "before_cursor_execute", heard)
    return of_page, sent


def filled_in(page: str) -> dict[str, str]:
    """The fields of a form page as rendered, each item with one of its codes."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    items = re.findall(r'name="(r0\.[^".]+)"', page)
    return hidden | {item: str(n % 6) for n, item in enumerate(items)}


def _work(
    address: str, page: list[Statement], save: list[Statement], bare: list[Rows], seconds: int, there: Any
) -> None:
    engine = create_engine(address, poolclass=NullPool)
    found = Direct()
    until = time.monotonic() + seconds + 600
    with engine.connect() as reader, engine.connect() as writer:
        for rows in bare:
            if there.poll() or time.monotonic() > until:
                break
            begun = time.perf_counter()
            with reader.begin():
                for statement, parameters in page:
                    reader.exec_driver_sql(statement, parameters).all()
            found.reads.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            with writer.begin():
                for statement, parameters in save:
                    writer.exec_driver_sql(statement, parameters).all()
                for table, some in rows.items():
                    writer.execute(insert(table), some)
            found.saves.append((time.perf_counter() - begun) * 1000)
            time.sleep(_EVERY)
    if there.poll(seconds + 600):
        there.recv()
    there.send(found)
