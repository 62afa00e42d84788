"""What titles, labels and definitions say, held against what the plan does: a reader goes by the words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.model import Analysis, Derivation, Endpoint, Plan
from trialkit.plan.reachable import codes_of_measure
from trialkit.plan.schedule import days_of
from trialkit.study.model import Study
from trialkit.vocabulary import Better
from trialkit.wording import said

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)")
_SIMPLE = re.compile(r"\s*(chg|value)\s*(<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*(\*\s*base)?\s*")
_ORDERED = re.compile(r"(?:<=|>=|<(?!>)|(?<!<)>)\s*-?(\d+(?:\.\d+)?)")
_DOWN = re.compile(r"\b(lower|less|fewer|reduc\w+|decreas\w+|f[ae]ll\w*|drop\w*)\b", re.IGNORECASE)
_UP = re.compile(r"\b(higher|greater|increas\w+|rise\w*|rose|gain\w*)\b", re.IGNORECASE)
_BETTER = re.compile(r"\b(improv\w+|better)\b", re.IGNORECASE)
_WORSE = re.compile(r"\b(wors\w+|deteriorat\w+)\b", re.IGNORECASE)
_UNCHANGED = re.compile(r"\b(no|not|without|un\w+|stable|maintain\w*|at most|kept|non)\b", re.IGNORECASE)
_OR_MORE = re.compile(
    r"\bor (more|less|lower|higher|fewer|better|worse)\b|\bat (least|most)\b", re.IGNORECASE
)
_ONE_OF = re.compile(r"\b((?:\d+, )*\d+) or (\d+)\b")
_LENGTH = re.compile(
    r"\b(\d+(?:\.\d+)?)[ -](day|week|month|year)s?\b|\b(day|week|month|year) (\d+)\b", re.IGNORECASE
)
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
_SIZES = {
    **{name: ("length", size) for name, size in (("mm", 1.0), ("cm", 10.0), ("m", 1000.0))},
    **{name: ("mass", size) for name, size in (("mg", 0.001), ("g", 1.0), ("kg", 1000.0))},
    **{name: ("time", size) for name, size in (("s", 1.0), ("min", 60.0), ("h", 3600.0))},
    **{name: ("volume", size) for name, size in (("ml", 1.0), ("mL", 1.0), ("l", 1000.0), ("L", 1000.0))},
}
_WITH_UNIT = re.compile(rf"(\d+(?:\.\d+)?)[ -]?({'|'.join(_SIZES)})(?!\w)")
DAYS = "days"
LONGEST_DAYS = 20 * 365.25
"""A longer time in a title is somebody's age."""


def responses(plan: Plan, study: Study) -> Iterator[PlanError]:
    """A response whose label and rule do not say the same, or that who did not change has."""
    for endpoint in plan.endpoints.values():
        found = _SIMPLE.fullmatch(endpoint.rule)
        if endpoint.derive is Derivation.RESPONSE and found is not None:
            where = said("endpoints/{name}/rule", name=endpoint.name)
            yield from _response(endpoint, found, study, where)


def _response(endpoint: Endpoint, found: re.Match[str], study: Study, where: str) -> Iterator[PlanError]:
    of, sign, bound, relative = found[1], found[2], float(found[3]), bool(found[4])
    if of == "chg":
        falls = _falls(endpoint, study)
        if falls is not None and falls != (bound < 0 and sign in ("<", "<=")):
            direction = "chg <= -" if falls else "chg >= "
            yield _otherwise(
                said("a rule of {label}: {rule}...", label=endpoint.label, rule=direction),
                endpoint, where,
            )  # fmt: skip
        elif _holds(0.0, sign, bound) and not _UNCHANGED.search(endpoint.label):
            yield _otherwise("a response that who did not change does not have", endpoint, where)
    stated = _in_unit(endpoint.label, "" if relative else endpoint.unit)
    amount = abs(bound) * (100 if relative else 1)
    if stated and not any(abs(amount - one) < 1e-9 for one in stated):
        yield _otherwise(
            said("the number of the label in the rule: {label}", label=endpoint.label)
            if stated == _numbers(endpoint.label)
            else said(
                "the number of the label in the rule, in {unit}: {label}",
                unit=endpoint.unit, label=endpoint.label,
            ),
            endpoint, where,
        )  # fmt: skip
    elif stated and sign in ("<", ">") and _OR_MORE.search(endpoint.label):
        yield _otherwise(said("the bound itself counted too: {label}", label=endpoint.label), endpoint, where)
    elif of == "value":
        yield from _levels(endpoint, sign, bound, study, where)


def _falls(endpoint: Endpoint, study: Study) -> bool | None:
    """Whether a label speaks of a fall; None where it says no direction, or two."""
    label = endpoint.label
    if _UNCHANGED.search(label):
        return None
    up, down = bool(_UP.search(label)), bool(_DOWN.search(label))
    lower = [s.better is Better.LOWER for s in study.scores if s.name == endpoint.parameter and s.better]
    if lower and bool(_BETTER.search(label)) != bool(_WORSE.search(label)):
        better = bool(_BETTER.search(label))
        down, up = down or lower[0] == better, up or lower[0] != better
    return down if up != down else None


