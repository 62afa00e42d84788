"""What a command writes to a file holds no value of an item marked as identifier, unless that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

TYPED = ("151", "152", "153", "Fell at home")  # by the fixture, in items marked as identifiers
FILES = {
    "discrepancies": ("discrepancies", "adj", "--csv", "x.csv"),
    "discrepancies as a workbook": ("discrepancies", "adj", "--xlsx", "x.xlsx"),
    "discrepancies as JSON": ("discrepancies", "adj", "--json", ""),
    "lines": ("decide-rows", "adj", "--list", "--csv", "x.csv"),
    "lines as JSON": ("decide-rows", "adj", "--list", "--json", ""),
    "flags": ("flags", "dm", "--csv", "x.csv"),
    "flags as a page": ("flags", "dm", "--html", "x.html"),
    "queries": ("query list", "dm", "--csv", "x.csv"),
    "queries as a workbook": ("query list", "dm", "--xlsx", "x.xlsx"),
    "queries as a page": ("query list", "dm", "--html", "x.html"),
    "queries as JSON": ("query list", "dm", "--json", ""),
}


def _texts(path: Path, out: str) -> str:
    if not path.exists():
        return out
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8-sig")
    book = openpyxl.load_workbook(path)
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


@pytest.mark.parametrize("what", FILES)
def test_a_file_holds_no_value_of_an_identifier_unless_it_is_named(
    identifying: Any, tmp_path: Path, what: str
) -> None:
    command, login, *options, name = FILES[what]
    path = tmp_path / (name or "none")
    words = [*options, path] if name else options
    done = identifying.run(command, login, *words)
    assert done.status == 0, done
    told = _texts(path, done.out)
    assert [text for text in TYPED if text in told] == []
    assert done.out == "" or len(told) > 50


def test_an_identifier_that_is_named_is_written(identifying: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert identifying.run("discrepancies", "adj", "--csv", path, "--identifier", "vas_mm").status == 0
    assert "151" in path.read_text()
    wrong = identifying.run("discrepancies", "adj", "--json", "--identifier", "vas_m")
    assert (wrong.status, "Did you mean 'vas_mm'" in wrong.err) == (2, True)


def test_a_snapshot_taken_without_it_exports_no_empty_column_of_it(identifying: Any, tmp_path: Path) -> None:
    assert identifying.run("snapshot", "dm", "--out", tmp_path / "snapshot").status == 0
    said = identifying.call(
        "export", tmp_path / "snapshot", "--into", tmp_path / "files", "--identifier", "vas_mm"
    )
    assert (said.status, "an identifier that the snapshot holds" in said.err) == (2, True)
    assert not (tmp_path / "files").exists()


def test_what_is_exported_is_for_its_owner_alone(identifying: Any, tmp_path: Path) -> None:
    assert identifying.run("snapshot", "dm", "--out", tmp_path / "snapshot").status == 0
    assert identifying.call("export", tmp_path / "snapshot", "--into", tmp_path / "files").status == 0
    written = [tmp_path / "files", *(tmp_path / "files").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o700, 0o600}


def test_whoever_decides_sees_them_on_the_screen_and_is_told_what_a_workbook_lacks(
    identifying: Any, tmp_path: Path
) -> None:
    assert "151 | 152" in identifying.run("discrepancies", "adj").out
    assert "Fell at home" in identifying.run("decide-rows", "adj", "--list").out
    written = identifying.run("discrepancies", "adj", "--xlsx", tmp_path / "x.xlsx").out
    assert "0 to decide. Left out as identifiers: vas_mm." in written
