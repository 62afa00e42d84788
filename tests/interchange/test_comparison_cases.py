"""Two entries as spreadsheets, Macs, PCs and European offices really leave them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry import compare
from trialkit.errors import ComparisonError, FileEncodingError
from trialkit.interchange import read_table
from trialkit.interchange.entry_pair import compare_files


def kinds(shared: Path, case: str, **options) -> list[tuple[str, str]]:
    folder = shared / "cases" / "capture" / case
    first, second = (next(folder.glob(f"{side}.*")) for side in ("first", "second"))
    report = compare_files(read_table(first), read_table(second), ["id"], **options).report
    assert report.unpaired.empty
    return [(row.item, row.kind) for row in report.discrepancies.itertuples()]


def test_a_column_of_lots_or_versions_can_be_said_to_be_text(shared: Path) -> None:
    assert kinds(shared, "20-text-code-as-number") == []
    found = kinds(shared, "20-text-code-as-number", text_items=["lot", "ver"])
    assert found == [("lot", "value"), ("ver", "value")] * 2


def test_an_identifier_is_paired_as_the_sheet_shows_it(shared: Path) -> None:
    assert kinds(shared, "22-xlsx-id-format") == [("x", "value")]


def test_times_and_lengths_of_time_in_a_sheet_are_what_they_show(shared: Path) -> None:
    assert kinds(shared, "23-xlsx-durations") == []


def test_the_binary_noise_of_a_computed_cell_is_seen_by_nobody(shared: Path) -> None:
    assert kinds(shared, "25-xlsx-float") == []


@pytest.mark.parametrize("case", ["26-crlf-in-note", "27-nfc-nfd"])
def test_line_ends_and_unicode_forms_are_the_programs_not_the_typists(shared: Path, case: str) -> None:
    assert kinds(shared, case) == []
    assert kinds(shared, case, text_items=["n"]) == []


def test_a_file_in_utf8_is_refused_where_gb18030_is_stated_and_each_file_has_its_own(shared: Path) -> None:
    folder = shared / "cases" / "capture" / "28-gb18030-and-utf8"
    assert read_table(folder / "first.csv", "gb18030").rows
    with pytest.raises(FileEncodingError, match="gb18030 text as stated; found UTF-8"):
        read_table(folder / "second.csv", "gb18030")
    assert read_table(folder / "second.csv", "utf-8").rows


def test_a_decimal_comma_is_a_type_with_a_hint_and_a_number_where_it_is_said(shared: Path) -> None:
    folder = shared / "cases" / "capture" / "32-decimal-comma"
    found = compare_files(read_table(folder / "first.csv"), read_table(folder / "second.csv"), ["id"])
    assert list(found.report.discrepancies["kind"]) == ["type", "value"]
    assert any("--decimal-comma" in note for note in found.notes)
    assert kinds(shared, "32-decimal-comma", decimal_comma=True) == [("w", "value")]


def test_a_number_may_begin_with_its_point(shared: Path) -> None:
    found = compare_files(
        *(
            read_table(shared / "cases" / "capture" / "40-dot5" / name)
            for name in ("first.csv", "second.csv")
        ),
        ["id"],
    ).report
    assert set(found.discrepancies["id"]) & {"1", "2", "4"} == set()


def entries(first: list[str], second: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    number = [str(n) for n in range(len(first))]
    return (
        pd.DataFrame({"id": number, "x": first}, dtype=object),
        pd.DataFrame({"id": number, "x": second}, dtype=object),
    )


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("first", "second", "options", "kind"),
    [
        ("-99", "", {"missing": ["-99"]}, None), ("-99", "NA", {"missing": ["-99", "NA"]}, None),
        ("-99", "5", {"missing": ["-99"]}, "missing_in_first"), ("-99", "5", {}, "value"),
        ("1.00", "1.04", {"tolerance": 0.05}, None), ("1.00", "1.06", {"tolerance": 0.05}, "value"),
        ("0.1", "0.3", {"tolerance": 0.2}, None), ("1,5", "1.5", {"decimal_comma": ["x"]}, None),
        ("1,5", "1.5", {"decimal_comma": ["id"]}, "type"),
        ("2/1/2025", "2025-01-02", {"date_order": "dmy"}, None),
        ("2/1/2025", "2025-02-01", {"date_order": "mdy"}, None),
        ("31/2/2025", "2025-03-03", {"date_order": "dmy"}, "type"),
        ("2025-01-02", "2025-01-02", {"date_order": "dmy"}, None), ("8:30", "08:30:00", {}, None),
        ("8:30", "8:31", {}, "value"), ("8:30", "8.30", {}, "type"), ("8:30", "half past", {}, "value"),
        ("25:10", "25:10:00", {}, None), ("8:75", "08:75", {}, "value"),
    ],
)  # fmt: skip
def test_each_option_changes_what_it_says(first: str, second: str, options: dict, kind: str | None) -> None:
    found = compare(*entries([first], [second]), keys=["id"], **options).discrepancies
    assert list(found["kind"]) == ([kind] if kind else [])
    mirrored = compare(*entries([second], [first]), keys=["id"], **options).discrepancies
    swapped = {"missing_in_first": "missing_in_second"}.get(str(kind), kind)
    assert list(mirrored["kind"]) == ([swapped] if kind else [])


@pytest.mark.parametrize("options", [{"tolerance": -1.0}, {"tolerance": float("nan")}, {"date_order": "ydm"}])
def test_an_option_that_cannot_be_is_refused(options: dict) -> None:
    with pytest.raises(ComparisonError):
        compare(*entries(["1"], ["1"]), keys=["id"], **options)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
def test_the_unicode_form_and_line_ends_never_make_a_discrepancy(text: str) -> None:
    other = unicodedata.normalize("NFD", text.replace("\n", "\r\n"))
    found = compare(*entries([f"a{text}"], [f"a{other}"]), keys=["id"], text_items=["x"])
    assert found.identical


def test_a_report_says_which_options_it_was_made_with(shared: Path) -> None:
    folder = shared / "cases" / "capture" / "32-decimal-comma"
    files = [read_table(folder / name) for name in ("first.csv", "second.csv")]
    options = {"decimal_comma": True, "date_order": "dmy", "missing": ["-99"], "tolerance": 0.5}
    notes = " ".join(compare_files(*files, ["id"], **options).notes)
    for said in ("decimal comma", "dmy", "-99", "0.5"):
        assert said in notes
    assert not compare_files(*files, ["id"], text_items=["w"]).notes[0].startswith("A decimal")
