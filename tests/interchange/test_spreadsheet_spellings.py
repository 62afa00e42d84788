"""A workbook against its sheet saved as text: as keys and items, by every format and order of dates."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry import compare
from trialkit.interchange import read_table
from trialkit.interchange.entry_pair import FileComparison, compare_files

EARLY, LATE = dt.date(2025, 3, 1), dt.date(2025, 12, 13)
MORNING, EVENING = dt.time(8, 30), dt.time(20, 5, 7)
MOMENT = dt.datetime(2025, 3, 1, 20, 30)
EVERY = ("ymd", "dmy", "mdy")

# Format, value, what LibreOffice 24 writes to a CSV file "as shown", the orders of dates in which it reads.
SHOWN: list[tuple[str, Any, str, tuple[str, ...]]] = [
    ("dd/mm/yyyy", EARLY, "01/03/2025", ("dmy",)), ("dd/mm/yyyy", LATE, "13/12/2025", ("dmy",)),
    ("mm/dd/yyyy", EARLY, "03/01/2025", ("mdy",)), ("mm/dd/yyyy", LATE, "12/13/2025", ("mdy",)),
    ("d.m.yyyy", EARLY, "1.3.2025", ("dmy",)), ("d.m.yyyy", LATE, "13.12.2025", ("dmy",)),
    ("dd-mm-yyyy", EARLY, "01-03-2025", ("dmy",)), ("yyyy/m/d", EARLY, "2025/3/1", EVERY),
    ("yyyy-mm-dd", LATE, "2025-12-13", EVERY), ("d-mmm-yyyy", EARLY, "1-Mar-2025", EVERY),
    ("dd mmm yyyy", LATE, "13 Dec 2025", EVERY), ("ddmmmyyyy", EARLY, "01Mar2025", EVERY),
    ("mmmm d, yyyy", LATE, "December 13, 2025", EVERY), ("d mmmm yyyy", EARLY, "1 March 2025", EVERY),
    ("dddd, mmmm d, yyyy", LATE, "Saturday, December 13, 2025", EVERY),
    ("ddd, d mmm yyyy", EARLY, "Sat, 1 Mar 2025", EVERY),
    ('yyyy"年"m"月"d"日"', EARLY, "2025年3月1日", EVERY),
    ("h:mm", MORNING, "8:30", EVERY), ("hh:mm:ss", EVENING, "20:05:07", EVERY),
    ("h:mm AM/PM", MORNING, "8:30 AM", EVERY), ("h:mm:ss AM/PM", EVENING, "8:05:07 PM", EVERY),
    ("[$-804]AM/PMh:mm", MORNING, "上午8:30", EVERY),
    ("dd/mm/yyyy hh:mm", MOMENT, "01/03/2025 20:30", ("dmy",)),
    ("m/d/yyyy h:mm AM/PM", MOMENT, "3/1/2025 8:30 PM", ("mdy",)),
    ("yyyy-mm-dd hh:mm", MOMENT, "2025-03-01 20:30", EVERY),
    ("d-mmm-yyyy h:mm AM/PM", MOMENT, "1-Mar-2025 8:30 PM", EVERY),
    ("yyyy/m/d h:mm", MOMENT, "2025/3/1 20:30", EVERY),
]  # fmt: skip

NUMBERS: list[tuple[str, float, str]] = [
    ("0.0%", 0.125, "12.5%"), ("0%", 0.5, "50%"), ("0.00%", 1.2345, "123.45%"), ("0.0 %", 0.125, "12.5 %"),
    ("#,##0.00", 1234.5, "1,234.50"), ("#,##0.0", 1234567.5, "1,234,567.5"), ("0.00", 12.3, "12.30"),
    ("0.00E+00", 1230, "1.23E+03"), ("General", 0.1 + 0.2, "0.3"), ("#,##0", 1234567, "1,234,567"),
    ("General", 1e-7, "0.0000001"), ("General", 12345678901234, "12345678901234"),
]  # fmt: skip

IDENTIFIERS: list[tuple[str, float, str]] = [
    ("* 0000", 41, "0041"), ("* 0000", 0, "0000"), ("*-0000", 7, "0007"), ("0000*x", 41, "0041"),
    ("_(* 0000_)", 123456, "123456"), ('"A"* 000', 7, "A007"), ("[<100]00;000", 7, "07"),
    ("[<100]00;000", 123456, "123456"), ("[>=100]0;000", 41, "041"), ('0000;-0000;"none"', 41, "0041"),
    ('[<10]"A-"00;[<100]"B-"00;000', 7, "A-07"), ('[<10]"A-"00;[<100]"B-"00;000', 41, "B-41"),
    ('[<10]"A-"00;[<100]"B-"00;000', 123456, "123456"),
]  # fmt: skip


def of_a_sheet(tmp_path: Path, shape: str, value: Any, text: str, **options: Any) -> list[FileComparison]:
    """The sheet with the value as key ``k`` and as item ``n``, against its text; both ways round."""
    book = openpyxl.Workbook()
    book.active.append(["k", "n"])
    book.active.append([value, value])
    for cell in ("A2", "B2"):
        book.active[cell].number_format = shape
    book.save(tmp_path / "sheet.xlsx")
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["k", "n"], [text, text]])
    (tmp_path / "text.csv").write_text(out.getvalue(), encoding="utf-8")
    one, two = read_table(tmp_path / "sheet.xlsx"), read_table(tmp_path / "text.csv")
    return [compare_files(one, two, ["k"], **options), compare_files(two, one, ["k"], **options)]


@pytest.mark.external_reference
@pytest.mark.parametrize("order", EVERY)
@pytest.mark.parametrize(("shape", "value", "text", "orders"), SHOWN)
def test_a_day_or_a_time_pairs_as_key_and_agrees_as_item_or_the_option_is_named(
    tmp_path: Path, shape: str, value: Any, text: str, orders: tuple[str, ...], order: str
) -> None:
    for found in of_a_sheet(tmp_path, shape, value, text, date_order=order):
        if order in orders:
            assert found.report.identical
        else:
            assert len(found.report.unpaired) == 2
            assert any(f"--date-order {orders[0]} pairs 1" in note for note in found.notes)


@pytest.mark.external_reference
@pytest.mark.parametrize(("shape", "value", "text"), IDENTIFIERS)
def test_an_identifier_of_any_format_pairs_with_its_shown_text(
    tmp_path: Path, shape: str, value: Any, text: str
) -> None:
    for found in of_a_sheet(tmp_path, shape, value, text):
        assert found.report.identical


@pytest.mark.external_reference
@pytest.mark.parametrize(("shape", "value", "text"), NUMBERS)
def test_a_number_as_shown_is_the_number_and_as_a_key_it_pairs_or_is_told(
    tmp_path: Path, shape: str, value: Any, text: str
) -> None:
    for found in of_a_sheet(tmp_path, shape, value, text):
        if not found.report.identical:
            assert any("spelled otherwise" in note for note in found.notes)
        swapped = compare_files(found.first, found.second, ["n"], ["k"]).report
        assert len(swapped.unpaired) in (0, 2)
    single = [read_table(tmp_path / name).to_frame().assign(id="1") for name in ("sheet.xlsx", "text.csv")]
    assert compare(*single, keys=["id"]).identical


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("0.30000000000000004", "0.3", True), ("-0.30000000000000004", "-0.3", True),
        ("0.1234567890123456", "0.1234567890123457", True), ("0.300000000000001", "0.3", False),
        ("1234567890123456789", "1234567890123456788", False), ("12.50%", "0.125", True),
        ("12.5%", "12.5", False), ("12.5％", "0.125", True), ("\u22123.5", "-3.5", True),
        ("8:30 AM", "08:30", True), ("8:30 PM", "20:30:00", True), ("12:00 AM", "0:00", True),
        ("8:30 PM", "08:30", False), ("13:00 PM", "13:00", False), ("1,234.5", "1234.5", True),
        ("1,234", "1234", False), ("1.2.2025", "2025-02-01", False), ("2025-01-02", "2025/1/2", True),
    ],
)  # fmt: skip
def test_two_texts_agree_where_a_sheet_would_show_one_for_the_other(
    first: str, second: str, same: bool
) -> None:
    import pandas as pd

    frames = [pd.DataFrame({"id": ["1"], "x": [text]}, dtype=object) for text in (first, second)]
    for one, two in (frames, frames[::-1]):
        assert compare(one, two, keys=["id"]).identical == same


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        ("0041", "41", "0041"), ("41.0", "41", "41.0"), ("S-01", "s 1", "S-01"), ("Ａ1", "A1", "A1"),
        ("1.50", "1.5", "1.50"), ("1-Mar-25", "2025-03-01", "two digits"), ("1,5", "1.5", "--decimal-comma"),
        ("S-1-2", "S-12", ""), ("1.1", "1.10", "1.1"), ("41", "42", ""),
    ],
)  # fmt: skip
def test_keys_that_only_look_different_are_told(tmp_path: Path, first: str, second: str, note: str) -> None:
    for name, key in (("one", first), ("two", second)):
        (tmp_path / f"{name}.csv").write_text(f'id,x\n"{key}",1\n', encoding="utf-8")
    found = compare_files(*(read_table(tmp_path / f"{name}.csv") for name in ("one", "two")), ["id"])
    assert len(found.report.unpaired) == 2
    assert any(note in sentence for sentence in found.notes) if note else not found.notes


def test_a_key_declared_as_text_is_never_read_as_a_day(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("id,x\n2025-01-02,1\n2025/1/2,2\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("id,x\n2025/1/2,2\n2025-01-02,1\n", encoding="utf-8")
    files = [read_table(tmp_path / name) for name in ("one.csv", "two.csv")]
    assert compare_files(*files, ["id"], text_items=["id"]).report.identical
    assert set(compare_files(*files, ["id"]).report.unpaired["reason"]) == {
        "duplicate_in_first",
        "duplicate_in_second",
    }


def test_the_report_finds_the_lines_of_keys_that_are_spelled_in_two_ways(tmp_path: Path) -> None:
    from trialkit.interchange.comparison_text import text_report

    (tmp_path / "one.csv").write_text("day,x\n2025-03-01,1\n2025-03-02,5\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("day,x\n2/3/2025,6\n1/3/2025,1\n", encoding="utf-8")
    files = [read_table(tmp_path / name) for name in ("one.csv", "two.csv")]
    text = text_report(compare_files(*files, ["day"], date_order="dmy"))
    assert "day = 2025-03-02  (line 3 | line 2)" in text


DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
WRITTEN = {
    "dmy": "{0.day}/{0.month}/{0.year}",
    "mdy": "{0.month:02}-{0.day:02}-{0.year}",
    "ymd": "{0.year}/{0.month}/{0.day}",
}


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(DAYS, min_size=1, max_size=6, unique=True), st.sampled_from(EVERY))
def test_every_day_pairs_with_itself_in_the_order_stated(days: list[dt.date], order: str) -> None:
    import pandas as pd

    iso = pd.DataFrame({"day": [day.isoformat() for day in days], "x": [str(n) for n in range(len(days))]})
    other = iso.assign(day=[WRITTEN[order].format(day) for day in days]).iloc[::-1]
    assert compare(iso, other, keys=["day"], date_order=order).identical
