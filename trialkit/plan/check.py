"""The plan held against the study: every name it uses exists there, and in the unit it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from trialkit.errors import TrialkitError
from trialkit.plan.comparisons import comparison_problems
from trialkit.plan.contradictions import contradictions
from trialkit.plan.errors import PlanError
from trialkit.plan.estimand_labels import estimand_problems
from trialkit.plan.keys import STRATA_AS, read_formula
from trialkit.plan.method import Declarations, Place, UnreadKey, meant
from trialkit.plan.model import Analysis, AnalysisRole, Derivation, Endpoint, Plan, RecordSource
from trialkit.plan.references import (
    CHANGE_NAMES,
    because_of,
    codes_of,
    labels_of,
    level_problems,
    parameter_units,
    rule_problems,
    subject_columns,
    unknown,
)
from trialkit.study.model import Study
from trialkit.vocabulary import ItemType
from trialkit.wording import said

ENTRIES = ("an entry of the plan", "another entry of the plan")


def plan_problems(plan: Plan, study: Study, methods: Declarations) -> Iterator[PlanError]:
    """Everything in the plan that the study does not know, in plan order, with file and line."""
    told = [because_of(error) for error in plan.faults or plan.broken.values()]
    found = list(frame_problems(plan.with_stand_ins, study))
    for entry in plan.analyses:
        found += entry_problems(entry, plan, study, methods)
        if entry.fault is None:
            found += estimand_problems(entry, plan, methods[entry.method])
    found += contradictions(plan, study)
    found = [one for one in found if not _of_a_broken_part(one, plan) and not _of_a_stand_in(one, plan)]
    found = [*told, *found]
    yield from {str(one): one for one in (_with_line(one, plan) for one in found)}.values()


def _of_a_broken_part(problem: PlanError, plan: Plan) -> bool:
    """Whether it names a part that could not be read; what such a part itself says wrongly is found in it."""
    names = "|".join(map(re.escape, plan.broken))
    own = re.match(rf"\w+/({names})(/|$)", str(problem.where))
    text = problem.found if own else f"{problem.expected} {problem.found}"
    return bool(names) and re.search(rf"\b({names})\b", text) is not None


def _of_a_stand_in(problem: PlanError, plan: Plan) -> bool:
    """Whether it only follows from what could not be read: it stands there, around the entries, or names an
    entry while the id of one is not known."""
    if problem.expected in ENTRIES and plan.is_unread("id"):
        return True
    place = re.sub(r"\[(\d+)\]", r".\1", str(problem.where).rsplit(":", 1)[-1]).split(" (")[0]
    path = place.replace("/", ".")
    if path.startswith("analysis"):
        return False
    return any(f"{one}.".startswith(f"{path}.") or f"{path}.".startswith(f"{one}.") for one in plan.unread)


def _with_line(problem: PlanError, plan: Plan) -> PlanError:
    """A place such as ``endpoints/odi_change/unit`` with the line it has, or that of the table around it."""
    where = str(problem.where)
    if re.search(r":\d+:", where):
        return problem  # it has one
    path = [part.split(" (")[0] for part in where.split(":")[0].split("/")]
    while path and ".".join(path) not in plan.places:
        path.pop()
    if not path:
        return problem
    return type(problem)(
        expected=problem.expected,
        found=problem.found,
        where=f"{plan.places['.'.join(path)]}:{where}",
        next_step=problem.next_step,
    )


def frame_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    """What is wrong around the entries: arms, visits, sets, endpoints, records."""
    yield from _fatal_problems(plan, study)
    for _, problem in _part_problems(plan, study):
        yield problem


def sound_plan(plan: Plan, study: Study) -> Plan:
    """The plan without its parts that do not fit; ``broken`` keeps why.

    Raises
    ------
    PlanError
        Something without which no entry can be run.
    """
    for problem in _fatal_problems(plan, study):
        raise problem
    broken = dict(reversed([(name, problem) for name, problem in _part_problems(plan, study)]))
    for one in plan.sets.values():
        without = [broken[records] for records, _ in one.without if records in broken]
        broken |= {one.name: without[0]} if without and one.name not in broken else {}
    baseline = next((rule.name for rule in plan.visits.values() if rule.choose == "last"), "")
    if baseline in broken:
        raise broken[baseline]
    return replace(
        plan,
        sets={name: one for name, one in plan.sets.items() if name not in broken},
        visits={name: one for name, one in plan.visits.items() if name not in broken},
        endpoints={name: one for name, one in plan.endpoints.items() if name not in broken},
        records={name: one for name, one in plan.records.items() if name not in broken},
        broken=broken,
    )


def _fatal_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    if plan.study != study.id:
        yield unknown("the study's id", plan.study, "plan/study", [study.id])
    if study.arms or plan.arms:
        yield from _trial_problems(plan, study)


def _part_problems(plan: Plan, study: Study) -> Iterator[tuple[str, PlanError]]:
    """What is wrong in one visit, set, endpoint or record source, by its name."""
    if study.arms or plan.arms:
        for name in plan.visits:
            yield from ((name, problem) for problem in _visit_problems(plan, study, name))
    for name in plan.sets:
        yield from ((name, problem) for problem in _set_problems(plan, study, name))
    for endpoint in plan.endpoints.values():
        yield from ((endpoint.name, problem) for problem in _endpoint_problems(endpoint, study))
    for source in plan.records.values():
        where = said("records/{name}", name=source.name)
        rules = {**source.flags, **({"rule": source.rule} if source.rule else {})}
        found = _form_problems(study, source.form, where, {"category": source.category}, rules)
        yield from ((source.name, problem) for problem in found)
        yield from ((source.name, problem) for problem in _kinds_told(source, study, where))


def _kinds_told(source: RecordSource, study: Study, where: str) -> Iterator[PlanError]:
    """Kinds of record that tell no arm must be codes of the category."""
    form = next((form for form in study.forms if form.name == source.form), None)
    item = next((item for item in form.items if item.name == source.category), None) if form else None
    if item is not None:
        codes = [choice.code for choice in item.choices]
        for code in source.tells_no_arm:
            if code not in codes:
                yield unknown(said("a code of {item}", item=item.name), code, where, codes)


def _trial_problems(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Arms by role, visits and their anchors; an observational study has none of them."""
    arms = [arm.name for arm in study.arms]
    if not plan.arms:
        yield PlanError(
            expected="roles = { test, reference }: the study's arms by role",
            found="none",
            where="plan/roles",
            next_step="Name them under [plan]; only a plan of a study without arms has none.",
        )
    for arm, role in plan.roles.items():
        if arm not in arms:
            yield unknown("an arm of the study", arm, said("plan/roles/{value}", value=role.value), arms)
    left_out = [arm for arm in arms if plan.arms and arm not in plan.arms]
    if left_out:
        yield PlanError(
            expected="every arm of the study in one of the roles",
            found=said("{names} in none", names=", ".join(left_out)),
            where="plan/roles",
            next_step='Several test arms are a list in the order of the tables: test = ["X", "Y"].',
        )
    if [rule.choose for rule in plan.visits.values()].count("last") != 1:
        yield PlanError(
            expected='one visit that chooses "last": the baseline',
            found="none or several",
            where="visits",
            next_step="Say which visit is the baseline.",
        )


