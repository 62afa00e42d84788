"""EpiData's projects, record files and questionnaires become study definitions that read."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from trialkit.errors import TrialkitError
from trialkit.interchange import read_table
from trialkit.interchange.definition_draft import ConvertedStudy
from trialkit.interchange.entry_pair import compare_files
from trialkit.interchange.epidata_checks import read_checks
from trialkit.interchange.epidata_chk import read_value_labels
from trialkit.interchange.epidata_fields import EpiField, dictionary_row
from trialkit.interchange.epidata_project_form import forms_of_project
from trialkit.interchange.epidata_study import study_from_epidata
from trialkit.interchange.redcap_study import study_from_redcap
from trialkit.study import check_study, study_from_texts
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.dictionary_header import CHOICES
from trialkit.vocabulary import ItemType

READABLE = (
    "Clinical_Example.epx", "marathon.epx", "sample.epx", "sample.v3.epx", "P1.rec", "P1S.rec", "P2.rec",
    "bromar.rec", "student.qes",
)  # fmt: skip


@pytest.mark.external_reference
@pytest.mark.parametrize("file", READABLE)
def test_a_real_file_becomes_a_definition_with_all_its_fields(shared: Path, file: str) -> None:
    path = shared / "interchange" / "epidata" / file
    made = study_from_epidata(path)
    check_study(study_from_texts(made.definition_text, made.dictionary_text))
    if path.suffix in (".rec", ".epx") and file != "Clinical_Example.epx":
        columns = {column.casefold() for column in read_table(path).columns}
        items = {item.name for form in made.study.forms for item in form.items}
        assert items | {made.study.record_id} == columns


@pytest.mark.external_reference
def test_the_clinical_database_keeps_its_five_forms_keys_ranges_and_labels(shared: Path) -> None:
    made = study_from_epidata(shared / "interchange" / "epidata" / "Clinical_Example.epx")
    forms = {form.name: form for form in made.study.forms}
    assert len(forms) == 5
    assert made.study.record_id == "patientid"
    assert {name for name, form in forms.items() if form.repeating} == {"visit_at_clinic", "lab_results"}
    children = next(
        item for form in forms.values() for item in form.items if item.label == "Number of Children"
    )
    assert (children.type, list(children.choices)) == (ItemType.INTEGER, [])
    assert any("jumps" in lost.what for lost in made.not_carried_over)
    assert all(lost.line for lost in made.not_carried_over if "jumps" in lost.what)


@pytest.mark.external_reference
def test_one_study_kept_in_two_formats_has_the_same_records_and_values(shared: Path) -> None:
    folder = shared / "interchange" / "epidata"
    found = compare_files(read_table(folder / "marathon.epx"), read_table(folder / "bromar.rec"), ["ID"])
    assert found.report.summary["records_compared"] == 4027
    assert found.report.unpaired.empty
    assert found.report.discrepancies.empty
    assert found.report.summary["fields_compared"] >= 4027 * 8


def test_a_check_file_gives_ranges_legal_values_and_what_it_programs() -> None:
    checks = read_checks(
        'LABELBLOCK\n LABEL a\n 1 "x"\n END\nEND\n* a comment\nage\n  RANGE 18 -INFINITY\n  MUSTENTER\n'
        "  JUMPS\n   1 other\n  END\nEND\nsex\n  LEGAL 1 2 END\n  KEY UNIQUE\nEND\n"
        "bmi\n AFTER ENTRY\n  IF x>1 THEN\n   bmi=2\n  ENDIF\n END\nEND\n"
    )
    assert (checks["age"].low, checks["age"].high, checks["age"].required) == ("18", "", True)
    assert (checks["sex"].legal, checks["sex"].key) == (["1", "2"], True)
    assert [(line, what) for line, what, _ in checks["bmi"].lost] == [
        (19, "AFTER ENTRY"), (20, "IF x>1 THEN"), (21, "bmi=2"), (22, "ENDIF"),
    ]  # fmt: skip
    assert "program" in checks["bmi"].lost[0][2]
    assert checks["age"].lost[0][:2] == (11, "jumps 1 other")


JUMPING = """age
  JUMPS
    1 END
    2 sex
    3 WRITE
  END
  RANGE 18 99
  MISSINGVALUE 98 99
  HELP "The END of it"
  MUSTENTER
END
sex
  AFTER ENTRY
    IF sex=1 THEN
      GOTO END
    ENDIF
  END
  AUTOJUMP END
  LEGAL
    1
    2
  END
  COMMENT LEGAL
    1 Female
    2 End
  END
END
nobody
  KEY UNIQUE 1
