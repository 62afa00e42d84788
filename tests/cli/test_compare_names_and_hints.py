"""What is named in an option of ``trialkit compare`` is there, and what it says of a value is true."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from trialkit.cli.root import root
from trialkit.errors import TrialkitError
from trialkit.study.dictionary_header import COLUMNS


def compared(folder: Path, one: str, two: str, *options: str) -> str:
    """The whole answer; an error as its line."""
    paths = []
    for name, text in (("one.csv", one), ("two.csv", two)):
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(str(folder / name))
    told = CliRunner().invoke(root, ["compare", *paths, "--key", "id", *options])
    if isinstance(told.exception, TrialkitError):
        return str(told.exception)
    assert told.exit_code in (0, 1), told.output
    return told.output


def of_values(folder: Path, one: str, two: str, *options: str) -> str:
    return compared(folder, f"id;v\n1;{one}\n", f"id;v\n1;{two}\n", *options)


@pytest.mark.parametrize("option", ["--text-item", "--item", "--key"])
def test_a_column_that_is_in_neither_file_is_refused_with_the_nearest(tmp_path: Path, option: str) -> None:
    told = of_values(tmp_path, "1.10", "1.1", option, "vv" if option != "--key" else "idd")
    assert "Did you mean 'v'?" in told or "Did you mean 'id'?" in told
    assert "identical" not in told


def test_a_text_item_with_other_capitals_is_refused(tmp_path: Path) -> None:
    told = of_values(tmp_path, "1.10", "1.1", "--text-item", "V")
    assert "expected a text column of either entry; found 'V'" in told
    assert "Did you mean 'v'?" in told


NAME = unicodedata.normalize("NFC", "naïve")
APART = unicodedata.normalize("NFD", NAME)


@pytest.mark.parametrize("first", [NAME, APART])
@pytest.mark.parametrize("option", [(), ("--item", NAME), ("--item", APART), ("--text-item", APART)])
def test_a_name_is_one_name_whether_its_accent_is_a_letter_of_its_own(
    tmp_path: Path, first: str, option: tuple[str, ...]
) -> None:
    other = APART if first == NAME else NAME
    told = compared(tmp_path, f"id,{first}\n1,x\n", f"id,{other}\n1,x\n", *option)
    assert "identical in every field compared" in told
    assert f"Fields compared {NAME}" in told


def test_two_columns_that_look_alike_are_one_name_twice(tmp_path: Path) -> None:
    told = compared(tmp_path, f"id,{NAME},{APART}\n1,x,y\n", f"id,{NAME}\n1,x\n")
    assert "expected each column name once" in told


def test_a_code_for_missing_is_read_however_it_is_composed(tmp_path: Path) -> None:
    assert "identical" in of_values(
        tmp_path, "fehlt é", "", "--missing", unicodedata.normalize("NFD", "fehlt é")
    )
    assert "identical" in of_values(
        tmp_path, unicodedata.normalize("NFD", "fehlt é"), "", "--missing", "fehlt é"
    )


def test_a_sheets_name_is_composed_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["id", APART])
    sheet.append(["1", "x"])
    book.save(tmp_path / "one.xlsx")
    (tmp_path / "two.csv").write_text(f"id,{NAME}\n1,x\n", encoding="utf-8")
    paths = [str(tmp_path / "one.xlsx"), str(tmp_path / "two.csv")]
    told = CliRunner().invoke(root, ["compare", *paths, "--key", "id"])
    assert "identical in every field compared" in told.output


def dictionary(folder: Path, **validations: str) -> str:
    rows = [",".join(f'"{column}"' for column in COLUMNS), "id,f,,text,Id" + "," * 13]
    rows += [f"{name},f,,text,{name},,,{kind}" + "," * 10 for name, kind in validations.items()]
    (folder / "dictionary.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return str(folder / "dictionary.csv")


def test_each_date_is_read_in_the_order_of_its_own_validation(tmp_path: Path) -> None:
    words = dictionary(tmp_path, a="date_dmy", b="date_mdy", c="date", elsewhere="date_dmy")
    one, two = "id,a,b,c\n1,2/1/2025,2/1/2025,2025/1/2\n", "id,a,b,c\n1,2025-01-02,2025-02-01,2025-01-02\n"
    told = compared(tmp_path, one, two, "--dictionary", words)
    assert "identical in every field compared" in told
    assert "Dates are read in the order dmy in a." in told
    assert "Dates are read in the order mdy in b." in told
    assert "elsewhere" not in told
    assert "identical" not in compared(tmp_path, one, two, "--dictionary", words, "--date-order", "dmy")


def test_a_key_is_a_day_in_its_own_order(tmp_path: Path) -> None:
    words = dictionary(tmp_path, seen="date_dmy", b="date_mdy")
    one, two = "id,seen,b\n1,2/1/2025,2/1/2025\n", "id,seen,b\n1,2025-01-02,2025-02-01\n"
    assert "identical" in compared(tmp_path, one, two, "--key", "seen", "--dictionary", words)


BEFORE = "have day or month before the year: --date-order"


@pytest.mark.parametrize(
    ("one", "two", "options", "hints"),
    [
        ("2/1/2025", "2025-01-02", (), [f"1 of the values of kind type {BEFORE} dmy or mdy reads them."]),
        ("13/2/2025", "2025-02-13", (), [f"1 of the values of kind type {BEFORE} dmy reads them."]),
        (
            "13/2/2025",
            "2025-02-13",
            ("--date-order", "mdy"),
            ["are no day in the order mdy: look at the form."],
        ),
        ("02.01.25", "2025-01-02", ("--date-order", "dmy"), ["have a year of two digits: it is never read"]),
        (
            "2025.01.02",
            "2025-01-02",
            (),
            ["points or one digit behind the year: --date-order dmy or mdy reads"],
        ),
        ("2025-02-30", "2025-02-28", (), ["are a day that never was: look at the form."]),
        ("1,5", "1.5", (), ["have a decimal comma: --decimal-comma reads them."]),
        ("5.", "5", (), ["end in a point: a digit may be missing behind it, so they are texts."]),
        ("\uff11\uff12", "12", (), ["have full-width digits: they are texts, type them anew."]),
        ("x", "12", (), []),
    ],
)
def test_a_hint_names_what_reads_the_value_and_nothing_else(
    tmp_path: Path, one: str, two: str, options: tuple[str, ...], hints: list[str]
) -> None:
    told = of_values(tmp_path, one, two, *options)
    assert told.rstrip().endswith("type")
    found = [line for line in told.splitlines() if "of the values of kind type" in line]
    assert len(found) == len(hints)
    assert all(hint in line for hint, line in zip(hints, found, strict=True))


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000", "\u2009"])
def test_a_space_of_another_kind_differs_in_text_only(tmp_path: Path, space: str) -> None:
    assert of_values(tmp_path, f"low{space}back", "low back").rstrip().endswith("text_only")
    assert "identical" in of_values(tmp_path, f"low{space}back", "Low back", "--text", "casefold")
