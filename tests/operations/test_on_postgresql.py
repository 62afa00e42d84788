"""What is kept, closed and copied on PostgreSQL as on SQLite: archive, training copy, locks."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, FIRST, MANAGER, SECOND, UNBLINDED

from trialkit import operations as op
from trialkit.errors import LockRefusedError, OperationError, StoreError, TrialkitError

SIGNED = {"reason": "Reviewed and settled"}


@pytest.fixture
def subject_id(on_postgresql: op.Trial) -> str:
    """Everything of the one subject is settled: a complete form, the others not done, a screening failure."""
    trial = on_postgresql
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 1)).subject_id
    for who in (FIRST, SECOND):
        entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
        op.enter_pass(trial, who, entry=entry)
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(number, "baseline", date(2023, 12, 2))])
    rest = [
        op.NotDone(number, form.visit, "Screening failure", form=form.form)
        for form in op.forms_now(trial, MANAGER, subject_ids=[number])
        if form.status == "expected"
    ]
    op.mark_not_done(trial, COORDINATOR, entries=rest)
    op.screen_fail(trial, COORDINATOR, subject_id=number, date=date(2023, 12, 5), reason="Not eligible")
    return number


def _enrolled(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 20)).subject_id


def test_the_lock_of_a_site_and_of_the_study_closes_what_it_says_and_lifts(
    on_postgresql: op.Trial, subject_id: str
) -> None:
    trial = on_postgresql
    place = {"scope": op.FreezeScope.SITE, "place": "A"}
    ask = {"subject_id": subject_id, "visit": "baseline", "text": "Sure?"}
    asked = op.open_query(trial, MANAGER, **ask)
    with pytest.raises(LockRefusedError):
        op.lock_place(trial, MANAGER, **place, **SIGNED)
    with pytest.raises(LockRefusedError):
        op.lock(trial, MANAGER, **SIGNED)
    op.answer_query(trial, COORDINATOR, number=asked.number, text="Yes")
    op.close_query(trial, MANAGER, number=asked.number, text="Good")
    op.lock_place(trial, MANAGER, **place, **SIGNED)
    with pytest.raises(OperationError, match="a lock of the site A"):
        _enrolled(trial)
    op.unlock_place(trial, MANAGER, **place, **SIGNED)
    op.lock(trial, MANAGER, **SIGNED)
    with pytest.raises((OperationError, StoreError), match="lock"):
        op.open_query(trial, MANAGER, **ask)
    op.unlock(trial, MANAGER, **SIGNED)
    op.open_query(trial, MANAGER, **ask)
    assert op.verify_audit(trial).whole


def test_an_archive_is_written_and_holds_the_values(
    on_postgresql: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    def printed(record: op.SubjectRecord, path: Path) -> None:
        path.write_bytes(b"%PDF")

    done = op.archive(on_postgresql, UNBLINDED, folder=tmp_path / "archive", printer=printed)
    assert done.subjects == 1
    texts = [
        row
        for path in done.folder.rglob("*.csv")
        for row in csv.reader(path.read_text("utf-8").splitlines())
        if subject_id in row and "vas_mm" in row
    ]
    assert any("55" in row for row in texts)


def test_a_training_copy_lives_in_a_database_of_its_own(
    empty_database_url: str, tmp_path: Path, definition: Path
) -> None:
    with op.create_training_copy(
        tmp_path / "training",
        definition=definition,
        administrator="root",
        person_name="Ruth",
        database_url=empty_database_url,
    ) as trial:
        assert trial.study.title.startswith("TRAINING COPY - NOT THE STUDY")
        assert op.verify_audit(trial).whole
    with pytest.raises(TrialkitError):
        op.create_training_copy(
            tmp_path / "again",
            definition=definition,
            administrator="root",
            person_name="Ruth",
            database_url=empty_database_url,
        )
