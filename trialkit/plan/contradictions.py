"""Where a plan contradicts itself, its study, or leaves out what the study declares: one generator a kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from trialkit.plan import at_visits, cautions, spoken, used_twice
from trialkit.plan.amendments import amendments
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.estimand_labels import estimands, variable_of_estimand
from trialkit.plan.families import outside_of_families
from trialkit.plan.intercurrent import competing_problems, composite_problems, intercurrent_problems
from trialkit.plan.measured_later import complied_beforehand, measured_later
from trialkit.plan.model import (
    Alternative,
    Analysis,
    AnalysisRole,
    AnalysisSet,
    ArmColumn,
    Derivation,
    Plan,
    Test,
)
from trialkit.plan.models import MODELS
from trialkit.plan.reachable import rules_out_of_reach
from trialkit.plan.references import visits_without_rule
from trialkit.plan.schedule import offsets, span
from trialkit.plan.set_notes import notes_of_sets
from trialkit.plan.terms_once import model_written_plainly
from trialkit.plan.varied import varies_nothing
from trialkit.study.model import Study
from trialkit.vocabulary import Better
from trialkit.wording import said


def contradictions(plan: Plan, study: Study) -> Iterator[PlanError]:
    """Everything that two places of plan and study do not say alike, in plan order."""
    whole = plan.with_stand_ins
    of_parts = (amendments, estimands, _mcids)  # each names the key it is about
    for kind in (
        _protocol,
        _roles,
        _ids,
        amendments,
        used_twice.names,
        _primaries,
        _windows,
        _visits_left_out,
        _mcids,
        rules_out_of_reach,
        estimands,
        _never_analysed,
        outside_of_families,
        _sets_alike,
        notes_of_sets,
        spoken.responses,
        spoken.definitions,
        spoken.times_in_labels,
        spoken.units_of_times,
        cautions.grouped_by_dates,
        at_visits.competing_with_itself,
        at_visits.censored_before,
        competing_problems,
    ):
        yield from kind(whole if kind in of_parts else plan, study)
    yield from intercurrent_problems(whole, study)
    yield from cautions.no_visit(plan)
    yield from cautions.no_primary(plan)
    for entry in plan.analyses:
        if entry.fault is not None:  # nothing follows from what could not be read
            for of_what_was_read in _OF_WHAT_WAS_READ:
                yield from of_what_was_read(entry, plan, study)
            continue
        for about in (
            *MODELS,
            model_written_plainly,
            measured_later,
            complied_beforehand,
            _primary_set,
            variable_of_estimand,
            _side,
            *_CAUTIONS,
        ):
            yield from about(entry, plan, study)


_OF_WHAT_WAS_READ = (used_twice.titles, cautions.of_another, cautions.belongs_to)
_CAUTIONS = (
    used_twice.in_lists,
    used_twice.titles,
    cautions.covariance,
    cautions.strata_left_out,
    cautions.beyond_horizon,
    cautions.of_another,
    cautions.belongs_to,
    cautions.of_the_same_endpoint,
    varies_nothing,
    at_visits.nothing_at_baseline,
    at_visits.same_assessments,
    at_visits.after_the_last_visit,
    spoken.times_in_titles,
    spoken.another_measure,
    cautions.reveals_unsaid,
    composite_problems,
)


def _protocol(plan: Plan, study: Study) -> Iterator[PlanError]:
    if study.protocol and plan.protocol != study.protocol:  # an observational study may have none
        yield PlanError(
            expected=said("the study's protocol version, {version}", version=study.protocol),
            found=plan.protocol,
            where="plan/protocol",
            next_step="Write the plan for the protocol in force, or amend one of them.",
        )


def _roles(plan: Plan, study: Study) -> Iterator[PlanError]:
    twice = [arm for arm in dict.fromkeys(plan.arms) if plan.arms.count(arm) > 1]
    if twice:
        yield PlanError(
            expected="different arms to compare",
            found=said("{arm!r} twice", arm=twice[0]),
            where="plan/roles",
            next_step="Name each arm once: the test arm or arms, and the reference.",
        )
        return
    for arm, role in plan.roles.items():
        stated = next((one.role for one in study.arms if one.name == arm), role)
        if stated is not role:
            yield PlanWarning(
                expected=said(
                    "{arm} as the {role} arm, as the study declares it", arm=arm, role=stated.value
                ),
                found=said("it as the {role} arm", role=role.value),
                where=said("plan/roles/{role}", role=role.value),
                next_step="Swap the roles: every direction in the plan turns with them.",
            )


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}")
"""Figures and listings are files named after their entry."""


def _ids(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """An id twice, also where only capitals differ: some systems would write one file over the other."""
    for folded, n in Counter(entry.id.casefold() for entry in plan.analyses).items():
        if n > 1:
            same = [entry for entry in plan.analyses if entry.id.casefold() == folded]
            yield PlanError(
                expected="an id of its own for every entry",
                found=said("{name!r} {n} times", name=same[0].id, n=n),
                where=same[1].where,
                next_step="Give one of them another id.",
            )
    for entry in plan.analyses:
        if not _ID.fullmatch(entry.id) and entry.id != entry.where:  # of one that cannot be read
            yield PlanError(
                expected="an id of letters, digits, point, hyphen and underscore: files are named after it",
                found=repr(entry.id),
                where=entry.where,
                next_step="Give it a short id such as P1; the title says the rest.",
            )


def _primaries(plan: Plan, _study: Study) -> Iterator[PlanError]:
    primaries = [entry for entry in plan.analyses if entry.role is AnalysisRole.PRIMARY]
    for entry in primaries[1:]:
        yield PlanError(
            expected="one primary analysis",
            found=said("{first} and {second}", first=primaries[0].id, second=entry.id),
            where=entry.where,
            next_step="Make the others sensitivity or secondary analyses.",
        )


def _windows(plan: Plan, study: Study) -> Iterator[PlanError]:
    for one, other in combinations([rule for rule in plan.visits.values() if not rule.instead_of], 2):
        if one.anchor not in offsets(study) or other.anchor not in offsets(study):
            continue
        (a, b), (c, d) = span(one, study), span(other, study)
        if max(a, c) <= min(b, d) and offsets(study)[one.anchor][0] == offsets(study)[other.anchor][0]:
            yield PlanWarning(
                expected="windows that do not overlap",
                found=said(
                    "{one}, days {a} to {b}, and {other}, days {c} to {d}, counted from one day",
                    one=one.name, a=a, b=b, other=other.name, c=c, d=d,
                ),
                where=said("visits/{name}/window_days", name=other.name),
                next_step="End one window before the next begins.",
            )  # fmt: skip
    for rule in plan.visits.values():
        if rule.choose == "last" and rule.anchor == "randomization" and rule.window_days[1] > 0:
            yield PlanWarning(
                expected="a baseline on or before the day of randomization",
                found=said("days up to {day}", day=rule.window_days[1]),
                where=said("visits/{name}/window_days", name=rule.name),
                next_step="What is measured later may be under treatment: end the window at 0.",
            )
        if not rule.window_days[0] <= rule.target_days <= rule.window_days[1]:
            yield PlanError(
                expected="a target inside its window",
                found=str(rule.target_days),
                where=said("visits/{name}/target_days", name=rule.name),
                next_step="Check target and window.",
            )


def _visits_left_out(plan: Plan, study: Study) -> Iterator[PlanError]:
    """What is measured at a visit without a rule counts for no visit: it is in no table."""
    for name in visits_without_rule(plan, study):
        yield PlanWarning(
            expected=said("a rule for the visit {name}, at which the study measures an endpoint", name=name),
            found="none: its values count for no visit",
            where="visits",
            next_step=said("Add [visits.{name}], or say in the protocol why it is not analysed.", name=name),
        )


def _mcids(plan: Plan, study: Study) -> Iterator[PlanError]:
    scores = {score.name: score for score in study.scores}
    for endpoint in plan.endpoints.values():
        where = said("endpoints/{name}/mcid", name=endpoint.name)
        if endpoint.mcid is not None and endpoint.mcid <= 0:
            yield PlanError(
                expected="an MCID above 0: `better` says the direction",
                found=said("{value:g}", value=endpoint.mcid),
                where=where,
                next_step="Write it without a sign.",
            )
        score = scores.get(endpoint.parameter)
        if score is None or endpoint.better is None:
            continue
        if score.better is not None and score.better is not endpoint.better:
            yield PlanError(
                expected=said(
                    "{better} is better, as the study says of {score}",
                    better=score.better.value,
                    score=score.name,
                ),
                found=endpoint.better.value,
                where=said("endpoints/{name}/better", name=endpoint.name),
                next_step="One of them is wrong: every sentence about benefit hangs on it.",
            )
        if endpoint.mcid is not None and score.mcid is not None and endpoint.mcid != score.mcid:
            yield PlanError(
                expected=said("the study's MCID of {mcid:g}", mcid=score.mcid),
                found=said("{value:g}", value=endpoint.mcid),
                where=where,
                next_step="State one MCID.",
            )


def _never_analysed(plan: Plan, study: Study) -> Iterator[PlanError]:
    """An endpoint the study declares and no entry of the plan looks at."""
    used: set[str] = set()
    for entry in plan.analyses:
        for name in _names(entry):
            endpoint = plan.endpoints.get(name)
            used |= {name} | ({endpoint.parameter, endpoint.form} if endpoint else set())
            if name in plan.records:
                used.add(plan.records[name].form)
    forms = {form.name: {item.name for item in form.items} for form in study.forms}
    scores = {score.name: score.form for score in study.scores}
    for endpoint_of_study in study.endpoints:
        source = endpoint_of_study.score or endpoint_of_study.name
        form = scores.get(source) or next((f for f, items in forms.items() if source in items), source)
        if source in used or endpoint_of_study.name in used or form in used:
            continue
        yield PlanWarning(
            expected=said("an entry that analyses the study's endpoint {name}", name=endpoint_of_study.name),
            found="none",
            where="analysis",
            next_step="Add an entry, or take the endpoint out of the study.",
        )


def _names(entry: Analysis) -> set[str]:
    names: set[str] = set()
    for value in entry.keys.values():
        if isinstance(value, str):
            names |= set(re.findall(r"[A-Za-z_]\w*", value))
        elif isinstance(value, (tuple, dict)):
            names |= {str(one) for one in value}
    return names


def _sets_alike(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Two sets under two names: one of them is not what its name says."""
    for one, other in combinations(plan.sets.values(), 2):
        if _who(one) == _who(other):
            yield PlanWarning(
                expected="sets that differ",
                found=said(
                    "{one} and {other}: the same people in the same arms", one=one.name, other=other.name
                ),
                where=said("sets/{name}/rule", name=other.name),
                next_step="Correct its rule or arm, or leave it out.",
            )


