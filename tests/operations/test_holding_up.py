"""Ten clerks at once, some killed while they save, and a full disk: nothing lost, nothing twice."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chain import ADMIN, COORDINATOR, FIRST, found_study, person
from psycopg.errors import DiskFull
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from trialkit import operations as op
from trialkit.errors import TrialkitError
from trialkit.store import models as m, refusals
from trialkit.store.refusals import in_our_words
from trialkit.vocabulary import Role

FORM, VISIT = "vas", "baseline"
CLERKS, EACH = 10, 2
POINTS = ("before writing", "before the commit", "inside the commit:0", "inside the commit:0.004", "after it")

DESK = """
import json, os, signal, sys, threading, traceback
from sqlalchemy import Engine, event
from trialkit import operations as op
from trialkit.access import Actor, Authentication
from trialkit.errors import TrialkitError
from trialkit.store.engine import Store
from trialkit.store.ledger import Transaction
from trialkit.vocabulary import Role

folder, after, desks = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
asked, point = 0, ""

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def finish(self, *words, original=Transaction.finish):
    if asked == after and point == "before writing":
        die()
    original(self, *words)
    if asked == after and point == "before the commit":
        die()

def commit(connection):
    if asked == after and point.startswith("inside the commit:"):
        threading.Timer(float(point.partition(":")[2]), die).start()

def desk(login, forms, say, ready, begin):
    global asked
    Transaction.finish = finish
    event.listen(Engine, "commit", commit)
    clerk = Actor(login, Role.FIRST_ENTRY, None, Authentication.SIMULATED, os_user="tester", host="desk")
    with op.open_trial(folder) as trial:
        os.write(ready, b".")
        os.read(begin, 1)
        for subject, text in forms:
            asked += 1
            entry = op.FormEntry(subject, "baseline", "vas", (op.EnteredRow({"vas_mm": text}),))
            try:
                op.enter_pass(trial, clerk, entry=entry)
            except TrialkitError:
                continue  # two others had it first
            if asked == after and point == "after it":
                die()
            os.write(say, (json.dumps([subject, login, text]) + "\\n").encode())

op.open_trial(folder).close()  # reads the definition once, for all
(is_ready, ready), (begin, everybody) = os.pipe(), os.pipe()
heard = []
for login, forms, point in desks:
    hear, say = os.pipe()
    process = os.fork()
    if not process:
        os.close(everybody)
        try:
            desk(login, forms, say, ready, begin)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(say)
    heard.append((process, open(hear)))
os.close(ready)
for _ in desks:
    os.read(is_ready, 1)
