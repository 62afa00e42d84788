"""Texts that name an arm are found however they are written; texts that speak of something else are not."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.arm_names import arm_names
from trialkit.study.labels import read_labels
from trialkit.study.model import Arm, Item, Study
from trialkit.study.unseen import items_that_tell, without_what_tells
from trialkit.vocabulary import ArmRole, ItemType


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def _named(study: Study, text: str, *, plain_words: bool = False) -> bool:
    return arm_names(study).named_in(text, plain_words=plain_words)


WRITTEN = [
    "{}",
    "Given {} by mistake",
    "(({}))",
    "was on\t{}\nsince May",
]
WAYS = {
    "as it is": lambda t: t,
    "upper": str.upper,
    "spaced": lambda t: " ".join(t),
    "wide": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "decomposed": lambda t: unicodedata.normalize("NFD", t),
    "unseen": lambda t: "\u200b".join(t),
    "soft hyphens": lambda t: "\u00ad".join(t),
    "squeezed": lambda t: t.replace(" ", ""),
    "punctuated": lambda t: t.replace(" ", "_"),
}


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("written", WRITTEN)
def test_a_label_is_found_however_it_is_written(study: Study, written: str, way: str) -> None:
    for arm in study.arms:
        assert _named(study, written.format(WAYS[way](arm.label)))


@pytest.mark.parametrize(
    "text",
    ["the exercise arm", "Allocated to CONTROL", "treatment: exercise", "c o n t r o l group", "control",
     "received exercise", "randomised to the control"],
)  # fmt: skip
def test_a_plain_word_names_an_arm_beside_a_word_that_speaks_of_arms(study: Study, text: str) -> None:
    assert _named(study, text)


@pytest.mark.parametrize(
    "text",
    ["", "Not able to exercise", "Loss of bladder control", "uncontrolled hypertension", "NSAID",
     "moved away", "A fall at home", "迁居", "the group met"],
)  # fmt: skip
def test_what_speaks_of_something_else_is_left_alone(study: Study, text: str) -> None:
    assert not _named(study, text)


def test_where_a_treatment_was_mixed_up_every_word_tells(study: Study) -> None:
    assert _named(study, "Not able to exercise", plain_words=True)
    assert not _named(study, "uncontrolled hypertension", plain_words=True)


def test_arms_of_one_letter_and_labels_without_spaces(study: Study) -> None:
    arms = (Arm("A", "针刺组", ArmRole.TEST), Arm("B", "假针刺", ArmRole.REFERENCE))
    lettered = replace(study, arms=arms, components=())
    for text in ("arm A", "group b", "was allocated to A", "病人在针刺组", "假 针 刺"):
        assert _named(lettered, text), text
    for text in ("A fall", "vitamin B", "患者迁居"):
        assert not _named(lettered, text, plain_words=True), text


WORDS = {
    "number": ("exercises group", "NSAIDs alone", "the controls arm"),
    "tense": ("in the exercising arm", "was allocated to exercising", "exercised group"),
    "another script": (
        "\u0435xercise arm",
        "ex\u0435rcis\u0435 group",
        "c\u03bfntrol arm",
        "\u0441ontrol group",
    ),
    "a letter wrong": ("excercise arm", "exercice group", "received exercse", "contorl group"),
    "said otherwise": ("NSAID only", "NSAIDs only"),
    "by its part": ("the test arm", "Reference group", "in the experimental arm", "intervention group"),
    "a translation": ("单用 NSAID", "单用NSAID", "在锻炼组", "分到单用组", "锻炼 + NSAID"),
}


@pytest.mark.parametrize("way", WORDS)
def test_an_arm_is_found_in_any_number_tense_script_and_language_of_the_study(study: Study, way: str) -> None:
    names = arm_names(study, read_labels(resources.folder("sample_data")).values())
    for text in WORDS[way]:
        assert names.named_in(text, plain_words=False), text


@pytest.mark.parametrize(
    "text",
    ["exercises every day", "exercising hurts", "well controlled diabetes", "a test of strength", "NSAIDs",
     "锻炼时疼痛", "参加锻炼", "患者迁居", "the only group met", "tested at home",
     "refers to a group of muscles",
     "упражнение", "no control over the bladder", "excessive weight group", "contrast agent received"],
)  # fmt: skip
def test_inflected_words_and_other_languages_that_name_no_arm_are_left_alone(study: Study, text: str) -> None:
    names = arm_names(study, read_labels(resources.folder("sample_data")).values())
    assert not names.named_in(text, plain_words=False)


def test_what_is_calculated_from_or_asked_because_of_a_telling_item_tells(study: Study) -> None:
    form = study.form("vas")
    told = Item("told", "vas", "", ItemType.YES_NO, reveals_allocation=True)
    asked = Item("asked", "vas", "", ItemType.TEXT, branching="[told] = '1'")
    sum_ = Item("sum", "vas", "", ItemType.DERIVED, calculation="[asked] + 1")
    plain = Item("plain", "vas", "", ItemType.TEXT, branching="[vas_mm] > 5")
    changed = replace(form, items=(*form.items, told, asked, sum_, plain))
    other = replace(study, forms=tuple(changed if f.name == "vas" else f for f in study.forms))
    assert {"told", "asked", "sum"} <= items_that_tell(other)
    shown = {item.name for item in without_what_tells(other).form("vas").items}
    assert shown == {"vas_mm", "plain"}


def test_the_blinded_have_no_form_of_one_arm(study: Study) -> None:
    hidden = {form.name for form in study.forms} - {form.name for form in without_what_tells(study).forms}
    assert hidden == {"compliance", "treatment_stop", "deviations"}
    assert {score.name for score in study.scores} - {s.name for s in without_what_tells(study).scores} == {
        "compliance"
    }
