"""A fault of one entry, or of what it needs, costs that entry: the run tells it in its place and goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems, run_plan
from trialkit.plan import PlanError
from trialkit.report.page import report_page
from trialkit.report.shells import plan_page
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

PLAN = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
ENTRIES = ("P2", "D2", "R1")

# Where the edit begins (an entry's id or a heading), old text, new text, the entries lost, what is told.
EVERY_ONE = {"P2", "D2", "R1"}
FAULTS = {
    "an unknown method": ('id = "P2"', '"ancova"', '"ancva"', {"P2"}, "Did you mean 'ancova'"),
    "an unknown key": ('id = "P2"', "ls_means", "lsmeans", {"P2"}, "ls_means"),
    "a wrong type": ('id = "P2"', 'title = "ODI', 'title = 7 # "', {"P2"}, "title"),
    "an unknown column": ('id = "P2"', "+ sex", "+ sexx", {"P2"}, "'sexx'. Did you mean 'sex'"),
    "an unknown estimand": ('id = "P2"', '"primary"', '"primry"', {"P2"}, "Did you mean 'primary'"),
    "an unknown visit": ('id = "P2"', '"month_12"', '"month_13"', {"P2"}, "found 'month_13'. Did you mean"),
    "a visit not of the study": ("[visits.month_12]", "month_12", "month_13", {"P2"}, "found 'month_12'"),
    "an endpoint of no score": ("[endpoints.odi_change]", '"odi"', '"odo"', {"P2"}, "found 'odo'"),
    "an event of no form": ("[endpoints.recurrence]", '"recurrence"', '"recurence"', {"R1"}, "'recurence'"),
    "a set nobody can read": (
        "[sets.full]",
        '"randomized"',
        '"randomised"',
        {"P2", "D2", "R1"},
        "'randomised'",
    ),
    "an empty set": ("[sets.full]", '"randomized"', '"age_years > 200"', EVERY_ONE, "subjects in the"),
    "a level nobody has": ("[sets.full]", '"randomized"', "\"site = 'Z'\"", EVERY_ONE, "site has A, B"),
}  # fmt: skip


def edited(place: str, old: str, new: str) -> str:
    before, mark, after = PLAN.partition(place)
    assert mark
    assert old in place + after
    return before + (place + after).replace(old, new, 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_run_goes_on_and_says_what_could_not_be_estimated_and_why(fault: str, snapshot: Snapshot):
    place, old, new, lost, told = FAULTS[fault]
    plan = load_plan_text(edited(place, old, new), tolerant=True)
    chosen = [entry for entry in plan.analyses if entry.id in ENTRIES]
    assert {entry.id for entry in chosen} == set(ENTRIES)
    results = run_plan(replace(plan, analyses=tuple(chosen)), snapshot)
    assert {one.id for one in results.analyses if one.failure} == lost
    printed = {entry.anchor: str(entry) for part in report_page(results).sections for entry in part.entries}
    for name in lost:
        assert told in (results[name].failure or "")
        assert "Could not be estimated." in printed[f"entry-{name.lower()}"]


@pytest.mark.parametrize("fault", ["an unknown method", "an unknown column", "an endpoint of no score"])
def test_the_check_names_it_and_the_readable_plan_keeps_its_place(fault: str, study: Study):
    place, old, new, _, told = FAULTS[fault]
    plan = load_plan_text(edited(place, old, new), tolerant=True)
    assert any(told in str(problem) for problem in plan_problems(plan, study))
    if plan.analysis("P2").fault is not None:
        assert "Cannot be read." in str(plan_page(plan, study))


def test_a_plan_whose_arms_do_not_fit_cannot_be_run(snapshot: Snapshot):
    plan = load_plan_text(edited("[plan]", 'test = "exercise"', 'test = "exercize"'), tolerant=True)
    with pytest.raises(PlanError, match="exercize"):
        run_plan(plan, snapshot)


def test_values_of_a_visit_without_a_rule_are_counted_before_any_number(snapshot: Snapshot):
    plan = load_plan_text(PLAN, tolerant=True)
    visits = {name: rule for name, rule in plan.visits.items() if name != "month_3"}
    results = run_plan(replace(plan, visits=visits, analyses=(plan.analysis("D2"),)), snapshot)
    (note,) = [note for note in results.notes if "has no rule" in note]
    told = int(note.partition(": ")[2].partition(" values")[0].replace(",", ""))
    values = snapshot.tables["values"]
    asked = values[(values["visit"] == "month_3") & (values["form"] == "odi")]["subject_id"].nunique()
    assert told >= asked > 100
