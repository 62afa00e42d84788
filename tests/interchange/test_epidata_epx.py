"""EpiData Manager projects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trialkit.errors import FileFormatError
from trialkit.interchange import TableFile, read_table

FIELDS = [
    ("ID", "ftInteger"),
    ("W", "ftFloat"),
    ("D", "ftDMYDate"),
    ("M", "ftMDYAuto"),
    ("T", "ftTime"),
    ("S", "ftString"),
    ("B", "ftBoolean"),
]


def read(tmp_path: Path, content: str | bytes, part: str | None = None, name: str = "entry.epx") -> TableFile:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, part=part)


def record(text: str, status: str = "rsNormal") -> str:
    return f'<Record status="{status}">{text}</Record>'


@pytest.mark.parametrize("version", [3, 4, 5, 6])
def test_semicolons_and_quotes_from_format_3_on(
    tmp_path: Path, make_epx: Callable[..., str], version: int
) -> None:
    typed = 'ID=1;W=70,5;D=01/05/2024;M=05/01/2024;T=22.58.30;S="a; b=1, ""c"""; B=Y'
    table = read(tmp_path, make_epx(FIELDS, [record(typed), record("ID=2")], version=version))
    assert table.rows == (
        ("1", "70.5", "2024-05-01", "2024-05-01", "22:58:30", 'a; b=1, "c"', "Y"),
        ("2", "", "", "", "", "", ""),
    )
    assert table.text_columns == {"S"}
    assert table.part == "ds1"


@pytest.mark.parametrize("version", [1, 2])
def test_commas_and_backslashes_before_format_3(
    tmp_path: Path, make_epx: Callable[..., str], version: int
) -> None:
    table = read(tmp_path, make_epx(FIELDS, [record(r"ID=1,W=70\,5,S=a\, b\\c;d,B=N")], version=version))
    assert table.rows == (("1", "70.5", "", "", "", r"a, b\c;d", "N"),)


def test_deleted_records_are_left_out_and_counted(tmp_path: Path, make_epx: Callable[..., str]) -> None:
    records = [record("ID=1", "rsVerified"), record("ID=2", "rsDeleted"), record("ID=3")]
    table = read(tmp_path, make_epx(FIELDS, records))
    assert [row[0] for row in table.rows] == ["1", "3"]
    assert table.line_numbers == (1, 3)
    assert table.notes == ("1 deleted record left out.",)


def test_a_date_that_does_not_exist_stays_as_typed_and_is_counted(
    tmp_path: Path, make_epx: Callable[..., str]
) -> None:
    table = read(tmp_path, make_epx(FIELDS, [record("ID=1;D=31/02/2024;T=25.00.00")]))
    assert table.rows[0][2] == "31/02/2024"
    assert len(table.notes) == 2


def test_value_labels_come_with_the_table(tmp_path: Path, make_epx: Callable[..., str]) -> None:
    labels = (
        '<ValueLabelSets><ValueLabelSet id="yn">'
        '<ValueLabel order="1" value="1"><Label>Yes</Label></ValueLabel>'
        '<ValueLabel order="2" value="9" missing="true"><Label>Unknown</Label></ValueLabel>'
        "</ValueLabelSet></ValueLabelSets>"
    )
    content = make_epx(
        [("ID", "ftInteger"), ('OK" valueLabelRef="yn', "ftInteger")], [record("ID=1;OK=9")], extra=labels
    )
    assert read(tmp_path, content).value_labels == {"OK": {"1": "Yes", "9": "Unknown"}}


SECOND = (
    '<DataFile id="ds2"><Caption><Text>Laboratory</Text></Caption><Sections><Section><Fields>'
    '<Field id="LAB" type="ftInteger"/></Fields></Section></Sections><Records>{}</Records></DataFile>'
)


def test_several_data_files_need_a_choice_by_id_or_caption(
    tmp_path: Path, make_epx: Callable[..., str]
) -> None:
    content = make_epx(FIELDS, [record("ID=1")], data_files=SECOND.format(record("LAB=5")))
    with pytest.raises(
        FileFormatError, match=r"ds1 \(Visit form\), ds2 \(Laboratory\). Name the data file with --part"
    ):
        read(tmp_path, content)
    assert read(tmp_path, content, "ds2").rows == read(tmp_path, content, "Laboratory").rows == (("5",),)
    with pytest.raises(FileFormatError, match="one data file named 'ds3'"):
        read(tmp_path, content, "ds3")


def test_the_security_log_is_not_data(tmp_path: Path, make_epx: Callable[..., str]) -> None:
    log = SECOND.replace('id="ds2"', 'id="_SecurityLog"').format("")
    table = read(tmp_path, make_epx(FIELDS, [record("ID=1")], data_files=log))
    assert len(table.rows) == 1
    assert table.notes == ("1 security log left out.",)


