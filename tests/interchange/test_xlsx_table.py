"""Workbooks: cells as their typist saw them."""

from __future__ import annotations

import datetime as dt
import io
import re
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from trialkit.errors import FileFormatError
from trialkit.interchange import TableFile, read_table


def read(tmp_path: Path, content: bytes, part: str | None = None) -> TableFile:
    path = tmp_path / "entry.xlsx"
    path.write_bytes(content)
    return read_table(path, part=part)


def test_dates_are_iso_and_whole_numbers_have_no_point(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    row: list[Any] = [
        1,
        70.5,
        80.0,
        dt.date(2024, 5, 1),
        dt.datetime(2024, 5, 1, 10, 30),
        dt.time(9, 5),
        True,
        "007",
        None,
    ]
    table = read(tmp_path, make_xlsx([list("abcdefghi"), row]))
    assert table.rows == (
        ("1", "70.5", "80", "2024-05-01", "2024-05-01T10:30:00", "09:05:00", "TRUE", "007", ""),
    )
    assert table.part == "entry"
    assert table.notes == ()


def test_short_rows_are_blank_at_the_end_and_blank_rows_between_are_counted(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    table = read(tmp_path, make_xlsx([[None], ["id", "a", "b"], [1], [None], [2, "x"]]))
    assert table.rows == (("1", "", ""), ("2", "x", ""))
    assert table.line_numbers == (3, 5)
    assert table.notes == ("1 blank row skipped.",)


def test_several_filled_sheets_need_a_choice(tmp_path: Path, make_xlsx: Callable[..., bytes]) -> None:
    content = make_xlsx([["id"], [1]], more_sheets={"second": [["id"], [2]], "empty": []})
    with pytest.raises(FileFormatError, match=r"the sheets entry, second. Name the sheet with --part"):
        read(tmp_path, content)
    assert read(tmp_path, content, "second").rows == (("2",),)
    with pytest.raises(FileFormatError, match="a sheet named 'third'"):
        read(tmp_path, content, "third")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_a_sheet_is_found_however_its_accents_are_composed(
    tmp_path: Path, make_xlsx: Callable[..., bytes], form: str, asked: str
) -> None:
    """A terminal of a Mac gives letter and accent, a spreadsheet program the letter with its accent."""
    content = make_xlsx([["id"], [1]], more_sheets={unicodedata.normalize(form, "Données"): [["id"], [2]]})
    assert read(tmp_path, content, unicodedata.normalize(asked, "Données")).rows == (("2",),)


def test_an_empty_second_sheet_does_not_ask_for_a_choice(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    assert read(tmp_path, make_xlsx([["id"], [1]], more_sheets={"Sheet2": []})).part == "entry"


def test_a_workbook_without_data_is_refused(tmp_path: Path, make_xlsx: Callable[..., bytes]) -> None:
    with pytest.raises(FileFormatError, match="expected one sheet with data; found none"):
        read(tmp_path, make_xlsx([]))


def test_a_formula_without_a_stored_result_is_refused_rather_than_read_as_blank(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    with pytest.raises(FileFormatError, match=r"entry!B2: expected the stored result of a formula"):
        read(tmp_path, make_xlsx([["id", "sum"], [1, "=1+1"]]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["id", None, "a"], [1, 2, 3]], "entry.xlsx:1:column 2: expected a name for every column"),
        ([["id", "id"], [1, 2]], "expected each column name once"),
        ([["id"], [1, "stray"]], r"entry.xlsx:entry:2: expected values only in the 1 named column"),
    ],
)
def test_a_malformed_sheet_is_refused_with_its_place(
    tmp_path: Path, make_xlsx: Callable[..., bytes], rows: list[list[Any]], message: str
) -> None:
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, make_xlsx(rows))


def test_error_cells_are_noted(tmp_path: Path, make_xlsx: Callable[..., bytes]) -> None:
    assert "1 cell with a spreadsheet error" in read(tmp_path, make_xlsx([["id"], ["#N/A"]])).notes[0]


@pytest.mark.parametrize(
    "content", [b"id,a\n1,x\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileFormatError, match=r"an \.xlsx workbook"):
        read(tmp_path, content)


def test_a_zip_that_is_no_workbook_is_refused(
    tmp_path: Path, make_zip: Callable[[str, bytes], bytes]
) -> None:
    with pytest.raises(FileFormatError, match=r"an \.xlsx workbook"):
        read(tmp_path, make_zip("hello.txt", b"hello"))


def test_a_workbook_with_a_document_type_is_refused(tmp_path: Path, make_xlsx: Callable[..., bytes]) -> None:
    source, target = io.BytesIO(make_xlsx([["id"], [1]])), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            new.writestr(name, content)
    with pytest.raises(FileFormatError, match="document type"):
        read(tmp_path, target.getvalue())


def test_what_unpacks_without_end_is_refused(
    tmp_path: Path, make_zip: Callable[[str, bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialkit.table_files.archive.LARGEST_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(FileFormatError, match="unpacks to 2 MB"):
        read(tmp_path, make_zip("xl/workbook.xml", b"0" * 2_000_000))


def test_what_unpacks_to_far_more_than_any_workbook_is_refused(
    tmp_path: Path, make_zip: Callable[[str, bytes], bytes]
) -> None:
    with pytest.raises(FileFormatError, match="times its size"):
        read(tmp_path, make_zip("xl/workbook.xml", b"0" * 20_000_000))


def _with_sheet(make_xlsx: Callable[..., bytes], rows: str) -> bytes:
    """A workbook whose sheet is written by hand: openpyxl itself would need the memory to make it."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_xlsx([["id"], [1]]))) as old,
        zipfile.ZipFile(changed, "w", 8) as new,
    ):
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                content = re.sub("<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>", content)
            new.writestr(name, content)
    return changed.getvalue()


def test_far_cells_are_refused_before_they_fill_the_memory(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 20_000))
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="20,000,000 cells") as refused:
        read(tmp_path, _with_sheet(make_xlsx, rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "Ctrl-End" in refused.value.next_step
    assert peak < 400_000_000  # all of them would take 2.6 GB


def test_a_far_cell_that_only_has_a_format_changes_nothing(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
        '<row r="2"><c r="A2"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    table = read(tmp_path, _with_sheet(make_xlsx, rows))
    assert (table.columns, table.rows) == (("id",), (("7",),))


def test_what_the_spreadsheet_library_warns_of_is_noted(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(make_xlsx([["id"], [1]])))
    content = io.BytesIO()
    book.save(content)
    source, target = io.BytesIO(content.getvalue()), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/styles.xml":
                part = part.replace(b"<cellStyles", b"<cellStylesGone").replace(
                    b"</cellStyles>", b"</cellStylesGone>"
                )
            new.writestr(name, part)
    assert read(tmp_path, target.getvalue()).rows == (("1",),)


def test_a_whole_number_stored_as_a_float_by_another_writer_has_no_point(
    tmp_path: Path, make_xlsx: Callable[..., bytes]
) -> None:
    source, target = io.BytesIO(make_xlsx([["id"], [80]])), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>80</v>", b"<v>80.0</v>"))
    assert read(tmp_path, target.getvalue()).rows == (("80",),)


@pytest.mark.parametrize(
    ("value", "shape", "shown"),
    [
        (7, '"X-"000', "X-007"),
        (7, "\\X000", "X007"),
        (41, "0000", "0041"),
        (7, '"EUR "0', "7"),
        (0.25, "0.00", "0.25"),
        (dt.timedelta(days=1.5), "[mm]:ss", "2160:00"),
        (dt.timedelta(minutes=36, seconds=5), "[m]:ss", "36:05"),
        (dt.timedelta(days=1.5), "[hh]:mm", "36:00"),
        (dt.timedelta(minutes=90), "[m]", "90"),
        (dt.timedelta(minutes=90), "[h]", "1:30"),  # of which the sheet shows 1: nothing is cut off
        (dt.timedelta(hours=36), "[hh]", "36"),
        (dt.timedelta(seconds=65), "[s]", "65"),
        (dt.time(0, 1, 5, 500000), "mm:ss.0", "01:05.5"),
        (dt.time(0, 1, 5, 500000), "mm:ss.00", "01:05.50"),
        (dt.time(0, 59, 59, 960000), "mm:ss.0", "00:59:59.960000"),  # the sheet shows 00:00.0
    ],
)
def test_a_number_and_a_length_of_time_are_what_their_cell_shows(
    tmp_path: Path, value: Any, shape: str, shown: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "v"])
    book.active.append(["a", value])
    book.active["B2"].number_format = shape
    out = io.BytesIO()
    book.save(out)
    assert read(tmp_path, out.getvalue()).rows[0][1] == shown


# What LibreOffice 24 writes to a CSV file "as shown" for these formats; blanks at the ends are cut.
SHOWN_BY_A_SPREADSHEET = {
    "0000": ("0007", "0041", "123456"),
    '0000"-X"': ("0007-X", "0041-X", "123456-X"),
    "00-00": ("00-07", "00-41", "1234-56"),
    "000-00-0000": ("000-00-0007", "000-00-0041", "000-12-3456"),
    "#-##": ("-7", "-41", "1234-56"),
    "00\\-000": ("00-007", "00-041", "123-456"),
    "[Red]0000": ("0007", "0041", "123456"),
    "[$-409]00000": ("00007", "00041", "123456"),
    "0000_)": ("0007", "0041", "123456"),
    "0000;-0000": ("0007", "0041", "123456"),
    '"A;B-"00': ("A;B-07", "A;B-41", "A;B-123456"),
    "(000) 000": ("(000) 007", "(000) 041", "(123) 456"),
    "?000": ("007", "041", "123456"),
    '"No. "00000': ("No. 00007", "No. 00041", "No. 123456"),
    "000 000": ("000 007", "000 041", "123 456"),
    '"S"0"-"00': ("S0-07", "S0-41", "S1234-56"),
    "\\P000": ("P007", "P041", "P123456"),
    '00"."00': ("00.07", "00.41", "1234.56"),
}


def _column(shape: str, *values: object) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["v"])
    for row, value in enumerate(values, start=2):
        book.active.append([value])
        book.active.cell(row, 1).number_format = shape
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("shape", SHOWN_BY_A_SPREADSHEET)
def test_a_number_that_its_format_makes_an_identifier_is_what_the_cell_shows(
    tmp_path: Path, shape: str
) -> None:
    table = read(tmp_path, _column(shape, 7, 41, 123456))
    assert [row[0] for row in table.rows] == list(SHOWN_BY_A_SPREADSHEET[shape])


@pytest.mark.parametrize(
    "shape", ["#,##0", "0.00", "0%", "0.00E+00", "# ?/?", "General", "@", "0", "#", "0,000"]
)
def test_ways_to_write_a_number_are_the_number_and_nothing_is_said(tmp_path: Path, shape: str) -> None:
    table = read(tmp_path, _column(shape, 7, 41))
    assert [row[0] for row in table.rows] == ["7", "41"]
    assert not any("number format" in note for note in table.notes)


@pytest.mark.parametrize(
    ("shape", "text"),
    [('0"-X"', "7-X"), ('"P-"0', "P-7"), ('0" mm"', "7 mm"), ('00" mm"', "07 mm"), ('General"-X"', "7-X")],
)
def test_what_may_be_an_identifier_or_a_number_with_its_unit_is_told(
    tmp_path: Path, shape: str, text: str
) -> None:
    table = read(tmp_path, _column(shape, 7, 41))
    assert [row[0] for row in table.rows] == ["7", "41"]
    assert table.notes == (
        f"Column 'v' has cells that show {text!r} and are read as 7: their number format adds the rest.",
    )
