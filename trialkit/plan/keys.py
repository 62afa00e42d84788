"""The keys that entries of several methods share; a key of one method stands in that method's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeVar, get_args

from trialkit import permitted
from trialkit.errors import TrialkitError
from trialkit.plan.errors import PlanError
from trialkit.plan.method import Key, Place
from trialkit.plan.model import Alternative, Derivation, Interval, Test
from trialkit.plan.references import CHANGE_NAMES, MADE_BY_DATASETS, because_of, subject_columns, unknown
from trialkit.strict_toml import Section
from trialkit.vocabulary import ItemType
from trialkit.wording import said

STRATA_SOURCES = ("as randomized", "true")
Ties = Literal["efron", "breslow"]
WEIGHTS = ("equal", "observed", "cells")
COMPLETE_CASES = "complete cases"
MAR_LIKELIHOOD = "mar-likelihood"

_MOMENTS = frozenset({ItemType.DATE, ItemType.DATETIME, ItemType.TIME})

W = TypeVar("W", bound=str)


def any_of(words: Sequence[str]) -> str:
    return " or ".join(f'"{word}"' for word in words)


def word(name: str, says: str, *permitted: W, **more: Any) -> Key[W]:
    """A key whose text is one of a few words, each of them carried out."""

    def read(section: Section, key: str) -> W:
        text = section.text(key)
        if text not in permitted:
            section.refuse(key, any_of(permitted), repr(text))
        return text

    return Key(name, says, any_of(permitted), read, **more)


def flag(name: str, says: str) -> Key[bool]:
    return Key(name, says, "true or false", lambda section, key: section.boolean(key), absent=False)


def missing(*permitted: str) -> Key[str]:
    """How missing data enter: a method permits what it carries out."""
    return word("missing", "how missing data enter the analysis", *permitted)


def _endpoint(value: str, place: Place) -> Iterator[PlanError]:
    yield from _named("an endpoint of the plan", [value], place.plan.endpoints, place)


def _endpoints(value: Sequence[str], place: Place) -> Iterator[PlanError]:
    yield from _named("an endpoint of the plan", value, place.plan.endpoints, place)
    for endpoint in (place.plan.endpoints[name] for name in value if name in place.plan.endpoints):
        if endpoint.derive is not Derivation.RESPONSE:
            yield PlanError(
                expected="endpoints that are responses: somebody has one or has none",
                found=said("{name}, derived as {derive}", name=endpoint.name, derive=endpoint.derive.value),
                where=place.where,
                next_step=said("{method} cannot use it: name another endpoint.", method=place.entry.method),
            )


def _visit(value: str, place: Place) -> Iterator[PlanError]:
    yield from _named("a visit of the plan", [value], place.plan.visits, place)


def _records(value: str, place: Place) -> Iterator[PlanError]:
    yield from _named("records of the plan", [value] if value else [], place.plan.records, place)


def _columns(value: Sequence[str], place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    for name in value:
        if name not in known:
            yield unknown("a column of the subject dataset", name, place.where, known)


def _strata(value: Sequence[str], place: Place) -> Iterator[PlanError]:
    """Columns of a few levels; a stratum of everyone born in one month compares nobody."""
    yield from _columns(value, place)
    forms = (form for form in place.study.forms if not form.repeating)
    factors = {name for factor in place.study.factors for name in (factor.name, factor.item)}
    levels = {item.name: item.choices for form in forms for item in form.items}
    scores = {score.name for score in place.study.scores}
    for name in value:
        if name not in factors and (name in scores or not levels.get(name, ("site",))):
            yield PlanError(
                expected="strata by factors or coded items, which have a few levels",
                found=said("{name}, which has none", name=name),
                where=place.where,
                next_step="Put a number into the formula, or code it in bands.",
            )


def read_formula(formula: str) -> Any:
    """The formula taken apart as stats reads it; a Cox formula has no left side."""
    from trialkit.stats.formula import parse_formula

    return parse_formula(formula, outcome="~" in formula)


def _formula(value: str, place: Place) -> Iterator[PlanError]:
    """What stats would refuse is refused before there are data, and so is a column nobody knows."""
    try:
        parsed = read_formula(value)
    except TrialkitError as error:
        yield PlanError(
            expected=error.expected, found=error.found, where=place.where, next_step=error.next_step
        )
        return
    known = subject_columns(place.study) | MADE_BY_DATASETS
    for name in sorted(set(parsed.columns) - known):
        yield unknown("a column of the subject dataset", name, place.where, known)
    dated = {i.name: i.type for form in place.study.forms for i in form.items if i.type in _MOMENTS}
    for name in sorted(set(parsed.columns) & set(dated)):
        yield PlanError(
            expected="numbers or categories in a model",
            found=said("{name}, a {kind}", name=name, kind=dated[name].value),
            where=place.where,
            next_step="Let the study derive a number of days from it.",
        )
    yield from _outcome(parsed, place)
    yield from _strata_are_factors(parsed, place)


def _outcome(parsed: Any, place: Place) -> Iterator[PlanError]:
    """A model of a change must not be titled as one of a value, nor the other way round."""
    endpoint = place.plan.endpoints.get(str(place.entry.keys.get("endpoint", "")))
    if endpoint is None or parsed.outcome is None:
        return
    outcome = parsed.outcome.column
    if outcome in CHANGE_NAMES and outcome != endpoint.column:
        yield PlanError(
            expected=said(
                "{column!r} before the ~, since {name} is a {value}",
                column=endpoint.column,
                name=endpoint.name,
                value=endpoint.derive.value,
            ),
            found=repr(outcome),
            where=place.where,
            next_step='Model that, or derive the endpoint as "value" or "change" to match.',
        )


def _strata_are_factors(parsed: Any, place: Place) -> Iterator[PlanError]:
    """A stratification factor inside a numeric transform is no factor any more."""
    factors = {*(factor.name for factor in place.study.factors), "arm", "visit"}
    for term in parsed.terms:
        for variable in term:
            if variable.column in factors and variable.transform and not variable.is_factor_wrapper:
                yield PlanError(
                    expected=said("the factor {column} as a factor", column=variable.column)
                    if variable.column in ("arm", "visit")
                    else said("the stratification factor {column} as a factor", column=variable.column),
                    found=said("{label}, a number", label=variable.label),
                    where=place.where,
                    next_step=said("Write {column}.", column=variable.column),
                )


def _named(what: str, names: Sequence[str], known: Any, place: Place) -> Iterator[PlanError]:
    for name in names:
        if name in place.plan.broken:
            yield because_of(place.plan.broken[name])
        elif name not in known:
            yield unknown(what, name, place.where, list(known))


def read_alpha(section: Section, key: str) -> float:
    alpha = section.number(key, within=permitted.ANY)
    if alpha not in permitted.ALPHA:
        section.fault(
            key,
            said("a significance level between 0 and {most}, such as 0.025", most=permitted.ALPHA.high),
            said("{value:g}", value=alpha),
            "State it as a proportion, not in percent.",
        )
    return alpha


def _read_test(section: Section, key: str) -> Test:
    here = section.section(key)
    result = Test(
        alternative=here.choice("alternative", Alternative),
        alpha=read_alpha(here, "alpha"),
        null_value=here.number("null_value", within=permitted.ANY),
    )
    here.done()
    return result


def _read_interval(section: Section, key: str) -> Interval:
    here = section.section(key)
    level = here.number("level", within=permitted.ANY)
    if level not in permitted.CONFIDENCE:
        here.fault("level", "a confidence level such as 0.95", said("{value:g}", value=level))
    result = Interval(level, sides=here.integer("sides", within=permitted.SIDES))
    here.done()
    return result


def two_sided_test(null_value: float) -> Key[Test]:
    """The test of a method that has only the two-sided one against one value."""

    def read(section: Section, key: str) -> Test:
        result = _read_test(section, key)
        here = section.section(key)
        if result.alternative is not Alternative.TWO_SIDED:
            here.fault("alternative", '"two-sided"', repr(result.alternative.value))
        if result.null_value != null_value:
            here.fault(
                "null_value", said("{value:g}", value=null_value), said("{value:g}", value=result.null_value)
            )
        return result

    return Key("test", "the test", "alternative, alpha and null_value", read)


def _read_of_no_effect(section: Section, key: str) -> Test:
    result = _read_test(section, key)
    if result.null_value != 0:
        section.section(key).refuse("null_value", "0", said("{value:g}", value=result.null_value))
    return result


def _read_two_sided(section: Section, key: str) -> Interval:
    result = _read_interval(section, key)
    if result.sides != 2:
        section.section(key).refuse("sides", "2", str(result.sides))
    return result


def _read_weights(section: Section, key: str) -> str:
    here = section.section(key)
    weights = here.text("weights")
    if weights not in WEIGHTS:
        here.refuse("weights", "equal, observed or cells", repr(weights))
    here.done()
    return weights


def _read_days(section: Section, key: str) -> tuple[int, ...]:
    days = section.integers(key, within=permitted.ANY)
    if (
        not days
        or any(day not in permitted.DAY_OF_FOLLOW_UP for day in days)
        or list(days) != sorted(set(days))
    ):
        section.refuse(key, "days from 0 on, each later than the one before", str(list(days)))
    return days


def _read_horizon(section: Section, key: str) -> int:
    day = section.integer(key, within=permitted.ANY)
    if day not in permitted.DAYS:
        section.refuse(key, "a number of days above 0", str(day))
    return day


def _text(section: Section, key: str) -> str:
    return section.text(key)


def _texts(section: Section, key: str) -> tuple[str, ...]:
    values = section.texts(key)
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        section.refuse(key, "each name once", said("{twice!r} twice", twice=twice[0]))
    return values


def _some(section: Section, key: str) -> tuple[str, ...]:
    values = _texts(section, key)
    if not values:
        section.refuse(key, "at least one name", "none")
    return values


ENDPOINT = Key("endpoint", "the endpoint", "a name of [endpoints]", _text, _endpoint)
ENDPOINTS = Key("endpoints", "the endpoints", "names of [endpoints]", _some, _endpoints)
VISIT = Key("visit", "the visit", "a name of [visits]", _text, _visit)
FORMULA = Key("formula", "the model, as R writes it", "a formula", _text, _formula)
VARIABLES = Key("variables", "what is described", "items, scores or factors", _some, _columns)
STRATA = Key("strata", "what the analysis is stratified by", "items or factors", _texts, _strata)
STRATA_SOURCE = word(
    "strata",
    "which stratum a subject counts in where the one used was wrong",
    *STRATA_SOURCES,
    of_factors=True,
)
STRATA_AS = word(
    "strata_as",
    "which of its strata a subject counts in where the one used was wrong",
    *STRATA_SOURCES,
    of_factors=True,
)
"""Of a method whose ``strata`` say what it is stratified by; needed where one of them is a factor."""
RECORDS = Key("records", "the rows that are counted", "a name of [records]", _text, _records)
OPTIONAL_RECORDS = Key(
    "records", "the rows of who stopped treatment", "a name of [records]", _text, _records, absent=""
)
TEST = Key("test", "the test", "alternative, alpha and null_value", _read_test)
TEST_OF_NO_EFFECT = Key("test", "the test", "alternative, alpha and null_value = 0", _read_of_no_effect)
INTERVAL = Key("interval", "the interval", "level and sides (1 or 2)", _read_interval)
TWO_SIDED_INTERVAL = Key("interval", "the interval", "level, and sides = 2", _read_two_sided)
LS_MEANS: Key[Any] = Key(
    "ls_means", "over which mix of the factors means are taken", "weights = equal, observed or cells",
    _read_weights,
)  # fmt: skip
MIX: Key[Any] = Key(
    "ls_means", "over which mix of the other factors each difference is taken: observed where left out",
    "weights = equal, observed or cells", _read_weights, absent="observed",
)  # fmt: skip
TIES_KEY: Key[Ties] = word("ties", "how tied times enter", *get_args(Ties))
HORIZON = Key("horizon_days", "the day at which follow-up ends for this analysis", "days", _read_horizon)
TIMES = Key("times_days", "the days at which risks are printed", "days from 0 on", _read_days)
