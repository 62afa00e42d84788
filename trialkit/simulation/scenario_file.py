"""A scenario from its TOML file; unknown keys, wrong types, impossible numbers: refused with their line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from trialkit.simulation.scenario import (
    Dropout,
    Estimand,
    Event,
    Fact,
    Failure,
    Measure,
    MeasureVisit,
    Recruitment,
    Recurrence,
    Rule,
    Scenario,
    Typing,
    VisitHabits,
)
from trialkit.strict_toml import Section, read_toml
from trialkit.wording import said

_WAYS = ("constant", "fact", "mean", "weights")


def load_scenario(path: Path | str) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    path
        A TOML file; ``sample_data/simulation.toml`` is the model to start from.

    Raises
    ------
    DefinitionError
        No such file, an unknown key, a wrong type, a probability outside 0 to 1; with file and line.
    """
    path = Path(path)
    return _scenario(read_toml(path))


def _scenario(document: Section) -> Scenario:
    head = document.section("scenario")
    scenario = Scenario(
        study=head.text("study"),
        title=head.text("title"),
        eligible=head.integer("eligible"),
        recruitment=_recruitment(document.section("recruitment")),
        facts=tuple(_fact(name, part) for name, part in document.named_sections("facts")),
        later_facts=tuple(_fact(name, part) for name, part in document.named_sections("later_facts")),
        measures=tuple(_measure(name, part) for name, part in document.named_sections("measures")),
        failures=tuple(_failure(name, part) for name, part in document.named_sections("screening")),
        visits=_visits(document.section("visits")),
        dropout=_dropout(document.section("dropout")),
        events=tuple(_event(name, part) for name, part in document.named_sections("events")),
        recurrence=_recurrence(document.section("recurrence")) if "recurrence" in document else None,
        items=dict(_item(name, part) for name, part in document.named_sections("items")),
        form_missing=_probabilities(document, "form_missing"),
        repeats=_numbers(document, "repeats"),
        typing=_typing(document.section("typing")),
        estimands=tuple(_estimand(name, part) for name, part in document.named_sections("estimands")),
    )
    head.done()
    document.done()
    return scenario


def read_rule(part: Section) -> Rule:
    """One rule; see `Rule` for the ways a value can come about."""
    ways = [way for way in _WAYS if way in part]
    if len(ways) != 1:
        part.refuse(None, said("exactly one of {ways}", ways=", ".join(_WAYS)), " and ".join(ways) or "none")
    by = part.optional_text("by")
    if "trials" in part and "fact" not in part:
        part.refuse("trials", "a fact that gives the chance", "none")
    cuts, codes = part.numbers("cuts", ()), part.texts("codes", ())
    if bool(cuts) and len(codes) != len(cuts) + 1:
        part.refuse(
            "codes",
            said("{n_codes} codes for {n_cuts} cuts", n_codes=len(cuts) + 1, n_cuts=len(cuts)),
            str(len(codes)),
        )
    return Rule(
        constant=part.optional_text("constant"),
        fact=part.optional_text("fact"),
        times=part.number("times", 1.0),
        plus=part.number("plus", 0.0),
        noise_sd=part.number("noise_sd", 0.0),
        cuts=cuts,
        codes=codes,
        map=part.mapping("map"),
        days=_pair(part, "days") if "days" in part else None,
        mean=part.optional_number("mean"),
        sd=_at_least_zero(part, "sd", 0.0),
        loads=_loads(part),
        weights=_numbers(part, "weights") if by is None else {},
        by=by,
        weights_by=_number_tables(part, "weights") if by is not None else {},
        trials=part.optional_integer("trials"),
        minimum=part.optional_number("minimum"),
        maximum=part.optional_number("maximum"),
        decimals=part.optional_integer("decimals"),
        exponentiate=part.boolean("exponentiate", False),
        month_only=_probability(part, "month_only", 0.0),
        missing=_probability(part, "missing", 0.0),
    )


def _item(name: str, part: Section) -> tuple[str, Rule]:
    rule = read_rule(part)
    part.done()
    return name, rule


def _fact(name: str, part: Section) -> Fact:
    fact = Fact(name, read_rule(part), _bounds(part, "eligible"), part.text("failure", name))
    part.done()
    return fact


def _measure(name: str, part: Section) -> Measure:
    score, item = part.optional_text("score"), part.optional_text("item")
    if (score is None) == (item is None):
        part.refuse(None, "one of score and item", "both" if score else "neither")
    baseline = part.section("baseline")
    measure = Measure(
        name=name,
        score=score,
        item=item,
        baseline_visit=baseline.text("visit"),
        baseline_mean=baseline.number("mean"),
        baseline_sd=_positive(baseline, "sd"),
        baseline_loads=_loads(baseline),
        eligible=_bounds(baseline, "eligible"),
        failure=baseline.text("failure", name),
        minimum=part.number("minimum"),
        maximum=part.number("maximum"),
        step=_positive(part, "step"),
        visits={visit: _measure_visit(spec) for visit, spec in part.named_sections("visits")},
        persistence=_probability(part, "persistence", 0.5),
        loads=_loads(part),
        offsets=_number_tables(part, "offsets"),
        modifier=_numbers(part, "modifier"),
        item_scatter=_at_least_zero(part, "item_scatter", 0.7),
        missing_item=_probability(part, "missing_item", 0.0),
        missing_items=_probabilities(part, "missing_items"),
    )
    baseline.done()
    part.done()
    return measure


def _measure_visit(part: Section) -> MeasureVisit:
    correlation = part.number("correlation")
    if not -1 <= correlation <= 1:
        part.refuse("correlation", "between -1 and 1", str(correlation))
    visit = MeasureVisit(part.number("change"), _positive(part, "sd"), correlation, _numbers(part, "effect"))
    part.done()
    return visit


