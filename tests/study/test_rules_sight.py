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
def test_branching_of_another_form_is_said_to_ask_everybody(study: Study, branching: str) -> None:
    (found,) = branching_of_another_form(with_item(study, 1, branching=branching))
    assert found.detail.startswith("dictionary asked: it names age, which is not typed with it.")
    assert not list(branching_of_another_form(with_item(study, 0, branching=branching.split("and ")[-1])))


def test_branching_of_another_visit_is_said_to_ask_everybody(study: Study) -> None:
    visit = study.visits[0].name
    (found,) = branching_of_another_form(with_item(study, 0, branching=f"[{visit}][age] > 60"))
    assert f"age@{visit}" in found.detail


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
