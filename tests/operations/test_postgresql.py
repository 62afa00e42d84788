"""The same trial on PostgreSQL: through the same acts, to the same content."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import chain
import pytest
from chain import COORDINATOR, FIRST, MANAGER, SECOND, ChainRun
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.errors import PassError, StoreError, TrialkitError
from trialkit.store.models import Base
from trialkit.store.reading.forms import forms
from trialkit.store.reading.subjects import subjects

TODAY = date(2023, 12, 31)


def test_both_engines_give_the_same_content_and_a_whole_trail(
    finished: ChainRun, on_postgresql: op.Trial, definition: Path, tmp_path: Path
) -> None:
    files = chain.make_list(on_postgresql.study, tmp_path / "list", definition)
    chain.run_chain(on_postgresql, definition, files, 10)
    hashes = {
        op.write_snapshot(trial, MANAGER, folder=tmp_path / f"s{n}", blinded=True).manifest.content_sha256
        for n, trial in enumerate([finished.trial, on_postgresql])
    }
    assert len(hashes) == 1
    checked = op.verify_audit(on_postgresql)
    assert checked.problems == ()
    op.lock(on_postgresql, MANAGER, reason="Clean")
    with pytest.raises(StoreError, match="an unlocked study"):
        op.enrol(on_postgresql, COORDINATOR, site="A", consent_date=TODAY)


def test_postgresql_refuses_changes_deletions_and_truncation(on_postgresql: op.Trial) -> None:
    for statement in (
        "UPDATE account SET person_name = 'x'",
        "DELETE FROM role_grant",
        "TRUNCATE final_value CASCADE",
        "DELETE FROM audit_transaction",
    ):
        with pytest.raises(StoreError), on_postgresql.store.writing() as connection:
            connection.execute(text(statement))
    assert op.verify_audit(on_postgresql).whole


def _together(*jobs: Callable[[], object]) -> list[object]:
    """Run jobs at once, begun together; their answers or errors."""
    barrier = threading.Barrier(len(jobs))
    answers: list[object] = [None] * len(jobs)

    def work(place: int, job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            answers[place] = job()
        except (TrialkitError, DBAPIError) as error:
            answers[place] = error

    threads = [threading.Thread(target=work, args=(n, job)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _vas(subject_id: str, value: str) -> op.FormEntry:
    return op.FormEntry(subject_id, "baseline", "vas", (op.EnteredRow({"vas_mm": value}),))


def test_many_desks_at_once_enrol_under_different_numbers(either: op.Trial) -> None:
    def desk() -> list[str]:
        return [op.enrol(either, COORDINATOR, site="A", consent_date=TODAY).subject_id for _ in range(5)]

    answers = _together(*[desk] * 6)
    numbers = [number for some in answers for number in some]
    assert sorted(numbers) == [f"A-{n:03d}" for n in range(1, 31)]
    assert op.verify_audit(either).whole


def test_two_people_who_type_one_form_at_once_make_pass_1_and_pass_2(either: op.Trial) -> None:
    for _ in range(4):
        who = op.enrol(either, COORDINATOR, site="A", consent_date=TODAY).subject_id
        answers = _together(
            lambda who=who: op.enter_pass(either, FIRST, entry=_vas(who, "50")),
            lambda who=who: op.enter_pass(either, SECOND, entry=_vas(who, "50")),
            lambda who=who: op.enter_pass(either, FIRST, entry=_vas(who, "50")),
        )
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert [type(error) for error in refused] == [PassError]
        with either.store.reading() as reader:
            state = forms(reader)[who, "baseline", "vas"]
        assert sorted(entry.number for entry in state.passes) == [1, 2]
    assert op.verify_audit(either).whole


def test_desks_that_ask_for_one_subject_at_once_are_told_one_allocation(
    either: op.Trial, definition: Path, tmp_path: Path
) -> None:
    files = chain.make_list(either.study, tmp_path / "list", definition, per_stratum=8)
    op.load_schedule(
        either, chain.ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    assert isinstance(either.clock, SimulatedClock)
    either.clock.advance_to(datetime(2024, 6, 1, tzinfo=UTC))
    for number in range(4):
        who = screened(either, f"{number:04d}")

        def ask(who: str = who) -> op.Allocated:
            return op.randomize(either, COORDINATOR, subject_id=who, stratum_values=STRATUM)

        answers = _together(*[ask] * 5)
        assert all(isinstance(answer, op.Allocated) for answer in answers), answers
        assert len({(answer.arm, answer.allocated_at) for answer in answers}) == 1
        assert [answer.repeated for answer in answers].count(False) == 1
    assert op.verify_audit(either).whole


def test_a_save_in_flight_ends_before_the_lock_or_is_refused(either: op.Trial) -> None:
    people = [op.enrol(either, COORDINATOR, site="A", consent_date=TODAY).subject_id for _ in range(6)]
    for who in people:
        op.screen_fail(either, COORDINATOR, subject_id=who, date=TODAY, reason="Declined")
    single = [
        op.FormEntry(who, "baseline", "demographics", (op.EnteredRow({"sex": "male"}),)) for who in people
    ]
    jobs = [
        lambda one=one: op.enter_pass(
            either, COORDINATOR, entry=one, confirmed=True, confirmed_by="investigator"
        )
        for one in single
    ]
    locked, *saved = _together(lambda: op.lock(either, MANAGER, reason="Clean"), *jobs)
    assert isinstance(locked, op.Locked)
    kept = [answer for answer in saved if not isinstance(answer, Exception)]
    refused = [answer for answer in saved if isinstance(answer, Exception)]
    assert all(isinstance(error, StoreError) and "lock" in str(error) for error in refused)
    assert all(answer.stamp.number < locked.stamp.number for answer in kept)
    with either.store.reading() as reader:
        assert len(forms(reader)) == len(kept)
    assert op.verify_audit(either).whole


def test_a_refused_act_leaves_no_record_and_no_row(either: op.Trial) -> None:
    before = op.present_anchor(either)
    with pytest.raises(TrialkitError):
        op.enter_pass(either, FIRST, entry=_vas("nobody", "50"))
    assert op.present_anchor(either) == before
    with either.store.reading() as reader:
        assert subjects(reader) == {}


def test_every_clinical_table_is_closed_by_the_lock(either: op.Trial) -> None:
    op.lock(either, MANAGER, reason="Nobody came")
    clinical = [model.class_.__tablename__ for model in Base.registry.mappers if model.class_.clinical]
    assert {"subject", "final_value", "pass_value", "allocation", "study_version"} <= set(clinical)
    for table in clinical:
        with pytest.raises(StoreError, match="an unlocked study"), either.store.writing() as connection:
            connection.execute(text(f"INSERT INTO {table} DEFAULT VALUES"))


def test_typists_whose_programs_are_killed_lose_only_what_was_not_acknowledged(either: op.Trial) -> None:
    """Killed at any moment, a program leaves whole forms and a whole trail."""
    people = [op.enrol(either, COORDINATOR, site="A", consent_date=TODAY).subject_id for _ in range(40)]
    acknowledged: set[str] = set()
    for part in (people[:20], people[20:]):
        acknowledged |= _type_and_be_killed(either, part)
    with either.store.reading() as reader:
        kept = {subject_id for subject_id, _, _ in forms(reader)}
    assert acknowledged <= kept
    assert len(kept - acknowledged) <= 2  # written, and killed before it could say so
    assert 0 < len(kept) < len(people)
    checked = op.verify_audit(either)
    assert checked.problems == ()
    assert op.enter_pass(either, SECOND, entry=_vas(people[0], "50")).forms == 1


_TYPIST = """
from datetime import UTC, datetime
from trialkit import operations as op
from trialkit.access import Actor, Authentication
from trialkit.clock import SimulatedClock
from trialkit.vocabulary import Role
FIRST = Actor("first", Role.FIRST_ENTRY, None, Authentication.SIMULATED)
trial = op.open_trial({folder!r}, clock=SimulatedClock(datetime(2024, 6, 1, tzinfo=UTC)))
for subject_id in {people!r}:
    row = op.EnteredRow({{"vas_mm": "50"}})
    op.enter_pass(trial, FIRST, entry=op.FormEntry(subject_id, "baseline", "vas", (row,)))
    print(subject_id, flush=True)
"""


def _type_and_be_killed(trial: op.Trial, people: list[str]) -> set[str]:
    program = _TYPIST.format(folder=str(trial.folder.resolve()), people=people)
    typist = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert typist.stdout is not None
    heard = [typist.stdout.readline().strip() for _ in range(5)]
    typist.kill()
    heard += typist.stdout.read().split()
    typist.stdout.close()
    typist.wait()
    return {subject_id for subject_id in heard if subject_id}
