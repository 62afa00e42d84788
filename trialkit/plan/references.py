"""Names a plan uses that are not there, in one wording and with the nearest known one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trialkit.errors import TrialkitError
from trialkit.expressions import parse
from trialkit.nearest import advice, listed
from trialkit.plan.errors import PlanError
from trialkit.plan.model import Derivation, Plan
from trialkit.study.measured import measured_items
from trialkit.study.model import Form, Study
from trialkit.study.rules_expressions import wrong_levels
from trialkit.wording import said

MADE_BY_DATASETS = frozenset({"arm", "base", "chg", "value", "visit", "months", "subject_id"})
CHANGE_NAMES = frozenset({"base", "value", "chg"})


def unknown(expected: str, found: str, where: str, known: Iterable[str]) -> PlanError:
    """A name that is not among the known ones."""
    names = sorted(known)
    return PlanError(
        expected=expected,
        found=repr(found),
        where=where,
        next_step=advice(found, names, otherwise=said("Known: {names}.", names=listed(names, 12))),
    )


def because_of(error: TrialkitError) -> PlanError:
    """An error of what an entry needs, as the entry's own."""
    return PlanError(expected=error.expected, found=error.found, where=error.where, next_step=error.next_step)


def rule_problems(rule: str, known: Iterable[str], where: str) -> Iterator[PlanError]:
    """What a rule of the plan names that is not there, or why it cannot be read."""
    known = set(known)
    try:
        names = {name.item for name in parse(rule, syntax="rule").names}
    except TrialkitError as error:
        yield PlanError(
            expected=error.expected,
            found=error.found,
            where=f"{where}: {error.where}",
            next_step=error.next_step,
        )
        return
    for name in sorted(names - known):
        yield unknown("a name the rule may use", name, where, known)


def level_problems(rule: str, levels: Mapping[str, Sequence[str]], where: str) -> Iterator[PlanError]:
    """Levels a rule compares with and that nobody can have."""
    try:
        wrong = wrong_levels(rule, levels)
    except TrialkitError:
        return  # told by rule_problems
    for one in wrong:
        yield PlanError(
            expected="a level that is there",
            found=one,
            where=where,
            next_step="Write it as the definition does: the rule is never true as it stands.",
        )


def codes_of(form: Form) -> dict[str, list[str]]:
    """The codes of a form's coded items: rules on rows of a form compare with codes."""
    return {item.name: [choice.code for choice in item.choices] for item in form.items if item.choices}


def labels_of(study: Study) -> dict[str, list[str]]:
    """Levels of the subject dataset: labels of coded items, names of arms, codes of sites."""
    items = [item for form in study.forms if not form.repeating for item in form.items if item.choices]
    labels = {item.name: [choice.label for choice in item.choices] for item in items}
    arms = [arm.name for arm in study.arms]
    return {**labels, "planned_arm": arms, "actual_arm": arms, "site": [site.code for site in study.sites]}


def parameter_units(study: Study) -> dict[str, str]:
    """What an endpoint may be made of, with its unit: scores, and items that give one number a form."""
    units = {name: item.unit or "" for name, (_, item) in measured_items(study).items()}
    return units | {score.name: score.unit for score in study.scores}


def subject_columns(study: Study) -> set[str]:
    """What the subject dataset knows at baseline: items, scores, stratification factors, and of several sites
    which."""
    items = {item.name for form in study.forms if not form.repeating for item in form.items}
    site = {"site"} if len(study.sites) > 1 else set()
    return items | {score.name for score in study.scores} | {factor.name for factor in study.factors} | site


_AT_VISITS = (Derivation.VALUE, Derivation.CHANGE, Derivation.RESPONSE)


def visits_without_rule(plan: Plan, study: Study) -> dict[str, str]:
    """Visits at which a measure of the plan is asked and that the plan has no rule for, with their labels."""
    scores = {score.name: score.form for score in study.scores}
    forms = {item.name: form.name for form in study.forms for item in form.items}
    measured = {e.parameter or e.name for e in plan.endpoints.values() if e.derive in _AT_VISITS}
    asked = {scores.get(name) or forms.get(name) for name in measured}
    at = {visit for form in study.forms if form.name in asked for visit in form.visits}
    ruled = set(plan.visits)
    return {one.name: one.label for one in study.visits if one.name in at - ruled and not one.retired}
