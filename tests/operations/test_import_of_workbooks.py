"""A workbook as offices fill it in: our own template, and what a spreadsheet makes of a typed text."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chain
import openpyxl
import pytest
from chain import FIRST, MANAGER
from test_randomize import screened

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.entry.errors import EntryError
from trialkit.interchange import read_table
from trialkit.interchange.template import template_xlsx

ITEMS = ("lot,,", "serial,,", "since,date_ymd,@PARTIAL-DATE", "dose,number,")


@pytest.fixture
def device(tmp_path: Path, definition: Path) -> Iterator[op.Trial]:
    """The reference study with one more form: two texts, a date that may be partial, a number."""
    shutil.copytree(definition, tmp_path / "definition")
    toml = tmp_path / "definition" / "study.toml"
    form = '\n[forms.device]\nlabel = "Device"\nentry = "double"\nvisits = ["baseline"]\n'
    toml.write_text(toml.read_text("utf-8") + form, encoding="utf-8")
    rows = [
        f"{name},device,,text,{name},,,{kind},,,,,,,,,,{tag}"
        for name, kind, tag in (line.split(",") for line in ITEMS)
    ]
    dictionary = tmp_path / "definition" / "dictionary.csv"
    dictionary.write_text(dictionary.read_text("utf-8").rstrip("\n") + "\n" + "\n".join(rows) + "\n", "utf-8")
    trial = chain.found_study(tmp_path / "study", tmp_path / "definition")
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(dt.datetime(2024, 6, 1, 3, tzinfo=dt.UTC))
    yield trial
    trial.close()


def _workbook(path: Path, rows: list[dict[str, Any]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    columns = ["subject_id", "visit", "lot", "serial", "since", "dose"]
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(name) for name in columns])
        for name, shown in (formats or {}).items():
            sheet.cell(sheet.max_row, columns.index(name) + 1).number_format = shown
    book.save(path)
    return path


@pytest.mark.parametrize("form", ["vas", "odi", "adverse_events", "bloods"])
def test_the_filled_in_template_imports_as_it_is(trial: op.Trial, tmp_path: Path, form: str) -> None:
    known = trial.rules.forms[form]
    number = screened(trial)
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(trial.study, known)))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    values = {"vas_mm": 40, "blood_date": "2024-06-01", "odi_pain": "2", known.row_key or "": 1}
    for name, value in {"subject_id": number, "visit": known.visits[0], **values}.items():
        if name in heads:
            sheet.cell(2, heads.index(name) + 1).value = value
    book.save(tmp_path / "filled.xlsx")
    done = op.import_pass(trial, FIRST, path=tmp_path / "filled.xlsx", form=form)
    assert (done.forms, done.first_passes) == (1, 1)


@pytest.mark.parametrize(
    ("cells", "refused", "noted"),
    [
        (["0041", "0042"], [], []),
        (["0041", 42], ["row 3"], []),
        (["0041", 12345], [], ["lot: 1 cells hold a number"]),  # as long as the others: nothing was lost
        ([41, 42], [], ["lot: 2 cells hold a number"]),
        ([dt.datetime(2026, 4, 3), "3-5"], [], ["lot: 1 cells hold a day"]),
        (["41", "A7"], [], []),
    ],
)
def test_a_text_that_became_a_number_or_a_day_is_caught_or_said(
    device: op.Trial, tmp_path: Path, cells: list[Any], refused: list[str], noted: list[str]
) -> None:
    people = [screened(device) for _ in cells]
    rows = [
        {"subject_id": number, "visit": "baseline", "lot": cell, "serial": "x", "since": "2019", "dose": 1}
        for number, cell in zip(people, cells, strict=True)
    ]
    path = _workbook(tmp_path / "lots.xlsx", rows)
    if refused:
        with pytest.raises(EntryError, match=r"lots.xlsx:3:lot: .*the number 42"):
            op.import_pass(device, FIRST, path=path, form="device")
        return
    notes = op.import_pass(device, FIRST, path=path, form="device").notes
    assert [any(note.startswith(one) for note in notes) for one in noted] == [True] * len(noted)
    assert noted or not notes


@pytest.mark.parametrize(
    ("cell", "shown", "text"),
    [
        (dt.datetime(2019, 5, 1), "mmm-yy", "2019-05"),  # what a spreadsheet makes of a typed 2019-05
        (dt.datetime(2019, 5, 1), "mmm\\-yy", "2019-05"),
        (dt.datetime(2019, 5, 1), "yyyy\\-mm", "2019-05"),
        (dt.datetime(2019, 5, 1), "mm/yyyy", "2019-05"),
        (dt.datetime(2019, 5, 1), "[$-409]mmm\\-yy;@", "2019-05"),
        (dt.datetime(2019, 5, 17), "mmm-yy", "2019-05-17"),  # the day is stored, and known
        (dt.datetime(2019, 5, 1), "yyyy\\-mm\\-dd", "2019-05-01"),
        (dt.datetime(2019, 5, 1), "d\\.m\\.yyyy", "2019-05-01"),
        (2019, "General", "2019"),
    ],
)
def test_a_month_without_a_day_stays_a_partial_date(tmp_path: Path, cell: Any, shown: str, text: str) -> None:
    row = {"subject_id": "1", "visit": "baseline", "lot": "x", "serial": "x", "since": cell, "dose": 1}
    path = _workbook(tmp_path / "dates.xlsx", [row], {"since": shown})
    table = read_table(path)
    assert table.rows[0][table.columns.index("since")] == text


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("10,5;05/2019", {"decimal_comma": True, "date_order": "dmy"}, ""),
        ("10.5;2019/05", {}, ""),
        ("10.5;05/2019", {"date_order": "mdy"}, ""),
        ("10,5;2019", {}, "say --decimal-comma"),
        ("10.5;05/2019", {}, "--date-order dmy"),
        ("10.5;13.01.25", {}, "in the order ymd, its year in four digits"),
        ("10.5;13/2019", {"date_order": "mdy"}, "in the order mdy, its year in four digits"),
        ("10.5;3/1/26", {"date_order": "mdy"}, "in the order mdy, its year in four digits"),
    ],
)
def test_a_file_of_another_country_is_read_as_was_said(
    device: op.Trial, tmp_path: Path, text: str, options: dict[str, Any], problem: str
) -> None:
    number = screened(device)
    path = tmp_path / "abroad.csv"
    path.write_text(
        f"subject_id;visit;lot;serial;dose;since\n{number};baseline;7;x;{text}\n", encoding="utf-8"
    )
    if problem:
        with pytest.raises(EntryError, match=problem):
            op.import_pass(device, FIRST, path=path, form="device", **options)
        return
    assert op.import_pass(device, FIRST, path=path, form="device", **options).first_passes == 1
    assert op.list_flags(device, MANAGER, form="device") == []
