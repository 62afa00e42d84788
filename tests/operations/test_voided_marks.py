"""Signatures and verifications of a form that was voided: shown void, and asked of nobody."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from chain import ADMIN, FIRST, INVESTIGATOR, MANAGER, SECOND, UNBLINDED, person
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.vocabulary import Role

MONITOR = person("moni", Role.MONITOR)
FIELD = {"visit": "baseline", "form": "vas"}


def _typed(trial: op.Trial, number: str, *people: Actor) -> None:
    for who in people:
        entry = op.FormEntry(number, *FIELD.values(), (op.EnteredRow({"vas_mm": "55"}),))
        op.enter_pass(trial, who, entry=entry)


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    """A subject whose pain scale is signed and held against its source, as a whole and value by value."""
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    number = screened(trial)
    _typed(trial, number, FIRST, SECOND)
    op.verify_source(trial, MONITOR, subject_id=number, **FIELD)
    op.sign_form(trial, INVESTIGATOR, subject_id=number, **FIELD, meaning="approved")
    op.verify_values(trial, MONITOR, subject_id=number, **FIELD, items=["vas_mm"])
    return number


@pytest.mark.parametrize("pass_number", [None, 2])
def test_marks_of_a_voided_form_or_pass_are_shown_void_and_nobody_is_asked_for_them(
    trial: op.Trial, subject_id: str, pass_number: int | None
) -> None:
    gone = {"subject_id": subject_id, **FIELD, "reason": "Wrong subject"}
    op.void_pass(trial, MANAGER, **gone, pass_number=pass_number)
    marks = op.form_marks(trial, MANAGER, subject_ids=[subject_id])
    assert [(mark.kind, mark.void) for mark in marks] == [("verified", True), ("signed", True)]
    assert [(tick.where, tick.void) for tick in op.value_ticks(trial, MANAGER)] == [
        (f"{subject_id}/baseline/vas/vas_mm", True)
    ]
    asked = {task.kind for who in (MONITOR, INVESTIGATOR) for task in op.todo(trial, who)}
    assert not {kind for kind in asked if "again" in kind}


def test_a_form_that_was_entered_again_bears_the_old_marks_void_and_the_new_one_standing(
    trial: op.Trial, subject_id: str
) -> None:
    op.void_pass(trial, MANAGER, subject_id=subject_id, **FIELD, reason="Wrong subject")
    _typed(trial, subject_id, FIRST)
    assert _asked_again(trial) == []
    _typed(trial, subject_id, SECOND)
    assert _asked_again(trial) == [("verify_again", "vas", ""), ("sign_again", "vas", "")]
    op.verify_source(trial, MONITOR, subject_id=subject_id, **FIELD)
    assert _asked_again(trial) == [("sign_again", "vas", "")]
    marks = op.form_marks(trial, MANAGER, subject_ids=[subject_id])
    assert [(mark.kind, mark.void) for mark in marks] == [
        ("verified", True), ("signed", True), ("verified", False),
    ]  # fmt: skip


def test_a_value_that_was_verified_by_itself_is_verified_again_once_its_form_is_entered_anew(
    trial: op.Trial,
) -> None:
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    number = screened(trial)
    _typed(trial, number, FIRST, SECOND)
    op.verify_values(trial, MONITOR, subject_id=number, **FIELD, items=["vas_mm"])
    op.void_pass(trial, MANAGER, subject_id=number, **FIELD, reason="Wrong subject")
    assert _asked_again(trial) == []
    _typed(trial, number, FIRST, SECOND)
    assert _asked_again(trial) == [("verify_again", "vas", "vas_mm")]
    op.verify_values(trial, MONITOR, subject_id=number, **FIELD, items=["vas_mm"])
    assert _asked_again(trial) == []


def _asked_again(trial: op.Trial) -> list[tuple[str, str, str]]:
    tasks = [task for who in (MONITOR, INVESTIGATOR) for task in op.todo(trial, who)]
    return [(task.kind.value, task.form, task.item) for task in tasks if "again" in task.kind]


def test_an_archive_says_of_the_marks_of_a_voided_form_that_they_stand_no_more(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    op.void_pass(trial, MANAGER, subject_id=subject_id, **FIELD, reason="Wrong subject")
    printed: list[op.SubjectRecord] = []

    def printer(record: op.SubjectRecord, path: Path) -> None:
        printed.append(record)
        path.write_text("", encoding="utf-8")

    op.archive(trial, UNBLINDED, folder=tmp_path / "archive", printer=printer)
    for name, marks in (("signatures", 2), ("ticks", 1)):
        text = (tmp_path / "archive" / "review" / f"{name}.csv").read_text("utf-8")
        assert [line["stands"] for line in csv.DictReader(text.splitlines())] == ["no"] * marks
    of_form = [form for form in printed[0].forms if form.marks]
    assert [(form.status, len(form.marks)) for form in of_form] == [("expected", 2)]
    assert all("VOID: the form was changed or voided since" in mark for mark in of_form[0].marks)
