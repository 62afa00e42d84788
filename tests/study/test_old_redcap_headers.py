"""Headers of REDCap before its version 4, and columns whose content says what their name does not."""

from __future__ import annotations

import csv
import io

import pytest

from trialkit.interchange.redcap_study import study_from_redcap
from trialkit.study import StudyError
from trialkit.study.dictionary import Dictionary, read_dictionary
from trialkit.study.dictionary_header import COLUMNS
from trialkit.vocabulary import ItemType

# As REDCap 3 wrote it (the header in the tests of the open project "surveyor", written in 2012).
OLD_HEADER = (
    "Variable / Field Name",
    "Form Name",
    "Field Units",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices OR Calculations",
    "Field Note",
    "Text Validation Type",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
)
OLD_ROWS = (
    ("study_id", "demo", "", "", "text", "Study ID", "", "", "", "", "", "", "", ""),
    ("weight", "demo", "kg", "", "text", "Weight", "", "", "number", "20", "200", "", "", "y"),
    ("sex", "demo", "", "", "radio", "Sex", "0, Female | 1, Male", "", "", "", "", "", "", ""),
    ("bmi", "demo", "kg/m2", "", "calc", "Index", "[weight] / 3", "", "", "", "", "", "[sex] = 1", ""),
)


def text_of(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def check_items(found: Dictionary) -> None:
    weight, sex, bmi = found.items
    assert (weight.type, weight.unit, weight.minimum, weight.maximum) == (ItemType.NUMBER, "kg", 20.0, 200.0)
    assert weight.required
    assert [choice.label for choice in sex.choices] == ["Female", "Male"]
    assert (bmi.type, bmi.unit, bmi.branching) == (ItemType.DERIVED, "kg/m2", "[sex] = 1")
    assert found.notes == ()


def test_the_header_of_redcap_3_is_known() -> None:
    check_items(read_dictionary(text_of(OLD_HEADER, OLD_ROWS)))


def test_an_old_dictionary_makes_a_whole_study() -> None:
    made = study_from_redcap(text_of(OLD_HEADER, OLD_ROWS))
    check_items(read_dictionary(made.dictionary_text))


def test_a_unit_of_the_annotation_goes_before_the_old_column() -> None:
    header = (*OLD_HEADER, "Field Annotation")
    rows = tuple((*row, '@UNIT="g"' if row[0] == "weight" else "") for row in OLD_ROWS)
    assert read_dictionary(text_of(header, rows)).items[0].unit == "g"


def renamed(column: str, name: str) -> str:
    """A dictionary with every kind of content, one of its columns named otherwise."""
    filled = {
        "id": {"Field Type": "text"},
        "day": {"Field Type": "text", COLUMNS[7]: "date_ymd", "Required Field?": "y"},
        "sex": {"Field Type": "radio", COLUMNS[5]: "0, Female | 1, Male", COLUMNS[17]: "@CRITICAL"},
        "why": {"Field Type": "notes", COLUMNS[11]: "[sex] = '1' and [day] <> ''"},
    }
    rows = tuple(
        tuple(({COLUMNS[0]: key, COLUMNS[1]: "f", "Field Label": key} | cells).get(c, "") for c in COLUMNS)
        for key, cells in filled.items()
    )
    return text_of(tuple(name if c == column else c for c in COLUMNS), rows)


@pytest.mark.parametrize("place", [5, 7, 11, 17])
def test_a_column_told_by_its_content_is_never_passed_over(place: int) -> None:
    with pytest.raises(StudyError) as refused:
        read_dictionary(renamed(COLUMNS[place], "Own words"))
    message = str(refused.value)
    assert f"dictionary.csv:1:column {place + 1}" in message
    assert "'Own words'" in message
    assert COLUMNS[place] in message


@pytest.mark.parametrize(
    ("place", "name"),
    [(5, "Choices"), (12, "Required"), (7, "Validation"), (11, "Branching"), (17, "Annotation")],
)
def test_a_part_of_a_columns_name_is_a_slip(place: int, name: str) -> None:
    with pytest.raises(StudyError, match=r"Did you mean"):
        read_dictionary(renamed(COLUMNS[place], name))


def test_a_dictionary_without_the_column_of_its_choices_is_refused_as_a_whole() -> None:
    rows = list(csv.reader(io.StringIO(renamed("", ""))))
    without = [tuple(row[:5] + row[6:]) for row in rows]
    with pytest.raises(StudyError) as refused:
        study_from_redcap(text_of(without[0], tuple(without[1:])))
    assert "dictionary.csv:1" in str(refused.value)
    assert COLUMNS[5] in str(refused.value)


def test_a_column_of_ones_own_without_such_content_is_noted() -> None:
    text = renamed("Custom Alignment", "Remarks")
    assert read_dictionary(text).notes == ("The column 'Remarks' is not REDCap's and was passed over.",)


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n'])
def test_excels_own_first_line_is_no_header(first: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows([OLD_HEADER, *OLD_ROWS])
    check_items(read_dictionary(first + out.getvalue()))


def test_an_empty_choice_between_pipes_is_passed_over_and_said() -> None:
    rows = (OLD_ROWS[0], (*OLD_ROWS[2][:6], "0, Female | | 1, Male |", *OLD_ROWS[2][7:]))
    found = read_dictionary(text_of(OLD_HEADER, rows))
    assert [choice.code for choice in found.items[0].choices] == ["0", "1"]
    assert found.notes == ("sex: an empty choice between two pipes was passed over.",)
    made = study_from_redcap(text_of(OLD_HEADER, rows))
    assert "an empty choice between two pipes was passed over." in [
        lost.why for lost in made.not_carried_over
    ]


@pytest.mark.parametrize(
    ("written", "found", "advice"),
    [
        ("foo@CRITICAL", "foo@CRITICAL", "with a space before it"),
        ("VAS@UNIT", "VAS@UNIT", "with a space before it"),
        ("@\u0421RITICAL", "@\u0421RITICAL", "of another alphabet"),
        ("@CRITCAL", "@CRITCAL", "Did you mean @CRITICAL?"),
    ],
)
def test_what_is_wrong_with_a_tag_can_be_seen(written: str, found: str, advice: str) -> None:
    rows = (OLD_ROWS[0], OLD_ROWS[2])
    text = text_of((*OLD_HEADER, "Field Annotation"), ((*rows[0], ""), (*rows[1], written)))
    with pytest.raises(StudyError) as refused:
        read_dictionary(text)
    assert f"found {found}. " in str(refused.value)
    assert advice in str(refused.value)
