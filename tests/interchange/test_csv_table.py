"""Delimited text: what is read, what is refused, and where it says the trouble is."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.errors import FileEncodingError, FileFormatError
from trialkit.interchange import TableFile, read_table


def read(tmp_path: Path, content: bytes, encoding: str | None = None) -> TableFile:
    path = tmp_path / "entry.csv"
    path.write_bytes(content)
    return read_table(path, encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_comma_semicolon_and_tab_with_any_line_ending_give_the_same_table(
    tmp_path: Path, delimiter: str, newline: str
) -> None:
    lines = [["id", "note"], ["1", "x"], ["2", ""]]
    table = read(tmp_path, newline.join(delimiter.join(line) for line in lines).encode())
    assert table.columns == ("id", "note")
    assert table.rows == (("1", "x"), ("2", ""))
    assert table.line_numbers == (2, 3)
    assert table.notes == ()


def test_texts_stay_as_typed_with_their_spaces_zeros_and_line_breaks(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,note\n007," a, ""b""\nc "\n2,12.30\n')
    assert table.rows == (("007", ' a, "b"\nc '), ("2", "12.30"))
    assert table.line_numbers == (2, 4)


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [(b"\xef\xbb\xbf", "utf-8", "utf-8"), (b"", "utf-16", "utf-16"), (b"", "utf-8", "utf-8")],
)
def test_a_byte_order_mark_is_understood_and_is_no_part_of_the_first_name(
    tmp_path: Path, mark: bytes, codec: str, name: str
) -> None:
    table = read(tmp_path, mark + "id;navn\n1;Åse 中\n".encode(codec))
    assert table.columns == ("id", "navn")
    assert table.rows == (("1", "Åse 中"),)
    assert table.encoding == name


@pytest.mark.parametrize(
    ("codec", "text"), [("cp1252", "Åse"), ("gb18030", "张"), ("cp850", "År"), ("latin-1", "Å")]
)
def test_another_encoding_is_read_where_it_is_stated(tmp_path: Path, codec: str, text: str) -> None:
    table = read(tmp_path, f"id,name\n1,{text}\n".encode(codec), codec)
    assert table.rows == (("1", text),)


def test_a_wrong_encoding_names_row_column_and_byte(tmp_path: Path) -> None:
    with pytest.raises(FileEncodingError) as refusal:
        read(tmp_path, 'id,"site, room",name\n1,"a, b",Anna\n2,"c, d",Åse\n'.encode("cp1252"))
    assert "entry.csv:3:name (byte 45): expected UTF-8 text; found byte 0xC5" in str(refusal.value)
    assert "--encoding" in str(refusal.value)


def test_utf8_called_by_a_one_byte_name_is_refused_rather_than_read_as_mojibake(tmp_path: Path) -> None:
    with pytest.raises(
        FileEncodingError, match=r"entry.csv:2:name.*expected cp1252 text as stated; found UTF-8"
    ):
        read(tmp_path, "id,name\n1,Åse\n".encode(), "cp1252")


def test_windows_text_called_latin1_is_refused_for_its_control_characters(tmp_path: Path) -> None:
    with pytest.raises(FileEncodingError, match=r"U\+0096"):
        read(tmp_path, "id,note\n1,3 – 4 Å\n".encode("cp1252"), "latin-1")


def test_a_byte_order_mark_that_contradicts_the_stated_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileEncodingError, match="byte order mark of UTF-8"):
        read(tmp_path, b"\xef\xbb\xbfid,a\n1,x\n", "cp1252")
    assert read(tmp_path, b"\xef\xbb\xbfid,a\n1,x\n", "utf8").columns == ("id", "a")


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "", "\0"])
def test_a_name_that_is_no_text_encoding_is_refused(tmp_path: Path, name: str) -> None:
    if name:
        with pytest.raises(FileEncodingError, match="the name of a text encoding"):
            read(tmp_path, b"id,a\n1,x\n", name)
    else:
        assert read(tmp_path, b"id,a\n1,x\n", name).encoding == "utf-8"


def test_a_binary_file_with_a_csv_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileEncodingError, match=r"U\+0000"):
        read(tmp_path, b"id,a\n\x00\x01,x\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,a\n1,x\n2,y,z\n", r"entry.csv:3: expected 2 fields as in the header; found 3 fields"),
        (b"id,a\n1\n", r"entry.csv:2: expected 2 fields as in the header; found 1 field"),
        (b'id,a\n1,"x\n2,y\n', r"entry.csv:2: expected well-formed delimited text"),
        (b'id,a\n1,"x"y\n', r"entry.csv:2: expected well-formed delimited text"),
        (b"id,a,id\n1,x,2\n", r"entry.csv:1:column 3: expected each column name once"),
        (b"id,,a\n1,x,2\n", r"entry.csv:1:column 2: expected a name for every column"),
        (b"", r"an empty file"),
        (b"\n\n", r"no columns"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, content)


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,a\n1,x\n\n,\n2,y\n")
    assert table.rows == (("1", "x"), ("2", "y"))
    assert table.notes == ("2 blank lines skipped.",)


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert read(tmp_path, b"id,a\n").rows == ()


def test_the_delimiter_is_the_one_that_cuts_every_row_alike(tmp_path: Path) -> None:
    assert read(tmp_path, b"id;weight, kg;note\n1;70,5;a, b, c\n2;80,25;d\n").columns == (
        "id",
        "weight, kg",
        "note",
    )


def test_excels_own_first_line_is_not_the_header(tmp_path: Path) -> None:
    table = read(tmp_path, b"sep=;\r\nid;a\r\n1;x\r\n")
    assert table.columns == ("id", "a")
    assert table.line_numbers == (3,)


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "sep=;;;\n"])
def test_the_delimiter_that_excels_line_states_is_the_files(tmp_path: Path, first: str) -> None:
    """Judged by its rows, this one would be cut by commas."""
    table = read(tmp_path, f"{first}a,b;c,d\n1,2;3,4\n".encode())
    assert table.columns == ("a,b", "c,d")
    assert table.rows == (("1,2", "3,4"),)
    assert read(tmp_path, b"sep=|\na|b\n1|2\n").columns == ("a", "b")


def test_text_damaged_before_it_came_here_is_noted(tmp_path: Path) -> None:
    assert "1 replacement character" in read(tmp_path, "id,a\n1,\ufffd\n".encode()).notes[0]


@pytest.mark.parametrize("name", ["missing.csv", "no\0name.csv", "x" * 300 + ".csv"])
def test_a_file_that_cannot_be_opened_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFormatError, match="expected a readable file"):
        read_table(tmp_path / name)


def test_a_folder_and_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="a folder"):
        read_table(tmp_path)
    (tmp_path / "entry.sav").write_bytes(b"x")
    with pytest.raises(FileFormatError, match=r"one of the kinds .csv.*found .sav"):
        read_table(tmp_path / "entry.sav")


def test_a_part_that_does_not_apply_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "entry.csv").write_bytes(b"id,a\n1,x\n")
    assert "does not apply" in read_table(tmp_path / "entry.csv", part="Sheet1").notes[0]
