"""Which tested questions no family counts: their p values are read as if each were the only one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.model import Analysis, AnalysisRole, Plan
from trialkit.study.model import Study
from trialkit.wording import said

FAMILY = "family"


def outside_of_families(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """A secondary endpoint that is tested, and stands neither in a family nor for the primary question.

    A further analysis of an endpoint that is in one asks the same question again, and is left alone; so is
    the only secondary endpoint of a plan without families.
    """
    if plan.is_unread("method", "role", FAMILY):
        return
    members = {
        name.partition(":")[0].strip() for entry in plan.analyses for name in _said(entry).get(FAMILY, ())
    }
    asked = {
        _said(entry).get("endpoint")
        for entry in plan.analyses
        if entry.id in members or entry.role is AnalysisRole.PRIMARY
    }
    if asked - {None, *plan.endpoints, *plan.broken}:
        return  # a name that nobody knows may be the one that is missed
    tested = [entry for entry in plan.analyses if _is_tested(entry) and entry.keys["endpoint"] not in asked]
    if not members and len({entry.keys["endpoint"] for entry in tested}) < 2:
        return
    for entry in tested:
        yield PlanWarning(
            expected="a family for every secondary endpoint that is tested",
            found=said("{endpoint} tested in none", endpoint=entry.keys["endpoint"]),
            where=f"{entry.where} ({entry.id})",
            next_step='Name the entry in the family of a "multiplicity" entry, or make it exploratory.',
        )


def _said(entry: Analysis) -> Mapping[str, Any]:
    """What an entry says, of one with a fault what can be read: nothing follows from the fault."""
    return entry.keys if entry.fault is None else entry.readable


def _is_tested(entry: Analysis) -> bool:
    return entry.role is AnalysisRole.SECONDARY and bool(entry.keys.get("test")) and "endpoint" in entry.keys