def _visit_problems(plan: Plan, study: Study, name: str) -> Iterator[PlanError]:
    rule = plan.visits[name]
    visits = [visit.name for visit in study.visits]
    anchors = ["consent", "randomization", *(anchor.name for anchor in study.anchors)]
    if rule.instead_of and rule.instead_of not in plan.visits:
        where = said("visits/{name}/instead_of", name=rule.name)
        yield unknown("a visit of the plan", rule.instead_of, where, plan.visits)
    elif not rule.instead_of and rule.name not in visits:
        yield unknown("a visit of the study", rule.name, said("visits/{name}", name=rule.name), visits)
    if rule.anchor not in anchors:
        yield unknown(
            "an anchor of the study", rule.anchor, said("visits/{name}/anchor", name=rule.name), anchors
        )


def _set_problems(plan: Plan, study: Study, name: str) -> Iterator[PlanError]:
    known = {"randomized", "treated", "status", "site", "planned_arm", "actual_arm"} | subject_columns(study)
    levels = labels_of(study)
    yield from rule_problems(plan.sets[name].rule, known, said("sets/{name}/rule", name=name))
    yield from level_problems(plan.sets[name].rule, levels, said("sets/{name}/rule", name=name))
    for rule, _ in plan.sets[name].requires:
        yield from rule_problems(rule, known, said("sets/{name}/requires", name=name))
        yield from level_problems(rule, levels, said("sets/{name}/requires", name=name))
    for records, flag in plan.sets[name].without:
        where = said("sets/{name}/without", name=name)
        if records not in plan.records:
            yield unknown("records of the plan", records, where, plan.records)
        elif flag and flag not in plan.records[records].flags:
            yield unknown(
                said("a flag of {records}", records=records), flag, where, plan.records[records].flags
            )