def test_a_zipped_project_is_read_like_the_project(
    tmp_path: Path, make_epx: Callable[..., str], make_zip: Callable[[str, bytes], bytes]
) -> None:
    content = make_epx(FIELDS, [record("ID=1")]).encode()
    assert (
        read(tmp_path, make_zip("my project.epx", content), name="entry.epz").rows
        == read(tmp_path, content).rows
    )
    with pytest.raises(FileFormatError, match=r"one .epx project.*found 0 projects"):
        read(tmp_path, make_zip("readme.txt", content), name="entry.epz")


@pytest.mark.parametrize(
    "content",
    [
        "<EpiData version='6'><Settings decimalSeparator=','/><Crypto/></EpiData>",
        "<EpiData version='6'><Settings decimalSeparator=','/><Encrypted>abc</Encrypted></EpiData>",
    ],
)
def test_an_encrypted_project_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileFormatError, match=r"in clear; found an encrypted one.*without password"):
        read(tmp_path, content)


def test_records_encrypted_one_by_one_are_refused(tmp_path: Path, make_epx: Callable[..., str]) -> None:
    content = make_epx(
        FIELDS, [record("2jS3hrXzR2i9C0DuZn2CdA3vE1UtLtTDszwc3A7UqOvM6P0u6fLc9Q==")], version=2
    )
    with pytest.raises(FileFormatError, match="found an encrypted one"):
        read(tmp_path, content)


BOMB = '<!DOCTYPE EpiData [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE EpiData [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(("declaration", "entity"), [(BOMB, "&b;"), (OUTSIDE, "&x;"), (OUTSIDE, "")])
def test_entities_are_neither_expanded_nor_fetched(
    tmp_path: Path, make_epx: Callable[..., str], declaration: str, entity: str
) -> None:
    content = make_epx(FIELDS, [record(f'ID=1;S="{entity}"')]).replace("?>\n", f"?>\n{declaration}")
    with pytest.raises(FileFormatError, match="document type declaration"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no xml at all", "cannot be read as XML"),
        ("<EpiData version='6'>", "cannot be read as XML"),
        ("<html/>", "the XML element 'html'"),
        ("<EpiData><Settings decimalSeparator=','/></EpiData>", "format not stated"),
        ("<EpiData version='6'><Settings/></EpiData>", "no decimal separator"),
        (
            "<EpiData version='6'><Settings decimalSeparator=','/></EpiData>",
            "expected one data file; found none",
        ),
    ],
)
def test_what_is_no_project_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ID=1;Q=2", "record 1: expected values of the form's own fields; found the field 'Q' that the form"),
        ("ID=1;ID=2", "found the field 'ID' twice"),
        ('ID=1;S="open', "record 1: expected a record as name=value pairs"),
        ("just text", "record 1: expected a record as name=value pairs"),
        ('ID=1;S="a"b', "record 1: expected a record as name=value pairs"),
    ],
)
def test_a_damaged_record_is_refused_with_its_number(
    tmp_path: Path, make_epx: Callable[..., str], text: str, message: str
) -> None:
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, make_epx(FIELDS, [record(text)]))


@pytest.mark.external_reference
def test_the_sample_project_reads_the_same_in_formats_1_and_3(shared: Path) -> None:
    old, new = (
        read_table(shared / "interchange" / "epidata" / name) for name in ("sample.epx", "sample.v3.epx")
    )
    assert len(old.columns) == 33
    assert len(old.rows) == 12
    assert old.to_frame()[sorted(old.columns)].equals(new.to_frame()[sorted(new.columns)])
    assert "Это образец текста" in set(old.to_frame()["S2"])


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sample.encrypted.epx", "found an encrypted one"),
        ("sample.test.epx", "expected one data file; found none"),
        ("Clinical_Example.epx", r"datafile_id_4 \(Visit at Clinic\)"),
        ("standard_questionnaire.epz", "format not stated"),
    ],
)
def test_real_projects_that_hold_no_single_table_say_why(shared: Path, name: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        read_table(shared / "interchange" / "epidata" / name)


@pytest.mark.external_reference
def test_each_form_of_the_clinical_example_reads_by_name(shared: Path) -> None:
    path = shared / "interchange" / "epidata" / "Clinical_Example.epx"
    fields = [len(read_table(path, part=f"datafile_id_{number}").columns) for number in range(1, 6)]
    assert sum(fields) == 61


def test_empty_records_of_many_fields_are_refused_before_they_fill_the_memory(
    tmp_path: Path, make_epx: Callable[..., str]
) -> None:
    fields = [(f"f{n}", "ftInteger") for n in range(5_000)]
    content = make_epx(fields, ['<Record status="rsNormal"/>'] * 5_000)
    (tmp_path / "a.epx").write_text(content, encoding="utf-8")
    with pytest.raises(FileFormatError, match="5,000 records of 5,000 fields"):
        read_table(tmp_path / "a.epx")
