"""EpiData and EpiInfo .rec files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trialkit.errors import FileEncodingError, FileFormatError
from trialkit.interchange import TableFile, read_table

FIELDS = [("id", 6, 4), ("name", 1, 12), ("seen", 11, 10), ("weight", 101, 5), ("ok", 5, 1)]
RECORDS = [
    (("1", "Anna", "01/05/2024", "70.5", "Y"), "!"),
    (("2", "Åse", "30/02/2024", "", "N"), "^"),
    (("3", "gone", "02/05/2024", "1.0", "Y"), "?"),
    (("4", "", "", "80.0", ""), "!"),
]


def read(tmp_path: Path, content: bytes, encoding: str | None = None) -> TableFile:
    path = tmp_path / "entry.rec"
    path.write_bytes(content)
    return read_table(path, encoding)


def test_fields_flags_dates_and_notes(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    table = read(tmp_path, make_rec(FIELDS, RECORDS))
    assert table.columns == ("id", "name", "seen", "weight", "ok")
    assert table.rows == (
        ("1", "Anna", "2024-05-01", "70.5", "Y"),
        ("2", "Åse", "30/02/2024", "", "N"),
        ("4", "", "", "80.0", ""),
    )
    assert table.line_numbers == (1, 2, 4)
    assert table.text_columns == {"name"}
    assert table.notes == (
        "1 deleted record left out.",
        "Read as cp1252, since the file does not name its code page; see --encoding.",
        "1 date of seen left as typed: no full date that exists.",
    )


def test_a_stated_code_page_is_used(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    content = make_rec(FIELDS, RECORDS, encoding="cp850")
    assert read(tmp_path, content, "cp850").rows[1][1] == "Åse"
    with pytest.raises(FileEncodingError, match=r"entry.rec:8: record 2, field name.*byte 0x8F"):
        read(tmp_path, content)


def test_records_wrapped_at_78_characters_are_joined(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    fields = [("id", 6, 4), ("a", 1, 70), ("b", 1, 70), ("c", 1, 12)]
    texts = ("7", "x" * 70, "y" * 70, "z" * 12)
    assert read(tmp_path, make_rec(fields, [(texts, "!")])).rows == (texts,)


def test_a_record_that_fills_its_line_exactly_needs_no_second_one(
    tmp_path: Path, make_rec: Callable[..., bytes]
) -> None:
    fields = [("id", 6, 4), ("a", 1, 74)]
    rows = [(("1", "x" * 74), "!"), (("2", "y"), "!")]
    assert [row[0] for row in read(tmp_path, make_rec(fields, rows)).rows] == ["1", "2"]


def test_the_end_mark_of_dos_is_no_record(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    table = read(tmp_path, make_rec(FIELDS, RECORDS[:1]) + b"\x1a")
    assert len(table.rows) == 1
    assert table.notes == ()
    assert "3 bytes after the end mark" in read(tmp_path, make_rec(FIELDS, RECORDS[:1]) + b"\x1aabc").notes[0]


def test_labels_without_width_are_no_fields(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    content = make_rec([("id", 6, 4), ("head", 15, 0), ("ask", 0, 0)], [(("1", "", ""), "!")])
    assert read(tmp_path, content).columns == ("id",)


def test_encrypted_fields_are_left_out_and_named(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    table = read(tmp_path, make_rec([("id", 6, 4), ("secret", 18, 6)], [(("1", "zzzzzz"), "!")]))
    assert table.rows == (("1",),)
    assert table.notes == ("1 encrypted field left out: secret.",)


@pytest.mark.parametrize(
    ("order", "typed", "iso"),
    [
        (2, "05/01/2024", "2024-05-01"),
        (16, "01-05-2024", "2024-05-01"),
        (20, "2024/05/01", "2024-05-01"),
        (11, "01/05/24", "01/05/24"),
    ],
)
def test_the_order_of_a_date_stands_in_the_fields_type(
    tmp_path: Path, make_rec: Callable[..., bytes], order: int, typed: str, iso: str
) -> None:
    assert read(tmp_path, make_rec([("id", 6, 2), ("d", order, 10)], [(("1", typed), "!")])).rows == (
        ("1", iso),
    )


def test_an_encrypted_file_is_refused(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    content = make_rec(FIELDS, RECORDS).replace(b"Filelabel:", b"~kq:abcdef:kq~ Filelabel:")
    with pytest.raises(FileFormatError, match="encrypted"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: b"hello\n", "entry.rec:1: expected the number of fields"),
        (lambda c: b"9" + c, "entry.rec:7: expected the description of field 6 of 95"),
        (lambda c: c[:100], "entry.rec:3: expected the description of field 2 of 5"),
        (lambda c: c[:-8], "entry.rec:10: expected 32 characters and an end flag"),
        (lambda c: c.replace(b"Anna", b"Annabel"), "entry.rec:7: expected 32 characters"),
        (lambda c: c.replace(b"#name", b"#id  "), "expected each column name once"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(
    tmp_path: Path, make_rec: Callable[..., bytes], damage: Callable[[bytes], bytes], message: str
) -> None:
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, damage(make_rec(FIELDS, RECORDS)))


@pytest.mark.external_reference
def test_the_runners_of_bromar_are_counted_as_in_the_published_file(shared: Path) -> None:
    table = read_table(shared / "interchange" / "epidata" / "bromar.rec")
    times = [
        float(row[table.columns.index("dectime")])
        for row in table.rows
        if row[table.columns.index("dectime")]
    ]
    ages = [int(row[table.columns.index("age")]) for row in table.rows if row[table.columns.index("age")]]
    assert len(table.rows) == 4027
    assert len(table.rows) - len(times) == 471
    assert sum(times) / len(times) == pytest.approx(3.91278, abs=5e-6)
    assert sum(ages) == 153740


@pytest.mark.external_reference
@pytest.mark.parametrize(("name", "records"), [("P1", 206), ("P1S", 181), ("P2", 206)])
def test_real_files_hold_the_records_their_makers_count(shared: Path, name: str, records: int) -> None:
    table = read_table(shared / "interchange" / "epidata" / f"{name}.rec")
    assert len(table.rows) == records
    assert "ID" in table.columns
