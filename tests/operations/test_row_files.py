"""Lines that only one pass has are decided from a filled-in list: all of them, or none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from chain import ADJUDICATOR, FIRST, SECOND
from test_randomize import screened

from trialkit import operations as op
from trialkit.entry.errors import EntryError
from trialkit.operations.row_files import COLUMNS

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


def test_a_refused_line_is_named_by_its_row_and_an_unknown_number_by_its_file(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    """What only the record can refuse, too: a line that is not there, or nobody of that number."""
    absent = _file(tmp_path / "absent.csv", subject_id, ("1", "1", "", ""), ("1", "9", "keep", ""))
    with pytest.raises(EntryError, match=r"absent\.csv:.*3: .*adverse_events: .*leftover line of pass 1"):
        op.decide_rows_from_file(trial, ADJUDICATOR, path=absent)
    nobody = _file(tmp_path / "nobody.csv", "A-999", ("1", "1", "keep", ""))
    with pytest.raises(EntryError, match=r"nobody\.csv: expected the number of a subject"):
        op.decide_rows_from_file(trial, ADJUDICATOR, path=nobody)
