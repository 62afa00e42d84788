"""Adjudication in bulk: the list goes out as a workbook and comes back, all of it or nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from chain import ADJUDICATOR, ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, Role, person
from openpyxl import Workbook, load_workbook
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.entry import QueryStatus
from trialkit.errors import TrialkitError
from trialkit.operations.differences import form_differences
from trialkit.operations.reconciliation import COLUMNS, SHEET, as_cells
from trialkit.operations.worklist import discrepancy_worklist
from trialkit.report.reconciliation import reconciliation_workbook

VALUES = (("55", "56"), ("20", "21"), ("=1", "12"), ("30", ""))


@pytest.fixture
def subjects(trial: op.Trial) -> list[str]:
    """Four people; of each the pain score differs, or (the third) a text that looks like a formula."""
    numbers = [screened(trial) for _ in VALUES]
    for number, values in zip(numbers, VALUES, strict=True):
        form, item = ("death", "death_cause") if values[0] == "=1" else ("vas", "vas_mm")
        visit = "week_6" if form == "death" else "baseline"
        for who, value in zip((FIRST, SECOND), values, strict=True):
            row = op.EnteredRow({item: value} | ({"death_date": "2024-06-01"} if form == "death" else {}))
            op.enter_pass(trial, who, entry=op.FormEntry(number, visit, form, (row,)))
    return numbers


def _written(trial: op.Trial, path: Path) -> Path:
    path.write_bytes(reconciliation_workbook(op.reconciliation_rows(trial, ADJUDICATOR)))
    return path


def _filled(path: Path, decisions: dict[int, tuple[str, str, Any]]) -> Path:
    """As somebody fills it in: by sheet row, the three cells at the end."""
    book = load_workbook(path)
    sheet = book[SHEET]
    for row, cells in decisions.items():
        for place, value in enumerate(cells, start=len(COLUMNS) - 2):
            sheet.cell(row, place).value = value
    book.save(path)
    return path


def _open(trial: op.Trial) -> int:
    return len(op.reconciliation_rows(trial, ADJUDICATOR))


def test_the_workbook_lists_what_is_open_with_lists_to_choose_from(
    trial: op.Trial, subjects: list[str], tmp_path: Path
) -> None:
    sheet = load_workbook(_written(trial, tmp_path / "list.xlsx"))[SHEET]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert [row[0] for row in rows[1:]] == subjects
    assert rows[1][8:] == ("55", "56", None, None, None)
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    lists = {rule.formula1: str(rule.sqref) for rule in sheet.data_validations.dataValidation}
    assert lists['"first,second,new_value,cannot_decide"'] == "K2:K5"
    assert len(lists) == 2


@pytest.mark.parametrize(
    ("typed", "passed_on"), [("0041", False), (41, True), (dt.datetime(2026, 1, 4), True)]
)
def test_a_new_text_that_the_spreadsheet_took_for_a_number_or_a_day_is_refused(
    trial: op.Trial, subjects: list[str], tmp_path: Path, typed: Any, passed_on: bool
) -> None:
    path = _filled(_written(trial, tmp_path / "list.xlsx"), {4: ("new_value", "misread", typed)})
    if not passed_on:
        assert op.adjudicate_from_file(trial, ADJUDICATOR, path=path).adjudicated.decided == 1
        return
    with pytest.raises(TrialkitError, match=r"row 4:new_value: expected a text, kept as it was typed"):
        op.adjudicate_from_file(trial, ADJUDICATOR, path=path)


def test_the_list_shows_what_stands_on_the_form_where_a_side_could_not_be_read(
    trial: op.Trial, tmp_path: Path
) -> None:
    number = screened(trial)
    for who, text in ((FIRST, "@as_written:4l"), (SECOND, "41")):
        row = op.EnteredRow({"vas_mm": text})
        op.enter_pass(trial, who, entry=op.FormEntry(number, "baseline", "vas", (row,)))
    (shown,) = op.reconciliation_rows(trial, ADJUDICATOR)
    assert (shown.first, shown.second) == ("@unknown (as written: 4l)", "41")
    (line,) = discrepancy_worklist(trial, ADJUDICATOR)
    assert line["first"] == shown.first
    (found,) = form_differences(trial, ADJUDICATOR, subject_id=number, visit="baseline", form="vas").values
    assert (found.first, found.first_shown) == ("@unknown", shown.first)
    path = _filled(_written(trial, tmp_path / "list.xlsx"), {2: ("second", "illegible", None)})
    assert op.adjudicate_from_file(trial, ADJUDICATOR, path=path).adjudicated.decided == 1


def test_a_filled_in_list_is_taken_as_a_whole(trial: op.Trial, subjects: list[str], tmp_path: Path) -> None:
    path = _filled(
        _written(trial, tmp_path / "list.xlsx"),
        {
            2: ("new_value", "typing_error", 57),  # a number, as a spreadsheet makes of it
            3: ("cannot_decide", "cannot_decide", None),
            4: ("first", "misread", None),
        },
    )
    done = op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=path)
    assert (done.adjudicated.decided, done.adjudicated.undecided, done.left_open) == (2, 1, 1)
    record = op.read_trail(trial, MANAGER)[-1]
    assert record.facts is not None
    assert record.facts["file"] == "list.xlsx"
    assert [change["new"] for change in record.facts["changes"]] == ["57", None, "=1"]
    (query,) = op.list_queries(trial, COORDINATOR)
    assert (query.subject_id, query.item, query.status) == (subjects[1], "vas_mm", QueryStatus.OPEN)
    assert _open(trial) == 2
    again = _filled(_written(trial, tmp_path / "again.xlsx"), {2: ("cannot_decide", "cannot_decide", None)})
    op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=again)
    assert len(op.list_queries(trial, COORDINATOR)) == 1, "the site is asked once"
    assert op.verify_audit(trial).problems == ()


def test_every_row_that_cannot_be_taken_is_named_and_nothing_is_decided(
    trial: op.Trial, subjects: list[str], tmp_path: Path
) -> None:
    path = _filled(
        _written(trial, tmp_path / "list.xlsx"),
        {
            2: ("frist", "misread", None),
            3: ("new_value", "misread", "wide"),
            4: ("first", "cannot_decide", None),
            5: ("first", "misread", "31"),
        },
    )
    before = op.present_anchor(trial).number
    with pytest.raises(TrialkitError) as refused:
        op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=path)
    errors = [refused.value, *refused.value.also]
    assert [error.where.rpartition("/")[2].split(":")[1] for error in errors] == [
        "row 2", "row 3", "row 4", "row 5",
    ]  # fmt: skip
    assert "first" in errors[0].next_step
    assert errors[1].where.endswith(":new_value")
    assert _open(trial) == len(VALUES)
    assert op.present_anchor(trial).number == before


def test_new_values_of_critical_items_want_a_second_person_row_by_row(
    trial: op.Trial, subjects: list[str], tmp_path: Path
) -> None:
    path = _filled(
        _written(trial, tmp_path / "list.xlsx"),
        {
            2: ("new_value", "misread", "57"),
            3: ("second", "misread", None),
            4: ("new_value", "misread", "unknown"),  # the cause of death is not marked critical
            5: ("new_value", "misread", "31"),
        },
    )
    with pytest.raises(TrialkitError) as refused:
        op.adjudicate_from_file(trial, ADJUDICATOR, path=path)
    errors = [refused.value, *refused.value.also]
    assert [error.where.rpartition("/")[2].split(":")[1] for error in errors] == ["row 2", "row 5"]
    assert _open(trial) == len(VALUES)
    op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=path)
    assert _open(trial) == 0


def test_a_list_that_is_out_of_date_is_refused(trial: op.Trial, subjects: list[str], tmp_path: Path) -> None:
    path = _filled(
        _written(trial, tmp_path / "list.xlsx"),
        {2: ("first", "misread", None), 3: ("first", "misread", None)},
    )
    place = {"subject_id": subjects[0], "visit": "baseline", "form": "vas"}
    op.void_pass(trial, MANAGER, **place, pass_number=1, reason="Wrong form")
    row = op.EnteredRow({"vas_mm": "58"})
    op.enter_pass(trial, FIRST, entry=op.FormEntry(subjects[0], "baseline", "vas", (row,)))
    once = _filled(_written(trial, tmp_path / "other.xlsx"), {3: ("second", "misread", None)})
    op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=once)
    with pytest.raises(TrialkitError) as refused:
        op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=path)
    errors = [refused.value, *refused.value.also]
    assert "as that pass has it now" in str(errors[0])
    assert "decided already" in str(errors[1])


def test_hands_rights_columns_and_repeats(trial: op.Trial, subjects: list[str], tmp_path: Path) -> None:
    path = _filled(_written(trial, tmp_path / "list.xlsx"), {2: ("first", "misread", None)})
    with pytest.raises(AccessError):
        op.adjudicate_from_file(trial, MANAGER, path=path)
    with pytest.raises(AccessError):
        op.reconciliation_rows(trial, FIRST)
    op.grant_role(trial, ADMIN, login=FIRST.account, role=Role.ADJUDICATOR)
    with pytest.raises(TrialkitError, match="neither pass"):
        op.adjudicate_from_file(trial, person(FIRST.account, Role.ADJUDICATOR), path=path)
    with pytest.raises(TrialkitError, match="a decision in at least one row"):
        op.adjudicate_from_file(
            trial, ADJUDICATOR, second_person=INVESTIGATOR, path=_written(trial, tmp_path / "empty.xlsx")
        )
    rows = [COLUMNS, *map(as_cells, op.reconciliation_rows(trial, ADJUDICATOR)[:1])]
    lines = [list(rows[0]), *([[*rows[1][:-3], "first", "misread", ""]] * 2)]
    twice = tmp_path / "twice.csv"
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    twice.write_text(text.getvalue(), encoding="utf-8")
    with pytest.raises(TrialkitError, match="several decisions, in line 2, 3") as both:
        op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=twice)
    each = (both.value, *both.value.also)
    assert [one.where.rpartition("twice.csv:")[2] for one in each] == ["line 2:item", "line 3:item"]
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["subject_id", "decision"])
    book.save(tmp_path / "no-list.xlsx")
    with pytest.raises(TrialkitError, match="the workbook of discrepancies that was taken along") as refused:
        op.adjudicate_from_file(trial, ADJUDICATOR, path=tmp_path / "no-list.xlsx")
    assert "--part" not in str(refused.value)  # this act has no such option
    sheet.title = SHEET
    sheet.append([subjects[0], "first"])
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(TrialkitError, match="a column 'visit'") as refused:
        op.adjudicate_from_file(trial, ADJUDICATOR, second_person=INVESTIGATOR, path=tmp_path / "other.xlsx")
    assert len(refused.value.also) == 7
