"""What slips into a dictionary: tags a letter off, comments, other quotation marks, sheets of notes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from trialkit.expressions import ExpressionError, evaluate, parse
from trialkit.study import StudyError, load_study
from trialkit.study.annotation_signs import OUR_TAGS
from trialkit.study.annotations import MistypedTagError, read_annotations
from trialkit.study.dictionary import date_orders, read_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.dictionary_header import COLUMNS
from trialkit.study.fields import items_of_field
from trialkit.study.validations import UnknownValidationError, read_validation
from trialkit.vocabulary import ItemType

_PLAIN = {"UNIT": "@UNIT=kg", "AGREE-WITHIN": "@AGREE-WITHIN=2", "MISSING": "@MISSING='unknown'"}
_WIDE = {ord(plain): ord(plain) + 0xFEE0 for plain in map(chr, range(0x21, 0x7F))}


def tag(name: str) -> str:
    return _PLAIN.get(name, f"@{name}")


@pytest.mark.parametrize("name", OUR_TAGS)
def test_a_full_width_tag_is_the_tag(name: str) -> None:
    written = tag(name)
    for wide in (
        "\uff20" + written[1:],
        written.partition("=")[0].translate(_WIDE) + written[len(name) + 1 :],
    ):
        assert read_annotations(wide) == read_annotations(written), wide
        assert read_annotations(written) != read_annotations("")


@pytest.mark.parametrize("name", OUR_TAGS)
def test_a_tag_of_ours_with_a_slip_is_refused_and_named(name: str) -> None:
    """Neighbours exchanged, a letter left out or another, a gap behind the sign; the first letter stays."""
    value = tag(name).partition("=")[2]
    rest = f"={value}" if value else ""
    slips = {name[:n] + name[n + 1] + name[n] + name[n + 2 :] for n in range(len(name) - 1)}
    slips |= {name[:n] + name[n + 1 :] for n in range(1, len(name))} if len(name) > 4 else set()
    slips |= {f" {name}", f" {name.lower()}"}
    slips |= {name[:n] + "X" + name[n + 1 :] for n in range(1, len(name))} if rest else set()
    for slip in sorted(slips - {name}):
        if slip.startswith("-") or "--" in slip:
            continue
        with pytest.raises(MistypedTagError) as refused:
            read_annotations(f"@{slip}{rest}")
        assert refused.value.meant == name, slip


@pytest.mark.parametrize(
    "prose", ["seen @ noon", "mail ada@site.org", "@ 5 pm", "@FORMULA @INIT", "\uff20 home"]
)
def test_prose_and_foreign_tags_are_refused_by_nobody(prose: str) -> None:
    assert not read_annotations(prose).critical


def test_comments_and_a_word_processors_quotation_marks_are_read() -> None:
    rule = "// asked of women\n[sex] = \u201cf\u201d  \n # and not before\nand [age] > \u201818\u2019"
    tree = parse(rule)
    assert evaluate(tree, lambda name: {"sex": "f", "age": "30"}[name.item]) is True
    assert evaluate(parse("[a] / 2"), lambda name: "4") == 2
    with pytest.raises(ExpressionError):
        parse("[a] // 2")
    with pytest.raises(ExpressionError):
        parse("// nothing else")


@pytest.mark.parametrize(
    ("name", "kind", "noted"),
    [
        ("Number", ItemType.NUMBER, False),
        ("DATE_YMD", ItemType.DATE, False),
        ("time_hh_mm_ss_ampm", ItemType.TEXT, True),
        ("number_range_slider", ItemType.TEXT, True),
        ("ckid", ItemType.TEXT, True),
    ],
)
def test_another_case_is_the_same_validation_and_an_own_one_is_kept_as_text(
    name: str, kind: ItemType, noted: bool
) -> None:
    found = read_validation(name)
    assert (found.type, bool(found.note)) == (kind, noted)


@pytest.mark.parametrize(
    ("older", "today"),
    [
        ("int", "integer"),
        ("float", "number"),
        ("date", "date_ymd"),
        ("datetime", "datetime_ymd"),
        ("datetime_seconds", "datetime_seconds_ymd"),
        ("Float", "number"),
    ],
)
def test_an_older_name_is_what_redcap_takes_it_for(older: str, today: str) -> None:
    assert read_validation(older) == read_validation(today)
    assert not read_validation(older).note
    with_bounds = "\n".join(
        [
            ",".join(f'"{column}"' for column in COLUMNS),
            "rec,f,,text,,,,,,,,,,,,,,",
            f"a,f,,text,,,,{older},,,,,,,,,,",
        ]
    )
    assert read_dictionary(with_bounds).items[0].type is read_validation(today).type


@pytest.mark.parametrize("name", ["numbr", "intger", "dat_ymd"])
def test_a_validation_with_a_slip_is_refused(name: str) -> None:
    with pytest.raises(UnknownValidationError):
        read_validation(name)


def row(name: str, **cells: str) -> dict[str, str]:
    given = {"Variable / Field Name": name, "Form Name": "f", "Field Type": "text", "Field Label": name}
    keys = {"kind": "Field Type", "check": COLUMNS[7], "branching": COLUMNS[11], "choices": COLUMNS[5]}
    return dict.fromkeys(COLUMNS, "") | given | {keys[key]: text for key, text in cells.items()}


def text_of(*rows: dict[str, str]) -> str:
    lines = [list(COLUMNS), *([cells[column] for column in COLUMNS] for cells in (row("rec"), *rows))]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"


def test_a_slider_goes_from_0_to_100() -> None:
    (slider,) = read_dictionary(text_of(row("pain", kind="slider"))).items
    assert (slider.minimum, slider.maximum) == (0, 100)


def test_every_fault_of_a_dictionary_is_named_at_once() -> None:
    faults = [row("One"), row("two", kind="txt"), row("three", check="numbr"), row("four", kind="radio")]
    with pytest.raises(StudyError) as refused:
        read_dictionary(text_of(row("fine"), *faults, row("fine")))
    places = [error.where for error in (refused.value, *refused.value.also)]
    assert [place.split(":")[1] for place in places] == ["4", "5", "6", "7", "8"]


def test_every_fault_of_a_definition_is_named_at_once(definition) -> None:
    definition.replace("study.toml", "[randomization]\n", "[randomization]\nspare = 1\n")
    definition.replace("study.toml", "[blinding]\n", "[blinding]\nspare = 1\n")
    definition.append("study.toml", "\n[spare]\n")
    with pytest.raises(StudyError) as refused:
        load_study(definition.folder)
    told = " ".join(map(str, (refused.value, *refused.value.also)))
    assert "randomization.spare" in told
    assert "blinding.spare" in told


def test_the_sheet_with_the_dictionary_is_found_behind_one_of_notes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["What changed since May"])
    sheet = book.create_sheet("Dictionary")
    sheet.append(list(COLUMNS))
    for cells in (row("rec"), row("weight", check="number")):
        sheet.append([cells[column] for column in COLUMNS])
    book.save(tmp_path / "dictionary.xlsx")
    items = read_dictionary(dictionary_text(tmp_path / "dictionary.xlsx")).items
    assert [item.name for item in items] == ["weight"]


def test_the_order_of_dates_is_the_dictionarys() -> None:
    rows = row("a", check="date_dmy"), row("b", check="datetime_mdy"), row("c", check="Date"), row("d")
    assert date_orders(text_of(*rows)) == {"a": "dmy", "b": "mdy", "c": "ymd"}
    assert date_orders(text_of(row("a", check="number"))) == {}


STUCK = (
    *("@-CRITICAL", "@\u200bCRITICAL", "@CRIT\u00adICAL", "@_critical", "@@CRITICAL", "@: UNIT='mm'"),
    *("@.MISSING=''", "@\u0421RITICAL", "@\u03a1ARTIAL-DATE", "VAS@CRITICAL", "@*REVEALS-ALLOCATION"),
    *("@REVEALS\u2013ALLOCATION", "@REVEALS\u2014ALLOCATION", "@REVEALS\u2011ALLOCATION"),
    *("@REVEALS ALLOCATION", "@REVEALS -ALLOCATION", "@reveals- allocation", "@REVEALSALLOCATION"),
    *("@REVEAL ALLOCATION", "@reveals_ allocations", "@PARTIEL \u2013 DATE"),
    *("@REVEALS", "@reveals", "@PARTIAL"),
    *("@  CRITICAL", "@\n\nUNIT='mm'", "@-REVEALS ALLOCATION", "@ CRI TICAL", "@.RE TIRED", "x@@CRITICAL"),
    *("see .@CRITICAL", "VAS@ UNIT", "\uff20 \uff23RITICAL", "@- reveals\u2014allocation", "@  MISSNG=''"),
    *("@CRI TICAL", "@CRIT-ICAL", "@AGREE\u2212WITHIN=1", "@PARTIAL DATE", "@RE/TIRED"),
)


@pytest.mark.parametrize("text", STUCK)
def test_a_tag_of_ours_with_something_stuck_to_it_is_not_lost(text: str) -> None:
    if text in ("@\u200bCRITICAL", "@CRIT\u00adICAL"):  # nobody sees that anything is there
        assert read_annotations(text).critical
        return
    with pytest.raises(MistypedTagError) as caught:
        read_annotations(text)
    assert caught.value.meant in OUR_TAGS


PROSE = (
    *("a@unit.org", "@ noon", "@-5 degrees", "@unitary", "@re: tired", "@home - critical"),
    *("seen by@ @kg", "nurse@ward.critical", "call (02) 5@unit-3", "@ the unit", "@home, critical"),
    *("@reveal later", "@agree with him", "@partly dated"),
    "\u533b\u9662@\u5ba2\u670d",
)


@pytest.mark.parametrize("prose", PROSE)
def test_addresses_and_prose_with_the_sign_are_no_tags_of_ours(prose: str) -> None:
    assert not read_annotations(prose).critical


LOGIC = "Branching Logic (Show field only if...)"


def _field(**cells: str):
    notes: list[str] = []
    row = dict.fromkeys((*COLUMNS,), "") | {COLUMNS[0]: "x", COLUMNS[1]: "f", "Field Type": "text"} | cells
    made = items_of_field(row, notes)
    return made[0], notes


@pytest.mark.parametrize(
    "logic",
    ["[user-name] = 'ann'", "[age] > 5 and [record-dag-name] = 'leeds'", "[previous-event-name][age] > 5",
     "[age][current-instance] = 1", "[user-role-label:x] = 'y'", "[is-survey] = 1"],
)  # fmt: skip
def test_logic_that_only_redcap_can_answer_is_listed_and_does_not_refuse_the_dictionary(logic: str) -> None:
    item, notes = _field(**{LOGIC: logic})
    assert item.branching == "" and len(notes) == 1 and "which only REDCap knows" in notes[0]
    choices = "Choices, Calculations, OR Slider Labels"
    calculated, notes = _field(**{"Field Type": "calc", choices: f"if({logic}, 1, 2)"})
    assert (calculated.type, calculated.calculation) == (ItemType.NUMBER, "") and len(notes) == 1


@pytest.mark.parametrize("logic", ["[event-name] = 'baseline'", "[age] > 5", "[word] = '[user-name]'"])
def test_logic_that_can_be_answered_stays(logic: str) -> None:
    item, notes = _field(**{LOGIC: logic})
    assert (item.branching, notes) == (logic, [])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("[a] = null", False),
        ("[gone] = null", True),
        ("[gone] <> NULL", False),
        ("if([a] = 1, 5, null)", 5.0),
        ("if([a] = 2, 5, null)", None),
        ("if([a] = 1, 5, )", 5.0),
        ("if([a] = 2, 5,)", None),
        ("if([a] = 1, , 7)", None),
        ("if([a] = 2, , 7)", 7.0),
    ],
)
def test_nothing_may_be_said_as_null_or_by_an_empty_branch(text: str, answer: object) -> None:
    values = {"a": 1.0}
    assert evaluate(parse(text), lambda name: values.get(name.item)) == answer


@pytest.mark.parametrize("text", ["round(1,)", "sum(1,,2)", "if([a]=1,2,3,)", "if(,1,2)", "(null) + "])
def test_an_empty_argument_elsewhere_is_still_a_slip(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)
