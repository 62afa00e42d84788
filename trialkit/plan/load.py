"""TOML to a frozen plan. Nothing that matters has a default: what is unsaid is an error with its line."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trialkit.plan.carried_out import (
    CARRIED_OUT,
    MISSING_BY_METHOD,
    PARTIAL_DATES,
    STRATA_SOURCES,
    TIES,
    TIME_ORIGIN,
    any_of,
    refuse_what_is_not_done,
    word,
)
from trialkit.plan.errors import PlanError
from trialkit.plan.model import (
    Alternative,
    Amendment,
    Analysis,
    AnalysisRole,
    AnalysisSet,
    ArmColumn,
    Derivation,
    Endpoint,
    Estimand,
    IntercurrentEvent,
    Interval,
    Plan,
    Published,
    RecordSource,
    Strategy,
    Test,
    VisitRule,
)
from trialkit.strict_toml import Section, parse_toml, read_toml
from trialkit.vocabulary import ArmRole, Better
from trialkit.wording import said

# What an entry must say beside id, method, role, title and set. A method not named here is unknown.
METHOD_KEYS: dict[str, frozenset[str]] = {
    "flow": frozenset({"endpoint", "visit"}),
    "baseline": frozenset({"variables"}),
    "profile": frozenset({"endpoint", "interval"}),
    "ancova": frozenset({"endpoint", "visit", "formula", "ls_means"}),
    "effect_modification": frozenset({"endpoint", "visit", "formula", "modifier"}),
    "responders": frozenset({"endpoints", "visit"}),
    "time_to_event": frozenset({"endpoint", "formula", "ties", "horizon_days", "times_days"}),
    "adverse_events": frozenset({"records"}),
    "quality": frozenset(),
}

AS_NAMED = "as named"

# What every analysis that bears on the question must say. A proportion's difference is estimated, not tested.
CONFIRMATORY_KEYS = frozenset({"estimand", "missing", "interval"})
TESTED_KEYS = frozenset({"strata", "test"})
ESTIMATION_ONLY = frozenset({"responders"})


def load_plan(path: Path) -> Plan:
    """Read a plan file.

    Parameters
    ----------
    path
        A TOML file; ``sap/study_a.toml`` is the model to start from.

    Returns
    -------
    Plan
        Complete in itself; whether it fits a study is asked by ``check_plan``.

    Raises
    ------
    DefinitionError, PlanError
        An unknown key, a wrong type, an unknown method, or something left unsaid; with file and line.
    """
    document = read_toml(path)
    text = path.read_text(encoding="utf-8")
    return _plan(document, text)


def load_plan_text(text: str, name: str = "plan") -> Plan:
    """The same from text, for a plan that was stored with its results."""
    return _plan(parse_toml(text, name), text)


def _plan(document: Section, text: str) -> Plan:
    head = document.section("plan")
    roles = head.section("roles")
    plan = Plan(
        id=head.text("id"),
        study=head.text("study"),
        version=head.text("version"),
        protocol=head.text("protocol"),
        title=head.text("title"),
        seed=head.integer("seed"),
        roles={role: roles.text(role.value) for role in (ArmRole.TEST, ArmRole.REFERENCE)},
        sets={name: _set(name, section) for name, section in document.named_sections("sets")},
        visits={name: _visit(name, section) for name, section in document.named_sections("visits")},
        endpoints={name: _endpoint(name, section) for name, section in document.named_sections("endpoints")},
        estimands={name: _estimand(name, section) for name, section in document.named_sections("estimands")},
        records={name: _record_source(name, section) for name, section in document.named_sections("records")},
        analyses=tuple(_analysis(section) for section in document.listed_sections("analysis")),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        amendments=tuple(_amendment(section) for section in document.listed_sections("amendment")),
        published=tuple(_published(section) for section in document.listed_sections("published")),
    )
    for section in (roles, head, document):
        section.done()
    return plan


def _set(name: str, section: Section) -> AnalysisSet:
    result = AnalysisSet(
        name=name,
        label=section.text("label"),
        rule=section.text("rule"),
        arm=section.choice("arm", ArmColumn),
        note=section.text("note", ""),
    )
    section.done()
    return result


def _visit(name: str, section: Section) -> VisitRule:
    window = section.integers("window_days")
    if len(window) != 2 or window[0] > window[1]:
        section.refuse("window_days", "two days, the first not after the second", str(list(window)))
    choose = section.text("choose")
    if choose not in ("last", "closest, then later"):
        section.refuse("choose", '"last" or "closest, then later"', repr(choose))
    undated = section.text("undated", "")
    if undated not in ("", AS_NAMED):
        section.refuse("undated", said('"{as_named}", or nothing', as_named=AS_NAMED), repr(undated))
    result = VisitRule(
        name=name,
        anchor=section.text("anchor"),
        target_days=section.integer("target_days"),
        window_days=(window[0], window[1]),
        choose=choose,
        undated=undated,
    )
    section.done()
    return result


def _endpoint(name: str, section: Section) -> Endpoint:
    derive = section.choice("derive", Derivation)
    timed = derive is Derivation.TIME_TO_EVENT
    measured = derive in (Derivation.VALUE, Derivation.CHANGE)
    result = Endpoint(
        name=name,
        label=section.text("label"),
        derive=derive,
        unit=section.text("unit"),
        parameter="" if timed else section.text("parameter"),
        form=section.text("form") if timed else "",
        date=section.text("date") if timed else "",
        rule="" if measured else section.text("rule"),
        assessed_form=section.text("assessed_form") if timed else "",
        assessed_rule=section.text("assessed_rule") if timed else "",
        better=section.choice("better", Better) if measured else None,
        mcid=section.optional_number("mcid"),
        missing=word(section, "missing", MISSING_BY_METHOD["responders"])
        if derive is Derivation.RESPONSE
        else "",
        definition=section.text("definition") if timed else "",
        origin=word(section, "origin", TIME_ORIGIN) if timed else "",
        censor=section.text("censor") if timed else "",
        partial_dates=word(section, "partial_dates", PARTIAL_DATES) if timed else "",
    )
    section.done()
    return result


def _record_source(name: str, section: Section) -> RecordSource:
    flags = section.section("flags") if "flags" in section else None
    result = RecordSource(
        name=name,
        form=section.text("form"),
        category=section.text("category"),
        flags={label: flags.text(label) for label in flags.names()} if flags else {},
    )
    section.done()
    return result


def _estimand(name: str, section: Section) -> Estimand:
    events = []
    for entry in section.listed_sections("intercurrent"):
        event = entry.text("event")
        strategy = entry.choice("strategy", Strategy)
        if event == "death" and strategy is Strategy.TREATMENT_POLICY:
            raise PlanError(
                expected="a strategy for death that says what a dead person's outcome is",
                found="treatment-policy: there is no outcome after death to use",
                where=entry.where("strategy"),
                next_step="Choose hypothetical.",
            )
        if strategy not in CARRIED_OUT:
            entry.refuse(
                "strategy",
                said("a strategy that is carried out: {any_of}", any_of=any_of(CARRIED_OUT)),
                repr(str(strategy)),
            )
        events.append(IntercurrentEvent(event=event, source=entry.text("source"), strategy=strategy))
        entry.done()
    result = Estimand(
        name=name,
        label=section.text("label"),
        population=section.text("population"),
        treatment=section.texts("treatment"),
        variable=section.text("variable"),
        summary=section.text("summary"),
        intercurrent=tuple(events),
    )
    section.done()
    return result


def _analysis(section: Section) -> Analysis:
    method = section.text("method")
    if method not in METHOD_KEYS:
        section.refuse(
            "method", said("one of {method_keys}", method_keys=", ".join(sorted(METHOD_KEYS))), repr(method)
        )
    role = section.choice("role", AnalysisRole)
    _require(section, method, role)
    strata = section.texts("strata") if method == "time_to_event" and "strata" in section else ()
    result = Analysis(
        id=section.text("id"),
        method=method,
        role=role,
        title=section.text("title"),
        set=section.text("set"),
        where=section.where(),
        estimand=section.text("estimand", ""),
        endpoints=section.texts("endpoints", ()) or _one(section.text("endpoint", "")),
        visit=section.text("visit", ""),
        formula=section.text("formula", ""),
        strata=strata,
        strata_source=""
        if method == "time_to_event" or "strata" not in section
        else word(section, "strata", *STRATA_SOURCES),
        missing=word(section, "missing", MISSING_BY_METHOD[method]) if "missing" in section else "",
        test=_test(section.section("test")) if "test" in section else None,
        interval=_interval(section.section("interval")) if "interval" in section else None,
        ls_means_weights=_weights(section.section("ls_means")) if "ls_means" in section else "",
        ties=word(section, "ties", *TIES) if "ties" in section else "",
        horizon_days=section.optional_integer("horizon_days"),
        times_days=section.integers("times_days", ()),
        modifier=section.text("modifier", ""),
        variables=section.texts("variables", ()),
        records=section.text("records", ""),
    )
    refuse_what_is_not_done(result, section)
    section.done()
    return result


def _require(section: Section, method: str, role: AnalysisRole) -> None:
    required = set(METHOD_KEYS[method])
    if role is not AnalysisRole.DESCRIPTIVE:
        required |= CONFIRMATORY_KEYS
        if method not in ESTIMATION_ONLY:
            required |= TESTED_KEYS
    missing = sorted(required - set(section.names()))
    if missing:
        raise PlanError(
            expected=said(
                "a {role} {method} analysis to say {missing}",
                role=role.value,
                method=method,
                missing=", ".join(missing),
            ),
            found="nothing, and there is no default for what matters",
            where=section.where(),
            next_step="State it in the plan.",
        )


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _test(section: Section) -> Test:
    result = Test(
        alternative=section.choice("alternative", Alternative),
        alpha=section.number("alpha"),
        null_value=section.number("null_value"),
    )
    section.done()
    return result


def _interval(section: Section) -> Interval:
    result = Interval(level=section.number("level"), sides=section.integer("sides"))
    if not 0.5 <= result.level < 1:
        section.refuse("level", "a confidence level such as 0.95", str(result.level))
    if result.sides not in (1, 2):
        section.refuse("sides", "1 or 2", str(result.sides))
    section.done()
    return result


def _weights(section: Section) -> str:
    weights = section.text("weights")
    if weights not in ("equal", "observed", "cells"):
        section.refuse("weights", "equal, observed or cells", repr(weights))
    section.done()
    return weights


def _amendment(section: Section) -> Amendment:
    result = Amendment(
        version=section.text("version"),
        date=section.text("date"),
        before_unblinding=section.boolean("before_unblinding"),
        reason=section.text("reason"),
    )
    section.done()
    return result


def _published(section: Section) -> Published:
    result = Published(
        analysis=section.text("analysis"),
        label=section.text("label"),
        source=section.text("source"),
        estimate=section.number("estimate"),
        ci_lower=section.number("ci_lower"),
        ci_upper=section.number("ci_upper"),
        sign=section.integer("sign"),
        note=section.text("note", ""),
        p_value=section.optional_number("p_value"),
    )
    section.done()
    return result
