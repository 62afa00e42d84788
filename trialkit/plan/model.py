"""An analysis plan as data: frozen, and complete before any data exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from trialkit.errors import TrialkitError
from trialkit.vocabulary import ArmRole, Better

_ALTERNATIVES = re.compile(r"\bor\b", re.IGNORECASE)


class AnalysisRole(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    SENSITIVITY = "sensitivity"
    SUPPLEMENTARY = "supplementary"
    DESCRIPTIVE = "descriptive"


class Derivation(StrEnum):
    VALUE = "value"
    CHANGE = "change"
    RESPONSE = "response"
    TIME_TO_EVENT = "time_to_event"


class Strategy(StrEnum):
    """What becomes of data after an intercurrent event (ICH E9(R1))."""

    TREATMENT_POLICY = "treatment-policy"
    HYPOTHETICAL = "hypothetical"
    COMPOSITE = "composite"
    WHILE_ON_TREATMENT = "while-on-treatment"
    PRINCIPAL_STRATUM = "principal-stratum"


class Alternative(StrEnum):
    TWO_SIDED = "two-sided"
    LESS = "less"
    GREATER = "greater"


class ArmColumn(StrEnum):
    PLANNED = "planned_arm"
    ACTUAL = "actual_arm"


@dataclass(frozen=True, slots=True)
class AnalysisSet:
    """``rule`` is true for the subjects of the set; its names are columns of the subject dataset.

    ``requires``: further rules, each with the words for who does not meet it. ``without``: whoever has a
    record of that source with that flag (an empty flag: any record) is left out. ``randomized`` is false
    where belonging to the set depends on what happened later, so that its arms are no randomized groups.
    """

    name: str
    label: str
    rule: str
    arm: ArmColumn
    note: str
    requires: tuple[tuple[str, str], ...] = ()
    without: tuple[tuple[str, str], ...] = ()
    randomized: bool = True

    @property
    def whole_rule(self) -> str:
        """All rules as one; in brackets where one says "or", since "and" binds closer."""
        rules = (self.rule, *(rule for rule, _ in self.requires))
        if len(rules) == 1:
            return self.rule
        return " and ".join(f"({rule})" if _ALTERNATIVES.search(rule) else rule for rule in rules)


@dataclass(frozen=True, slots=True)
class VisitRule:
    """Which assessment counts for a visit: days from the anchor, and what to choose among several.

    ``undated`` "as named": an assessment whose day from the anchor nobody knows counts for the visit its form
    names, after any dated one in the window. Empty: it counts for none.

    ``instead_of`` another visit: a second way of choosing among the same assessments, for a sensitivity
    analysis; it takes none of them from the visits of the plan.
    """

    name: str
    anchor: str
    target_days: int
    window_days: tuple[int, int]
    choose: str  # "last" | "closest, then later"
    undated: str = ""  # "as named"
    instead_of: str = ""
    label: str = ""  # of a visit the study does not have


@dataclass(frozen=True, slots=True)
class CompetingEvent:
    """What ends the wait for the endpoint's event: dated rows of ``form`` where ``rule`` holds."""

    label: str
    form: str
    date: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A variable of the plan.

    A value, change or response is made from ``parameter`` (a score of the study, or an item that gives one
    number a form) by visit; a time to event from the rows of ``form`` for which ``rule`` is true.
    """

    name: str
    label: str
    derive: Derivation
    unit: str
    parameter: str = ""
    form: str = ""
    date: str = ""  # the item that dates an event
    rule: str = ""
    assessed_form: str = ""  # a contact at which the event's status was asked
    assessed_rule: str = ""  # true where it was really assessed
    better: Better | None = None
    mcid: float | None = None
    missing: str = ""
    event: str = ""  # of a response: "good" or "bad"; empty: as the rule and the score's direction tell
    definition: str = ""  # an event in words, for the reader of the report
    origin: str = ""
    censor: str = ""
    partial_dates: str = ""
    competing: tuple[CompetingEvent, ...] = ()

    @property
    def column(self) -> str:
        """The column of the assessments it is read from."""
        return "value" if self.derive is Derivation.VALUE else "chg"


@dataclass(frozen=True, slots=True)
class RecordSource:
    """Rows of a form that are counted as they are: adverse events, reasons for stopping.

    ``category`` is the item they are grouped by; each of ``flags`` (label -> rule on a row) marks some. Where
    there is a ``rule``, only the rows count for which it is true. ``tells_no_arm`` are the codes of
    ``category`` of which a blind review may know although the form as a whole tells the arm.
    """

    name: str
    form: str
    category: str
    flags: Mapping[str, str]
    rule: str = ""
    tells_no_arm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntercurrentEvent:
    event: str
    source: str  # the form that records it: FORM, FORM.DATE or FORM.DATE where RULE
    strategy: Strategy
    value: float | None = None  # of a composite event: what the parameter counts as after it


@dataclass(frozen=True, slots=True)
class Estimand:
    """The five attributes of ICH E9(R1)."""

    name: str
    label: str
    population: str
    treatment: tuple[str, ...]
    variable: str
    summary: str
    intercurrent: tuple[IntercurrentEvent, ...]


@dataclass(frozen=True, slots=True)
class Test:
    alternative: Alternative
    alpha: float
    null_value: float


@dataclass(frozen=True, slots=True)
class Interval:
    level: float
    sides: int


@dataclass(frozen=True, slots=True)
class Contrasts:
    """What an entry of a study with more than two arms compares, in order, and how their number is paid for.

    ``pairs`` are (test, reference) where the plan names them one by one; else ``compare`` says which they
    are. ``because`` says why nothing is adjusted.
    """

    compare: str  # "each with reference", "all pairs", or empty
    pairs: tuple[tuple[str, str], ...]
    adjust: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One entry of the plan. What an entry must say depends on its method and role: ``keys`` holds it.

    Where the study has more than two arms, ``arms`` are the two it is about, test first, and ``contrasts``
    what it compares. ``fault`` is what kept it from being read: a run tells it in the entry's place, and goes
    on.
    """

    id: str
    method: str
    role: AnalysisRole
    title: str
    set: str
    where: str  # file:line of the entry
    estimand: str = ""
    reveals_arm: bool = False  # it uses what only one arm has
    keys: Mapping[str, Any] = field(default_factory=dict)
    arms: tuple[str, ...] = ()
    contrasts: Contrasts | None = None
    of: str = ""  # the entry that this one is a sensitivity analysis of
    assumption: str = ""  # what it assumes instead, in words
    fault: TrialkitError | None = None
    readable: Mapping[str, Any] = field(default_factory=dict)  # with a fault: its other keys

    def saying(self, **keys: Any) -> Analysis:
        """The same entry with other values of some keys."""
        return replace(self, keys={**self.keys, **keys})