END
"""


@pytest.mark.parametrize("layout", [JUMPING, " ".join(JUMPING.split())], ids=["lines", "one line"])
def test_a_jump_to_the_end_of_the_record_ends_no_block(layout: str) -> None:
    checks = read_checks(layout)
    assert (checks["age"].low, checks["age"].high, checks["age"].required) == ("18", "99", True)
    assert checks["sex"].legal == ["1", "2"]
    assert checks["nobody"].key
    assert read_value_labels(layout) == {"sex": {"1": "Female", "2": "End"}}


def test_what_of_a_check_file_is_not_carried_over_is_listed_by_its_lines(
    tmp_path: Path, make_rec: Callable[..., bytes]
) -> None:
    (tmp_path / "p.rec").write_bytes(make_rec([("id", 6, 2), ("age", 0, 2), ("sex", 0, 1)], []))
    (tmp_path / "p.chk").write_text(JUMPING)
    made = study_from_epidata(tmp_path / "p.rec")
    assert [(one.line, one.what) for one in made.not_carried_over if "p.chk" in one.what] == [
        (3, "p.chk, age: jumps 1 END"),
        (4, "p.chk, age: jumps 2 sex"),
        (5, "p.chk, age: jumps 3 WRITE"),
        (8, "p.chk, age: missing value 98 99"),
        (9, "p.chk, age: HELP The END of it"),
        (13, "p.chk, sex: AFTER ENTRY"),
        (14, "p.chk, sex: IF sex=1 THEN"),
        (15, "p.chk, sex: GOTO END"),
        (16, "p.chk, sex: ENDIF"),
        (18, "p.chk, sex: AUTOJUMP END"),
        (28, "p.chk, nobody: its block"),
    ]
    age = next(item for form in made.study.forms for item in form.items if item.name == "age")
    assert (age.required, age.minimum, age.maximum) == (True, 18, 99)


QES = """Trial form   Number {idnr} <IDNUM>
{dob} Date of birth <dd/mm/yyyy>    Weight kg ##.#
Smokes? <Y>   NAME of drug ______
Visit  <Today-dmy>
"""


def test_a_questionnaire_gives_a_field_a_code(tmp_path: Path) -> None:
    (tmp_path / "base.qes").write_text(QES, encoding="cp1252")
    made = study_from_epidata(tmp_path / "base.qes")
    assert made.study.record_id == "idnr"
    types = {item.name: item.type for item in made.study.forms[0].items}
    assert types == {
        "dob": ItemType.DATE, "weight": ItemType.NUMBER, "smokes": ItemType.CODED, "name": ItemType.TEXT,
        "visit": ItemType.DATE,
    }  # fmt: skip
    assert made.study.forms[0].items[1].decimals == 1


def test_a_questionnaire_brings_what_the_check_file_beside_it_says(tmp_path: Path) -> None:
    (tmp_path / "base.qes").write_text(QES, encoding="cp1252")
    (tmp_path / "base.chk").write_text(
        "IDNR\n KEY UNIQUE 1\nEND\ndob\n RANGE 31/12/1930 01/02/2005\n MUSTENTER\nEND\n"
        "weight\n RANGE 35.5 200\n JUMPS\n  40 name\n END\nEND\nvisit\n RANGE 01/02/2020 INFINITY\nEND\n"
        "name\n LEGAL\n  a\n  b\n END\nEND\nheight\n RANGE 1 2\nEND\n"
    )
    made = study_from_epidata(tmp_path / "base.qes")
    items = {item.name: item for item in made.study.forms[0].items}
    assert made.study.record_id == "idnr"
    assert (items["dob"].required, items["weight"].required) == (True, False)
    bounds = {
        name: (str(items[name].minimum), str(items[name].maximum)) for name in ("dob", "weight", "visit")
    }
    assert bounds == {
        "dob": ("1930-12-31", "2005-02-01"),
        "weight": ("35.5", "200.0"),
        "visit": ("2020-02-01", "None"),
    }
    assert items["name"].type is ItemType.CODED
    assert [(one.line, one.what, one.why) for one in made.not_carried_over if "base.chk" in one.what] == [
        (
            11,
            "base.chk, weight: jumps 40 name",
            "write it as branching of each field passed over: [weight] <> '40'",
        ),
        (23, "base.chk, height: its block", "no field of that name"),
    ]


def damaged(content: bytes, draw: random.Random) -> bytes:
    data = bytearray(content[:60_000])
    for _ in range(draw.randint(1, 8)):
        place, length = draw.randrange(len(data) + 1), draw.randint(1, 40)
        act = draw.choice(["flip", "cut", "copy", "insert"])
        if act == "flip" and place < len(data):
            data[place] = draw.randrange(256)
        elif act == "cut":
            del data[place : place + length]
        elif act == "copy":
            data[place:place] = data[place : place + length]
        else:
            data[place:place] = draw.choice(
                [b"\0", b"\xff", b'"', b"END ", b"\n", b"<", b"9" * 30, b"|", b",", b"["]
            )
    return bytes(data)


def _converters(folder: Path) -> dict[str, list[Path]]:
    epidata = [
        path
        for path in sorted((folder / "epidata").iterdir())
        if path.suffix in (".rec", ".qes", ".epx", ".epz")
    ]
    redcap = sorted((folder / "redcap").glob("*/dictionary.csv"))
    return {"epidata": epidata, "redcap": redcap}


@pytest.mark.parametrize("many", [4, pytest.param(60, marks=pytest.mark.long)])
@pytest.mark.parametrize("system", ["epidata", "redcap"])
def test_no_mutation_of_a_real_file_gives_more_than_one_line(
    shared: Path, tmp_path: Path, system: str, many: int
) -> None:
    draw = random.Random(20260101)
    for source in _converters(shared / "interchange")[system]:
        for _ in range(many):
            path = tmp_path / source.name
            path.write_bytes(damaged(source.read_bytes(), draw))
            chk = source.with_suffix(".chk")
            if chk.is_file():
                (tmp_path / chk.name).write_bytes(damaged(chk.read_bytes(), draw))
            if system == "redcap":
                records = tmp_path / "data.csv"
                records.write_bytes(damaged(source.with_name("data.csv").read_bytes(), draw))
                check_one_line(lambda path=path, records=records: from_redcap(path, records))
            check_one_line(lambda path=path: converters[system](path))


def from_redcap(path: Path, records: Path | None = None) -> ConvertedStudy:
    table = None if records is None else read_table(records)
    return study_from_redcap(dictionary_text(path), records=table)


converters = {"redcap": from_redcap, "epidata": study_from_epidata}


def check_one_line(convert: Callable[[], ConvertedStudy]) -> None:
    message, made = "", None
    try:
        made = convert()
    except TrialkitError as error:
        message = str(error)
    assert "\n" not in message
    if made is not None:
        assert study_from_texts(made.definition_text, made.dictionary_text) == made.study


def test_a_number_with_labels_for_missing_values_only_stays_a_number(tmp_path: Path) -> None:
    project = tmp_path / "children.epx"
    project.write_text(
        '<EpiData version="6"><Settings decimalSeparator=","/><ValueLabelSets><ValueLabelSet id="_C">'
        '<ValueLabel order="1" value="99" missing="true"><Label>Unknown</Label></ValueLabel>'
        '</ValueLabelSet></ValueLabelSets><DataFiles><DataFile id="d"><Caption><Text>Person</Text></Caption>'
        '<Sections><Section id="M"><Fields>'
        '<Field id="C" type="ftInteger" length="2" decimals="0" valueLabelRef="_C">'
        '<Ranges><Range start="0" end="12"/></Ranges></Field></Fields></Section></Sections>'
        "</DataFile></DataFiles></EpiData>",
        "utf-8",
    )
    [form] = forms_of_project(project, project.read_bytes())
    [children] = form.fields
    assert (children.kind, children.choices, children.low, children.high) == ("integer", {}, "0", "12")
    [(what, why)] = children.lost
    assert what == "missing code 99"
    assert why.startswith("a number like the others here")


@pytest.mark.parametrize(
    ("kind", "choices", "low", "high", "codes", "said"),
    [
        (
            "integer",
            {"0": "none", "10": "worst"},
            "0",
            "10",
            [str(n) for n in range(11)],
            "labelled by themselves",
        ),
        ("integer", {"1": "yes", "2": "no", "9": "unknown"}, "1", "2", ["1", "2", "9"], ""),
        ("integer", {"0": "none"}, "0", "5000", ["0"], "other numbers of the range are refused"),
        ("number", {"0": "none"}, "0", "1.5", ["0"], "other numbers of the range are refused"),
        (
            "integer",
            {"-1": "refused", "1": "mild"},
            "1",
            "",
            ["-1", "1"],
            "other numbers of the range are refused",
        ),
    ],
)
def test_a_field_with_labels_and_a_range_keeps_the_range_or_says_so(
    kind: str, choices: dict[str, str], low: str, high: str, codes: list[str], said: str
) -> None:
    """EpiData takes what either permits."""
    found = EpiField(7, "PAIN", "Pain", kind, choices=choices, low=low, high=high)
    row, lost = dictionary_row(found, "f", "pain")
    assert [part.partition(",")[0] for part in row.cells[CHOICES].split(" | ")] == codes
    assert [one.line for one in lost] == [7] * bool(said)
    assert said in "".join(one.why for one in lost)
