"""What a dictionary says of its columns is how two entries of them are compared."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit.cli.root import root
from trialkit.study.dictionary_header import COLUMNS

FIELDS = {
    "weight": ("number_1dp", "@AGREE-WITHIN=3"),
    "height": ("number", ""),
    "seen": ("date_dmy", ""),
    "lost": ("number_1dp_comma_decimal", ""),
    "code": ("", ""),
}


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


def kinds(folder: Path, one: dict[str, str], two: dict[str, str], *options: str) -> str:
    rows = [["id", "f", "", "text", "Id", *[""] * 13]]
    for name, (validation, tags) in FIELDS.items():
        cells = dict.fromkeys(COLUMNS, "") | {COLUMNS[0]: name, COLUMNS[1]: "f", COLUMNS[3]: "text"}
        cells |= {"Field Label": name, COLUMNS[7]: validation, COLUMNS[17]: tags}
        rows.append([cells[column] for column in COLUMNS])
    dictionary = written(folder / "dictionary.csv", [list(COLUMNS), *rows])
    files = [
        str(written(folder / f"{n}.csv", [["id", *entry], ["1", *entry.values()]]))
        for n, entry in enumerate((one, two))
    ]
    told = CliRunner().invoke(
        root, ["compare", *files, "--key", "id", "--dictionary", str(dictionary), *options]
    )
    assert told.exit_code in (0, 1), told.output
    return "same" if told.exit_code == 0 else "differs"


@pytest.mark.parametrize(
    ("item", "one", "two", "options", "verdict"),
    [
        ("weight", "10", "12", (), "same"),
        ("weight", "10", "13.1", (), "differs"),
        ("height", "10", "12", (), "differs"),
        ("height", "10", "12", ("--tolerance", "5"), "same"),
        ("seen", "2/1/2025", "2025-01-02", (), "same"),
        ("seen", "2/1/2025", "2025-02-01", (), "differs"),
        ("seen", "2/1/2025", "2025-02-01", ("--date-order", "mdy"), "same"),
        ("lost", "1,5", "1.5", (), "same"),
        ("code", "1.10", "1.1", (), "differs"),
    ],
)
def test_a_dictionary_says_how_its_items_are_compared(
    tmp_path: Path, item: str, one: str, two: str, options: tuple[str, ...], verdict: str
) -> None:
    assert kinds(tmp_path, {item: one}, {item: two}, *options) == verdict