@dataclass(frozen=True, slots=True)
class Amendment:
    version: str
    date: str
    before_unblinding: bool
    reason: str
    place: int = 0  # in the file's list, from 0


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """A result in print, to stand beside ours.

    ``sign`` is -1 where the publication states reference minus test; ``analysis`` empty means the primary
    one. The publication's rounding is read off its numbers: the most decimals among the three.
    """

    label: str
    estimate: float
    ci_lower: float
    ci_upper: float
    sign: int = 1
    source: str = ""
    analysis: str = ""
    note: str = ""
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    id: str
    study: str
    version: str
    protocol: str
    title: str
    seed: int
    arms: tuple[str, ...]  # test arms in the order of every table, the reference last; none: no arms
    sets: Mapping[str, AnalysisSet]
    visits: Mapping[str, VisitRule]
    endpoints: Mapping[str, Endpoint]
    estimands: Mapping[str, Estimand]
    records: Mapping[str, RecordSource]
    analyses: tuple[Analysis, ...]
    text: str
    sha256: str
    amendments: tuple[Amendment, ...] = ()
    published: tuple[PublishedResult, ...] = field(default=())
    places: Mapping[str, str] = field(default_factory=dict)  # dotted path -> file:line
    broken: Mapping[str, TrialkitError] = field(default_factory=dict)  # parts left out of a run, and why
    faults: tuple[TrialkitError, ...] = ()  # of a plan read to be checked: what is wrong outside its entries
    in_part: Mapping[str, Any] = field(default_factory=dict)  # parts of which something could not be read
    unread: tuple[str, ...] = ()  # and the dotted paths of everything that could not be read

    def is_unread(self, *keys: str) -> bool:
        """Whether of some entry one of these keys, or more, cannot be read: what hangs on it is not known."""
        asked = re.compile(rf"analysis\.\d+(\.({'|'.join(keys)}))?")
        return any(asked.fullmatch(path) for path in self.unread)

    @property
    def with_stand_ins(self) -> Plan:
        """The plan with the parts too of which something could not be read: what else they say is checked."""
        parts = ((kind, named) for kind, named in self.in_part.items() if kind != "amendments")
        both: dict[str, Any] = {kind: {**getattr(self, kind), **named} for kind, named in parts}
        log = (*self.amendments, *self.in_part.get("amendments", ()))
        return replace(self, **both, amendments=tuple(sorted(log, key=lambda one: one.place)))

    @property
    def roles(self) -> Mapping[str, ArmRole]:
        """Arm -> role, in the order of the tables."""
        last = len(self.arms) - 1
        return {arm: ArmRole.REFERENCE if i == last else ArmRole.TEST for i, arm in enumerate(self.arms)}

    def analysis(self, analysis_id: str) -> Analysis:
        return next(entry for entry in self.analyses if entry.id == analysis_id)
