"""Lines that only one pass has are decided from a filled-in list: all of them, or none."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from chain import ADJUDICATOR, ADMIN, FIRST, SECOND
from test_randomize import screened

from trialkit import operations as op
from trialkit.entry.errors import EntryError, PassError
from trialkit.operations.row_files import COLUMNS
from trialkit.vocabulary import Role

FORM = ("week_6", "adverse_events")


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    """Pass 1 has lines 1 and 2, pass 2 lines 3 and 4."""
    number = screened(trial)
    for who, lines in ((FIRST, ("1", "2")), (SECOND, ("3", "4"))):
        rows = tuple(
            op.EnteredRow(
                {"ae_line": line, "ae_term": "Fall", "ae_start_date": "2024-06-01", "ae_serious": "0"}
            )
            for line in lines
        )
        op.enter_pass(trial, who, entry=op.FormEntry(number, *FORM, rows))
    return number


def _file(path: Path, number: str, *lines: tuple[str, str, str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for pass_number, row, decision, partner in lines:
            writer.writerow([number, *FORM, pass_number, row, "", decision, partner])
    return path


def test_a_filled_in_list_decides_all_its_lines_at_once(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    assert [(one.pass_number, one.row) for one in op.leftover_rows(trial, ADJUDICATOR)] == [
        (1, "1"), (1, "2"), (2, "3"), (2, "4"),
    ]  # fmt: skip
    assert "ae_term = Fall" in op.leftover_rows(trial, ADJUDICATOR)[0].values
    path = _file(
        tmp_path / "lines.csv", subject_id,
        ("1", "1", "pair", "3"), ("2", "3", "pair", "1"), ("1", "2", "keep", ""), ("2", "4", "", ""),
    )  # fmt: skip
    done = op.decide_rows_from_file(trial, ADJUDICATOR, path=path)
    assert (done.forms, done.rows, done.left_open) == (1, 3, 1)
    assert [(one.pass_number, one.row) for one in op.leftover_rows(trial, ADJUDICATOR)] == [(2, "4")]
    assert op.verify_audit(trial).whole


def test_the_workbook_of_the_list_comes_back_filled_in(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    """Its heads are to be read: ``Pair with``."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append([name.replace("_", " ").capitalize() for name in COLUMNS])
    book.active.append([subject_id, *FORM, 1, 1, "", "pair", 3])
    book.active.append([subject_id, *FORM, 2, 4, "", "entered_in_error", None])
    book.save(tmp_path / "lines.xlsx")
    done = op.decide_rows_from_file(trial, ADJUDICATOR, path=tmp_path / "lines.xlsx")
    assert (done.rows, [one.row for one in op.leftover_rows(trial, ADJUDICATOR)]) == (3, ["2"])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([("1", "1", "keep", ""), ("1", "9", "keep", "")], "undecided leftover line of pass 1"),
        ([("1", "1", "kepe", "")], "Did you mean 'keep'"),
        ([("1", "1", "pair", "")], "a line of the other pass"),
        ([("3", "1", "keep", "")], "pass 1 or 2"),
        ([("1", "1", "", "")], "a decision in at least one row"),
    ],
)
def test_one_bad_line_leaves_every_line_undecided(
    trial: op.Trial, subject_id: str, tmp_path: Path, lines: list[tuple[str, str, str, str]], said: str
) -> None:
    path = _file(tmp_path / "lines.csv", subject_id, *lines)
    with pytest.raises(EntryError, match=said):
        op.decide_rows_from_file(trial, ADJUDICATOR, path=path)
    assert len(op.leftover_rows(trial, ADJUDICATOR)) == 4


def test_every_refused_row_is_named_by_its_number_and_column_and_no_other(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    """Nobody of that number in one row hides no fault of another; rows that are right are not named."""
    path = _file(
        tmp_path / "lines.csv", subject_id,
        ("1", "1", "keep", ""), ("1", "9", "keep", ""), ("2", "3", "kepe", ""), ("2", "4", "pair", "8"),
        ("1", "1", "entered_in_error", ""),
    )  # fmt: skip
    with path.open("a", encoding="utf-8") as file:
        file.write("A-999,week_6,adverse_events,1,1,,keep,\n")
    with pytest.raises(EntryError) as refused:
        op.decide_rows_from_file(trial, ADJUDICATOR, path=path)
    each = (refused.value, *refused.value.also)
    assert [one.where.rpartition("lines.csv:")[2] for one in each] == [
        "line 2:row", "line 3:row", "line 4:decision", "line 5:pair_with", "line 6:row", "line 7:subject_id",
    ]  # fmt: skip
    both = "several decisions, in line 2, 6"
    assert [str(one.found) for one in each] == [both, "'9'", "'kepe'", "'8'", both, "'A-999'"]
    assert len(op.leftover_rows(trial, ADJUDICATOR)) == 4


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (
            [("1", "1", "keep", ""), ("1", "1", "entered_in_error", ""), ("1", "1", "keep", "")],
            ["line 2:row", "line 3:row", "line 4:row"],
        ),
        (
            [("1", "1", "keep", ""), ("1", "2", "pair", "3"), ("2", "3", "pair", "1")],
            ["line 2:row", "line 3:pair_with", "line 4:row", "line 4:pair_with"],
        ),
        (
            [("1", "1", "pair", "3"), ("2", "3", "pair", "1"), ("2", "3", "pair", "1")],
            [f"line {line}:{column}" for line in (2, 3, 4) for column in ("row", "pair_with")],
        ),
    ],
    ids=["kept and rejected", "in two pairs", "a pair said thrice"],
)
def test_a_line_that_several_rows_decide_is_refused_in_each_of_them_by_column(
    trial: op.Trial, subject_id: str, tmp_path: Path, lines: list[tuple[str, str, str, str]], where: list[str]
) -> None:
    path = _file(tmp_path / "lines.csv", subject_id, *lines)
    with pytest.raises(EntryError, match="each line decided once") as refused:
        op.decide_rows_from_file(trial, ADJUDICATOR, path=path)
    each = (refused.value, *refused.value.also)
    assert sorted(one.where.rpartition("lines.csv:")[2] for one in each) == sorted(where)
    assert len(op.leftover_rows(trial, ADJUDICATOR)) == 4


def test_a_typist_of_the_form_is_refused_row_by_row(trial: op.Trial, subject_id: str, tmp_path: Path) -> None:
    path = _file(tmp_path / "lines.csv", subject_id, ("1", "1", "keep", ""), ("1", "2", "keep", ""))
    op.grant_role(trial, ADMIN, login="first", role=Role.ADJUDICATOR)
    typist = replace(ADJUDICATOR, account="first")
    with pytest.raises(PassError) as refused:
        op.decide_rows_from_file(trial, typist, path=path)
    assert [one.where.rpartition(":")[2] for one in (refused.value, *refused.value.also)] == [
        "line 2", "line 3",
    ]  # fmt: skip


def test_a_pair_that_one_of_its_two_rows_says_leaves_the_other_not_open(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    path = _file(
        tmp_path / "lines.csv", subject_id,
        ("1", "1", "pair", "3"), ("1", "2", "keep", ""), ("2", "3", "", ""), ("2", "4", "keep", ""),
    )  # fmt: skip
    done = op.decide_rows_from_file(trial, ADJUDICATOR, path=path)
    assert (done.rows, done.left_open) == (4, 0)
    assert not op.leftover_rows(trial, ADJUDICATOR)
