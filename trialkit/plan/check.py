"""The plan held against the study: every name it uses exists there, and in the unit it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialkit.errors import TrialkitError
from trialkit.expressions import parse
from trialkit.plan.errors import PlanError
from trialkit.plan.model import Analysis, Derivation, Endpoint, Plan
from trialkit.study.model import Study
from trialkit.wording import said

MADE_BY_DATASETS = frozenset({"arm", "base", "chg", "value"})
CHANGE_NAMES = frozenset({"base", "value", "chg"})


def check_plan(plan: Plan, study: Study) -> None:
    """Refuse a plan that does not fit its study.

    Raises
    ------
    PlanError
        For the first thing that does not fit; :func:`plan_problems` lists them all.
    """
    for problem in plan_problems(plan, study):
        raise problem


def plan_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Everything in the plan that the study does not know, in plan order."""
    if plan.study != study.id:
        yield _unknown("the study's id", plan.study, "plan/study", [study.id])
    arms = [arm.name for arm in study.arms]
    if len(arms) > 2:
        yield PlanError(
            expected="a study of two arms: a plan compares one with the other and would leave out the rest",
            found=said("{n_arms} arms", n_arms=len(arms)),
            where="plan/roles",
            next_step="Analyse the snapshot with trialkit.stats, whose models take any number of arms.",
        )
    for role, arm in plan.roles.items():
        if arm not in arms:
            yield _unknown("an arm of the study", arm, said("plan/roles/{role}", role=role.value), arms)
    visits = [visit.name for visit in study.visits]
    anchors = ["consent", "randomization", *(anchor.name for anchor in study.anchors)]
    for rule in plan.visits.values():
        if rule.name not in visits:
            yield _unknown("a visit of the study", rule.name, said("visits/{name}", name=rule.name), visits)
        if rule.anchor not in anchors:
            yield _unknown(
                "an anchor of the study", rule.anchor, said("visits/{name}/anchor", name=rule.name), anchors
            )
    if [rule.choose for rule in plan.visits.values()].count("last") != 1:
        yield PlanError(
            expected='one visit that chooses "last": the baseline',
            found="none or several",
            where="visits",
            next_step="Say which visit is the baseline.",
        )
    yield from _set_problems(plan, study)
    for endpoint in plan.endpoints.values():
        yield from _endpoint_problems(endpoint, study)
    for source in plan.records.values():
        yield from _form_problems(
            study, source.form, said("records/{name}", name=source.name), [source.category], source.flags
        )
    for entry in plan.analyses:
        yield from _analysis_problems(entry, plan, study)


def _set_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    known = {"randomized", "treated", "status", "site", "planned_arm", "actual_arm"} | _columns(study)
    for analysis_set in plan.sets.values():
        yield from _rule_problems(analysis_set.rule, known, said("sets/{name}/rule", name=analysis_set.name))


def _endpoint_problems(endpoint: Endpoint, study: Study) -> Iterator[PlanError]:
    where = said("endpoints/{name}", name=endpoint.name)
    if endpoint.derive is Derivation.TIME_TO_EVENT:
        yield from _form_problems(study, endpoint.form, where, [endpoint.date], {"rule": endpoint.rule})
        yield from _form_problems(
            study, endpoint.assessed_form, where, [], {"assessed_rule": endpoint.assessed_rule}
        )
        return
    scores = {score.name: score for score in study.scores}
    if endpoint.parameter not in scores:
        yield _unknown(
            "a score of the study", endpoint.parameter, said("{where}/parameter", where=where), list(scores)
        )
    elif endpoint.unit != scores[endpoint.parameter].unit:
        yield PlanError(
            expected=said(
                "the unit of {parameter}, {unit}",
                parameter=endpoint.parameter,
                unit=scores[endpoint.parameter].unit,
            ),
            found=endpoint.unit,
            where=said("{where}/unit", where=where),
            next_step="State numbers of the endpoint in the score's unit.",
        )
    if endpoint.rule:
        yield from _rule_problems(endpoint.rule, CHANGE_NAMES, said("{where}/rule", where=where))


def _form_problems(
    study: Study, form_name: str, where: str, items: list[str], rules: object
) -> Iterator[PlanError]:
    forms = {form.name: form for form in study.forms}
    if form_name not in forms:
        yield _unknown("a form of the study", form_name, said("{where}/form", where=where), list(forms))
        return
    known = {item.name for item in forms[form_name].items}
    for name in items:
        if name not in known:
            yield _unknown(
                said("an item of the form {form_name}", form_name=form_name), name, where, sorted(known)
            )
    assert isinstance(rules, dict)
    for label, rule in rules.items():
        yield from _rule_problems(rule, known, f"{where}/{label}")


def _rule_problems(rule: str, known: frozenset[str] | set[str], where: str) -> Iterator[PlanError]:
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
        yield _unknown("a name the rule may use", name, where, sorted(known))


def _analysis_problems(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    references = [
        ("an analysis set of the plan", [entry.set], plan.sets),
        ("an estimand of the plan", [entry.estimand] if entry.estimand else [], plan.estimands),
        ("an endpoint of the plan", list(entry.endpoints), plan.endpoints),
        ("a visit of the plan", [entry.visit] if entry.visit else [], plan.visits),
        ("records of the plan", [entry.records] if entry.records else [], plan.records),
    ]
    for what, names, known in references:
        for name in names:
            if name not in known:
                yield _unknown(what, name, f"{entry.where} ({entry.id})", list(known))
    yield from _outcome_problems(entry, plan)
    if entry.method == "flow" and not entry.records and study.import_mapping is None:
        yield PlanError(
            expected="a flow to name the records of who stopped treatment",
            found="none",
            where=f"{entry.where} ({entry.id})",
            next_step="Add `records`.",
        )
    columns = _columns(study)
    used = set(re.findall(r"[A-Za-z_]\w*", entry.formula)) | {entry.modifier} - {""}
    for name in sorted((used | set(entry.variables) | set(entry.strata)) - columns - MADE_BY_DATASETS):
        yield _unknown(
            "a column of the subject dataset", name, f"{entry.where} ({entry.id})", sorted(columns)
        )


def _outcome_problems(entry: Analysis, plan: Plan) -> Iterator[PlanError]:
    """A model of a change must not be titled as one of a value, nor the other way round."""
    endpoint = plan.endpoints.get(entry.endpoint)
    if endpoint is None or "~" not in entry.formula:
        return
    outcome = entry.formula.partition("~")[0].strip()
    if outcome in CHANGE_NAMES and outcome != endpoint.column:
        yield PlanError(
            expected=said(
                "{column!r} before the ~, since {name} is a {derivation}",
                column=endpoint.column,
                name=endpoint.name,
                derivation=endpoint.derive.value,
            ),
            found=repr(outcome),
            where=f"{entry.where} ({entry.id})",
            next_step='Model that, or derive the endpoint as "value" or "change" to match.',
        )


def _columns(study: Study) -> set[str]:
    items = {item.name for form in study.forms if not form.repeating for item in form.items}
    return items | {score.name for score in study.scores} | {factor.name for factor in study.factors}


def _unknown(expected: str, found: str, where: str, known: list[str]) -> PlanError:
    import difflib

    near = difflib.get_close_matches(found, known, n=1)
    advice = (
        said("Did you mean {near!r}?", near=near[0])
        if near
        else said("Known: {known}.", known=", ".join(sorted(known)[:12]))
    )
    return PlanError(expected=expected, found=repr(found), where=where, next_step=advice)
