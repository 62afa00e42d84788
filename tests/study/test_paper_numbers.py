"""A form and its lines have one number on everybody's paper and screen; the blinded see no gap in it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.report.crf import crf_html
from trialkit.study import load_study
from trialkit.study.model import Study
from trialkit.study.paper_numbers import numbered
from trialkit.study.unseen import items_that_tell, tells_arm, without_what_tells

STUDY = load_study(resources.folder("sample_data"))


def _shown(study: Study) -> dict[str, str]:
    """What stands before each form and item, forms as ``6``, items as ``6.2``."""
    forms = {form.name: form.place for form in study.forms}
    return forms | {
        item.name: f"{form.place}.{form.line_numbers[item.name]}"
        for form in study.forms
        for item in form.items
    }


def test_the_blinded_see_the_numbers_of_the_paper_and_no_gap() -> None:
    whole, seen = _shown(STUDY), _shown(without_what_tells(STUDY))
    assert seen.items() < whole.items(), "hidden forms are hidden, and no other number changed"
    blinded = without_what_tells(STUDY)
    assert [form.place for form in blinded.forms] == [str(n) for n in range(1, len(blinded.forms) + 1)]
    hidden = {form.name for form in STUDY.forms if tells_arm(form)}
    assert hidden and all(re.fullmatch(r"\d+[a-z]", whole[name]) for name in hidden)


def test_a_study_that_never_had_the_form_is_numbered_like_the_blinded_ones() -> None:
    hidden = {form.name for form in STUDY.forms if tells_arm(form)}
    never = _shown(without_what_tells(STUDY))
    without = numbered(replace(without_what_tells(STUDY)))
    assert _shown(without) == never and not hidden & never.keys()


def test_an_item_that_tells_has_the_number_before_it_with_a_letter() -> None:
    form = next(form for form in STUDY.forms if form.name == "odi")
    second = replace(form.items[1], reveals_allocation=True)
    items = (form.items[0], second, *form.items[2:])
    study = numbered(replace(STUDY, forms=(replace(form, items=items),), scores=(), checks=()))
    lines = study.forms[0].line_numbers
    telling = items_that_tell(study)
    assert list(lines.values())[:3] == ["1", "1a", "2"] and second.name in telling
    seen = [line for name, line in lines.items() if name not in telling]
    assert seen == [str(n) for n in range(1, len(seen) + 1)]
    assert without_what_tells(study).forms[0].line_numbers == {
        name: line for name, line in lines.items() if name not in telling
    }


def _with_own_numbers(*, hidden: bool) -> Study:
    """Study A, its ODI numbered by the form's author, one item of it perhaps one that tells an arm."""
    form = next(form for form in STUDY.forms if form.name == "odi")
    items = tuple(
        replace(item, question_number=f"Q{n}", reveals_allocation=hidden and n == 2)
        for n, item in enumerate(form.items, start=1)
    )
    return numbered(replace(STUDY, forms=(replace(form, items=items),), scores=(), checks=()))


def test_the_authors_own_numbers_are_not_shown_to_whom_an_item_between_them_is_not() -> None:
    study = _with_own_numbers(hidden=True)
    assert list(study.forms[0].line_numbers.values())[:3] == ["Q1", "Q2", "Q3"]
    (seen,) = without_what_tells(study).forms
    assert study.forms[0].items[1].name not in seen.line_numbers
    assert {*seen.line_numbers.values(), *(item.question_number for item in seen.items)} == {""}
    whole = without_what_tells(_with_own_numbers(hidden=False)).forms[0]
    assert list(whole.line_numbers.values())[:3] == ["Q1", "Q2", "Q3"], (
        "all of it is shown, so its numbers are"
    )


@pytest.mark.parametrize("annotated", [False, True])
def test_both_papers_bear_them(annotated: bool) -> None:
    def headed(study: Study) -> dict[str, str]:
        found = re.findall(r"<h1>(\w+)\. ([^<]+)</h1>", crf_html(study, annotated=annotated))
        return {label: number for number, label in found}

    whole, seen = headed(STUDY), headed(without_what_tells(STUDY))
    assert seen.items() < whole.items() and set(whole.values()) == {form.place for form in STUDY.forms}