def _failure(name: str, part: Section) -> Failure:
    failure = Failure(name, _probability(part, "probability"), part.mapping("values"))
    part.done()
    return failure


def _recruitment(part: Section) -> Recruitment:
    start = part.text("start")
    try:
        first_day = date.fromisoformat(start)
    except ValueError:
        part.refuse("start", "a date, YYYY-MM-DD", repr(start))
    recruitment = Recruitment(
        start=first_day,
        days=part.integer("days"),
        sites=_numbers(part, "sites"),
        days_to_randomization=_pair(part, "days_to_randomization"),
        screening_forms=part.texts("screening_forms", ()),
    )
    if recruitment.days < 1:
        part.refuse("days", "1 or more", str(recruitment.days))
    part.done()
    return recruitment


def _visits(part: Section) -> VisitHabits:
    habits = VisitHabits(
        missed=_probability(part, "missed", 0.0),
        outside_window=_probability(part, "outside_window", 0.0),
        reasons=_numbers(part, "reasons"),
    )
    part.done()
    return habits


def _dropout(part: Section) -> Dropout:
    dropout = Dropout(
        total=_probability(part, "total", 0.0),
        depends_on_outcome=part.boolean("depends_on_outcome", False),
        measure=part.optional_text("measure"),
        log_odds_per_sd=part.number("log_odds_per_sd", 0.0),
        form=part.optional_text("form"),
    )
    if dropout.depends_on_outcome and dropout.measure is None:
        part.refuse("depends_on_outcome", "false where no measure is named", "true")
    part.done()
    return dropout


def _event(name: str, part: Section) -> Event:
    event = Event(
        name=name,
        form=part.text("form"),
        rate_per_year=_numbers(part, "rate_per_year"),
        days=_pair(part, "days"),
        duration_days=_pair(part, "duration_days") if "duration_days" in part else (0, 0),
        most=part.integer("most", 1),
        ends_follow_up=part.boolean("ends_follow_up", False),
    )
    part.done()
    return event


def _recurrence(part: Section) -> Recurrence:
    recurrence = Recurrence(
        form=part.text("form"),
        pain_free_from=_pair(part, "pain_free_from"),
        never_pain_free=_probability(part, "never_pain_free"),
        hazard_per_100_days=_numbers(part, "hazard_per_100_days"),
        log_hazard=_numbers(part, "log_hazard"),
        gap_days=part.integer("gap_days"),
        minimum_hours=part.number("minimum_hours"),
        mean_extra_hours=_positive(part, "mean_extra_hours"),
        minimum_vas_mm=part.number("minimum_vas_mm"),
        mean_vas_mm=part.number("mean_vas_mm"),
        minor_per_year=_at_least_zero(part, "minor_per_year", 0.0),
        most=part.integer("most"),
        not_assessed=_probability(part, "not_assessed", 0.0),
    )
    part.done()
    return recurrence


def _typing(part: Section) -> Typing:
    plain = Typing()
    typing = Typing(
        first_typist=part.text("first_typist", plain.first_typist),
        second_typist=part.text("second_typist", plain.second_typist),
        first=_probability(part, "first", plain.first),
        second=_probability(part, "second", plain.second),
        shared=_probability(part, "shared", plain.shared),
        adjudicator=_probability(part, "adjudicator", plain.adjudicator),
        kinds=_numbers(part, "kinds"),
    )
    part.done()
    return typing


def _estimand(name: str, part: Section) -> Estimand:
    estimand = Estimand(
        name, part.text("measure"), part.text("visit"), part.text("test"), part.text("reference")
    )
    part.done()
    return estimand


def _numbers(part: Section, key: str) -> dict[str, float]:
    table = part.optional_section(key)
    return {name: table.number(name) for name in table.names()} if table else {}


def _number_tables(part: Section, key: str) -> dict[str, dict[str, float]]:
    tables = part.optional_section(key)
    return {name: _numbers(tables, name) for name in tables.names()} if tables else {}


def _loads(part: Section) -> dict[str, float]:
    loads = _numbers(part, "loads")
    if sum(load**2 for load in loads.values()) > 1:
        part.refuse("loads", "correlations whose squares sum to 1 or less", str(loads))
    return loads


def _probabilities(part: Section, key: str) -> Mapping[str, float]:
    table = part.optional_section(key)
    return {name: _probability(table, name) for name in table.names()} if table else {}


def _probability(part: Section, key: str, *default: float) -> float:
    value = part.number(key, *default)
    if not 0 <= value <= 1:
        part.refuse(key, "a probability from 0 to 1", str(value))
    return value


def _positive(part: Section, key: str) -> float:
    value = part.number(key)
    if value <= 0:
        part.refuse(key, "above 0", str(value))
    return value


def _at_least_zero(part: Section, key: str, default: float) -> float:
    value = part.number(key, default)
    if value < 0:
        part.refuse(key, "0 or more", str(value))
    return value


def _pair(part: Section, key: str) -> tuple[int, int]:
    pair = part.integers(key)
    if len(pair) != 2 or pair[0] > pair[1]:
        part.refuse(key, "two whole numbers, the smaller first", str(list(pair)))
    return pair[0], pair[1]


def _bounds(part: Section, key: str) -> tuple[float, float] | None:
    if key not in part:
        return None
    pair = part.numbers(key)
    if len(pair) != 2 or pair[0] > pair[1]:
        part.refuse(key, "two numbers, the smaller first", str(list(pair)))
    return pair[0], pair[1]
