"""A name typed by accident goes, everywhere; the trail over it stays whole, and tells every other change."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, Role, person
from test_audit import _tamper
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import AccessError, Authentication
from trialkit.clock import SimulatedClock
from trialkit.errors import OperationError
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.models import Base
from trialkit.store.reading.redactions import PRIMARY_KEYS
from trialkit.store.redactable import KEYS, WRITTEN
from trialkit.store.redacted_records import payload_digest

NAME, REMARK = "Zhang Wei", "Fall of Zhang Wei at home"
WHY = "A person's name stands in a remark"
FORM = ("week_6", "adverse_events")

MONITOR = person("moni", Role.MONITOR)


def _typed(trial: op.Trial, *texts: str) -> str:
    """A subject whose adverse event was typed twice, with these terms."""
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(datetime(2024, 6, 1, 3, tzinfo=UTC))
    number = screened(trial)
    for who, text in zip((FIRST, SECOND), texts, strict=True):
        line = {"ae_line": "1", "ae_term": text, "ae_start_date": "2024-06-01", "ae_serious": "0"}
        op.enter_pass(trial, who, entry=op.FormEntry(number, *FORM, (op.EnteredRow(line),)))
    return number


def _spread(trial: op.Trial) -> str:
    """The name in passes, final record, history, query, answer, a reason and a draft."""
    number = _typed(trial, REMARK, REMARK)
    place = {"subject_id": number, "visit": "week_6", "form": "adverse_events"}
    asked = op.open_query(trial, MANAGER, **place, row="1", item="ae_term", text="Who is zhang wei?")
    op.answer_query(trial, COORDINATOR, number=asked.number, text="Zhang Wei is the subject")
    op.correct(
        trial, COORDINATOR, **place, row="1", item="ae_term", value="Fall of ZHANG WEI in a shop",
        reason="Zhang Wei says so",
    )  # fmt: skip
    open_web_desk(trial).keep_draft("first", "here", json.dumps({"note": NAME}), "2024-06-01T00:00:00Z")
    return number


def _bytes(trial: op.Trial) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(trial.folder.glob("*.sqlite*")))


def test_a_text_goes_from_every_place_and_the_trail_stays_whole(either: op.Trial) -> None:
    trial = either
    number = _spread(trial)
    found = op.find_text(trial, MANAGER, text="zhang wei")
    assert {"pass_value", "final_value", "query_step"} <= {
        one.place.split("/")[1] for one in found[:-1] if "/" in one.place
    }
    done = op.redact(trial, MANAGER, text="zhang wei", reason=WHY)
    assert done.drafts == 1
    assert done.kept == ()
    assert done.file_clean == (trial.store.dialect == "sqlite")
    assert any("VACUUM FULL" in one for one in done.not_covered) == (trial.store.dialect == "postgresql")
    assert op.find_text(trial, MANAGER, text=NAME) == []
    mark = "[redacted]"
    lines = op.read_trail(trial, MANAGER, subject_id=number, item="ae_term")
    assert {line.redacted_by for line in lines if line.operation == "enter_passes"} == {(done.stamp.number,)}
    written = [
        write.text
        for line in lines
        for write in line.written
        if write.item == "ae_term" and write.what in ("pass_1", "pass_2", "corrected")
    ]
    assert written == [f"Fall of {mark} at home"] * 2 + [f"Fall of {mark} in a shop"]
    assert f"Who is {mark}?" in op.list_queries(trial, MANAGER)[0].thread[0]
    checked = op.verify_audit(trial)
    assert checked.problems == ()
    (told,) = checked.redactions
    assert told.startswith(
        f"{done.places} places redacted by record {done.stamp.number}, in {done.records} records"
    )
    everything = {line.number: line for line in op.read_trail(trial, MANAGER)}
    named = {number for number, line in everything.items() if line.redacted_by == (done.stamp.number,)}
    assert len(named) == done.records
    assert {everything[number].operation for number in named} == {
        "enter_passes", "open_query", "answer_query", "correct",
    }  # fmt: skip
    op.open_query(trial, MANAGER, subject_id=number, visit="week_6", text="Life goes on")
    assert op.verify_audit(trial).whole


def test_a_search_names_the_places_that_go_by_subject_visit_and_form_and_no_others(trial: op.Trial) -> None:
    """Records of confirmed forms state ``confirmed_by``: the name of a fact is no place of a text."""
    number = _typed(trial, "Confirmed by Zhang", "Confirmed by Zhang")
    place = {"subject_id": number, "visit": "week_6", "form": "adverse_events", "row": "1", "item": "ae_term"}
    asked = op.open_query(trial, MANAGER, **place, text="Confirmed when?")
    op.close_query(trial, MANAGER, number=asked.number)
    op.correct(trial, COORDINATOR, **place, value="Not confirmed", reason="Confirmed by phone")
    op.sign_form(
        trial, INVESTIGATOR, **{name: place[name] for name in ("subject_id", "visit", "form")}, meaning="seen"
    )
    found = op.find_text(trial, MANAGER, text="confirmed")
    assert {one.where for one in found} == {f"{number}/week_6/adverse_events/1/ae_term"}
    said = {"pass value", "final value", "query step", "statement of correct", "reason of correct"}
    assert {one.what for one in found} == said
    assert op.redact(trial, MANAGER, text="confirmed", reason=WHY).places == len(found)
    assert op.find_text(trial, MANAGER, text="confirmed") == []


def test_the_bytes_are_gone_from_the_files(trial: op.Trial) -> None:
    _spread(trial)
    assert NAME.encode() in _bytes(trial)
    assert op.redact(trial, MANAGER, text=NAME, reason=WHY).file_clean
    left = _bytes(trial).lower()
    assert NAME.lower().encode() not in left


def test_a_field_goes_with_all_that_ever_stood_in_it(trial: op.Trial) -> None:
    number = _typed(trial, "Li", "Wu")
    verdict = op.Verdict(
        number, *FORM, "1", "ae_term", op_choice("new_value"), op_reason("misread"), new_value="Lo"
    )
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    place = op.FieldPlace(number, *FORM, "ae_term", "1")
    done = op.redact(trial, MANAGER, place=place, reason=WHY)
    assert done.places == 3 + _facts_of_verdict(trial, done)
    texts = [
        write.text
        for line in op.read_trail(trial, MANAGER, subject_id=number, item="ae_term")
        for write in line.written
        if write.item == "ae_term" and write.what in ("pass_1", "pass_2", "adjudicated")
    ]
    assert texts == ["[redacted]"] * 3
    assert op.verify_audit(trial).whole


def op_choice(name: str) -> object:
    from trialkit.entry import AdjudicationChoice

    return AdjudicationChoice(name)


def op_reason(name: str) -> object:
    from trialkit.entry import ReasonCode

    return ReasonCode(name)


def _facts_of_verdict(trial: op.Trial, done: op.Redacted) -> int:
    """Places outside of rows: the record of the adjudication repeats the value it took."""
    with sqlite3.connect(trial.folder / "trial.sqlite") as connection:
        query = "SELECT count(*) FROM redaction WHERE place LIKE 'facts/%'"
        return int(connection.execute(query).fetchone()[0])


def test_a_date_that_identifies_somebody_becomes_unknown(trial: op.Trial) -> None:
    number = _typed(trial, "Fall", "Fall")
    place = op.FieldPlace(number, *FORM, "ae_start_date", "1")
    done = op.redact(trial, MANAGER, place=place, reason="A date of birth stands there")
    assert (done.places, done.records) == (3, 2)
    with trial.store.reading() as reader:
        from trialkit.store.reading.finals import final_values

        values = [one.value for one in final_values(reader, [number]) if one.item == "ae_start_date"]
    assert [(value.text, str(value.missing_code)) for value in values] == [(None, "unknown")]
    (told,) = op.verify_audit(trial).redactions
    assert told.startswith(f"3 places redacted by record {done.stamp.number}, in 2 records")
    of_field, of_other, everything = (
        [line.operation for line in op.read_trail(trial, MANAGER, **asked) if line.redacted_by]
        for asked in (
            {"subject_id": number, "item": "ae_start_date"},
            {"subject_id": number, "item": "ae_term"},
            {},
        )
    )
    assert (of_field, of_other, everything) == (["enter_passes"] * 2, [], ["enter_passes"] * 2)
    assert op.verify_audit(trial).whole


def test_a_signature_and_a_tick_are_void_after_a_redaction(trial: op.Trial) -> None:
    number = _typed(trial, REMARK, REMARK)
    place = {"subject_id": number, "visit": "week_6", "form": "adverse_events"}
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    op.verify_values(trial, MONITOR, **place, row="1", items=["ae_term", "ae_start_date"])
    op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    op.redact(trial, MANAGER, text=NAME, reason=WHY)
    assert [mark.void for mark in op.form_marks(trial, MANAGER)] == [True]
    ticks = {tick.where.split("/")[-1]: tick.void for tick in op.value_ticks(trial, MONITOR)}
    assert ticks == {"ae_term": True, "ae_start_date": False}
    day = op.FieldPlace(number, *FORM, "ae_start_date", "1")
    op.redact(trial, MANAGER, place=day, reason="A date of birth stands there")
    assert [tick.void for tick in op.value_ticks(trial, MONITOR)] == [True, True]
    assert op.verify_audit(trial).whole


def test_what_was_redacted_twice_is_whole(trial: op.Trial) -> None:
    _spread(trial)
    op.redact(trial, MANAGER, text=NAME, reason=WHY)
    op.redact(trial, MANAGER, text="in a shop", reason="The shop is known to everybody")
    checked = op.verify_audit(trial)
    assert checked.problems == ()
    assert len(checked.redactions) == 2


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("a value and its record, without the act", "payload was changed"),
        ("more than the act says", "not as record"),
        ("more, and the digest of the act with it", "redaction"),
        ("a place taken off the list of the act", "more or less was redacted|redaction"),
    ],
)
def test_a_text_replaced_without_the_act_or_beyond_it_is_found(trial: op.Trial, how: str, said: str) -> None:
    _spread(trial)
    if "without" not in how:
        op.redact(trial, MANAGER, text=NAME, reason=WHY)
    old = "Fall of" if "without" not in how else NAME

    def change(connection: sqlite3.Connection) -> None:
        if "off the list" in how:
            connection.execute("DELETE FROM redaction WHERE place LIKE '%pass_value%'")
            return
        row = connection.execute(
            "SELECT number, payload_text FROM audit_transaction WHERE operation = 'enter_passes' "
            "AND payload_text LIKE '%ae_term%' ORDER BY number LIMIT 1"
        ).fetchone()
        assert row is not None
        text = row[1].replace(old, "[redacted 99]")
        assert text != row[1]
        connection.execute("UPDATE audit_transaction SET payload_text = ? WHERE number = ?", (text, row[0]))
        connection.execute(f"UPDATE pass_value SET raw_text = replace(raw_text, '{old}', '[redacted 99]')")
        if "digest" in how:
            update = "UPDATE redaction SET after_sha256 = ? WHERE record = ?"
            connection.execute(update, (payload_digest(text), row[0]))

    _tamper(trial, change)
    problems = op.verify_audit(trial).problems
    assert problems
    import re

    assert any(re.search(said, problem) for problem in problems), problems


def test_the_guards_let_nothing_through_once_the_act_is_over(either: op.Trial) -> None:
    _spread(either)
    op.redact(either, MANAGER, text=NAME, reason=WHY)
    from trialkit.errors import StoreError

    for statement in ("UPDATE pass_value SET raw_text = 'x'", "UPDATE audit_transaction SET reason = 'x'"):
        with pytest.raises(StoreError), either.store.writing() as connection:
            connection.exec_driver_sql(statement)


def test_it_is_refused_without_a_right_a_signature_or_a_text(trial: op.Trial) -> None:
    _spread(trial)
    with pytest.raises(AccessError):
        op.redact(trial, ADJUDICATOR, text=NAME, reason=WHY)
    declared = replace(MANAGER, authentication=Authentication.DECLARED)
    with pytest.raises(AccessError):
        op.redact(trial, declared, text=NAME, reason=WHY)
    for text, reason, said in (
        ("Wu", WHY, "at least 4 characters"),
        ("Nobody", WHY, "a place in which it stands"),
        (NAME, "It says Zhang Wei", "a reason without the text"),
    ):
        with pytest.raises(OperationError, match=said):
            op.redact(trial, MANAGER, text=text, reason=reason)
    assert op.verify_audit(trial).redactions == ()


def test_two_ideographs_are_a_name(trial: op.Trial) -> None:
    _typed(trial, "王伟跌倒", "王伟跌倒")
    op.redact(trial, MANAGER, text="王伟", reason=WHY)
    assert op.find_text(trial, MANAGER, text="王伟") == []
    assert op.verify_audit(trial).whole


def test_every_column_of_text_is_written_a_key_or_a_word_of_the_studys_own() -> None:
    """A new column of written text must be one of those that a redaction reaches."""
    words = (Path(__file__).parent / "words_of_the_study.txt").read_text(encoding="utf-8").split()
    from sqlalchemy import String

    known = {
        f"{table}.{column}"
        for part in (WRITTEN, KEYS)
        for table, columns in part.items()
        for column in columns
    }
    every = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if "audit_number" in table.columns
        for column in table.columns
        if isinstance(column.type, String)
    }
    assert known <= every
    assert every - known == set(words)
    assert set(WRITTEN) <= set(PRIMARY_KEYS)


def test_a_value_of_a_critical_item_goes_with_a_second_person_alone(trial: op.Trial) -> None:
    from chain import INVESTIGATOR

    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 20)).subject_id
    for who in (FIRST, SECOND):
        entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
        op.enter_pass(trial, who, entry=entry)
    place = op.FieldPlace(number, "baseline", "vas", "vas_mm")
    before = op.present_anchor(trial)
    with pytest.raises(OperationError, match="a second person for the critical item"):
        op.redact(trial, MANAGER, place=place, reason="A number of a telephone")
    with pytest.raises(OperationError):
        op.redact(trial, MANAGER, place=place, reason="A number of a telephone", second_person=MANAGER)
    assert op.present_anchor(trial) == before
    done = op.redact(
        trial, MANAGER, place=place, reason="A number of a telephone", second_person=INVESTIGATOR
    )
    assert done.places == 3
    assert op.verify_audit(trial).whole
    (record,) = [line for line in op.read_trail(trial, MANAGER) if line.number == done.stamp.number]
    assert INVESTIGATOR.account in str(record)


def test_the_second_person_has_a_right_at_the_site_of_the_subject_and_needs_none_elsewhere(
    trial: op.Trial,
) -> None:
    op.add_account(trial, ADMIN, login="inv_a", person_name="I", role=Role.INVESTIGATOR, site="A")
    op.add_account(trial, ADMIN, login="inv_b", person_name="I", role=Role.INVESTIGATOR, site="B")
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 20)).subject_id
    for who in (FIRST, SECOND):
        entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
        op.enter_pass(trial, who, entry=entry)
    place = op.FieldPlace(number, "baseline", "vas", "vas_mm")
    why = "A number of a telephone"
    with pytest.raises(AccessError):
        op.redact(
            trial, MANAGER, place=place, reason=why, second_person=person("inv_b", Role.INVESTIGATOR, "B")
        )
    second = person("inv_a", Role.INVESTIGATOR, "A")
    assert op.redact(trial, MANAGER, place=place, reason=why, second_person=second).places == 3


def test_what_was_taken_out_of_a_form_that_the_blinded_do_not_have_is_named_to_others_alone(
    trial: op.Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record wrote to a form that they have too, and so stands in their trail."""
    number = screened(trial)
    stop = {"ts_line": "1", "ts_treatment": "exercise", "ts_date": "2024-03-01", "ts_reason": "1"}
    event = {"ae_line": "1", "ae_term": "Fall", "ae_start_date": "2024-06-01", "ae_serious": "0"}
    for who in (FIRST, SECOND):
        op.enter_passes(
            trial,
            who,
            entries=[
                op.FormEntry(number, "week_6", form, (op.EnteredRow(values, "1"),))
                for form, values in (("treatment_stop", stop), ("adverse_events", event))
            ],
        )
    place = op.FieldPlace(number, "week_6", "treatment_stop", "ts_date", "1")
    done = op.redact(trial, MANAGER, place=place, reason="A date of birth stands there")
    blinding = trial.study.blinding
    blinded = (*blinding.blinded_roles, Role.ADJUDICATOR)
    study = replace(trial.study, blinding=replace(blinding, blinded_roles=blinded))
    monkeypatch.setattr(type(trial), "study", study)
    for actor, by in ((MANAGER, (done.stamp.number,)), (ADJUDICATOR, ())):
        entered = [
            line
            for line in op.read_trail(trial, actor, subject_id=number)
            if line.operation == "enter_passes" and line.account in (FIRST.account, SECOND.account)
        ]
        assert [line.redacted_by for line in entered] == [by] * 2, actor.role
        assert all(line.reason is not None for line in entered)
