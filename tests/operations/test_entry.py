"""Entering forms: two people, what is refused, what is flagged, what a third decides."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, person

from trialkit import operations as op
from trialkit.entry import AdjudicationChoice, FormStatus, ReasonCode, TypedValue
from trialkit.errors import (
    EntryError,
    LockRefusedError,
    OperationError,
    PassError,
    TrialkitError,
)
from trialkit.store.reading.discrepancies import discrepancies, unmatched_rows
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.forms import forms
from trialkit.vocabulary import MissingCode, Role, ValueState

TODAY = date(2024, 5, 31)


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    return op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY).subject_id


def vas(subject_id: str, text: str) -> op.FormEntry:
    return op.FormEntry(subject_id, "baseline", "vas", (op.EnteredRow({"vas_mm": text}),))


def events(subject_id: str, *lines: tuple[str, str]) -> op.FormEntry:
    rows = tuple(
        op.EnteredRow({"cm_line": line, "cm_drug": drug, "cm_class": "analgesic"}) for line, drug in lines
    )
    return op.FormEntry(subject_id, "week_6", "conmed", rows)


def the_final(trial: op.Trial, item: str) -> TypedValue | None:
    with trial.store.reading() as reader:
        return next((final.value for final in final_values(reader) if final.item == item), None)


def status_of(trial: op.Trial, form: str) -> FormStatus:
    return next(now.status for now in op.forms_now(trial, MANAGER) if now.form == form)


def test_what_two_people_type_alike_is_final_as_the_first_typed_it(trial: op.Trial, subject_id: str) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    assert status_of(trial, "vas") is FormStatus.AWAITING_SECOND_ENTRY
    assert the_final(trial, "vas_mm") is None
    entered = op.enter_pass(trial, SECOND, entry=vas(subject_id, "55"))
    assert (entered.second_passes, entered.discrepancies) == (1, 0)
    assert the_final(trial, "vas_mm") == TypedValue("55")
    assert status_of(trial, "vas") is FormStatus.COMPLETE


def test_second_entry_by_the_first_enterer_is_refused(trial: op.Trial, subject_id: str) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    with pytest.raises(PassError, match="another account"):
        op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    with sqlite3.connect(trial.folder / "trial.sqlite") as connection, pytest.raises(sqlite3.Error):
        connection.execute("INSERT INTO form_pass SELECT id + 1, form_instance, 2, entered_by, NULL, NULL, "
                           "authentication, audit_number FROM form_pass")  # fmt: skip


def test_who_typed_one_entry_is_told_the_same_whether_the_other_is_there_or_not(
    trial: op.Trial, subject_id: str
) -> None:
    told = []
    for who in (FIRST, SECOND):
        op.enter_pass(trial, who, entry=vas(subject_id, "55"))
        with pytest.raises(PassError) as refused:
            op.enter_pass(trial, FIRST, entry=vas(subject_id, "56"))
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_a_third_pass_is_refused(trial: op.Trial, subject_id: str) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "56"))
    with pytest.raises(PassError, match="all of its passes"):
        op.enter_pass(trial, COORDINATOR, entry=vas(subject_id, "55"))


def test_a_difference_waits_for_a_third_person_who_made_neither_pass(
    trial: op.Trial, subject_id: str
) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    assert status_of(trial, "vas") is FormStatus.IN_ADJUDICATION
    verdict = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm", AdjudicationChoice.SECOND, ReasonCode.MISREAD
    )
    op.grant_role(trial, ADMIN, login="first", role=Role.ADJUDICATOR)
    with pytest.raises(PassError, match="neither pass"):
        op.adjudicate(trial, person("first", Role.ADJUDICATOR), verdicts=[verdict])
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    assert the_final(trial, "vas_mm") == TypedValue("65")
    assert status_of(trial, "vas") is FormStatus.COMPLETE
    with pytest.raises(OperationError, match="an open discrepancy"):
        op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])


def test_cannot_decide_leaves_the_discrepancy_open_and_the_lock_refused(
    trial: op.Trial, subject_id: str
) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    undecided = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm",
        AdjudicationChoice.CANNOT_DECIDE, ReasonCode.CANNOT_DECIDE,
    )  # fmt: skip
    assert op.adjudicate(trial, ADJUDICATOR, verdicts=[undecided]).undecided == 1
    with trial.store.reading() as reader:
        assert [found.open for found in discrepancies(reader)] == [True]
    with pytest.raises(LockRefusedError) as refused:
        op.lock(trial, MANAGER, reason="Try")
    assert f"{subject_id}/baseline/vas: open discrepancy (1)" in refused.value.obstacles
    assert f"{subject_id}/baseline/consent: form not complete (expected)" in refused.value.obstacles
    read_again = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm",
        AdjudicationChoice.NEW_VALUE, ReasonCode.ILLEGIBLE, "@unknown",
    )  # fmt: skip
    op.adjudicate(trial, ADJUDICATOR, verdicts=[read_again], second_person=MANAGER)
    assert the_final(trial, "vas_mm") == TypedValue(None, ValueState.MISSING, MissingCode.UNKNOWN)


def test_a_new_value_of_an_adjudicator_must_be_a_value(trial: op.Trial, subject_id: str) -> None:
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "55"))
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    verdict = op.Verdict(
        subject_id, "baseline", "vas", "", "vas_mm",
        AdjudicationChoice.NEW_VALUE, ReasonCode.ILLEGIBLE, "about 60",
    )  # fmt: skip
    with pytest.raises(EntryError, match="a whole number"):
        op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict])
    assert status_of(trial, "vas") is FormStatus.IN_ADJUDICATION


def test_leftover_lines_are_paired_kept_or_rejected_by_the_adjudicator(
    trial: op.Trial, subject_id: str
) -> None:
    op.enter_pass(
        trial, FIRST, entry=events(subject_id, ("1", "ibuprofen"), ("2", "codeine"), ("3", "aspirin"))
    )
    second = op.enter_pass(
        trial, SECOND, entry=events(subject_id, ("1", "ibuprofen"), ("7", "codeine"), ("9", "nothing"))
    )
    assert (second.discrepancies, second.unmatched_rows) == (0, 4)
    decided = op.decide_rows(
        trial, ADJUDICATOR, subject_id=subject_id, visit="week_6", form="conmed",
        verdicts=[
            op.RowVerdict(1, "2", pair_with="7"),
            op.RowVerdict(1, "3"),
            op.RowVerdict(2, "9", entered_in_error=True),
        ],
    )  # fmt: skip
    assert (decided.rows, decided.discrepancies) == (4, 1)  # the line number itself differs
    with trial.store.reading() as reader:
        drugs = {final.row: final.value.text for final in final_values(reader) if final.item == "cm_drug"}
        assert unmatched_rows(reader, only_open=True) == []
    assert drugs == {"1": "ibuprofen", "2": "codeine", "3": "aspirin"}
    with pytest.raises(OperationError, match="undecided leftover line"):
        op.decide_rows(
            trial, ADJUDICATOR, subject_id=subject_id, visit="week_6", form="conmed",
            verdicts=[op.RowVerdict(1, "2")],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "values", "said"),
    [
        ("vas", {"vas_mm": "5o"}, "vas_mm: expected a whole number"),
        ("vas", {"vas_mm": "12.5"}, "a whole number"),
        ("vas", {"vas_mm": "055"}, "a whole number without zeros in front"),
        ("vas", {"vas_mm": "5_0"}, "a whole number"),
        ("vas", {"vas_mn": "50"}, "Did you mean 'vas_mm'"),
        ("odi", {"odi_pain": "6"}, r"one of the codes 0 \(Statement 1\), .* 5 \(Statement 6\)"),
        ("demographics", {"smoking": "9"}, r"one of the codes 0 \(Never\), 1 \(Former\), 2 \(Current\)"),
        ("bloods", {"blood_date": "2024-02-30"}, "a date YYYY-MM-DD"),
        ("bloods", {"blood_date": "2024-05"}, "a date YYYY-MM-DD"),
        ("consent", {"consent_given": "@unknown"}, "none may miss"),
        ("demographics", {"bmi": "24.1"}, "derived and never entered"),
        ("vsa", {"vas_mm": "50"}, "Did you mean 'vas'"),
    ],
)
def test_what_cannot_be_a_value_is_refused_with_its_place(
    trial: op.Trial, subject_id: str, form: str, values: dict[str, str], said: str
) -> None:
    before = op.present_anchor(trial)
    entry = op.FormEntry(subject_id, "baseline", form, (op.EnteredRow(values),))
    with pytest.raises(EntryError, match=said) as refused:
        op.enter_passes(trial, FIRST, entries=[entry], confirmed=True, confirmed_by="investigator")
    assert f"{subject_id}/baseline" in str(refused.value)
    assert op.present_anchor(trial) == before


def test_partial_dates_are_taken_where_the_dictionary_allows_them(trial: op.Trial, subject_id: str) -> None:
    row = op.EnteredRow({"cm_line": "1", "cm_start_date": "2024-05", "cm_end_date": "2023"})
    entered = op.enter_pass(trial, FIRST, entry=op.FormEntry(subject_id, "week_6", "conmed", (row,)))
    assert entered.forms == 1


def test_out_of_range_and_required_but_blank_are_flagged_and_taken(trial: op.Trial, subject_id: str) -> None:
    first = op.enter_pass(trial, FIRST, entry=vas(subject_id, "101"))
    assert [str(flag) for flag in first.flags] == [f"{subject_id}/baseline/vas/vas_mm: above 100"]
    second = op.enter_pass(trial, SECOND, entry=vas(subject_id, ""))
    assert "required, and blank" in str(second.flags[0])


def test_a_blank_that_branching_does_not_ask_for_is_not_applicable(trial: op.Trial, subject_id: str) -> None:
    row = {"consent_given": "0", "consent_date": "", "consent_version": ""}
    op.enter_passes(
        trial, COORDINATOR, confirmed=True, confirmed_by="investigator",
        entries=[op.FormEntry(subject_id, "baseline", "consent", (op.EnteredRow(row),))],
    )  # fmt: skip
    assert the_final(trial, "consent_date") == TypedValue(state=ValueState.NOT_APPLICABLE)


def test_a_form_entered_once_needs_the_investigators_confirmation(trial: op.Trial, subject_id: str) -> None:
    entry = op.FormEntry(subject_id, "baseline", "demographics", (op.EnteredRow({"sex": "male"}),))
    with pytest.raises(EntryError, match="confirmation"):
        op.enter_pass(trial, COORDINATOR, entry=entry)
    op.enter_pass(trial, COORDINATOR, entry=entry, confirmed=True, confirmed_by="investigator")
    assert the_final(trial, "sex") == TypedValue("male")


def test_one_bad_form_keeps_a_whole_batch_out(trial: op.Trial, subject_id: str) -> None:
    other = op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY).subject_id
    with pytest.raises(EntryError, match="expected a whole number"):
        op.enter_passes(
            trial, FIRST,
            entries=[vas(subject_id, "50"), vas(other, "x"), events(other, ("a", "b"))],
        )  # fmt: skip
    with trial.store.reading() as reader:
        assert forms(reader) == {}


def test_nothing_is_entered_where_it_was_stated_not_done_nor_the_other_way(
    trial: op.Trial, subject_id: str
) -> None:
    op.mark_not_done(
        trial, MANAGER, entries=[op.NotDone(subject_id, "baseline", "Line was not shown", "vas")]
    )
    assert status_of(trial, "vas") is FormStatus.NOT_DONE
    with pytest.raises(EntryError, match="that were done"):
        op.enter_pass(trial, FIRST, entry=vas(subject_id, "5"))
    op.enter_pass(trial, FIRST, entry=events(subject_id, ("1", "codeine")))
    op.enter_pass(
        trial, FIRST,
        entry=op.FormEntry(subject_id, "week_6", "odi", (op.EnteredRow({"odi_pain": "1"}),)),
    )  # fmt: skip
    with pytest.raises(EntryError, match="nothing entered"):
        op.mark_not_done(trial, MANAGER, entries=[op.NotDone(subject_id, "week_6", "Moved")])


def test_a_value_is_corrected_only_to_another_one_that_can_be_a_value(
    trial: op.Trial, subject_id: str
) -> None:
    for who in (FIRST, SECOND):
        op.enter_pass(trial, who, entry=vas(subject_id, "55"))
    place = {"subject_id": subject_id, "visit": "baseline", "form": "vas", "item": "vas_mm"}
    for value, said in (("55", "another value"), ("much", "a whole number")):
        with pytest.raises(TrialkitError, match=said):
            op.correct(trial, COORDINATOR, **place, value=value, reason="Misread", second_person=INVESTIGATOR)
    with pytest.raises(OperationError, match="a value of the final record"):
        op.correct(
            trial,
            COORDINATOR,
            **{**place, "visit": "week_6"},
            value="5",
            reason="Misread",
            second_person=INVESTIGATOR,
        )
    op.correct(trial, COORDINATOR, **place, value="56", reason="Misread", second_person=INVESTIGATOR)
    op.correct(
        trial, COORDINATOR, **place, value="@refused", reason="Crossed out", second_person=INVESTIGATOR
    )
    assert the_final(trial, "vas_mm") == TypedValue(None, ValueState.MISSING, MissingCode.REFUSED)


def test_passwords_prove_an_account_and_wrong_ones_say_the_same_as_unknown_logins(trial: op.Trial) -> None:
    op.add_account(
        trial, ADMIN, login="lina", person_name="Lina", role=Role.COORDINATOR, site="A",
        password="correct horse battery",
    )  # fmt: skip
    actor = op.log_in(trial, login="lina", password="correct horse battery", role=Role.COORDINATOR, site="A")
    assert actor.authentication == "password"
    said = set()
    for login, password in (("lina", "wrong horse battery"), ("nobody", "correct horse battery")):
        with pytest.raises(TrialkitError) as refused:
            op.log_in(trial, login=login, password=password, role=Role.COORDINATOR)
        said.add(str(refused.value))
    assert len(said) == 1
    with pytest.raises(OperationError, match="never handed on"):
        op.add_account(trial, ADMIN, login="lina", person_name="Another", role=Role.MONITOR)


@pytest.mark.parametrize(("row", "line"), [("3", "4"), ("3", ""), ("03", "3")])
def test_a_line_that_states_two_numbers_is_refused(
    trial: op.Trial, subject_id: str, row: str, line: str
) -> None:
    values = {"cm_line": line, "cm_drug": "Ibuprofen", "cm_class": "analgesic"}
    entry = op.FormEntry(subject_id, "week_6", "conmed", (op.EnteredRow(values, row),))
    with pytest.raises(
        EntryError, match=f"cm_line: expected the line number stated for the row, '{row}', or none"
    ):
        op.enter_pass(trial, FIRST, entry=entry)
    assert {now.status for now in op.forms_now(trial, MANAGER)} == {FormStatus.EXPECTED}
    same = op.EnteredRow({**values, "cm_line": "4"}, " 4 ")
    op.enter_pass(trial, FIRST, entry=op.FormEntry(subject_id, "week_6", "conmed", (same,)))
