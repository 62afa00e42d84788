"""A file with more values than one act takes: in parts, all or nothing, gone on with where it broke off."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from chain import ADMIN, COORDINATOR, FIRST, MANAGER, SECOND, person
from sqlalchemy import func, select

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.entry.errors import EntryError
from trialkit.errors import LockRefusedError, OperationError, StoreError
from trialkit.operations import import_parts
from trialkit.store import models as m
from trialkit.vocabulary import Role

FORM = {"visit": "baseline", "form": "vas"}
OTHER = person("other", Role.FIRST_ENTRY)


@pytest.fixture(autouse=True)
def _small_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_parts, "LARGEST_ACT", 3)


@pytest.fixture
def people(either: op.Trial) -> list[str]:
    op.add_account(either, ADMIN, login="other", person_name="O", role=Role.FIRST_ENTRY)
    return [
        op.enrol(either, COORDINATOR, site="A", consent_date=date(2023, 12, 1)).subject_id for _ in range(8)
    ]


def _file(folder: Path, people: list[str], values: list[str] | None = None) -> Path:
    texts = values or [str(10 + n) for n in range(len(people))]
    lines = [f"{number},{text}" for number, text in zip(people, texts, strict=True)]
    file = folder / "vas.csv"
    file.write_text("\n".join(["subject_id,vas_mm", *lines]) + "\n", encoding="utf-8")
    return file


def _import(trial: op.Trial, file: Path, actor=FIRST, **more: str | bool):
    return op.import_pass(trial, actor, path=file, **FORM, **more)


def _typed(trial: op.Trial) -> list[tuple[str, int, str]]:
    query = (
        select(m.FormInstance.subject_id, m.FormPass.pass_number, m.PassValue.raw_text)
        .join(m.FormPass, m.FormPass.form_instance == m.FormInstance.id)
        .join(m.PassRow, m.PassRow.form_pass == m.FormPass.id)
        .join(m.PassValue, m.PassValue.pass_row == m.PassRow.id)
        .order_by(m.FormInstance.subject_id, m.FormPass.pass_number)
    )
    with trial.store.reading() as reader:
        return [tuple(row) for row in reader.execute(query)]


def _records(trial: op.Trial) -> int:
    with trial.store.reading() as reader:
        return reader.scalar(select(func.count()).select_from(m.AuditTransaction))


@pytest.fixture
def broken_off(either: op.Trial, people: list[str], tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """An import whose second part found no room: three of eight forms are in."""
    file = _file(tmp_path, people)
    with monkeypatch.context() as patched:
        written, real = [], import_parts.write_checked

        def no_room(progress, checked, terms):
            if written:
                raise StoreError(expected="room on the disk", found="none", next_step="Make room.")
            written.append(1)
            return real(progress, checked, terms)

        patched.setattr(import_parts, "write_checked", no_room)
        with pytest.raises(StoreError) as refused:
            _import(either, file)
    assert "3 of 8 forms of this file are in, as import 1. Run the same import again" in str(refused.value)
    assert "Make room." in str(refused.value)
    return file


def test_a_large_file_is_taken_in_acts_of_their_own_and_says_how_many(
    either: op.Trial, people: list[str], tmp_path: Path
) -> None:
    file = _file(tmp_path, people)
    before = _records(either)
    first = _import(either, file)
    assert (first.forms, first.first_passes, first.parts) == (8, 8, 3)
    assert _records(either) - before == 1 + 3
    second = _import(either, _file(tmp_path, people, ["99", *[str(10 + n) for n in range(1, 8)]]), SECOND)
    assert (second.second_passes, second.discrepancies, second.parts) == (8, 1, 3)
    assert len(_typed(either)) == 16
    assert op.verify_audit(either).problems == ()
    with pytest.raises(Exception, match="pass"):
        _import(either, file, OTHER)


def test_a_file_with_one_wrong_cell_in_its_last_row_is_not_begun(
    either: op.Trial, people: list[str], tmp_path: Path
) -> None:
    before = _records(either)
    with pytest.raises(EntryError):
        _import(either, _file(tmp_path, people, ["1"] * 7 + ["x"]))
    op.enter_pass(
        either, FIRST, entry=op.FormEntry(people[7], "baseline", "vas", (op.EnteredRow({"vas_mm": "1"}),))
    )
    with pytest.raises(Exception, match="second pass by another account"):
        _import(either, _file(tmp_path, people))
    assert _records(either) == before + 1
    assert len(_typed(either)) == 1


def test_an_import_that_broke_off_goes_on_and_takes_nothing_twice(
    either: op.Trial, people: list[str], broken_off: Path
) -> None:
    assert len(_typed(either)) == 3
    waiting = [task for task in op.todo(either, FIRST) if task.kind == "finish_import"]
    assert [task.count for task in waiting] == [5]
    assert [task for task in op.todo(either, OTHER) if task.kind == "finish_import"] == []
    with pytest.raises(OperationError, match="read as when its import began"):
        _import(either, broken_off, date_order="dmy")
    done = _import(either, broken_off)
    assert (done.forms, done.parts) == (5, 2)
    assert "3 forms of this file were in already" in done.notes[0]
    assert [(who, text) for who, _, text in _typed(either)] == [
        (number, str(10 + n)) for n, number in enumerate(sorted(people))
    ]
    assert [task for task in op.todo(either, FIRST) if task.kind == "finish_import"] == []
    assert op.verify_audit(either).problems == ()


def test_what_an_import_claims_nobody_else_enters_voids_or_declares_undone(
    either: op.Trial, people: list[str], broken_off: Path, tmp_path: Path
) -> None:
    entry = op.FormEntry(people[7], "baseline", "vas", (op.EnteredRow({"vas_mm": "1"}),))
    with pytest.raises(StoreError, match="no import is bringing in"):
        op.enter_pass(either, OTHER, entry=entry)
    with pytest.raises(StoreError, match="no import is bringing in"):
        op.void_pass(either, MANAGER, subject_id=people[0], **FORM, reason="Wrong subject")
    for form in ("vas", None):
        with pytest.raises(OperationError, match="no import is bringing in"):
            op.mark_not_done(
                either, MANAGER, entries=[op.NotDone(people[7], "baseline", "Missed", form=form)]
            )
    other = _file(tmp_path, people[6:], ["5", "6"])
    monkey = import_parts.LARGEST_ACT
    import_parts.LARGEST_ACT = 1
    try:
        with pytest.raises(OperationError, match="forms of import 1"):
            _import(either, other, OTHER)
    finally:
        import_parts.LARGEST_ACT = monkey
    with pytest.raises(LockRefusedError) as refused:
        op.lock(either, person("manager", Role.DATA_MANAGER), reason="Done")
    lines = [line for line in refused.value.obstacles if "import unfinished (import 1)" in line]
    assert len(lines) == 5
    free = op.FormEntry(people[7], "week_6", "vas", (op.EnteredRow({"vas_mm": "1"}),))
    op.enter_pass(either, OTHER, entry=free)


def test_what_is_in_of_an_import_that_was_given_up_is_no_refusal_of_the_rest(
    either: op.Trial, people: list[str], broken_off: Path
) -> None:
    op.end_import(either, MANAGER, number=1, reason="The file was cut")
    done = _import(either, broken_off, partial=True)
    assert (done.forms, done.in_already, done.refused) == (5, 3, ())
    assert len(_typed(either)) == 8


def test_the_rest_of_an_import_is_given_up_with_a_reason_and_its_forms_are_free(
    either: op.Trial, people: list[str], broken_off: Path
) -> None:
    with pytest.raises(AccessError):
        op.end_import(either, FIRST, number=1, reason="Lost")
    with pytest.raises(AccessError):
        op.end_import(either, MANAGER, number=1, reason=" ")
    done = op.end_import(either, MANAGER, number=1, reason="The file is lost")
    assert (done.forms_in, done.forms_left) == (3, 5)
    with pytest.raises(OperationError, match="there is none"):
        op.end_import(either, MANAGER, number=1, reason="Again")
    entry = op.FormEntry(people[7], "baseline", "vas", (op.EnteredRow({"vas_mm": "1"}),))
    op.enter_pass(either, OTHER, entry=entry)
    assert op.verify_audit(either).problems == ()


KILLED = """
import os, signal, sys
from trialkit import operations as op
from trialkit.access import Actor, Authentication
from trialkit.operations import import_parts
from trialkit.store.engine import Store
from trialkit.vocabulary import Role

import_parts.LARGEST_ACT = 3
Store.give_way = lambda self: os.kill(os.getpid(), signal.SIGKILL)
with op.open_trial(sys.argv[1]) as trial:
    clerk = Actor("first", Role.FIRST_ENTRY, None, Authentication.SIMULATED, os_user="tester", host="desk")
    op.import_pass(trial, clerk, path=sys.argv[2], visit="baseline", form="vas")
"""


def test_an_import_whose_process_was_killed_goes_on_as_if_it_had_not_been(
    either: op.Trial, people: list[str], tmp_path: Path
) -> None:
    file = _file(tmp_path, people)
    words = [sys.executable, "-c", KILLED, str(either.folder), str(file)]
    assert subprocess.run(words, check=False, timeout=120).returncode == -signal.SIGKILL
    assert len(_typed(either)) == 3
    assert op.verify_audit(either).problems == ()
    assert _import(either, file).forms == 5
    assert [text for _, _, text in _typed(either)] == [str(10 + n) for n in range(8)]
    assert op.verify_audit(either).problems == ()
