"""`study check` names what nobody can do at a form, since it is hidden from everybody who might."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.study.check import check_study
from trialkit.study.findings import Finding
from trialkit.study.load import load_study
from trialkit.study.model import Study
from trialkit.vocabulary import EntryMode, Role

CODE = "nobody-sees-a-hidden-form"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))


def _blinding(study: Study, *roles: Role) -> Study:
    known = study.blinding.blinded_roles
    return replace(study, blinding=replace(study.blinding, blinded_roles=(*known, *roles)))


def _found(study: Study) -> list[Finding]:
    return [finding for finding in check_study(study) if finding.code == CODE]


def test_a_study_whose_data_manager_sees_everything_has_nobody_missing(study: Study) -> None:
    assert not _found(study)
    assert not _found(_blinding(study, Role.MONITOR))[1:]  # a monitor alone verifies the source


def test_each_act_with_nobody_left_is_named_with_its_forms_and_the_roles_that_could(study: Study) -> None:
    found = _found(_blinding(study, Role.MONITOR, Role.DATA_MANAGER))
    by_roles = {
        tuple(finding.next_step.rpartition(": ")[2].rstrip(".").split(", ")): finding for finding in found
    }
    assert set(by_roles) == {("data_manager",), ("monitor",), ("data_manager", "monitor")}
    both = by_roles["data_manager", "monitor"].detail
    assert "At compliance, treatment_stop, deviations nobody can close_query or reopen_query." in both
    alone = by_roles["data_manager",].detail
    for act in ("void_pass", "freeze", "lift_freeze", "export_passes"):
        assert f" {act}" in alone
    assert "nobody can verify_source." in by_roles["monitor",].detail
    assert all("lock_place" not in finding.detail for finding in found)  # the unblinded statistician does
    assert "forms.treatment_stop" in by_roles["data_manager",].where


def test_a_form_of_which_one_item_is_hidden_needs_somebody_for_its_queries_and_no_more(study: Study) -> None:
    scale = next(form for form in study.forms if form.name == "vas")
    item = replace(scale.items[0], reveals_allocation=True)
    partly = replace(study, forms=(replace(scale, items=(item, *scale.items[1:])),), checks=(), scores=())
    (found,) = _found(_blinding(partly, Role.MONITOR, Role.DATA_MANAGER))
    assert "At vas nobody can close_query or reopen_query." in found.detail


def test_who_decides_between_two_entries_is_missing_only_where_there_are_two(study: Study) -> None:
    hidden = next(form for form in study.forms if form.name == "treatment_stop")
    for entry, missing in ((EntryMode.DOUBLE, True), (EntryMode.SINGLE, False)):
        one = replace(study, forms=(replace(hidden, entry=entry),), checks=(), scores=(), criteria=())
        found = _found(_blinding(one, Role.ADJUDICATOR))
        assert any("adjudicate" in finding.detail for finding in found) == missing