def _levels(endpoint: Endpoint, sign: str, bound: float, study: Study, where: str) -> Iterator[PlanError]:
    """A label that names the levels, and a rule that takes others."""
    named, codes = _ONE_OF.search(endpoint.label), codes_of_measure(endpoint.parameter, study)
    if named is None or not codes:
        return
    levels = {float(one) for one in (*named[1].split(", "), named[2])}
    taken = {code for code in codes if _holds(code, sign, bound)}
    if taken != levels:
        yield _otherwise(
            said("a rule that takes the levels of the label: {label}", label=endpoint.label), endpoint, where
        )


def _holds(value: float, sign: str, bound: float) -> bool:
    if sign == "=":
        return value == bound
    return (value < bound if sign[0] == "<" else value > bound) or (len(sign) == 2 and value == bound)


def _numbers(text: str) -> set[float]:
    return {float(number) for number in _NUMBER.findall(text)}


def _in_unit(label: str, unit: str) -> set[float]:
    """The numbers of a label; one with another unit of the same kind, as cm for mm, in the endpoint's."""
    size = _SIZES.get(unit)
    others = [] if size is None else [(n, _SIZES[u]) for n, u in _WITH_UNIT.findall(label)]
    converted = {n: float(n) * of[1] / size[1] for n, of in others if size is not None and of[0] == size[0]}
    return {converted.get(number, float(number)) for number in _NUMBER.findall(label)}


def _otherwise(expected: str, endpoint: Endpoint, where: str) -> PlanWarning:
    return PlanWarning(
        expected=expected,
        found=endpoint.rule,
        where=where,
        next_step="The report prints the label, and counts by the rule: make them one.",
    )


def definitions(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """The words of an event and its rule: the numbers a rule compares with stand in the words too."""
    for endpoint in plan.endpoints.values():
        stated = _numbers(endpoint.definition)
        used = {float(number) for number in _ORDERED.findall(endpoint.rule)}
        left = sorted(used - stated)
        if stated and left:
            yield PlanWarning(
                expected=said(
                    "the numbers of the rule in the definition: {words}", words=endpoint.definition
                ),
                found=said("{numbers} in the rule alone", numbers=", ".join(f"{one:g}" for one in left)),
                where=said("endpoints/{name}/definition", name=endpoint.name),
                next_step="The report prints the definition, and counts by the rule: make them one.",
            )


def times_in_titles(entry: Analysis, plan: Plan, study: Study) -> Iterator[PlanError]:
    """A title of 6 months over an analysis of month 12."""
    stated = _lengths(entry.title)
    known = days_of(entry, plan, study)
    if stated and known and not any(_alike(one, day) for one in stated for day in known):
        yield PlanWarning(
            expected=said("the time of the title, {title}", title=entry.title),
            found=said("days {days}", days=", ".join(f"{day:g}" for day in sorted(known))),
            where=f"{entry.where} ({entry.id})",
            next_step="Name that visit or horizon, or correct the title.",
        )


def times_in_labels(plan: Plan, study: Study) -> Iterator[PlanError]:
    """An estimand at 6 months whose variable is measured at month 12."""
    for estimand in plan.estimands.values():
        visit = plan.visits.get(estimand.variable.partition(" at ")[2].strip())
        stated = _lengths(estimand.label)
        if visit is None or not stated:
            continue
        known = days_of(visit, plan, study)
        if known and not any(_alike(one, day) for one in stated for day in known):
            yield PlanWarning(
                expected=said("the time of the label, {label}", label=estimand.label),
                found=estimand.variable,
                where=said("estimands/{name}/label", name=estimand.name),
                next_step="Name that visit in the variable, or correct the label.",
            )


def _lengths(text: str) -> list[float]:
    found = []
    for number, unit, unit_first, number_after in _LENGTH.findall(text):
        found.append(float(number or number_after) * _DAYS[(unit or unit_first).lower()])
    return [days for days in found if days <= LONGEST_DAYS]


def _alike(stated: float, day: float) -> bool:
    """Within a week, or a sixth: a month has no fixed number of days, and a visit no fixed day."""
    return abs(stated - day) <= max(7.0, day / 6)


def another_measure(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """A title that names another score than the entry's endpoint."""
    names = [entry.keys.get("endpoint"), *(entry.keys.get("endpoints") or ())]
    own = {plan.endpoints[name].parameter for name in names if name in plan.endpoints}
    words = set(re.findall(r"\w+", entry.title.casefold()))
    others = {one.parameter for one in plan.endpoints.values() if one.parameter} - own
    named = sorted(one for one in others if one.casefold() in words)
    if own - {""} and named and not {one.casefold() for one in own} & words:
        yield PlanWarning(
            expected=said("an endpoint of what the title names, {names}", names=", ".join(named)),
            found=", ".join(sorted(own)),
            where=f"{entry.where} ({entry.id})",
            next_step="Name that endpoint, or correct the title.",
        )


def units_of_times(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Times to an event are counted in days, whatever word would be printed beside them."""
    for endpoint in plan.endpoints.values():
        if endpoint.derive is Derivation.TIME_TO_EVENT and endpoint.unit != DAYS:
            yield PlanError(
                expected=said("unit = {unit!r}: times to an event are counted in days", unit=DAYS),
                found=repr(endpoint.unit),
                where=said("endpoints/{name}/unit", name=endpoint.name),
                next_step="Write it so: the report prints the word beside numbers of days.",
            )
