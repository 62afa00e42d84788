"""The paper of a randomization shows labels beside codes, and is as long in either arm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from trialkit import resources
from trialkit.operations import Allocated
from trialkit.report.confirmation import arm_shown, confirmation_text, filled_up
from trialkit.study import load_study
from trialkit.study.model import Choice

STUDY = load_study(resources.folder("sample_data"))


def confirmation(study=STUDY, level: str = "female") -> str:
    at = datetime(2024, 5, 31, 8, 30, tzinfo=UTC)
    answer = Allocated("A-001", "A", study.arms[0].name, at, "cara", False, 12, "ab" * 32, "")
    values = {"site": "A", "sex": level}
    return confirmation_text(study, answer, values, account="cara", role="coordinator")


def test_a_level_whose_code_is_a_word_stands_alone() -> None:
    assert "Stratum       site A, sex female\n" in confirmation()


def test_a_level_whose_code_says_nothing_has_its_label_beside_it() -> None:
    factor = next(factor for factor in STUDY.factors if factor.name == "sex")
    item = STUDY.item(factor.item or "")
    coded = replace(item, choices=(Choice("1", "female"), Choice("2", "male")))
    forms = tuple(
        replace(form, items=tuple(coded if one.name == item.name else one for one in form.items))
        for form in STUDY.forms
    )
    assert "Stratum       site A, sex 1 (female)\n" in confirmation(replace(STUDY, forms=forms), "1")


def test_the_file_is_as_long_in_either_arm() -> None:
    lengths = {len((arm_shown(STUDY, arm.name) + filled_up(STUDY, arm.name)).encode()) for arm in STUDY.arms}
    assert len(lengths) == 1
