"""Lines of a repeating form in a file: without numbers, with a number twice, copied."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import chain
import pytest

from trialkit import operations as op, resources
from trialkit.entry.errors import EntryError
from trialkit.errors import OperationError
from trialkit.snapshot import read_snapshot

HEADER = (
    "subject_id,visit,{}cm_drug,cm_class,cm_indication,"
    "cm_rescue,cm_daily_dose_mg,cm_start_date,cm_ongoing,cm_end_date"
)
FIRST_LINE = "A-001,week_6,{}paracetamol,analgesic,LBP,0,1000,2024-01,1,"
SECOND_LINE = "A-001,week_6,{}omeprazole,other,other,0,20,2024-02,1,"


def _found(tmp_path: Path, entry: str) -> op.Trial:
    folder = tmp_path / "definition"
    shutil.copytree(resources.folder("sample_data"), folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    head, form, tail = text.partition("[forms.conmed]")
    tail = tail.replace('entry = "double"', f'entry = "{entry}"', 1)
    (folder / "study.toml").write_text(head + form + tail, encoding="utf-8")
    trial = chain.found_study(tmp_path / "study", folder)
    for number in ("A-001", "A-002"):
        op.enrol(trial, chain.COORDINATOR, site="A", consent_date=date(2023, 12, 1), subject_id=number)
    return trial


def _file(tmp_path: Path, column: str, *lines: str) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text("\n".join([HEADER.format(column), *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("column", ["", "cm_line,", "row,"])
def test_lines_of_a_form_entered_once_are_numbered_in_the_order_of_the_file(
    tmp_path: Path, column: str
) -> None:
    blank = "," if column else ""
    lines = (FIRST_LINE.format(blank), "A-002" + FIRST_LINE.format(blank)[5:], SECOND_LINE.format(blank))
    with _found(tmp_path, "single") as trial:
        path = _file(tmp_path, column, *lines)
        entered = op.import_pass(
            trial, chain.FIRST, path=path, form="conmed", confirmed=True, confirmed_by="investigator"
        )
        assert "3 lines of form conmed without a number, numbered in the order of the file." in entered.notes
        snapshot = op.write_snapshot(trial, chain.STATISTICIAN, folder=tmp_path / "snapshot", blinded=True)
        values = read_snapshot(snapshot.folder).tables["values"]
    drugs = values[values["item"] == "cm_drug"].set_index(["subject_id", "row"])["value"]
    assert dict(drugs) == {
        ("A-001", "1"): "paracetamol", ("A-001", "2"): "omeprazole", ("A-002", "1"): "paracetamol"
    }  # fmt: skip


REFUSED = {
    "no number, entered twice": ("double", "cm_line,", ("", ""), ":2:cm_line: expected the number that each"),
    "no number in a column row": ("double", "row,", ("", ""), ":3:row: expected the number that each line"),
    "one without": ("single", "cm_line,", ("1", ""), ":3:cm_line: .*found none. Number every line, or none"),
    "a number twice": ("single", "cm_line,", ("1", "1"), "found the number 1 of line 2 with other values"),
    "a number twice, in two ways": ("single", "row,", ("2", "02"), "the number 02 of line 2 with other"),
    "a number with decimals": ("double", "cm_line,", ("2", "2.0"), "the number 2.0 of line 2 with other"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_lines_that_are_not_told_apart_are_refused_by_file_and_line(tmp_path: Path, case: str) -> None:
    entry, column, numbers, said = REFUSED[case]
    lines = [
        line.format(f"{number},") for line, number in zip((FIRST_LINE, SECOND_LINE), numbers, strict=True)
    ]
    with _found(tmp_path, entry) as trial:
        before = op.present_anchor(trial)
        with pytest.raises(EntryError) as refused:
            op.import_pass(trial, chain.FIRST, path=_file(tmp_path, column, *lines), form="conmed")
        told = "\n".join(str(one) for one in (refused.value, *refused.value.also))
        assert re.search(said, told), told
        assert op.present_anchor(trial) == before


def test_a_copied_line_is_said_to_be_one(tmp_path: Path) -> None:
    line = FIRST_LINE.format("1,")
    with _found(tmp_path, "double") as trial:
        path = _file(tmp_path, "cm_line,", line, line, SECOND_LINE.format("2,"))
        with pytest.raises(
            EntryError, match=r":3: .*line 2 of the file again, word for word. Remove the copy"
        ):
            op.import_pass(trial, chain.FIRST, path=path, form="conmed")


def test_a_form_entered_twice_needs_the_column_of_its_numbers(tmp_path: Path) -> None:
    with _found(tmp_path, "double") as trial:
        path = _file(tmp_path, "", FIRST_LINE.format(""))
        with pytest.raises(
            EntryError, match="a column for every item of form conmed; found none for cm_line"
        ):
            op.import_pass(trial, chain.FIRST, path=path, form="conmed")


def test_several_lines_without_a_number_are_not_called_twice_nothing(tmp_path: Path) -> None:
    with _found(tmp_path, "double") as trial:
        rows = tuple(op.EnteredRow({"cm_drug": drug}) for drug in ("paracetamol", "omeprazole"))
        entry = op.FormEntry("A-001", "week_6", "conmed", rows)
        with pytest.raises(EntryError, match="a number on each line; found several lines without one"):
            op.enter_passes(trial, chain.FIRST, entries=[entry])


def test_a_line_is_not_corrected_to_the_number_of_another(tmp_path: Path) -> None:
    def number(line: str, to: str) -> op.Corrected:
        place = {"subject_id": "A-001", "visit": "week_6", "form": "conmed", "row": line, "item": "cm_line"}
        return op.correct(trial, chain.COORDINATOR, **place, value=to, reason="Read again")

    with _found(tmp_path, "single") as trial:
        path = _file(tmp_path, "", FIRST_LINE.format(""), SECOND_LINE.format(""))
        op.import_pass(
            trial, chain.FIRST, path=path, form="conmed", confirmed=True, confirmed_by="investigator"
        )
        with pytest.raises(OperationError, match="a number that no other line of the form has"):
            number("1", "2")
        with pytest.raises(OperationError, match="the number that the line has on paper"):
            number("1", "")
        with pytest.raises(OperationError, match=r"a line of the form: 1, 2; found '3'\. .*void the passes"):
            number("3", "4")
        assert number("1", "7").new == "7"