def _endpoint_problems(endpoint: Endpoint, study: Study) -> Iterator[PlanError]:
    where = said("endpoints/{name}", name=endpoint.name)
    if endpoint.derive is Derivation.TIME_TO_EVENT:
        yield from _form_problems(
            study, endpoint.form, where, {"date": endpoint.date}, {"rule": endpoint.rule}
        )
        yield from _date_problems(study, endpoint.form, endpoint.date, where)
        yield from _form_problems(
            study, endpoint.assessed_form, where, {}, {"assessed_rule": endpoint.assessed_rule}
        )
        for other in endpoint.competing:
            rules = {"rule": other.rule} if other.rule else {}
            place = said("{where}/competing ({label})", where=where, label=other.label)
            yield from _form_problems(study, other.form, place, {"date": other.date}, rules)
            yield from _date_problems(study, other.form, other.date, place)
        return
    units = parameter_units(study)
    unit = units.get(endpoint.parameter)
    if unit is None:
        yield unknown(
            "a score of the study, or an item that gives one number a form",
            endpoint.parameter,
            said("{where}/parameter", where=where),
            units,
        )
    elif unit and endpoint.unit != unit:
        yield PlanError(
            expected=said("the unit of {parameter}, {unit}", parameter=endpoint.parameter, unit=unit),
            found=endpoint.unit,
            where=said("{where}/unit", where=where),
            next_step="State numbers of the endpoint in its parameter's unit.",
        )
    if endpoint.rule:
        yield from rule_problems(endpoint.rule, CHANGE_NAMES, said("{where}/rule", where=where))


def _form_problems(
    study: Study, form_name: str, where: str, items: Mapping[str, str], rules: Mapping[str, str]
) -> Iterator[PlanError]:
    forms = {form.name: form for form in study.forms}
    if form_name not in forms:
        yield unknown("a form of the study", form_name, said("{where}/form", where=where), list(forms))
        return
    known = {item.name for item in forms[form_name].items}
    for key, name in items.items():
        if name not in known:
            expected = said("an item of the form {form_name}", form_name=form_name)
            yield unknown(expected, name, f"{where}/{key}", known)
    for label, rule in rules.items():
        yield from rule_problems(rule, known, f"{where}/{label}")
        yield from level_problems(rule, codes_of(forms[form_name]), f"{where}/{label}")


def _date_problems(study: Study, form_name: str, name: str, where: str) -> Iterator[PlanError]:
    """An event is dated by a date: a number of days or hours would be read as one without a word."""
    items = {item.name: item for form in study.forms if form.name == form_name for item in form.items}
    if name in items and items[name].type is not ItemType.DATE:
        yield PlanError(
            expected="an item that is a date",
            found=said("{name}, {kind}", name=name, kind=items[name].type.value),
            where=said("{where}/date", where=where),
            next_step="Name the item that dates the event.",
        )


def entry_problems(entry: Analysis, plan: Plan, study: Study, methods: Declarations) -> Iterator[PlanError]:
    """What is wrong in one entry: it costs that entry and no other."""
    place = Place(entry, plan, study)
    if entry.fault is not None:
        yield from (because_of(one) for one in (entry.fault, *entry.fault.also))
        place = Place(replace(entry, keys=entry.readable), plan, study)
    if entry.set in plan.broken:
        yield because_of(plan.broken[entry.set])
    elif entry.set not in plan.sets and (entry.set or entry.fault is None):
        yield unknown("an analysis set of the plan", entry.set, place.where, plan.sets)
    if entry.estimand and entry.estimand not in plan.estimands:
        yield unknown("an estimand of the plan", entry.estimand, place.where, plan.estimands)
    if entry.fault is not None:
        method = meant(entry.method, methods)
        for key in method.every_key if method else ():
            if key.name in entry.readable:
                with suppress(UnreadKey):
                    yield from key.check(entry.readable[key.name], place)
        return
    method = methods[entry.method]
    yield from comparison_problems(method, place)
    wanted = method.of_factors(descriptive=entry.role is AnalysisRole.DESCRIPTIVE) if study.factors else ()
    for name in sorted(set(wanted) - set(entry.keys)):
        if name == STRATA_AS.name and not _is_stratified(entry, study):
            continue
        yield PlanError(
            expected=said("{name}: the randomization was stratified", name=name),
            found="nothing, and there is no default for what matters",
            where=place.where,
            next_step=said('Say {name} = "as randomized", or "true".', name=name),
        )
    for key in method.every_key:
        if key.name in entry.keys:
            yield from key.check(entry.keys[key.name], place)
    yield from method.check(place)


def _is_stratified(entry: Analysis, study: Study) -> bool:
    """Whether the entry's strata, or its formula, have a factor of the randomization."""
    named, formula = set(entry.keys.get("strata", ())), entry.keys.get("formula")
    with suppress(TrialkitError):  # told by the formula's own check
        named |= set(read_formula(formula).columns) if formula else set()
    return any({factor.name, factor.item} & named for factor in study.factors)
