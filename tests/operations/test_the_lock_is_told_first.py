"""Whatever else is wrong: an act that no locked study takes is refused by the lock first, in its words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from chain import ADJUDICATOR, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, ChainRun
from sqlalchemy import select

from trialkit import operations as op
from trialkit.access.acts import ACTS, accounts, closing, lists, queries, redaction, safety
from trialkit.access.acts.capture import CONFIRM_CRITICAL, VOUCH_FOR_FILE
from trialkit.operations.endorsing import endorse_correction, object_to_correction
from trialkit.operations.row_files import DECIDED, LINE
from trialkit.store import StoreError
from trialkit.store.models import AuditTransaction, Base
from trialkit.store.reading.subjects import subjects

_OF_OTHER_THINGS = [act for module in (accounts, safety, redaction) for act in vars(module).values()]
CLOSED_BY_THE_LOCK = {act for act in ACTS.values() if act.closed_by_lock}
LEFT_OPEN = {act for act in ACTS.values() if act.reads or act in _OF_OTHER_THINGS} | {
    *(lists.SET_RECRUITMENT, lists.SUSPEND_RANDOMIZATION, lists.RESUME_RANDOMIZATION, lists.LOAD_RESEALED),
    *(closing.LOCK, closing.UNLOCK, closing.UNBLIND, closing.LOOK_AT_TEST_SET),
    *(closing.BACK_UP, closing.ARCHIVE, VOUCH_FOR_FILE, CONFIRM_CRITICAL),
}
"""Readings, and what is about people, keys, safety, the lock itself; taking a text out says it otherwise."""

NOBODY, NUMBER = "A-999", 999_999
PLACE = {"subject_id": NOBODY, "visit": "nowhen", "form": "nothing"}
AT = {"scope": op.FreezeScope.SITE, "place": "Z", "reason": "Cleaned"}
FIRST_REFUSED: dict[str, Callable[[op.Trial, Path], object]] = {
    "randomize": lambda trial, _: op.randomize(
        trial, COORDINATOR, subject_id=_screened(trial), stratum_values={"sex": "none"}
    ),
    "import": lambda trial, file: op.import_pass(trial, FIRST, form="vas", visit="baseline", path=file),
    "entry": lambda trial, _: op.enter_pass(trial, FIRST, entry=op.FormEntry(**PLACE, rows=())),
    "end of an import": lambda trial, _: op.end_import(trial, MANAGER, number=NUMBER, reason="Gone"),
    "void": lambda trial, _: op.void_pass(trial, MANAGER, **PLACE, pass_number=None, reason="Wrong subject"),
    "answer": lambda trial, _: op.answer_query(trial, COORDINATOR, number=NUMBER, text=""),
    "close": lambda trial, _: op.close_query(trial, MANAGER, number=NUMBER),
    "ask again": lambda trial, _: op.reopen_query(trial, MANAGER, number=NUMBER, text=""),
    "endorse": lambda trial, _: endorse_correction(trial, INVESTIGATOR, number=NUMBER),
    "object": lambda trial, _: object_to_correction(trial, INVESTIGATOR, number=NUMBER, text=""),
    "freeze": lambda trial, _: op.freeze(trial, MANAGER, **AT),
    "lift a freeze": lambda trial, _: op.lift_freeze(trial, MANAGER, **AT),
    "lock a place": lambda trial, _: op.lock_place(trial, MANAGER, **AT),
    "unlock a place": lambda trial, _: op.unlock_place(trial, MANAGER, **AT),
    "consent": lambda trial, _: op.record_consent(
        trial, COORDINATOR, subject_id=NOBODY, consent_version="", signed_on=date(2099, 1, 1)
    ),
    "rows of a file": lambda trial, file: op.decide_rows_from_file(trial, ADJUDICATOR, path=file),
    "raised queries": lambda trial, _: op.raise_queries(trial, MANAGER, subject_ids=[NOBODY]),
}


def _screened(trial: op.Trial) -> str:
    """Of the finished trial nobody is in screening any more: somebody who was never allocated."""
    with trial.store.reading() as reader:
        return next((n for n, one in subjects(reader).items() if not one.allocated), NOBODY)


@pytest.mark.parametrize("what", FIRST_REFUSED)
def test_the_lock_is_told_before_anything_else_is_wrong(
    what: str, finished_copy: op.Trial, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(",".join((*LINE, *DECIDED)) + "\nA-999" + "," * (len(LINE) + len(DECIDED) - 1), "utf-8")
    op.lock(finished_copy, MANAGER, reason="All data are in and clean")
    with pytest.raises(StoreError) as refused:
        FIRST_REFUSED[what](finished_copy, file)
    assert (refused.value.expected, refused.value.found) == ("an unlocked study", "a lock")
    assert refused.value.next_step.startswith("Unlock the study first")


def test_every_act_is_closed_by_the_lock_or_left_open_on_purpose() -> None:
    assert set(ACTS.values()) == CLOSED_BY_THE_LOCK | LEFT_OPEN
    assert not CLOSED_BY_THE_LOCK & LEFT_OPEN
    assert queries.ANSWER_QUERY in CLOSED_BY_THE_LOCK


def test_an_act_that_wrote_about_the_trial_is_one_that_the_lock_closes(finished: ChainRun) -> None:
    clinical = {mapper.local_table.name for mapper in Base.registry.mappers if mapper.class_.clinical}
    wrote = _wrote(finished.trial)
    assert len(wrote) > 10
    founded = {"create_study"}  # before there is a lock
    about = {act for act, tables in wrote.items() if tables & clinical} - founded
    assert about and about <= {act.name for act in CLOSED_BY_THE_LOCK}


def _wrote(trial: op.Trial) -> dict[str, set[str]]:
    """Act -> the tables of its rows."""
    found: dict[str, set[str]] = {}
    with trial.store.reading() as reader:
        for text in reader.scalars(select(AuditTransaction.payload_text)):
            payload = json.loads(text)
            found.setdefault(payload["operation"], set()).update(payload["writes"])
    return found