def _who(one: AnalysisSet) -> tuple[object, ...]:
    return " ".join(one.rule.split()), one.arm, one.requires, one.without


def _primary_set(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A primary analysis by intention to treat is one of everybody randomized, in the arm the list gave."""
    chosen = plan.sets.get(entry.set)
    if chosen is None or entry.role is not AnalysisRole.PRIMARY:
        return
    stated = study.analysis.principle if study.analysis else ""
    if stated != "intention_to_treat":
        return
    if chosen.arm is not ArmColumn.PLANNED:
        yield PlanError(
            expected='the study\'s principle, intention to treat: arm = "planned_arm"',
            found=said("{arm} in the set {name}", arm=chosen.arm.value, name=entry.set),
            where=f"{entry.where} ({entry.id})",
            next_step="Everybody counts in the arm the list gave them.",
        )
    if not chosen.randomized:
        yield PlanError(
            expected="the study's principle, intention to treat: a set that compares as randomized",
            found=entry.set,
            where=f"{entry.where} ({entry.id})",
            next_step="Name the full analysis set; make this one supplementary.",
        )


def _side(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """A one-sided test against the direction that is better, and alpha beside the interval's level."""
    test, interval = entry.keys.get("test"), entry.keys.get("interval")
    endpoint = plan.endpoints.get(str(entry.keys.get("endpoint", "")))
    if not isinstance(test, Test):
        return
    where = f"{entry.where} ({entry.id})"
    one_sided = test.alternative is not Alternative.TWO_SIDED
    if one_sided and endpoint and endpoint.better and endpoint.derive is not Derivation.TIME_TO_EVENT:
        helps = Alternative.LESS if endpoint.better is Better.LOWER else Alternative.GREATER
        if test.alternative is not helps and test.null_value == 0:
            yield PlanError(
                expected=said(
                    "the alternative {side!r}: {better} is better",
                    side=helps.value,
                    better=endpoint.better.value,
                ),
                found=repr(test.alternative.value),
                where=where,
                next_step="Turn the test, or the endpoint's direction.",
            )
    if interval is not None:
        matching = 1 - (2 if one_sided and interval.sides == 2 else 1) * test.alpha
        if abs(interval.level - matching) > 1e-9:
            yield PlanWarning(
                expected=said(
                    "the level {level:g} that goes with alpha {alpha:g}", level=matching, alpha=test.alpha
                ),
                found=said("{value:g}", value=interval.level),
                where=where,
                next_step="An interval and a test beside it must not disagree: change one of them.",
            )