os.close(everybody)  # all begin
for process, lines in heard:
    told = lines.read().splitlines()
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), told]), flush=True)
"""


def test_ten_clerks_at_once_lose_nothing_and_save_nothing_twice(on_postgresql: op.Trial) -> None:
    _work_at_once(on_postgresql, EACH)


@pytest.mark.long
def test_ten_clerks_at_once_for_longer(either: op.Trial) -> None:
    _work_at_once(either, 40)


def _work_at_once(trial: op.Trial, each: int) -> None:
    """Five of ten die in their second save; all try for one form first, which only two can have."""
    logins = [f"clerk_{number}" for number in range(CLERKS)]
    for login in logins:
        op.add_account(trial, ADMIN, login=login, person_name=login, role=Role.FIRST_ENTRY)
    contested = _enrolled(trial)
    forms = [
        [[contested, str(n)], *([_enrolled(trial), str(10 * n + k)] for k in range(each))]
        for n in range(CLERKS)
    ]
    points = [*POINTS, *[""] * (CLERKS - len(POINTS))]
    desks = json.dumps(list(zip(logins, forms, points, strict=True)))
    words = [sys.executable, "-c", DESK, str(trial.folder), "2", desks]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    assert [status for status, _ in ended] == [-9 if point else 0 for point in points], done.stderr
    told = {(subject, login): text for _, lines in ended for subject, login, text in map(json.loads, lines)}
    kept = _kept(trial)
    assert told.items() <= kept.items()
    both = {place: text for place, text in kept.items() if place[0] == contested}
    assert len(both) == 2
    own = {(subject, logins[n]): text for n in range(CLERKS) for subject, text in forms[n][1:]}
    for (subject, login), text in own.items():  # typed once more: refused where it was kept after all
        again = {"entry": _entry(subject, text)}
        if (subject, login) not in kept:
            op.enter_pass(trial, person(login, Role.FIRST_ENTRY), **again)
        with pytest.raises(TrialkitError):
            op.enter_pass(trial, person(login, Role.FIRST_ENTRY), **again)
    assert _kept(trial) == {**own, **both}
    assert op.verify_audit(trial).problems == ()
    assert _saves(trial) == len(own) + len(both)


def _enrolled(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 1)).subject_id


def _entry(subject: str, text: str) -> op.FormEntry:
    return op.FormEntry(subject, VISIT, FORM, (op.EnteredRow({"vas_mm": text}),))


def _kept(trial: op.Trial) -> dict[tuple[str, str], str]:
    """(subject, clerk) -> what was typed; a pass that stands twice is an error."""
    query = (
        select(m.FormInstance.subject_id, m.FormPass.pass_number, m.FormPass.entered_by, m.PassValue.raw_text)
        .join(m.FormPass, m.FormPass.form_instance == m.FormInstance.id)
        .join(m.PassRow, m.PassRow.form_pass == m.FormPass.id)
        .join(m.PassValue, m.PassValue.pass_row == m.PassRow.id)
        .where(m.FormInstance.form == FORM)
    )
    with trial.store.reading() as reader:
        found = [tuple(row) for row in reader.execute(query)]
    kept = {(subject, clerk): text for subject, _, clerk, text in found}
    assert len(kept) == len(found) == len({(subject, number) for subject, number, _, _ in found})
    return kept


def _saves(trial: op.Trial) -> int:
    with trial.store.reading() as reader:
        return reader.scalar(
            select(func.count())
            .select_from(m.AuditTransaction)
            .where(m.AuditTransaction.operation == "enter_passes")
        )


def test_a_database_that_may_not_grow_takes_a_form_whole_or_not_at_all(
    tmp_path: Path, definition: Path
) -> None:
    trial = found_study(tmp_path / "study", definition)
    people = [_enrolled(trial) for _ in range(30)]
    most = Limit(trial)
    most.pages = _pages(trial) + 4
    taken = _until_full(trial, people)
    assert 0 <= len(taken) < len(people)
    assert _kept(trial) == _by_first(taken)
    most.pages = 1_000_000
    for subject in people[len(taken) :]:
        op.enter_pass(trial, FIRST, entry=_entry(subject, "7"))
    assert _kept(trial) == _by_first(people)
    assert op.verify_audit(trial).problems == ()
    trial.close()


def _by_first(people: list[str]) -> dict[tuple[str, str], str]:
    return {(subject, FIRST.account): "7" for subject in people}


class Limit:
    """The most pages that every new connection lets the file grow to."""

    pages = 1_000_000

    def __init__(self, trial: op.Trial) -> None:
        event.listen(trial.store.engine, "checkout", self._set)

    def _set(self, connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.pages}")


def _pages(trial: op.Trial) -> int:
    with trial.store.reading() as reader:
        return reader.exec_driver_sql("PRAGMA page_count").scalar_one()


def _until_full(trial: op.Trial, people: list[str]) -> list[str]:
    """Forms saved until one is refused for want of room; that one is refused in words that say so."""
    for number, subject in enumerate(people):
        try:
            op.enter_pass(trial, FIRST, entry=_entry(subject, "7"))
        except TrialkitError:
            with pytest.raises(TrialkitError, match=r"room on the database's disk.*Nothing was written"):
                op.enter_pass(trial, FIRST, entry=_entry(subject, "7"))
            return people[:number]
    raise AssertionError("the disk was never full")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes; skipped where this process may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a disk of its own needs the right to mount one")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk")
def test_a_full_disk_stops_the_work_and_room_lets_it_go_on(small_disk: Path, definition: Path) -> None:
    trial = found_study(small_disk / "study", definition)
    people = [_enrolled(trial) for _ in range(40)]
    room = os.statvfs(small_disk)
    filling = small_disk / "filling"
    filling.write_bytes(b"x" * (room.f_bavail * room.f_bsize - 40_000))
    taken = _until_full(trial, people)
    assert _kept(trial) == _by_first(taken)
    with pytest.raises(TrialkitError) as refusal:
        op.back_up(trial, ADMIN, folder=small_disk / "backup")
    assert refusal.value.next_step
    assert not (small_disk / "backup").exists()
    filling.unlink()
    for subject in people[len(taken) :]:
        op.enter_pass(trial, FIRST, entry=_entry(subject, "7"))
    assert _kept(trial) == _by_first(people)
    assert op.verify_audit(trial).problems == ()
    trial.close()


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk")
def test_a_desk_that_opens_on_a_disk_without_any_room_is_told_of_the_room(
    small_disk: Path, definition: Path
) -> None:
    """SQLite cannot even make its shared memory then, and says nothing of room."""
    found_study(small_disk / "study", definition).close()
    room = os.statvfs(small_disk)
    (small_disk / "filling").write_bytes(b"x" * (room.f_bavail * room.f_bsize))
    with (
        pytest.raises(TrialkitError, match=r"room on the database's disk.*Nothing was written"),
        op.open_trial(small_disk / "study") as trial,
    ):
        _enrolled(trial)


@pytest.mark.parametrize(("free", "named"), [(4096, True), (10_000_000, False)])
def test_what_sqlite_cannot_read_names_the_disk_where_it_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, named: bool
) -> None:
    monkeypatch.setattr(refusals, "disk_usage", lambda folder: SimpleNamespace(free=free))
    failed = OperationalError("SELECT", {}, sqlite3.OperationalError("disk I/O error"))
    refused = in_our_words(failed, tmp_path / "trial.sqlite")
    assert (refused.expected == "room on the database's disk") == named
    assert "disk I/O error" in str(refused) or named


def test_a_server_without_room_is_told_of_the_room_and_not_of_its_address() -> None:
    refused = in_our_words(OperationalError("INSERT", {}, DiskFull("could not extend file")))
    assert refused.expected == "room on the database's disk"
    assert "address" not in str(refused)
