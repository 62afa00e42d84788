"""A scenario: the assumptions of a simulated trial, frozen. Every number in it is invented and says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from trialkit.simulation.errors import SimulationError
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Rule:
    """How one value comes about; exactly one of the first five ways is used.

    ``constant``: that text. ``fact``: a fact about the person, visit or event, times ``times`` plus ``plus``
    plus normal noise, then cut at ``cuts`` into ``codes``, or looked up in ``map``, or moved by ``days``
    (drawn evenly, both ends included) where the fact is a date. ``mean``: normal with ``sd``, correlated
    with other facts by ``loads``. ``weights``: a code at random; with ``by``, the weights for each value of
    that fact. ``trials``: how many of so many, with the chance a fact gives.

    ``month_only`` is the probability that only year and month of a date are known, ``missing`` that nobody
    answered: the paper then shows a missing code where an answer is required, and nothing elsewhere.
    """

    constant: str | None = None
    fact: str | None = None
    times: float = 1.0
    plus: float = 0.0
    noise_sd: float = 0.0
    cuts: tuple[float, ...] = ()
    codes: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    days: tuple[int, int] | None = None
    mean: float | None = None
    sd: float = 0.0
    loads: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    by: str | None = None
    weights_by: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    trials: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    decimals: int | None = None
    exponentiate: bool = False  # the normal number is a logarithm
    month_only: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of a person. Outside ``eligible`` the person fails screening for ``failure``."""

    name: str
    rule: Rule
    eligible: tuple[float, float] | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class MeasureVisit:
    """A measure at one visit in the reference arm, and how far each other arm's mean lies from it."""

    change: float  # mean change from the mean at baseline
    sd: float
    correlation: float  # with baseline, before eligibility cuts it
    effect: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """A longitudinal outcome: a score whose items follow it, or a single item.

    ``step`` is the change in the score for one point in one item; values lie on that grid between
    ``minimum`` and ``maximum``. ``persistence`` is the share of the residual variance after baseline that
    stays with the person; ``loads`` are the correlations of that part with facts. ``offsets`` shift every
    visit after baseline by the value of a fact. ``modifier`` scales the effect by ``1 + slope * z``.
    """

    name: str
    baseline_visit: str
    baseline_mean: float
    baseline_sd: float
    baseline_loads: Mapping[str, float]
    minimum: float
    maximum: float
    step: float
    visits: Mapping[str, MeasureVisit]
    score: str | None = None
    item: str | None = None
    eligible: tuple[float, float] | None = None
    failure: str = ""
    persistence: float = 0.5
    loads: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    modifier: Mapping[str, float] = field(default_factory=dict)
    item_scatter: float = 0.7  # SD of a single item around the person's mean item, in item points
    missing_item: float = 0.0  # probability that an item is left blank
    missing_items: Mapping[str, float] = field(default_factory=dict)  # the same for single items


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason to fail screening that no measurement shows, and what the forms then say."""

    name: str
    probability: float
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recruitment:
    start: date
    days: int
    sites: Mapping[str, float]
    days_to_randomization: tuple[int, int]
    screening_forms: tuple[str, ...]  # the forms a person who fails screening has; all of turn 1 if empty


@dataclass(frozen=True, slots=True)
class VisitHabits:
    """How visits are kept: missed altogether, or on a day outside the window."""

    missed: float = 0.0
    outside_window: float = 0.0
    reasons: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dropout:
    """Leaving the study. ``total`` is the probability by the last visit.

    With ``depends_on_outcome`` the log odds of leaving before a visit rise by ``log_odds_per_sd`` for one SD
    of the measure at the last visit at which it was observed: missing at random given what is on paper.
    """

    total: float
    depends_on_outcome: bool
    measure: str | None
    log_odds_per_sd: float
    form: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may happen during follow-up and has a form: an adverse event, a rescue drug, a death."""

    name: str
    form: str
    rate_per_year: Mapping[str, float]
    days: tuple[int, int]
    duration_days: tuple[int, int]
    most: int
    ends_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """New episodes of pain after freedom from pain.

    A subject becomes free of pain on a day drawn evenly from ``pain_free_from`` (a share ``never_pain_free``
    never does). From ``gap_days`` later a new episode comes at ``hazard_per_100_days``, times
    exp(sum of ``log_hazard`` x standardized fact); so again after each episode. Episodes last
    ``minimum_hours`` or longer with a peak above ``minimum_vas_mm``. Minor flares, shorter or milder, come at
    ``minor_per_year`` and count for nothing.
    """

    form: str
    pain_free_from: tuple[int, int]
    never_pain_free: float
    hazard_per_100_days: Mapping[str, float]
    log_hazard: Mapping[str, float]
    gap_days: int
    minimum_hours: float
    mean_extra_hours: float
    minimum_vas_mm: float
    mean_vas_mm: float
    minor_per_year: float
    most: int
    not_assessed: float


@dataclass(frozen=True, slots=True)
class Typing:
    """Errors per field typed. ``shared`` is a misreading made alike in both passes."""

    first_typist: str = "typist_1"
    second_typist: str = "typist_2"
    first: float = 0.0029
    second: float = 0.0025
    shared: float = 0.0003
    adjudicator: float = 0.01
    kinds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimand:
    """The quantity whose true value is asked for: a mean difference in change, test minus reference."""

    name: str
    measure: str
    visit: str
    test: str
    reference: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """All assumptions of one simulated trial."""

    study: str
    title: str
    eligible: int
    recruitment: Recruitment
    facts: tuple[Fact, ...]
    later_facts: tuple[Fact, ...]
    measures: tuple[Measure, ...]
    failures: tuple[Failure, ...]
    visits: VisitHabits
    dropout: Dropout
    events: tuple[Event, ...]
    recurrence: Recurrence | None
    items: Mapping[str, Rule]
    form_missing: Mapping[str, float]  # form -> probability that a whole expected form was not filled in
    typing: Typing
    estimands: tuple[Estimand, ...]
    repeats: Mapping[str, float] = field(
        default_factory=dict
    )  # repeating form -> mean number of lines a visit

    def measure(self, name: str) -> Measure:
        """A measure by name; `check_scenario` has seen that those the scenario itself names exist."""
        return next(measure for measure in self.measures if measure.name == name)

    def estimand(self, name: str) -> Estimand:
        """An estimand by name.

        Raises
        ------
        SimulationError
            Where the scenario has none of that name.
        """
        for estimand in self.estimands:
            if estimand.name == name:
                return estimand
        raise SimulationError(
            expected="an estimand of the scenario",
            found=repr(name),
            next_step=said(
                "Known: {estimands}.", estimands=", ".join(known.name for known in self.estimands) or "none"
            ),
        )
