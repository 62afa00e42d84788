"""Study A's definition is read whole, and a spoiled one says where it is wrong."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from trialkit.study import StudyError, load_study, study_from_texts
from trialkit.study.dictionary_file import dictionary_text
from trialkit.vocabulary import ArmRole, EntryMode, ItemType, MissingCode


def test_study_a_randomizes_314_subjects_over_ten_strata(sample_folder: Path) -> None:
    study = load_study(sample_folder)
    assert {arm.name: arm.ratio for arm in study.arms} == {"exercise": 1, "control": 1}
    assert [arm.name for arm in study.arms if arm.role is ArmRole.TEST] == ["exercise"]
    levels = [len(factor.levels) for factor in study.factors]
    assert levels[0] * levels[1] == 10
    assert study.factors[1].levels == ("female", "male")
    assert sum(site.target or 0 for site in study.sites) == 314


def test_the_forms_that_randomization_reads_are_entered_once(sample_folder: Path) -> None:
    study = load_study(sample_folder)
    read_by_randomization = {"consent", "eligibility", "demographics"}
    assert all(study.form(name).entry is EntryMode.SINGLE for name in read_by_randomization)
    assert study.form("odi").entry is EntryMode.DOUBLE


def test_the_odi_has_ten_items_scored_nought_to_five(sample_folder: Path) -> None:
    form = load_study(sample_folder).form("odi")
    assert len(form.items) == 10
    assert all([choice.code for choice in item.choices] == list("012345") for item in form.items)


def test_units_missing_codes_and_types_come_from_the_dictionary(sample_folder: Path) -> None:
    study = load_study(sample_folder)
    pain = study.item("vas_mm")
    assert (pain.unit, pain.minimum, pain.maximum, pain.type) == ("mm", 0.0, 100.0, ItemType.INTEGER)
    assert study.item("sex").missing_codes == ()
    assert study.item("odi_sex_life").missing_codes == tuple(MissingCode)
    assert study.item("ae_start_date").partial_date


def test_visits_after_the_intervention_are_counted_from_a_planned_day_in_both_arms(
    sample_folder: Path,
) -> None:
    study = load_study(sample_folder)
    visit = study.visit("month_6")
    assert visit.anchor == "intervention_end"
    assert study.days_after_randomization(visit.anchor) == 42
    assert study.days_after_randomization("randomization") == 0
    assert study.days_after_randomization("consent") is None


def test_the_two_texts_alone_rebuild_the_study_with_the_same_hash(sample_folder: Path) -> None:
    study = load_study(sample_folder)
    assert study_from_texts(study.definition_text, study.dictionary_text) == study


@pytest.mark.parametrize(("row", "column"), [(150_000, 20), (1_048_576, 2), (200, 16_384)])
def test_a_workbook_with_a_far_cell_is_refused_at_once(tmp_path: Path, row: int, column: int) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Variable / Field Name", "Form Name", "Field Type", "Field Label"])
    for number in range(200):
        book.active.append([f"item_{number}", "f", "text", "x"])
    book.active.cell(row, column, "far")
    book.save(tmp_path / "dictionary.xlsx")
    with pytest.raises(StudyError, match=r"dictionary\.xlsx:[0-9]+: .*2,000,000 cells, rows times columns"):
        dictionary_text(tmp_path / "dictionary.xlsx")


def _as_excel_would(cell: str) -> object:
    if cell.isdigit():
        return float(cell)
    return datetime.fromisoformat(cell) if cell == "2024-01-01" else cell


def test_a_workbook_is_read_like_the_csv(definition, sample_folder: Path) -> None:
    import csv

    from openpyxl import Workbook

    book = Workbook()
    with (definition.folder / "dictionary.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.reader(handle):
            book.active.append([_as_excel_would(cell) for cell in row])
    book.save(definition.folder / "dictionary.xlsx")
    (definition.folder / "dictionary.csv").unlink()
    assert load_study(definition.folder).forms == load_study(sample_folder).forms


def test_a_file_that_only_calls_itself_a_workbook_is_refused(definition) -> None:
    (definition.folder / "dictionary.csv").rename(definition.folder / "dictionary.xlsx")
    with pytest.raises(StudyError, match=r"dictionary\.xlsx: expected an \.xlsx workbook"):
        load_study(definition.folder)


SPOILED_TOML = {
    "a typo'd key": ("ratio = 1\ncomp", "ratoi = 1\ncomp", "ratoi", "Did you mean 'ratio'"),
    "an unknown visit": (
        'visits = ["baseline", "week_6"',
        'visits = ["baseline", "week_7"',
        "week_7",
        "week_6",
    ),
    "an unknown arm role": ('role = "test"', 'role = "tset"', "tset", "Did you mean 'test'"),
    "an unknown anchor": ('anchor = "intervention_end"', 'anchor = "surgery"', "surgery", "intervention_end"),
    "a unit that differs from the item's": (
        '20\nunit = "mm"',
        '20\nunit = "cm"',
        "'cm'",
        "'mm'",
    ),
    "an unknown item in a score": ('"odi_pain", ', '"odi_pian", ', "odi_pian", "Did you mean 'odi_pain'"),
    "a factor that is not coded": ('item = "sex"', 'item = "age_years"', "age_years", "coded item"),
    "a factor of no form": ('item = "sex"', 'item = "gender"', "gender", "an item of the dictionary"),
    "an unknown form": ("[forms.vas]", "[forms.vsa]", "vsa", "Did you mean 'vas'"),
    "a word where a number belongs": ("difference = 15", 'difference = "15"', "'15'", "a number"),
    "a window without its target": ("[335, 425]", "[380, 425]", "380", "365"),
    "a block length": (
        'method = "stratified_permuted_blocks"',
        'method = "stratified_permuted_blocks"\nblock_lengths = [4, 6]',
        "block_lengths",
        "no block length",
    ),
    "an unknown role": ('"outcome_assessor"', '"outcome_assesor"', "outcome_assesor", "outcome_assessor"),
    "an unknown component": ('"education"]', '"leaflet"]', "leaflet", "education"),
    "a repeating form without a line number": ('row_key = "ae_line"\n', "", "none", "row_key"),
    "a criterion on an unknown item": (
        "[elig_age_years] >= 60",
        "[elig_age] >= 60",
        "'elig_age'",
        "elig_age_years",
    ),
    "a criterion that cannot be read": (
        "[elig_age_years] >= 60",
        "[elig_age_years] >=",
        "the end",
        "column 20",
    ),
    "a criterion that is a number": (
        "[elig_age_years] >= 60",
        "[elig_age_years] + 60",
        "a number",
        "true or false",
    ),
    "an unknown visit in a rule": ("[elig_age_years] >=", "[week_7][vas_mm] >=", "'week_7'", "week_6"),
    "a visit without the item": (
        "[elig_age_years] >=",
        "[week_6][sex] >=",
        "'week_6'",
        "is asked",
    ),
    "an unknown instrument": ('instrument = "ODI"', 'instrument = "OID"', "'OID'", "Did you mean 'ODI'"),
    "an item short": (
        '    "odi_standing", "odi_sleeping"',
        '    "odi_sleeping"',
        "found 9",
        "10 items for ODI",
    ),
    "a setting there is not": ("min_answered = 9", "min_answred = 9", "min_answred", "Did you mean"),
    "a score in another unit": (
        'unit = "percent"\nbetter',
        'unit = "points"\nbetter',
        "'points'",
        "'percent'",
    ),
    "an endpoint where it is not measured": (
        'score = "satisfaction"\nvisit = "month_12"',
        'score = "satisfaction"\nvisit = "month_6"',
        "'month_6'",
        "is asked",
    ),
    "a number without end": ("sd = 15", "sd = inf", "inf", "a finite number"),
    "arms that attrition empties": ("per_arm = 157", "per_arm = 2", "found 2", "at least two subjects"),
    "a label that says nothing": ('label = "Baseline"', 'label = " "', "an empty one", "says something"),
    "broken TOML": ("ratio = 1\n", "ratio = \n", "nvalid", "TOML"),
}


@pytest.mark.parametrize("case", SPOILED_TOML)
def test_a_definition_is_refused_naming_file_line_and_what_is_wrong(definition, case: str) -> None:
    old, new, found, wanted = SPOILED_TOML[case]
    line = definition.replace("study.toml", old, new)
    with pytest.raises(StudyError) as caught:
        load_study(definition.folder)
    message = str(caught.value)
    assert found in message
    assert wanted in message
    named = re.match(r"study\.toml:(\d+)", message)
    assert named, message
    assert abs(int(named.group(1)) - line) <= 8, "the line named is at most the table's header away"
    assert "\n" not in message


def test_the_faults_that_one_at_a_time_are_refused_are_all_refused_together(definition) -> None:
    """What is left out spoils another case's line, or can only be read once the names are right."""
    text = (definition.folder / "study.toml").read_text(encoding="utf-8")
    wanted = {}
    for case, (old, new, found, _) in SPOILED_TOML.items():
        if old not in text or case == "broken TOML" or "criterion" in case or "rule" in case:
            continue
        if case in (
            "an unknown instrument",
            "a visit without the item",
            "an endpoint where it is not measured",
        ):
            continue
        text = text.replace(old, new, 1)
        wanted[case] = found
    (definition.folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_study(definition.folder)
    told = " ".join(map(str, (caught.value, *caught.value.also)))
    assert len(wanted) > 15
    assert not [case for case, found in wanted.items() if found not in told], told


@pytest.mark.parametrize(("old", "new"), [("test", "reference"), ("reference", "test")])
def test_the_arms_have_one_reference(definition, old: str, new: str) -> None:
    definition.replace("study.toml", f'role = "{old}"', f'role = "{new}"')
    with pytest.raises(StudyError, match="one arm of role 'reference' and one or more of role 'test'"):
        load_study(definition.folder)


@pytest.mark.parametrize("role", ["test", "reference"])
def test_an_arm_without_a_role_is_told_once_and_given_none(definition, role: str) -> None:
    definition.replace("study.toml", f'role = "{role}"\n', "")
    with pytest.raises(StudyError) as caught:
        load_study(definition.folder)
    told = [str(problem) for problem in (caught.value, *caught.value.also)]
    assert len(told) == 1 and "expected a key 'role'" in told[0], told


def test_a_typo_is_named_on_its_own_line(definition) -> None:
    line = definition.replace("study.toml", "target_days = 365", "taget_days = 365")
    with pytest.raises(StudyError, match=rf"study\.toml:{line}:visits\.month_12\.taget_days"):
        load_study(definition.folder)


SPOILED_DICTIONARY = {
    "a duplicate item": ("odi_care,odi", "odi_pain,odi", "Variable / Field Name", "as on row"),
    "an unknown type": (
        "height_cm,demographics,,text",
        "height_cm,demographics,,txet",
        "Field Type",
        "'text'",
    ),
    "an unknown validation": ("number_1dp", "nmuber", "Text Validation Type", "number"),
    "a number that is none": (",integer,0,100", ",integer,zero,100", "Text Validation Min", "zero"),
    "a code used twice": ("1, Former", "0, Former", "Choices", "'0' twice"),
    "choices without labels": ("0, Never", "Never", "Choices", "Never"),
    "a mistyped tag": ("@PARTIAL-DATE", "@PARTIAL-DAET", "Field Annotation", "PARTIAL-DATE"),
    "branching on an unknown item": (
        "[ae_ongoing] = '0'",
        "[ae_ongoin] = '0'",
        "Branching Logic",
        "Did you mean",
    ),
    "a calculation that cannot be read": ("([height_cm] / 100)", "([height_cm] / 100", "Choices", "')'"),
    "a partial date that is no date": (
        "@UNIT='mm'",
        "@UNIT='mm' @PARTIAL-DATE",
        "Field Annotation",
        "date_ymd",
    ),
    "a form the definition lacks": ("vas_mm,vas,", "vas_mm,vsa,", "", "vas"),
    "an upper-case name": ("height_cm,", "Height_cm,", "Variable / Field Name", "lower-case"),
    "a wrong mark": (
        '2, Current",,,,,,,',
        '2, Current",,,,,,,maybe',
        "Required Field?",
        "maybe",
    ),
}


@pytest.mark.parametrize("case", SPOILED_DICTIONARY)
def test_a_dictionary_is_refused_naming_file_row_and_column(definition, case: str) -> None:
    old, new, column, wanted = SPOILED_DICTIONARY[case]
    row = definition.replace("dictionary.csv", old, new)
    with pytest.raises(StudyError) as caught:
        load_study(definition.folder)
    message = str(caught.value)
    assert wanted in message
    if case != "a form the definition lacks":
        assert message.startswith(f"dictionary.csv:{row}:{column}"), message


def test_a_missing_column_of_the_dictionary_is_named(definition) -> None:
    definition.replace("dictionary.csv", "Field Note", "Field Notes!")
    with pytest.raises(StudyError, match=r"dictionary\.csv:1:column 7.*Did you mean 'Field Note'"):
        load_study(definition.folder)


def test_a_dictionary_in_another_encoding_is_refused_naming_the_line(definition) -> None:
    path = definition.folder / "dictionary.csv"
    path.write_bytes(path.read_bytes().replace(b"Never | 1", b"Jam\xe9s | 1", 1))
    with pytest.raises(StudyError, match=r"dictionary\.csv:\d+:Choices.* expected UTF-8 .*0xE9"):
        load_study(definition.folder)


def test_a_folder_without_a_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"expected a file study\.toml"):
        load_study(tmp_path)
