"""A set's note held against its rule, where facts decide: arm, everybody, treatment, deviations, numbers.

What a note says otherwise is for its readers to judge; nothing is told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.model import AnalysisSet, ArmColumn, Plan
from trialkit.study.model import Study
from trialkit.wording import said

_ALLOCATED = re.compile(
    r"\bin the arms?\b[^.;]{0,30}\b(?:list|allocated|assigned|randomi[sz]ed|randomi[sz]ation|planned"
    r"|minimi[sz]ation|envelope)\b|\bintention[- ]to[- ]treat\b|\bas (?:randomi[sz]ed|allocated|assigned)\b",
    re.IGNORECASE,
)
_RECEIVED = re.compile(
    r"\bin the arms?\b[^.;]{0,30}\b(?:received|treated|taken|took|got|actual)\b|\bas treated\b", re.IGNORECASE
)
_EVERYBODY = re.compile(
    r"^(?:every(?:one|body)|all(?: (?:subjects|participants|patients))?)(?: who (?:was|were))? randomi[sz]ed"
    r"\s*(?:[,.;(]|$|in the arms?\b)",
    re.IGNORECASE,
)
_TREATED = re.compile(
    r"\b(?:received|took|taken|given|had)\b[^.;,]{0,20}\b(?:any|at least one|one or more)\b"
    r"|\bat least one dose\b|^(?:every(?:one|body)|all(?: subjects| participants| patients)?)"
    r"(?: who (?:was|were))? treated\b",
    re.IGNORECASE,
)
_WITHOUT_DEVIATIONS = re.compile(
    r"\b(?:no|without|free of)\b[^.;,]{0,30}\b(?:deviations?|violations?)\b", re.IGNORECASE
)
_NOT_RANDOMIZED = re.compile(r"\bnot a randomi[sz]ed comparison\b", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent)")
_COMPARED = re.compile(r"(?:<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)")
_BY_TREATMENT = ("treated", "actual_arm", "compliance")


def notes_of_sets(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """What a note says of its set, and the set is not."""
    for one in plan.sets.values():
        for expected, found in _said_and_not_so(one):
            yield PlanWarning(
                expected=expected,
                found=found,
                where=said("sets/{name}/note", name=one.name),
                next_step="The report prints the note, and counts by the rule: make them one.",
            )


def _said_and_not_so(one: AnalysisSet) -> Iterator[tuple[str, str]]:
    """What its note asks of the set, and what the set has instead."""
    rules = " ".join((one.rule, *(rule for rule, _ in one.requires)))
    yield from _of_the_arm(one, rules)
    limited = one.rule.strip() != "randomized" or one.requires or one.without
    if _EVERYBODY.search(one.note.strip()) and limited:
        yield said("everybody randomized in the set, as its note says"), one.whole_rule
    if _TREATED.search(one.note) and not any(re.search(rf"\b{name}\b", rules) for name in _BY_TREATMENT):
        yield said("whoever received treatment in the set, as its note says"), one.whole_rule
    if _WITHOUT_DEVIATIONS.search(one.note) and not one.without:
        yield said("who is without deviations in the set, as its note says (without = ...)"), one.whole_rule
    if _NOT_RANDOMIZED.search(one.note) and one.randomized:
        yield said('comparison = "not randomized", as its note says'), said("a randomized comparison")
    yield from _of_numbers(one, rules)


def _of_the_arm(one: AnalysisSet, rules: str) -> Iterator[tuple[str, str]]:
    if re.search(r"planned_arm\s*=\s*actual_arm|actual_arm\s*=\s*planned_arm", rules):
        return  # whoever is in the set received what was allocated: both say the same
    allocated, received = _ALLOCATED.search(one.note), _RECEIVED.search(one.note)
    if allocated and not received and one.arm is ArmColumn.ACTUAL:
        yield said('arm = "planned_arm", as its note says: {words}', words=allocated[0]), one.arm.value
    if received and not allocated and one.arm is ArmColumn.PLANNED:
        yield said('arm = "actual_arm", as its note says: {words}', words=received[0]), one.arm.value


def _of_numbers(one: AnalysisSet, rules: str) -> Iterator[tuple[str, str]]:
    stated = {float(number) for number in _PERCENT.findall(one.note)}
    used = {float(number) for number in _COMPARED.findall(rules)}
    left = sorted(stated - used)
    if left and used:
        numbers = ", ".join(f"{number:g} %" for number in left)
        yield said("the percentages of the note in the rule: {numbers}", numbers=numbers), one.whole_rule
