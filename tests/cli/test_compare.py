"""``trialkit compare`` as a data manager types it."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from trialkit.cli.root import main

FIRST = 'subject_id,visit,odi,note\n1,b,40,"=1+1"\n1,m3,38,hello\n2,b,22,x\n3,b,30,y\n3,b,30,y\n'
SECOND = "subject_id;visit;odi;note\n1;b;4O;=1+1\n1;m3;38.0;Hello\n2;b;22;\n4;b;22;x\n"
KEYS = ["--key", "subject_id", "--key", "visit"]


class Answer:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def trialkit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run a command in this process, as the console script would."""

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["trialkit", *map(str, words)])
        with pytest.raises(SystemExit) as leaving:
            main()
        captured = capsys.readouterr()
        return Answer(int(leaving.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def entries(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(FIRST)
    second.write_text(SECOND)
    return first, second


def test_identical_entries_exit_with_0(trialkit: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,12.3\n2,2024-05-01\n")
    (tmp_path / "b.csv").write_text("id;a\n2;2024-05-01\n1;12.30\n")
    answer = trialkit("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id")
    assert (answer.status, answer.err) == (0, "")
    assert "identical in every field compared" in answer.out


def test_discrepancies_exit_with_1_and_are_listed_by_record(
    trialkit: Callable[..., Answer], entries: tuple[Path, Path]
) -> None:
    answer = trialkit("compare", *entries, *KEYS)
    assert (answer.status, answer.err) == (1, "")
    for line in [
        "Records missing in first entry 1",
        "Records missing in second entry 1",
        "Non-unique keys in first entry 1",
        "Common records 3",
        "Field entries compared 6",
        "Field entries with errors 3",
        "Errors per 10,000 fields 5000.00",
        "subject_id = 3, visit = b: duplicate in first (2 records)",
        "subject_id = 1, visit = b (line 2 | line 2)",
        "odi = 40 odi = 4O type",
    ]:
        assert line in " ".join(answer.out.split())


def test_a_record_in_one_entry_only_is_no_identity(trialkit: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,x\n2,y\n")
    (tmp_path / "b.csv").write_text("id,a\n1,x\n")
    assert trialkit("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id").status == 1


def test_json_holds_the_whole_report(trialkit: Callable[..., Answer], entries: tuple[Path, Path]) -> None:
    report = json.loads(trialkit("compare", *entries, *KEYS, "--json").out)
    assert report["summary"]["fields_discordant"] == 3
    assert report["discrepancies"][2] == {
        "subject_id": "2",
        "visit": "b",
        "item": "note",
        "first_value": "x",
        "second_value": "",
        "kind": "missing_in_second",
    }
    assert len(report["unpaired"]) == 3
    assert report["identical"] is False


def test_json_has_null_where_there_is_no_rate(trialkit: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,x\n")
    (tmp_path / "b.csv").write_text("id,a\n2,x\n")
    answer = trialkit("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id", "--json")
    assert json.loads(answer.out)["summary"]["errors_per_10000"] is None
    assert "NaN" not in answer.out


def test_texts_that_differ_in_outer_space_are_told_apart(
    trialkit: Callable[..., Answer], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,yes \n")
    (tmp_path / "b.csv").write_text("id,a\n1,yes\n")
    page = tmp_path / "found.html"
    answer = trialkit("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id", "--out", page)
    assert "a = 'yes '" in answer.out
    assert "a = yes  " in answer.out
    assert "&#x27;yes &#x27;" in page.read_text(encoding="utf-8").replace("&#39;", "&#x27;")


def rows_of(path: Path) -> list[list[Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))
    sheet = openpyxl.load_workbook(path)["discrepancies"]
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_out_writes_the_discrepancies_as_they_were_typed(
    trialkit: Callable[..., Answer], entries: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"found{suffix}"
    answer = trialkit("compare", *entries, *KEYS, "--out", out)
    assert answer.status == 1
    assert str(out) in answer.out
    assert rows_of(out) == [
        ["subject_id", "visit", "item", "first_value", "second_value", "kind"],
        ["1", "b", "odi", "40", "4O", "type"],
        ["1", "m3", "note", "hello", "Hello", "text_only"],
        ["2", "b", "note", "x", "", "missing_in_second"],
    ]


def test_a_text_that_looks_like_a_formula_stays_text_in_the_workbook(
    trialkit: Callable[..., Answer], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,=1+1\n")
    (tmp_path / "b.csv").write_text("id,a\n1,\x01\n")
    out = tmp_path / "found.xlsx"
    assert (
        trialkit("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id", "--out", out).status == 1
    )
    cells = openpyxl.load_workbook(out)["discrepancies"][2]
    assert [cell.data_type for cell in cells[:4]] == ["s"] * 4
    assert cells[2].value == "=1+1"


@pytest.mark.parametrize("suffix", [".json", ".html"])
def test_out_writes_a_report_to_read_or_to_process(
    trialkit: Callable[..., Answer], entries: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"found{suffix}"
    trialkit("compare", *entries, *KEYS, "--out", out)
    content = out.read_text(encoding="utf-8")
    if suffix == ".json":
        assert json.loads(content)["summary"]["fields_discordant"] == 3
    else:
        assert "4O" in content
        assert "missing_in_second" in content
        assert "http://" not in content.replace("http://www.w3.org", "")


def test_markup_in_a_value_is_shown_and_not_obeyed(trialkit: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,<script>alert(1)</script>\n")
    (tmp_path / "b.csv").write_text("id,a\n1,\x1b[31mred\n")
    out = tmp_path / "found.html"
    answer = trialkit("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id", "--out", out)
    assert "<script>alert" not in out.read_text()
    assert "\x1b" not in answer.out
    assert "\\x1b[31mred" in answer.out


def test_each_file_may_have_its_own_encoding_and_sheet(
    trialkit: Callable[..., Answer], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,smør\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,a\n1,smør\n", encoding="cp850")
    pair = tmp_path / "a.csv", tmp_path / "b.csv", "--key", "id"
    assert trialkit("compare", *pair, "--encoding", "utf-8", "--encoding", "cp850").status == 0
    assert "found UTF-8" in trialkit("compare", *pair, "--encoding", "cp850").err
    assert "at most twice" in trialkit("compare", *pair, *["--encoding", "cp850"] * 3).err
    book = openpyxl.Workbook()
    for name in ("first", "second"):
        sheet = book.create_sheet(name)
        sheet.append(["id", "a"])
        sheet.append([1, name])
    book.save(tmp_path / "both.xlsx")
    both = tmp_path / "both.xlsx", tmp_path / "both.xlsx", "--key", "id"
    answer = trialkit("compare", *both, "--part", "first", "--part", "second", "--json")
    assert json.loads(answer.out)["summary"]["fields_discordant"] == 1


def test_an_entry_is_never_overwritten(trialkit: Callable[..., Answer], entries: tuple[Path, Path]) -> None:
    answer = trialkit("compare", *entries, *KEYS, "--out", entries[0])
    assert answer.status == 2
    assert "an entry is never overwritten" in answer.err
    assert entries[0].read_text() == FIRST


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{a}", "{b}"], "at least one key column"),
        (["{a}", "{b}", "--key", "nr"], "expected key column 'nr' once"),
        (["{a}", "{b}", "--key", "subject_id", "--item", "x"], "expected item column 'x' once"),
        (["{a}", "{b}", "--key", "subject_id", "--text", "fuzzy"], "exact, casefold or ignore"),
        (["{a}", "{b}", "--key", "subject_id", "--encoding", "klingon"], "the name of a text encoding"),
        (
            ["{a}", "{b}", "--key", "subject_id", "--out", "{dir}/x.pdf"],
            "one of the kinds .csv, .xlsx, .json",
        ),
        (["{a}", "{b}", "--key", "subject_id", "--out", "{dir}/no/x.csv"], "a place that can be written to"),
        (
            ["{a}", "{dir}/missing.csv", "--key", "id"],
            "missing.csv: expected a readable file; found no such file",
        ),
        (["{a}", "{dir}", "--key", "id"], "expected a readable file; found a folder"),
        (
            ["{a}", "{dir}/latin.csv", "--key", "subject_id"],
            "latin.csv:2:note (byte 21): expected UTF-8 text",
        ),
        (["{a}", "{dir}/notes.docx", "--key", "id"], "found .docx"),
        (["{a}", "{dir}/fake.xlsx", "--key", "id"], "fake.xlsx: expected an .xlsx workbook"),
        (["{a}", "{dir}/other.csv", "--key", "subject_id"], "at least one item to compare"),
    ],
)
def test_what_cannot_be_compared_exits_with_2_and_one_clear_line(
    trialkit: Callable[..., Answer],
    entries: tuple[Path, Path],
    tmp_path: Path,
    words: list[str],
    message: str,
) -> None:
    (tmp_path / "latin.csv").write_bytes("subject_id,note\n1,smør\n".encode("cp1252"))
    (tmp_path / "notes.docx").write_bytes(b"x")
    (tmp_path / "fake.xlsx").write_bytes(b"id,a\n")
    (tmp_path / "other.csv").write_text("subject_id,something\n1,x\n")
    known = {"a": entries[0], "b": entries[1], "dir": tmp_path}
    answer = trialkit("compare", *(word.format(**known) for word in words))
    assert answer.status == 2
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_four_kinds_of_file_with_the_same_records_are_identical(
    trialkit: Callable[..., Answer], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("ID,W,D,S\n1,70.50,2024-05-01,x\n2,,,\n")
    book = openpyxl.Workbook()
    for row in (["ID", "W", "D", "S"], [1, 70.5, dt.date(2024, 5, 1), "x"], [2, None, None, None]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.epx").write_text(
        '<EpiData version="6"><Settings decimalSeparator=","/>'
        '<DataFiles><DataFile id="d"><Sections><Section><Fields>'
        '<Field id="id" type="ftInteger"/><Field id="W" type="ftFloat"/><Field id="D" type="ftDMYDate"/>'
        '<Field id="S" type="ftString"/></Fields></Section></Sections><Records>'
        '<Record>ID=1;W=70,5;D=01/05/2024;S="x"</Record><Record>ID=2</Record>'
        "</Records></DataFile></DataFiles></EpiData>"
    )
    fields = [("id", 0, 2), ("w", 101, 5), ("d", 11, 10), ("s", 1, 3)]
    lines = [f"{len(fields)} 1"]
    lines += [f"#{name:<31}{kind:>4}{width:>4} 112 {name}" for name, kind, width in fields]
    lines += [" 1 70.501/05/2024x  !", " 2" + " " * 18 + "!"]
    (tmp_path / "a.rec").write_text("\n".join(lines) + "\n")
    for first in ("csv", "xlsx", "epx", "rec"):
        for second in ("csv", "xlsx", "epx", "rec"):
            answer = trialkit(
                "compare",
                tmp_path / f"a.{first}",
                tmp_path / f"a.{second}",
                "--key",
                "ID" if first != "rec" else "id",
            )
            assert (answer.status, answer.err) == (0, "")


@pytest.mark.external_reference
def test_the_same_4027_runners_stand_in_an_old_and_a_new_epidata_file(
    trialkit: Callable[..., Answer], shared: Path
) -> None:
    folder = shared / "interchange" / "epidata"
    for first, second in (("marathon.epx", "bromar.rec"), ("bromar.rec", "marathon.epx")):
        answer = trialkit("compare", folder / first, folder / second, "--key", "id", "--json")
        report = json.loads(answer.out)
        assert answer.status == 0
        assert report["summary"]["records_compared"] == 4027
        assert report["summary"]["fields_compared"] == 4027 * 8
        assert report["discrepancies"] == report["unpaired"] == []
        assert list(report["items_left_out"]) == ["error"]


@pytest.mark.external_reference
def test_a_sample_entered_twice_has_the_sample_as_denominator(
    trialkit: Callable[..., Answer], shared: Path
) -> None:
    folder = shared / "interchange" / "epidata"
    report = json.loads(
        trialkit("compare", folder / "P1.rec", folder / "P1S.rec", "--key", "ID", "--json").out
    )
    assert report["summary"]["records_compared"] == 181
    assert report["summary"]["only_in_first"] == 206 - 181
    assert report["summary"]["fields_compared"] == 181 * 2


def test_help_answers_without_the_statistics_stack() -> None:
    program = (
        "import sys; from trialkit.cli.root import root\n"
        "try: root.main(['compare', '--help'], prog_name='trialkit')\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'openpyxl', 'lxml', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "--key" in answer.stdout
