"""A pass as other systems write it: a REDCap export, EpiData's capitals, a spreadsheet's sheets and dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import chain
import pytest

from trialkit import operations as op
from trialkit.entry.errors import EntryError
from trialkit.errors import FileFormatError
from trialkit.interchange import read_table
from trialkit.interchange.epidata_study import study_from_epidata
from trialkit.interchange.redcap_study import study_from_redcap
from trialkit.study.dictionary_file import dictionary_text

CASE = "15-redcap-export-import"


@pytest.fixture
def case_trial(shared: Path, tmp_path: Path):
    with chain.found_study(tmp_path / "study", shared / "cases" / "capture" / CASE) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        yield trial


ACCEPTED = {
    "export.csv": ({}, "Passed over"),
    "1e3.csv": ({}, ""),
    "dot5.csv": ({}, ""),
    "extra-blank.csv": ({}, ""),
    "header-case.csv": ({}, "capitals"),
    "trailing-spaces.csv": ({}, ""),
    "visit-arm.csv": ({}, ""),
    "dates-dmy.csv": ({"date_order": "dmy"}, "order stated"),
}
REFUSED = {
    "dates-dmy.csv": "--date-order dmy",
    "leading0.csv": "a number",
    "thousands.csv": "'1,070'",
    "x-001-lower.csv": "Did you mean 'X-001'",
}


@pytest.mark.parametrize("file", ACCEPTED)
def test_a_file_as_redcap_or_a_spreadsheet_writes_it_imports(case_trial, shared: Path, file: str) -> None:
    options, note = ACCEPTED[file]
    path = shared / "cases" / "capture" / CASE / file
    entered = op.import_pass(case_trial, chain.FIRST, path=path, form="f", **options)
    assert entered.first_passes >= 1
    assert note in " ".join(entered.notes)


@pytest.mark.parametrize("file", REFUSED)
def test_what_cannot_be_meant_is_refused_with_a_hint(case_trial, shared: Path, file: str) -> None:
    path = shared / "cases" / "capture" / CASE / file
    before = op.present_anchor(case_trial)
    with pytest.raises(EntryError) as refused:
        op.import_pass(case_trial, chain.FIRST, path=path, form="f")
    assert REFUSED[file] in str(refused.value)
    assert op.present_anchor(case_trial) == before


def test_epidatas_capitals_import_and_a_workbook_of_two_sheets_names_an_option_that_is_there(
    case_trial, shared: Path
) -> None:
    folder = shared / "cases" / "capture" / "16-import-rec-epx-xlsx"
    entered = op.import_pass(case_trial, chain.FIRST, path=folder / "pass.rec", form="f", date_order="dmy")
    assert entered.first_passes == 1
    with pytest.raises(FileFormatError, match="--part"):
        op.import_pass(case_trial, chain.SECOND, path=folder / "pass.xlsx", form="f")
    from trialkit.cli.import_ import command

    assert "--part" in {name for option in command.params for name in option.opts}


def test_a_column_that_is_no_item_is_left_out_by_name_and_said(case_trial, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("rec,visit,w,d,Errors\nX-001,m1,70.5,2025-02-03,2\n", "utf-8")
    with pytest.raises(EntryError, match="Errors"):
        op.import_pass(case_trial, chain.FIRST, path=path, form="f")
    for name, found in (("w", "which the form asks for"), ("errrs", "Did you mean 'Errors'")):
        with pytest.raises(EntryError, match=found):
            op.import_pass(case_trial, chain.FIRST, path=path, form="f", leave_out=["errors", name])
    entered = op.import_pass(case_trial, chain.FIRST, path=path, form="f", leave_out=["errors"])
    assert entered.first_passes == 1
    assert "Left out, as was said: Errors." in entered.notes


@pytest.mark.external_reference
def test_the_older_file_of_a_study_goes_in_under_the_definition_of_the_newer(
    shared: Path, tmp_path: Path
) -> None:
    """marathon.epx makes the study; bromar.rec, its older copy, has a column more."""
    folder = shared / "interchange" / "epidata"
    made = study_from_epidata(folder / "marathon.epx")
    (tmp_path / "definition").mkdir()
    (tmp_path / "definition" / "study.toml").write_text(
        made.definition_text.replace("[study]", "[study]\ndemonstration = true"), "utf-8"
    )
    (tmp_path / "definition" / "dictionary.csv").write_text(made.dictionary_text, "utf-8")
    older = tmp_path / "bromar.rec"
    older.write_bytes(b"".join((folder / "bromar.rec").read_bytes().splitlines(keepends=True)[: 1 + 10 + 20]))
    subjects = [row[0] for row in read_table(older).rows]
    with chain.found_study(tmp_path / "study", tmp_path / "definition") as trial:
        for subject in subjects:
            op.enrol(trial, chain.COORDINATOR, site="A", consent_date=date(2024, 1, 1), subject_id=subject)
        with pytest.raises(EntryError, match="--leave-out error"):
            op.import_pass(trial, chain.FIRST, path=older, form="run_data", visit="visit")
        entered = op.import_pass(
            trial, chain.FIRST, path=older, form="run_data", visit="visit", leave_out=["error"]
        )
    assert entered.first_passes == len(subjects) == 20


def test_a_day_that_lost_its_format_is_said_to_be_one(case_trial, tmp_path: Path) -> None:
    path = tmp_path / "serial.csv"
    path.write_text("rec,visit,w,d\nX-001,m1,70.5,46346\n", "utf-8")
    with pytest.raises(EntryError, match="keeps 2026-11-20 as this number"):
        op.import_pass(case_trial, chain.FIRST, path=path, form="f")


def test_boxes_import_as_redcap_names_them(shared: Path, tmp_path: Path) -> None:
    folder = shared / "cases" / "capture" / "01-checkbox-negative-code"
    with chain.found_study(tmp_path / "study", folder) as trial:
        op.enrol(trial, chain.COORDINATOR, site="X", consent_date=date(2024, 1, 1), subject_id="X-001")
        entered = op.import_pass(trial, chain.FIRST, path=folder / "pass1.csv", form="f", visit="base")
    assert entered.first_passes == 1


def test_a_whole_number_as_a_statistics_program_writes_it_is_whole() -> None:
    from trialkit.interchange.pass_cells import CellReader
    from trialkit.study.model import Item
    from trialkit.vocabulary import ItemType

    cells = CellReader()
    item = Item("age", "f", "Age", ItemType.INTEGER)
    assert [cells.read(item, text) for text in ("29.0", "29.00", "-1.0", "29.5", "29")] == [
        "29",
        "29",
        "-1",
        "29.5",
        "29",
    ]
    assert "3 whole numbers" in cells.notes()[0]


@pytest.mark.parametrize(
    ("order", "cell", "typed"),
    [
        ("ymd", "2025/1/2", "2025-01-02"),
        ("dmy", "2025/1/2", "2025-01-02"),
        ("dmy", "2/1/2025 8:05", "2025-01-02 08:05"),
        ("ymd", "2025/1/2 8:05:09", "2025-01-02 08:05:09"),
        ("ymd", "2025-1-2", "2025-01-02"),
        ("ymd", "2/1/2025", "2/1/2025"),
        ("ymd", "2025/2/30", "2025/2/30"),
    ],
)
def test_a_date_as_a_spreadsheet_writes_it(order: str, cell: str, typed: str) -> None:
    from trialkit.interchange.pass_cells import CellReader
    from trialkit.study.model import Item
    from trialkit.vocabulary import ItemType

    cells = CellReader(order)
    assert cells.read(Item("seen", "f", "Seen", ItemType.DATETIME), cell) == typed
    assert len(cells.notes()) == (cell != typed)


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("project", "forms"),
    [
        ("simple", None),
        ("checkboxes-1", 3),
        ("vignette-repeating", 6),
        ("longitudinal", None),
        ("clinical-trial-1", 40),
    ],
)
def test_a_whole_records_export_imports_as_a_pass(
    shared: Path, tmp_path: Path, project: str, forms: int | None
) -> None:
    folder = shared / "interchange" / "redcap" / project
    few = tmp_path / "data.csv"
    few.write_bytes(b"".join((folder / "data.csv").read_bytes().splitlines(keepends=True)[:41]))
    records = read_table(few)
    made = study_from_redcap(dictionary_text(folder / "dictionary.csv"), records=records)
    (tmp_path / "definition").mkdir()
    (tmp_path / "definition" / "study.toml").write_text(
        made.definition_text.replace("[study]", "[study]\ndemonstration = true"), "utf-8"
    )
    (tmp_path / "definition" / "dictionary.csv").write_text(made.dictionary_text, "utf-8")
    with chain.found_study(tmp_path / "study", tmp_path / "definition") as trial:
        for subject in dict.fromkeys(row[0] for row in records.rows):
            op.enrol(trial, chain.COORDINATOR, site="A", consent_date=date(2024, 1, 1), subject_id=subject)
        entered = op.import_pass(trial, chain.FIRST, path=few)
        again = op.import_pass(trial, chain.SECOND, path=few)
    assert entered.first_passes == entered.forms == again.second_passes
    assert forms is None or entered.forms == forms
    passed_over = (
        "1 rows on which no form holds anything, passed over."  # record 4, all of its boxes unticked
    )
    assert (passed_over in entered.notes) is (project == "checkboxes-1")
    assert again.discrepancies == 0


def test_a_logical_of_a_statistics_program_is_a_code_only_where_the_codes_are_0_and_1() -> None:
    from trialkit.interchange.pass_cells import CellReader
    from trialkit.study.model import Choice, Item
    from trialkit.vocabulary import ItemType

    def item(**labels: str) -> Item:
        choices = tuple(Choice(code.removeprefix("c"), label) for code, label in labels.items())
        return Item("sex", "f", "Sex", ItemType.CODED, choices=choices)

    cells = CellReader()
    sex, three = item(c0="Female", c1="Male"), item(c0="no", c1="yes", c2="unknown")
    assert [cells.read(sex, text) for text in ("TRUE", "False", "1", "Male")] == ["1", "0", "1", "1"]
    assert "2 TRUE and FALSE read as the codes 1 and 0." in cells.notes()
    assert cells.read(three, "TRUE") == "TRUE"
    assert cells.read(item(c0="TRUE", c1="FALSE"), "TRUE") == "0"
    assert cells.read(item(c0="Female", c1="True"), "FALSE") == "FALSE"
