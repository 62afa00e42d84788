"""A new version of a study held against the one before it, change by change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.study.conftest import SAMPLE, Definition
from trialkit.study import StudyError, load_study
from trialkit.study.amendment import compare_versions, require_amendment
from trialkit.study.asked import items_asked, without_retired

WAS = load_study(SAMPLE)
Edits = tuple[tuple[str, str, str], ...]
"""File, what stood there, and what stands there now; of each the first place."""
UP: Edits = (("study.toml", f'version = "{WAS.version}"', 'version = "next"'),)


def amended(definition: Definition, edits: Edits):
    for file, old, new in (*edits, *UP):
        definition.replace(file, old, new)
    return load_study(definition.folder)


def line_of(name: str) -> str:
    """The dictionary's row of an item, with its line end."""
    rows = (SAMPLE / "dictionary.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return next(row for row in rows if row.startswith(f"{name},"))


def part_of(table: str) -> str:
    """A table of the definition, with its heading."""
    text = (SAMPLE / "study.toml").read_text(encoding="utf-8")
    start = text.index(f"[{table}]\n")
    end = text.find("\n[", start)
    return text[start : end + 1]


HEIGHT = line_of("height_cm")
NEW_ITEM = HEIGHT.replace("height_cm", "waist_cm").replace("Height", "Waist")
NEW_VISIT = '[visits.month_60]\nlabel = "60 months"\nanchor = "randomization"\ntarget_days = 1825\n\n'


def test_the_same_definition_is_no_amendment() -> None:
    found = compare_versions(WAS, WAS)
    assert [str(one.expected) for one in found.refusals] == ["a definition that differs"]


def tagged(name: str, tag: str = "@RETIRED") -> tuple[str, str, str]:
    """An edit: the tag after whatever stands last on the item's row, which is its annotation."""
    row = line_of(name)
    return ("dictionary.csv", row, row.rstrip("\n") + f" {tag}\n")


def item(name: str, old: str, new: str) -> tuple[str, str, str]:
    row = line_of(name)
    assert old in row
    return ("dictionary.csv", row, row.replace(old, new, 1))


def table(name: str, old: str, new: str) -> tuple[str, str, str]:
    part = part_of(name)
    assert old in part
    return ("study.toml", part, part.replace(old, new, 1))


TAKEN: dict[str, tuple[Edits, str]] = {
    "item added": ((("dictionary.csv", HEIGHT, HEIGHT + NEW_ITEM),), "item waist_cm: added"),
    "item retired": ((tagged("smoking"),), "item smoking: retired"),
    "item relabelled": (
        (item("height_cm", "Height", "Standing height"),),
        "item height_cm: relabelled: Height -> Standing height",
    ),
    "range": ((item("height_cm", "210", "230"),), "item height_cm: range: 120 to 210 -> 120 to 230"),
    "required no more": (
        (item("height_cm", ",y,", ",,"),),
        "item height_cm, required: changed: yes -> no",
    ),
    "branching": (
        (item("smoking", '",,,,,,,,', '",,,,,,[height_cm] > 0,,'),),
        "item smoking, branching: changed: nothing -> [height_cm] > 0",
    ),
    "code added": (
        (item("smoking", "2, Current", "2, Current | 3, Unknown"),),
        "item smoking: code added: nothing -> 3, Unknown",
    ),
    "code respelt": ((item("smoking", "2, Current", "2,  CURRENT. "),), ""),
    "visit added": (
        (("study.toml", "[forms.consent]", NEW_VISIT + "[forms.consent]"),),
        "visit month_60: added",
    ),
    "form at a visit more": (
        (table("forms.demographics", '["baseline"]', '["baseline", "month_12"]'),),
        "form demographics at month_12: added",
    ),
    "form retired": (
        (table("forms.arm_guess", "label", "retired = true\nlabel"),),
        "form arm_guess: retired",
    ),
    "form at a visit retired": (
        (table("forms.odi", "label", 'retired_visits = ["month_6"]\nlabel'),),
        "form odi at month_6: retired",
    ),
    "visit moved": (
        (table("visits.month_12", "target_days = 365", "target_days = 370"),),
        "visit month_12, day: changed: day 365 (335 to 425) after randomization"
        " -> day 370 (335 to 425) after randomization",
    ),
    "criterion": (
        (table("criteria.age", "label", "label = 'as amended' #"),),
        "criterion age: changed: ",
    ),
    "consent": (
        (("study.toml", "[components.exercise]", '[consent]\nversion = "2"\n\n[components.exercise]'),),
        "consent: changed: version none -> version 2",
    ),
    "title": ((table("study", "title = ", 'title = "T" # '),), "title: changed: "),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_change_that_is_taken_is_told(definition: Definition, case: str) -> None:
    edits, expected = TAKEN[case]
    found = require_amendment(WAS, amended(definition, edits))
    told = [str(change) for change in found.changes]
    assert (not told) if not expected else [text for text in told if text.startswith(expected)], told


REFUSED: dict[str, tuple[Edits, str, str, str]] = {
    "item gone": (
        (("dictionary.csv", line_of("smoking"), ""),), "item smoking", "item smoking", "@RETIRED"),
    "type": ((item("height_cm", "number_1dp", ""),), "type", "item height_cm", "another name"),
    "unit": ((item("height_cm", "'cm'", "'mm'"),), "unit", "item height_cm", "another name"),
    "hidden": (
        (tagged("smoking", "@REVEALS-ALLOCATION"),), "blinding", "item smoking", "another name"),
    "code with a new meaning": (
        (item("smoking", "2, Current", "2, Ex-smoker"),),
        "code 2 to mean 'Current'",
        "item smoking",
        "--same-meaning smoking=2",
    ),
    "codes swapped": (
        (item("smoking", "0, Never | 1, Former", "1, Never | 0, Former"),),
        "code 0 to mean 'Never'",
        "item smoking",
        "--same-meaning smoking=0",
    ),
    "code gone": (
        (item("smoking", " | 2, Current", ""),), "code 2 (Current)", "item smoking", "in its label"),
    "visit of a form gone": (
        (table("forms.vas", '"month_3", ', ""),), "visit month_3", "form vas", "retired_visits"),
    "entered once": (
        (table("forms.vas", "double", "single"),), "entry double as before", "form vas", "Retire the form"),
    "arm ratio": ((table("arms.exercise", "ratio = 1", "ratio = 2"),), "[arms]", "[arms]", "not amended"),
    "site gone": ((("study.toml", part_of("sites.E"), ""),), "site E", "site E", "Put it back"),
    "stratum": (
        (item("sex", "male, Male", "male, Male | other, Other"),), "[factors]", "[factors]", "not amended"),
    "another study": ((table("study", "id = ", 'id = "other" # '),), "id", "[study]", "study of its own"),
    "simulated": (
        (table("study", "demonstration = true", "demonstration = false"),),
        "demonstration", "[study]", "study of its own"),
    "blinded": (
        (table("blinding", "blinded_roles = [", 'blinded_roles = ["monitor", '),),
        "blinded_roles", "[blinding]", "as it was"),
    "concealment": (
        (table("randomization", "concealment = ", 'concealment = "server" # '),),
        "concealment", "concealment", "not amended"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_is_refused_says_why_and_what_to_do(definition: Definition, case: str) -> None:
    edits, expected, where, next_step = REFUSED[case]
    now = amended(definition, edits)
    with pytest.raises(StudyError) as error:
        require_amendment(WAS, now)
    refusals = [error.value, *error.value.also]
    fitting = [one for one in refusals if expected in one.expected or expected in one.where]
    assert fitting, [str(one) for one in refusals]
    assert where in fitting[0].where
    assert next_step in fitting[0].next_step
    assert fitting[0].found


def test_a_visit_with_data_is_retired_and_not_removed() -> None:
    now = replace(WAS, visits=WAS.visits[:-1], version="next", sha256="another")
    assert [(one.where, one.next_step) for one in compare_versions(WAS, now).refusals] == [
        ("visit month_12", "Put it back, and mark it: retired = true.")
    ]


def test_every_refusal_of_a_definition_is_told_at_once(definition: Definition) -> None:
    now = amended(definition, (item("smoking", "2, Current", "2, Other"), item("height_cm", "'cm'", "'mm'")))
    assert len(compare_versions(WAS, now).refusals) == 2


def test_the_same_meaning_in_other_words_is_taken_where_somebody_says_so(definition: Definition) -> None:
    now = amended(definition, (item("smoking", "2, Current", "2, Smokes today"),))
    found = require_amendment(WAS, now, same_meaning={"smoking=2"})
    assert [str(one) for one in found.changes] == [
        "item smoking, code 2: relabelled: Current -> Smokes today"
    ]


def test_a_code_that_is_none_is_not_said_to_mean_the_same(definition: Definition) -> None:
    now = amended(definition, (item("smoking", "2, Current", "2, Smokes today"),))
    refusals = compare_versions(WAS, now, same_meaning={"smokin=2"}).refusals
    assert [one.where for one in refusals] == ["--same-meaning", "item smoking"]


def test_a_version_needs_a_name_of_its_own(definition: Definition) -> None:
    definition.replace(*item("height_cm", "210", "230"))
    refusals = compare_versions(WAS, load_study(definition.folder)).refusals
    assert [one.where for one in refusals] == ["[study] version"]


def test_a_retired_item_is_asked_no_more_and_stays_in_the_definition(definition: Definition) -> None:
    now = amended(definition, (tagged("smoking"),))
    assert "smoking" not in items_asked(now)
    assert now.item("smoking").label == "Smoking"
    assert set(items_asked(WAS)) - set(items_asked(now)) == {"smoking"}


def test_a_retired_visit_and_form_are_left_out_of_what_is_asked(definition: Definition) -> None:
    now = amended(
        definition,
        (
            table("visits.week_6", "label", "retired = true\nlabel"),
            table("forms.vas", "label", 'retired_visits = ["month_3"]\nlabel'),
            table("forms.arm_guess", "label", "retired = true\nlabel"),
        ),
    )
    asked = without_retired(now)
    assert [visit.name for visit in asked.visits] == [
        visit.name for visit in WAS.visits if visit.name != "week_6"
    ]
    assert not any("week_6" in form.visits for form in asked.forms)
    assert "month_3" not in asked.form("vas").visits
    only_then = {form.name for form in WAS.forms if set(form.visits) == {"week_6"}}
    gone = {form.name for form in WAS.forms} - {form.name for form in asked.forms}
    assert only_then and gone == {"arm_guess", *only_then}


@pytest.mark.parametrize(
    ("edits", "where"),
    [
        ((tagged("sex"),), "factor sex"),
        ((tagged("elig_age_years"),), "criterion age"),
        ((tagged("ae_line"),), "form adverse_events"),
    ],
)
def test_what_is_still_needed_is_not_retired(definition: Definition, edits: Edits, where: str) -> None:
    with pytest.raises(StudyError) as error:
        amended(definition, edits)
    assert where in error.value.expected
    assert error.value.next_step


def test_nothing_is_asked_because_of_a_retired_item(definition: Definition) -> None:
    branching = item("smoking", '",,,,,,,,', '",,,,,,[height_cm] > 0,,')
    with pytest.raises(StudyError, match="'height_cm', which is retired"):
        amended(definition, (branching, tagged("height_cm")))
