"""Dictionaries as people really have them: every header, delimiter, line end, validation, bound and tag."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.study import StudyError, check_study, load_study
from trialkit.study.dictionary import read_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.dictionary_header import COLUMNS
from trialkit.study.validations import VALIDATIONS
from trialkit.vocabulary import ItemType

API = """
    field_name form_name section_header field_type field_label select_choices_or_calculations field_note
    text_validation_type_or_show_slider_number text_validation_min text_validation_max identifier
    branching_logic
    required_field custom_alignment question_number matrix_group_name matrix_ranking field_annotation
""".split()  # noqa: SIM905
FRENCH = [f"Colonne {number}" for number in range(1, 19)]


def row(name: str, **cells: str) -> list[str]:
    known = {
        "form": "Form Name", "type": "Field Type", "label": "Field Label", "choices": COLUMNS[5],
        "validation": COLUMNS[7], "low": COLUMNS[8], "high": COLUMNS[9], "tags": COLUMNS[17],
        "branching": COLUMNS[11],
    }  # fmt: skip
    filled = {"Variable / Field Name": name, "Form Name": "f", "Field Type": "text", "Field Label": "L"}
    filled |= {known[key]: text for key, text in cells.items()}
    return [filled.get(column, "") for column in COLUMNS]


def text_of(header: list[str], rows: list[list[str]], delimiter: str = ",", newline: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows([header, *rows])
    return out.getvalue()


def items(*rows: list[str]) -> list:
    return list(read_dictionary(text_of(list(COLUMNS), [row("rec"), *rows])).items)


ROWS = [row("rec"), row("w", validation="number", low="1"), row("c", type="radio", choices="1, a | 2, b;c")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", [list(COLUMNS), API, FRENCH], ids=["english", "api", "another language"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_header_delimiter_line_end_and_encoding_give_the_same_items(
    tmp_path: Path, header: list[str], delimiter: str, newline: str, encoding: str
) -> None:
    path = tmp_path / "dictionary.csv"
    path.write_bytes(text_of(header, ROWS, delimiter, newline).encode(encoding))
    found = read_dictionary(dictionary_text(path))
    assert found.items == read_dictionary(text_of(list(COLUMNS), ROWS)).items
    assert [item.name for item in found.items] == ["w", "c"]
    assert found.items[0].minimum == 1
    assert any("language" in note for note in found.notes) == (header is FRENCH)


@pytest.mark.parametrize("width", [*range(6, 19)])
@pytest.mark.parametrize("header", [list(COLUMNS), API, FRENCH], ids=["english", "api", "another language"])
def test_older_dictionaries_have_fewer_columns(header: list[str], width: int) -> None:
    rows = [cells[:width] for cells in ROWS]
    found = read_dictionary(text_of(header[:width], rows))
    assert [item.name for item in found.items] == ["w", "c"]
    assert len(found.items[1].choices) == 2


@pytest.mark.parametrize("extra", [[""], ["", ""], ["Notes of ours"], ["Notes of ours", ""]])
def test_columns_beyond_redcaps_are_passed_over_and_said(extra: list[str]) -> None:
    rows = [[*cells, *["" if not name else "x" for name in extra]] for cells in ROWS]
    found = read_dictionary(text_of([*COLUMNS, *extra], rows))
    assert [item.name for item in found.items] == ["w", "c"]
    assert ["Notes of ours" in note for note in found.notes] == [True] * sum(map(bool, extra))


def test_columns_by_name_may_stand_in_any_order() -> None:
    order = list(reversed(range(18)))
    shuffled = [[cells[place] for place in order] for cells in [list(COLUMNS), *ROWS]]
    assert (
        read_dictionary(text_of(shuffled[0], shuffled[1:])).items
        == read_dictionary(text_of(list(COLUMNS), ROWS)).items
    )


@pytest.mark.parametrize("rows", [[["a", "b"]], [["x"] * 18], [row("rec", type="nonsense")]])
def test_what_is_no_dictionary_is_refused_in_one_line(rows: list[list[str]]) -> None:
    with pytest.raises(StudyError, match=r"dictionary\.csv:1.*REDCap"):
        read_dictionary(text_of(FRENCH, rows))


@pytest.mark.parametrize("validation", VALIDATIONS)
def test_every_validation_that_redcap_ships_has_a_meaning(validation: str) -> None:
    (item,) = items(row("w", validation=validation))
    wanted = (
        ItemType.INTEGER if validation == "integer"
        else ItemType.NUMBER if validation.startswith("number")
        else ItemType.DATETIME if validation.startswith("datetime")
        else ItemType.DATE if validation.startswith("date")
        else ItemType.TIME if validation in ("time", "time_hh_mm_ss")
        else ItemType.TEXT
    )  # fmt: skip
    assert item.type is wanted
    assert item.decimal_comma == ("comma" in validation)
    if "dp" in validation:
        assert item.decimals == int(validation[7])


def test_the_list_of_validations_holds_what_public_dictionaries_use() -> None:
    seen = (
        "mrn_generic postalcode_french postalcode_germany phone_uk number_4dp_comma_decimal time_mm_ss vmrn"
    )
    assert set(seen.split()) <= set(VALIDATIONS)
    assert len(VALIDATIONS) == len(set(VALIDATIONS))


def test_a_validation_of_an_administrators_own_is_text_with_a_note() -> None:
    found = read_dictionary(text_of(list(COLUMNS), [row("rec"), row("x", validation="jheid_e9d")]))
    assert found.items[0].type is ItemType.TEXT
    assert any("jheid_e9d" in note for note in found.notes)


@pytest.mark.parametrize("moving", ["today", "now", "TODAY", "today+7", "[other]", "[base_arm_1][d]"])
@pytest.mark.parametrize("validation", ["date_dmy", "datetime_ymd", "time", "number"])
def test_a_bound_that_moves_is_left_out_with_a_note(moving: str, validation: str) -> None:
    found = read_dictionary(
        text_of(list(COLUMNS), [row("rec"), row("d", validation=validation, high=moving)])
    )
    assert found.items[0].maximum is None
    assert any(moving in note for note in found.notes)


@pytest.mark.parametrize(
    ("validation", "text", "bound"),
    [
        ("date_dmy", "2024-02-29", date(2024, 2, 29)),
        ("datetime_ymd", "2024-01-01 00:00", datetime(2024, 1, 1)),
        ("datetime_seconds_mdy", "2024-01-01 07:08:09", datetime(2024, 1, 1, 7, 8, 9)),
        ("datetime_ymd", "2024-01-01", datetime(2024, 1, 1)),
        ("time", "08:30", time(8, 30)),
        ("time", "8:30", time(8, 30)),
        ("time_hh_mm_ss", "08:30:05", time(8, 30, 5)),
        ("number_1dp_comma_decimal", "1,5", 1.5),
        ("integer", "-3", -3.0),
        ("number", ".5", 0.5),
    ],
)
def test_a_bound_is_a_value_of_its_item(validation: str, text: str, bound: object) -> None:
    assert items(row("x", validation=validation, low=text))[0].minimum == bound


@pytest.mark.parametrize("validation", ["date_ymd", "datetime_ymd", "time", "number"])
def test_a_bound_that_is_no_value_is_refused(validation: str) -> None:
    for text in ("zero", "2024-02-30", "25:00", "01/02/2024x"):
        with pytest.raises(StudyError, match="Text Validation Min"):
            items(row("x", validation=validation, low=text))


@pytest.mark.parametrize("spelt", ["UNIT", "unit", "Unit", "uNiT"])
def test_our_tags_are_read_in_any_case(spelt: str) -> None:
    assert items(row("x", tags=f"@{spelt}='mm' @critical @Missing='REFUSED'"))[0].unit == "mm"
    assert items(row("x", tags=f"@{spelt}=mm @critical"))[0].critical


@pytest.mark.parametrize(
    "tag", ["@UNITS='mm'", "@CRITCAL", "@REVEAL-ALLOCATION", "@PARTIAL_DATE", "@MISING=''"]
)
def test_a_tag_of_ours_that_is_misspelt_is_refused_in_any_case(tag: str) -> None:
    for spelt in (tag, tag.lower()):
        with pytest.raises(StudyError, match="Did you mean @"):
            items(row("x", tags=spelt))


@pytest.mark.parametrize(
    ("annotation", "kept"),
    [
        ("@IMAGEMAP=PAINMAP", "@IMAGEMAP"),
        ("@FOO_BAR9 @HIDDEN", "@FOO_BAR9"),
        ("call the lab @once", "@once"),
        ("mail a.b@clinic.org", ""),
        ("5 mg @ 8 am", ""),
        ("@PLACEHOLDER='a @b' @HIDDEN-SURVEY", ""),
    ],
)
def test_tags_of_others_and_prose_are_kept_and_listed(annotation: str, kept: str) -> None:
    found = read_dictionary(text_of(list(COLUMNS), [row("rec"), row("x", tags=annotation)]))
    assert [kept in note for note in found.notes] == ([True] if kept else [])


@pytest.mark.parametrize(
    ("code", "name"),
    [("-99", "x____99"), ("A", "x___a"), ("1.5", "x___1_5"), ("b_C", "x___b_c"), ("7", "x___7")],
)
def test_a_box_is_named_as_redcap_exports_it_and_asked_for_as_redcap_writes_it(code: str, name: str) -> None:
    boxes = row("x", type="checkbox", choices=f"{code}, One | zz, Two")
    found = items(boxes, row("why", branching=f"[x({code})] = '1'"))
    assert found[0].name == name


def test_a_calctext_is_derived_and_never_typed() -> None:
    found = items(row("x", validation="number"), row("g", tags="@CALCTEXT(if([x]>5,'high)','low'))"))
    assert (found[1].type, found[1].calculation) == (ItemType.DERIVED, "if([x]>5,'high)','low')")
    found = items(row("d", validation="date_ymd"), row("e", tags="@CALCDATE([d], 7, 'd')"))
    assert found[1].calculation == "calcdate([d], 7, 'd')"


def test_a_choice_list_of_150_kilobytes_is_one_cell() -> None:
    choices = " | ".join(f"{n}, Substance number {n} of the national list" for n in range(4000))
    assert len(items(row("drug", type="dropdown", choices=choices))[0].choices) == 4000


LOADS = (
    "01-checkbox-negative-code", "01b-checkbox-uppercase-code", "03a-comma-decimal",
    "03c-validation-mrn_generic",
    "03c-validation-postalcode_french", "04-api-metadata-header", "05-seventeen-columns",
    "06-trailing-empty-columns", "07a-max-today", "07c-min-datetime", "08a-em-tag", "08d-tag-lowercase",
    "09-long-choice-list", "11a-datediff-datetime-branching", "11b-datediff-datetime-calc",
    "11c-time-branching", "11e-typo-hidden-by-branching", "12d-semicolon", "14-calc-on-repeating-form",
    "15-redcap-export-import", "18b-old-mac-cr", "19c-calctext",
)  # fmt: skip


@pytest.mark.parametrize("case", LOADS)
def test_a_dictionary_that_failed_once_loads_and_can_be_checked(shared: Path, case: str) -> None:
    study = load_study(shared / "cases" / "capture" / case)
    check_study(study)
    assert study.forms[0].items


def test_a_formula_without_a_stored_result_is_refused_with_its_cell(shared: Path) -> None:
    with pytest.raises(StudyError, match=r"dictionary\.xlsx:.*!.*stored result"):
        load_study(shared / "cases" / "capture" / "17h-xlsx-formula")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.binary(max_size=200), st.sampled_from([0, 300, 900]), st.integers(0, 2000))
def test_any_bytes_are_a_dictionary_or_one_line(tmp_path_factory, noise: bytes, keep: int, at: int) -> None:
    whole = text_of(list(COLUMNS), ROWS).encode()
    path = tmp_path_factory.mktemp("d") / "dictionary.csv"
    path.write_bytes(whole[:keep] + noise + whole[at:])
    message = ""
    try:
        read_dictionary(dictionary_text(path))
    except StudyError as error:
        message = str(error)
    assert "\n" not in message
