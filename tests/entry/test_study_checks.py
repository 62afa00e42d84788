"""Checks that a study writes itself: on a pass, which sees itself only, and on the final record."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

import pytest

from trialkit.entry import TypedValue
from trialkit.entry.checking import EnteredRow, FormEntry, check_entries
from trialkit.entry.rules import StudyRules
from trialkit.entry.study_checks import SubjectDays, completions
from trialkit.study import StudyError, check_study, study_from_texts
from trialkit.study.dictionary_header import COLUMNS
from trialkit.vocabulary import ValueState

TOML = """
[study]
id = "T"
title = "T"
version = "1"
demonstration = true
[arms.a]
label = "A"
role = "reference"
ratio = 1
[arms.b]
label = "B"
role = "test"
ratio = 1
[sites.X]
name = "X"
[sites.Y]
name = "Y"
[anchors.end]
label = "End of the intervention"
after = "randomization"
days = 42
[visits.base]
label = "Baseline"
anchor = "consent"
target_days = 0
window_days = [0, 7]
[visits.m1]
label = "Month 1"
anchor = "end"
target_days = 30
window_days = [20, 40]
[forms.f]
label = "F"
entry = "double"
visits = ["base", "m1"]
[forms.ae]
label = "AE"
entry = "double"
visits = ["m1"]
repeating = true
row_key = "ae_line"
[randomization]
method = "stratified_permuted_blocks"
concealment = "demonstration"
[blinding]
stated = "open"
[checks.odi_at_inclusion]
rule = "[odi] >= 20 and [odi] <= 60"
message = "the ODI at inclusion is 20 to 60"
severity = "hard"
visits = ["base"]
[checks.no_worse]
rule = "[m1][odi] <= [base][odi] + 20"
message = "worse by more than 20 points than at baseline"
[checks.pain_with_score]
rule = "[odi] = 0 or [pain] > 0"
message = "a score and no pain"
[checks.recurrence]
rule = "[onset] > '2025-03-01'"
message = "a recurrence during the intervention"
[reference_ranges.hb_m]
item = "hb"
unit = "g/L"
low = 130
high = 175
sex = "m"
[reference_ranges.hb_f_old]
item = "hb"
unit = "g/L"
low = 115
sex = "f"
age_item = "age"
age_from = 60
[reference_ranges.hb_site]
item = "hb"
unit = "g/L"
high = 160
site = "Y"
"""
ITEMS = {
    "sex": {"Field Type": "radio", COLUMNS[5]: "m, Man | f, Woman"},
    "age": {COLUMNS[7]: "integer"},
    "odi": {COLUMNS[7]: "number", COLUMNS[8]: "0", COLUMNS[9]: "100", "Required Field?": "y"},
    "pain": {COLUMNS[7]: "number"},
    "hb": {COLUMNS[7]: "number", COLUMNS[17]: "@UNIT='g/L'"},
    "ae_line": {"Form Name": "ae", COLUMNS[7]: "integer"},
    "onset": {
        "Form Name": "ae",
        COLUMNS[7]: "date_ymd",
        COLUMNS[17]: "@PARTIAL-DATE",
        COLUMNS[8]: "2025-01-15",
    },
}


def study_of(toml: str = TOML):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow({COLUMNS[0]: "subject_id", "Form Name": "f", "Field Type": "text", "Field Label": "S"})
    for name, cells in ITEMS.items():
        writer.writerow(
            {COLUMNS[0]: name, "Form Name": "f", "Field Type": "text", "Field Label": name} | cells
        )
    return study_from_texts(toml, out.getvalue())


RULES = StudyRules(study_of())


@dataclass
class Final:
    visit: str
    form: str
    row: str
    item: str
    value: TypedValue


def finals(*values: tuple[str, str, str, str | None]) -> list[Final]:
    """(visit, row, item, text); None is blank."""
    return [
        Final(
            visit, "ae" if item in ("onset", "ae_line") else "f", row, item,
            TypedValue(state=ValueState.BLANK) if text is None else TypedValue(text),
        )
        for visit, row, item, text in values
    ]  # fmt: skip


def failed(
    *values: tuple[str, str, str, str | None], days: SubjectDays | None = None
) -> list[tuple[str, str, str]]:
    found = RULES.checks.on_final(finals(*values), days or SubjectDays("X"))
    return [(one.name, one.visit, one.row) for one in found]


@pytest.mark.parametrize(
    ("odi", "names"), [("19", ["odi_at_inclusion"]), ("20", []), ("60", []), ("60.5", ["odi_at_inclusion"])]
)
def test_a_range_at_one_visit_is_a_check_there_only(odi: str, names: list[str]) -> None:
    assert [name for name, *_ in failed(("base", "", "odi", odi), ("base", "", "pain", "1"))] == names
    assert failed(("m1", "", "odi", odi), ("m1", "", "pain", "1")) == []


def test_a_check_across_visits_fails_on_the_final_record_and_knows_nothing_in_a_pass() -> None:
    values = [
        ("base", "", "odi", "20"),
        ("base", "", "pain", "1"),
        ("m1", "", "odi", "41"),
        ("m1", "", "pain", "1"),
    ]
    assert failed(*values) == [("no_worse", "m1", "")]
    assert RULES.checks.on_pass("f", "m1", {"odi": "41", "pain": "1"}) == []


def test_a_check_across_items_warns_in_the_pass_that_holds_them_all() -> None:
    assert RULES.checks.on_pass("f", "m1", {"odi": "30", "pain": "0"}) == ["a score and no pain"]
    assert RULES.checks.on_pass("f", "m1", {"odi": "30"}) == [], "with a missing value it cannot be told"
    assert RULES.checks.on_pass("f", "m1", {"odi": "3O", "pain": "0"}) == [], "unreadable is missing"
    entry = FormEntry(
        "1", "m1", "f", (EnteredRow({"sex": "m", "age": "70", "odi": "30", "pain": "0", "hb": "150"}),)
    )
    (checked,) = check_entries(lambda _: RULES, [entry])
    assert [str(flag) for flag in checked.flags] == ["1/m1/f: a score and no pain"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sex": "m", "hb": "120"}, ["1/m1/f/hb: below the reference range, 130 g/L"]),
        ({"sex": "f", "age": "70", "hb": "114"}, ["1/m1/f/hb: below the reference range, 115 g/L"]),
        ({"sex": "f", "age": "50", "hb": "114"}, []),
        ({"hb": "120"}, []),  # whose, this pass does not say
        ({"sex": "f", "age": "70", "hb": "170"}, []),  # the site's own range waits for the final record
    ],
)
def test_a_reference_range_warns_in_the_pass_that_says_for_whom(
    values: dict[str, str], said: list[str]
) -> None:
    rest = {"sex": "", "age": "", "odi": "30", "pain": "1"}
    (checked,) = check_entries(
        lambda _: RULES, [FormEntry("1", "m1", "f", (EnteredRow({**rest, **values}),))]
    )
    assert [str(flag) for flag in checked.flags] == said


@pytest.mark.parametrize(
    ("onset", "fails"),
    [
        ("2025-02-28", True),
        ("2025-03-02", False),
        ("2025-02", True),
        ("2025-03", False),
        ("2025", False),
        ("2024", True),
    ],
)
def test_a_partial_date_fails_only_where_every_completion_fails(onset: str, fails: bool) -> None:
    found = failed(("m1", "1", "ae_line", "1"), ("m1", "1", "onset", onset))
    assert (("recurrence", "m1", "1") in found) is fails


@pytest.mark.parametrize(
    ("onset", "fails"), [("2025-01", False), ("2024", True), ("2024-12", True), ("2025", False)]
)
def test_a_range_on_a_partial_date_likewise(onset: str, fails: bool) -> None:
    found = failed(("m1", "1", "ae_line", "1"), ("m1", "1", "onset", onset))
    assert (("range", "m1", "1") in found) is fails


@pytest.mark.parametrize(
    ("sex", "age", "site", "hb", "fails"),
    [
        ("m", "50", "X", "129", 1), ("m", "50", "X", "130", 0), ("m", "50", "X", "176", 1),
        ("f", "50", "X", "100", 0),
        ("f", "60", "X", "114", 1), ("f", "59", "X", "114", 0), ("f", None, "X", "114", 0),
        ("m", "50", "Y", "165", 1),
        ("f", "50", "Y", "161", 1), ("f", "50", "X", "161", 0),
    ],
)  # fmt: skip
def test_reference_ranges_hold_by_sex_age_and_site(
    sex: str, age: str | None, site: str, hb: str, fails: int
) -> None:
    values = [("base", "", "sex", sex), ("base", "", "age", age), ("base", "", "hb", hb)]
    found = failed(*values, days=SubjectDays(site))
    assert [name for name, *_ in found].count("reference_range") == fails


@pytest.mark.parametrize(("day", "fails"), [(61, True), (62, False), (82, False), (83, True)])
def test_a_visit_out_of_its_window_is_counted_from_its_anchor(day: int, fails: bool) -> None:
    begin = date(2025, 1, 1)
    seen = date.fromordinal(begin.toordinal() + day)
    found = failed(days=SubjectDays("X", randomization=begin, visits={"m1": seen}))
    assert found == ([("window", "m1", "")] if fails else [])
    assert failed(days=SubjectDays("X", visits={"m1": seen})) == [], "without the anchor it cannot be told"


def test_required_and_blank_is_said_and_a_hard_check_says_so() -> None:
    assert ("required", "m1", "") in failed(("m1", "", "odi", None))
    (found,) = RULES.checks.on_final(
        finals(("base", "", "odi", "99"), ("base", "", "pain", "1")), SubjectDays("X")
    )
    assert (found.hard, found.form, found.item) == (True, "f", "odi")


def test_a_leap_day_is_a_completion() -> None:
    assert len(completions("2024")) == 366
    assert date(2024, 2, 29) in completions("2024-02")
    assert completions("about 2024") == completions("2024-02-30") == completions("2024-13") == []


SPOILED = {
    "an unknown item": ('rule = "[odi] = 0 or', 'rule = "[odo] = 0 or', "Did you mean 'odi'"),
    "no comparison": ('rule = "[odi] = 0 or [pain] > 0"', 'rule = "[odi] + 1"', "true or false"),
    "an unknown visit": (
        'visits = ["base"]\n[checks.no',
        'visits = ["bas"]\n[checks.no',
        "Did you mean 'base'",
    ),
    "an unknown severity": ('severity = "hard"', 'severity = "hrad"', "Did you mean 'hard'"),
    "an unknown sex": ('sex = "m"', 'sex = "x"', "a code of 'sex'"),
    "ages without an item": ('age_item = "age"\n', "", "age_item"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_check_that_cannot_be_is_refused_with_its_place(case: str) -> None:
    old, new, said = SPOILED[case]
    assert old in TOML
    with pytest.raises(StudyError, match=r"study\.toml:\d+") as refused:
        study_of(TOML.replace(old, new, 1))
    assert said in str(refused.value)


def test_a_check_with_a_code_that_is_no_choice_is_found() -> None:
    spoiled = TOML.replace("[odi] = 0 or [pain] > 0", "[sex] = 'female' or [pain] > 0")
    assert "code-no-choice" in {finding.code for finding in check_study(study_of(spoiled))}
    fine = TOML.replace("[odi] = 0 or [pain] > 0", "[sex] = 'f' or [pain] > 0 or [sex] = ''")
    assert "code-no-choice" not in {finding.code for finding in check_study(study_of(fine))}
