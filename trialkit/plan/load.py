"""TOML to a frozen plan. Nothing that matters has a default: what is unsaid is an error with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from trialkit import permitted
from trialkit.errors import TrialkitError
from trialkit.plan.entry import read_entry
from trialkit.plan.keys import any_of
from trialkit.plan.method import Declarations
from trialkit.plan.model import (
    Amendment,
    AnalysisSet,
    ArmColumn,
    CompetingEvent,
    Derivation,
    Endpoint,
    Estimand,
    IntercurrentEvent,
    Plan,
    PublishedResult,
    RecordSource,
    Strategy,
    VisitRule,
)
from trialkit.strict_toml import Section, parse_toml, read_toml
from trialkit.vocabulary import ArmRole, Better
from trialkit.wording import said

T = TypeVar("T")

AS_NAMED = "as named"
OBSERVED_CASES = "observed cases"
NOT_RANDOMIZED = "not randomized"
TIME_ORIGIN = "randomization"
PARTIAL_DATES = "midpoint of the feasible interval"
CARRIED_OUT = (
    Strategy.TREATMENT_POLICY,
    Strategy.HYPOTHETICAL,
    Strategy.COMPOSITE,
    Strategy.PRINCIPAL_STRATUM,  # by the methods that estimate the effect in one: see estimand_labels
)


def load_plan(path: Path, methods: Declarations, *, tolerant: bool = False, checking: bool = False) -> Plan:
    """Read a plan file.

    Parameters
    ----------
    path
        A TOML file; ``sap/study_a.toml`` is the model to start from.
    methods
        The methods an entry may name, each declaring its keys; ``trialkit.analysis.load_plan`` hands in those
        there are.
    tolerant
        An entry that cannot be read keeps its place with its ``fault``, so that a run answers all the others.
    checking
        Nothing is refused: what cannot be read is left out, and ``broken`` and ``faults`` keep why. For a
        check, which names all faults at once; such a plan is not to be run.

    Returns
    -------
    Plan
        Complete in itself; whether it fits a study is asked by ``check_plan``.

    Raises
    ------
    DefinitionError, PlanError
        An unknown key, a wrong type, an unknown method, or something left unsaid; with file and line, and
        with all others ``also``.
    """
    document = read_toml(path, collects=True)
    text = path.read_text(encoding="utf-8")
    return _plan(document, text, methods, tolerant=tolerant, checking=checking)


def load_plan_text(
    text: str, methods: Declarations, name: str = "plan", *, tolerant: bool = False, checking: bool = False
) -> Plan:
    """The same from text, for a plan that was stored with its results."""
    return _plan(parse_toml(text, name, collects=True), text, methods, tolerant=tolerant, checking=checking)


def _plan(document: Section, text: str, methods: Declarations, *, tolerant: bool, checking: bool) -> Plan:
    head = document.section("plan")
    stated = get_close_matches("roles", head.names())  # mistyped, they are told, and something stands in
    roles = head.section("roles") if stated else None
    armed = roles is not None if document.is_table("plan") else None
    broken: dict[str, TrialkitError] = {}
    in_part: dict[str, Any] = {}
    parts = partial(_parts, document, broken, in_part)
    amendments, in_part["amendments"] = _listed(document, "amendment", _amendment)
    published, _ = _listed(document, "published", _published)
    plan = Plan(
        id=head.text("id"),
        study=head.text("study"),
        version=head.text("version"),
        protocol=head.text("protocol"),
        title=head.text("title"),
        seed=head.integer("seed", within=permitted.SEED),
        arms=_arms(roles) if roles else (),
        sets=parts("sets", partial(_set, armed=armed)),
        visits=parts("visits", _visit),
        endpoints=parts("endpoints", _endpoint),
        estimands=parts("estimands", _estimand),
        records=parts("records", _record_source),
        analyses=tuple(read_entry(section, methods) for section in document.listed_sections("analysis")),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        amendments=amendments,
        published=published,
        places=document.places(),
    )
    for section in (roles, head, document):
        if section is not None:
            section.done()
    entries = [entry.fault for entry in plan.analyses if entry.fault is not None]
    own = {str(one) for fault in entries for one in (fault, *fault.also)}
    around = [one for one in document.faults() if str(one) not in own]
    if around and not checking:
        raise type(around[0]).all_of(around)
    if entries and not tolerant:
        raise type(entries[0]).all_of(entries)
    return replace(plan, broken=broken, faults=tuple(around), in_part=in_part, unread=document.unread())


def _parts(
    document: Section,
    broken: dict[str, TrialkitError],
    in_part: dict[str, Any],
    kind: str,
    read: Callable[[str, Section], T | None],
) -> dict[str, T]:
    """The tables under a name; those that cannot be read are ``broken``, each with all its faults.

    ``in_part`` has these, with stand-ins for what is wrong: what else they name is checked.
    """
    found = {}
    in_part[kind] = {}
    for name, section in document.named_sections(kind):
        part = section.tried(partial(read, name, section))
        if faults := section.faults():
            broken[name] = faults[0]
            in_part[kind] |= {name: part} if part is not None else {}
        elif part is not None:
            found[name] = part
    return found


def _listed(
    document: Section, kind: str, read: Callable[[int, Section], T]
) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """The tables of a list that can be read, and those of which something stands in, as of :func:`_parts`."""
    found: list[T] = []
    in_part: list[T] = []
    for place, section in enumerate(document.listed_sections(kind)):
        part = section.tried(partial(read, place, section))
        if part is not None:
            (in_part if section.faults() else found).append(part)
    return tuple(found), tuple(in_part)


def _arms(roles: Section) -> tuple[str, ...]:
    """The test arm or arms, in the order of every table, then the reference."""
    test = ArmRole.TEST.value
    tests = (roles.text(test),) if roles.is_text(test) else roles.texts(test)
    if not tests:
        roles.fault(test, "an arm, or a list of arms", "none")
    return (*tests, roles.text(ArmRole.REFERENCE.value))


def _set(name: str, section: Section, *, armed: bool | None) -> AnalysisSet:
    """A study that allocates nobody has no arms, and its sets name none; of one not known they may."""
    if armed is None:
        armed = "arm" in section
    result = AnalysisSet(
        name=name,
        label=section.text("label"),
        rule=section.text("rule"),
        arm=section.choice("arm", ArmColumn) if armed else ArmColumn.PLANNED,
        note=section.text("note", ""),
        requires=tuple(_required(entry) for entry in section.listed_sections("requires")),
        without=tuple(_left_out(entry) for entry in section.listed_sections("without")),
        randomized=_word(section, "comparison", NOT_RANDOMIZED) != NOT_RANDOMIZED
        if "comparison" in section
        else True,
    )
    section.done()
    return result


def _required(section: Section) -> tuple[str, str]:
    result = (section.text("rule"), section.text("otherwise"))
    section.done()
    return result


def _left_out(section: Section) -> tuple[str, str]:
    result = (section.text("records"), section.text("flag", ""))
    section.done()
    return result


def _visit(name: str, section: Section) -> VisitRule:
    window = section.integers("window_days", within=permitted.DAY)
    if len(window) != 2 or window[0] > window[1]:
        section.fault("window_days", "two days, the first not after the second", str(list(window)))
    choose = section.text("choose")
    if choose not in ("last", "closest, then later"):
        section.fault("choose", '"last" or "closest, then later"', repr(choose))
    undated = section.text("undated", "")
    if undated not in ("", AS_NAMED):
        section.fault("undated", said('"{as_named}", or nothing', as_named=AS_NAMED), repr(undated))
    result = VisitRule(
        name=name,
        anchor=section.text("anchor"),
        target_days=section.integer("target_days", within=permitted.DAY),
        window_days=(window[0], window[-1]) if window else (0, 0),
        choose=choose,
        undated=undated,
        instead_of=section.text("instead_of", ""),
        label=section.text("label") if "instead_of" in section else "",
    )
    section.done()
    return result


def _endpoint(name: str, section: Section) -> Endpoint | None:
    derive = section.choice("derive", Derivation)
    if section.is_unread("derive"):  # which keys it has hangs on that
        section.text("label")
        section.text("unit")
        return None
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
        mcid=section.optional_number("mcid", within=permitted.ANY),
        missing=_word(section, "missing", OBSERVED_CASES) if derive is Derivation.RESPONSE else "",
        event=_word(section, "event", "good", "bad")
        if derive is Derivation.RESPONSE and "event" in section
        else "",
        definition=section.text("definition") if timed else "",
        origin=_word(section, "origin", TIME_ORIGIN) if timed else "",
        censor=section.text("censor") if timed else "",
        partial_dates=_word(section, "partial_dates", PARTIAL_DATES) if timed else "",
        competing=tuple(_competing(entry) for entry in section.listed_sections("competing")) if timed else (),
    )
    section.done()
    return result


def _competing(section: Section) -> CompetingEvent:
    result = CompetingEvent(
        label=section.text("label"),
        form=section.text("form"),
        date=section.text("date"),
        rule=section.text("rule", ""),
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
        rule=section.text("rule", ""),
        tells_no_arm=section.texts("tells_no_arm", ()),
    )
    section.done()
    return result


def _estimand(name: str, section: Section) -> Estimand:
    events = []
    for entry in section.listed_sections("intercurrent"):
        event = entry.text("event")
        strategy = entry.choice("strategy", Strategy)
        if event == "death" and strategy is Strategy.TREATMENT_POLICY:
            entry.fault(
                "strategy",
                "a strategy for death that says what a dead person's outcome is",
                "treatment-policy: there is no outcome after death to use",
                "Choose hypothetical.",
            )
        if strategy not in CARRIED_OUT:
            entry.fault(
                "strategy",
                said("a strategy that is carried out: {carried_out}", carried_out=any_of(CARRIED_OUT)),
                repr(str(strategy)),
            )
        value = (
            entry.optional_number("value", within=permitted.ANY) if strategy is Strategy.COMPOSITE else None
        )
        events.append(IntercurrentEvent(event, entry.text("source"), strategy, value))
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


def _word(section: Section, key: str, *permitted: str) -> str:
    """A text that must be one of what is carried out."""
    said = section.text(key)
    if said not in permitted:
        section.fault(key, any_of(permitted), repr(said))
    return said


def _amendment(place: int, section: Section) -> Amendment:
    result = Amendment(
        place=place,
        version=section.text("version"),
        date=section.text("date"),
        before_unblinding=section.boolean("before_unblinding"),
        reason=section.text("reason"),
    )
    section.done()
    return result


def _published(_place: int, section: Section) -> PublishedResult:
    result = PublishedResult(
        analysis=section.text("analysis"),
        label=section.text("label"),
        source=section.text("source"),
        estimate=section.number("estimate", within=permitted.ANY),
        ci_lower=section.number("ci_lower", within=permitted.ANY),
        ci_upper=section.number("ci_upper", within=permitted.ANY),
        sign=section.integer("sign", within=permitted.SIGN),
        note=section.text("note", ""),
        p_value=section.optional_number("p_value", within=permitted.P_VALUE),
    )
    section.done()
    return result
