"""`study check` names rules whose names have no value where they are asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.study.check import check_study
from trialkit.study.load import load_study
from trialkit.study.model import Criterion, Form, Item, Study
from trialkit.study.rules_sight import branching_of_another_form, items_of_several_lines
from trialkit.vocabulary import EntryMode, ItemType


@pytest.fixture(scope="module")
def study() -> Study:
    reference = load_study(resources.folder("sample_data"))
    whole = [Item(name, "", name, ItemType.INTEGER) for name in ("age", "days", "grade")]
    base = Form("base", "Base", EntryMode.SINGLE, (reference.visits[0].name,), (whole[0],))
    log = replace(base, name="log", repeating=True, row_key="days", items=(whole[1], whole[2]))
    return replace(reference, forms=(base, log), criteria=(), checks=(), scores=(), factors=())


def with_item(study: Study, form: int, *, calculation: str = "", branching: str = "") -> Study:
    kind = ItemType.DERIVED if calculation else ItemType.INTEGER
    item = Item("asked", "", "asked", kind, calculation=calculation, branching=branching)
    forms = list(study.forms)
    forms[form] = replace(forms[form], items=(*forms[form].items, item))
    return replace(study, forms=tuple(forms))


def test_a_calculation_on_lines_of_another_form_has_no_answer(study: Study) -> None:
    (found,) = items_of_several_lines(with_item(study, 0, calculation="[age] + [days]"))
    assert found.code == "item-of-several-lines" and found.where == ("dictionary asked",)
    assert "days is an item of log, which has several lines" in found.detail
    assert not list(items_of_several_lines(with_item(study, 1, calculation="[days] * 2 + [age]")))


def test_a_criterion_on_lines_has_no_answer(study: Study) -> None:
    judged = replace(study, criteria=(Criterion("few", "inclusion", "few", "[days] < 3"),))
    (found,) = items_of_several_lines(judged)
    assert found.where == ("criteria.few",)


@pytest.mark.parametrize("branching", ["[age] > 60", "[days] > 2 and [age] > 60"])
def test_branching_on_another_form_at_the_same_or_its_one_visit_is_no_finding(
    study: Study, branching: str
) -> None:
    assert not list(branching_of_another_form(with_item(study, 1, branching=branching)))
    later = with_item(study, 1, branching=branching)
    base, log = later.forms
    visit = study.visits[1].name
    elsewhere = replace(later, forms=(base, replace(log, visits=(visit,))))
    assert not list(branching_of_another_form(elsewhere))


def test_branching_without_its_visit_on_what_is_asked_at_several_is_found(study: Study) -> None:
    first, second, third = (visit.name for visit in study.visits[:3])
    base, log = with_item(study, 1, branching="[age] > 60 and [days] > 1").forms
    known = replace(study, forms=(replace(base, visits=(first, second)), replace(log, visits=(first, third))))
    (found,) = branching_of_another_form(known)
    assert found.where == ("dictionary asked",)
    assert f"age is asked at {first}, {second}, and log also at {third}." in found.detail
    named = with_item(study, 1, branching=f"[{second}][age] > 60").forms[1]
    said = replace(known, forms=(known.forms[0], replace(named, visits=(first, third))))
    assert not list(branching_of_another_form(said))


def test_branching_on_lines_is_found_but_on_its_own_line(study: Study) -> None:
    (found,) = branching_of_another_form(with_item(study, 0, branching="[days] > 2"))
    assert "days is an item of log, which has several lines." in found.detail
    assert not list(branching_of_another_form(with_item(study, 1, branching="[days] > 2")))


@pytest.mark.parametrize(
    ("calculation", "code"),
    [
        ("datediff('2024-01-01', '2024-02-01', 'w')", "rule-of-another-kind"),
        ("calcdate('2024-01-01', 3, 'Y')", "rule-of-another-kind"),
        ("if([event-name] = 'week_99', 1, 0)", "code-no-choice"),
        ("if([event-name] = 'baseline_arm_1', 1, 0)", "code-no-choice"),
    ],
)
def test_a_unit_or_visit_that_is_none_is_found(study: Study, calculation: str, code: str) -> None:
    def codes(text: str) -> set[str]:
        return {finding.code for finding in check_study(with_item(study, 0, calculation=text))}

    assert code in codes(calculation)
    fine = calculation.replace("'w'", "'d'").replace("'Y'", "'y'")
    fine = fine.replace("week_99", study.visits[0].name).replace("baseline_arm_1", study.visits[1].name)
    assert code not in codes(fine)
