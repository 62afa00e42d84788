"""Plans read and checked with the methods there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trialkit.analysis.methods import all_methods
from trialkit.plan import Analysis, Plan, PlanError, check, load
from trialkit.study.model import Study


def load_plan(path: Path | str, *, tolerant: bool = False, checking: bool = False) -> Plan:
    """Read a plan file; see :func:`trialkit.plan.load.load_plan`."""
    path = Path(path)
    return load.load_plan(path, all_methods(), tolerant=tolerant, checking=checking)


def load_plan_text(text: str, name: str = "plan", *, tolerant: bool = False, checking: bool = False) -> Plan:
    """The same from text."""
    return load.load_plan_text(text, all_methods(), name, tolerant=tolerant, checking=checking)


def check_plan(plan: Plan, study: Study) -> None:
    """Refuse a plan that does not fit its study.

    Raises
    ------
    PlanError
        For the first thing that does not fit; :func:`plan_problems` lists them all.
    """
    for problem in plan_problems(plan, study):
        raise problem


def sound_plan(plan: Plan, study: Study) -> Plan:
    """The plan without the parts that do not fit: they cost the entries that need them, and no other.

    Raises
    ------
    PlanError
        The plan is of another study, its arms do not fit, or it has no baseline: nothing can be run.
    """
    return check.sound_plan(plan, study)


def check_entry(entry: Analysis, plan: Plan, study: Study) -> None:
    """Refuse one entry that does not fit."""
    for problem in check.entry_problems(entry, plan, study, all_methods()):
        raise problem


def plan_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Everything in the plan that the study does not know, or that contradicts itself, in plan order."""
    return check.plan_problems(plan, study, all_methods())
