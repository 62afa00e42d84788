"""A study as data: what the protocol says, frozen.

Nothing here reads a file or decides anything; ``trialkit.study.load`` makes a :class:`Study` and
``trialkit.study.check`` holds it against itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from trialkit.study.conduct import Capture, ReferenceRange, Safety
from trialkit.study.consent import Consent
from trialkit.study.import_mapping import ImportMapping
from trialkit.study.sign_in import SignIn
from trialkit.vocabulary import ArmRole, Better, Concealment, EntryMode, ItemType, MissingCode, Role


@dataclass(frozen=True, slots=True)
class Arm:
    name: str
    label: str
    role: ArmRole
    ratio: int = 1
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    name: str
    kind: str = ""
    time_zone: str = "UTC"
    target: int | None = None  # subjects the site is to recruit


@dataclass(frozen=True, slots=True)
class Factor:
    """A stratification factor: the site itself (``item`` is None), a coded item, or bands of a number.

    ``cuts`` are the lower bounds of every band but the first: with 65, an age of 65 is in the second.
    """

    name: str
    levels: tuple[str, ...]
    item: str | None = None
    cuts: tuple[float, ...] = ()

    def level_of(self, value: str) -> str | None:
        """The level that a value of the item falls into; None for a text that is no number to band."""
        if not self.cuts:
            return value
        try:
            number = float(value)
        except ValueError:
            return None
        return self.levels[sum(number >= cut for cut in self.cuts)]


@dataclass(frozen=True, slots=True)
class Component:
    """A part of what an arm receives, with the drugs it may consist of."""

    name: str
    label: str
    drug_class: str = ""  # as the protocol calls it, e.g. "NSAID"
    drugs: tuple[str, ...] = ()
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A day that visits are counted from, ``days`` after another anchor.

    Consent and randomization are events and need no entry. The end of the intervention is counted from
    randomization in both arms alike: the reference arm has no last session to date it by.
    """

    name: str
    label: str
    after: str
    days: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A scheduled visit, counted in days from its anchor.

    ``anchor`` is ``"consent"``, ``"randomization"`` or the name of an :class:`Anchor`; None means that
    the protocol does not say, which ``study check`` reports.
    """

    name: str
    label: str
    anchor: str | None
    target_days: int | None
    window_days: tuple[int, int] | None  # first and last permitted day, counted like target_days
    stated_times: tuple[str, ...] = ()  # every time the sources give it, in their words
    retired: bool = False  # planned no more; what was entered at it stays


Bound = float | date | datetime | time
"""An end of an item's range: a number, a day, a moment or a time of day, as the item is."""


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a form; its name is unique in the study (as in REDCap)."""

    name: str
    form: str
    label: str
    type: ItemType
    choices: tuple[Choice, ...] = ()
    unit: str | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    decimals: int | None = None
    decimal_comma: bool = False  # other systems write its numbers with a comma; here they have a point
    required: bool = False
    partial_date: bool = False
    branching: str = ""  # REDCap syntax; the item is asked only where this is true
    calculation: str = ""  # REDCap syntax; only for derived items
    section: str = ""
    identifier: bool = False
    critical: bool = False
    reveals_allocation: bool = False
    missing_codes: tuple[MissingCode, ...] = tuple(MissingCode)
    agree_within: float = 0.0  # two readers' numbers this near agree, and their mean is the final value
    retired: bool = False  # asked no more on new forms; what was entered stays
    validation: str = ""  # of a text, as the dictionary names it: time_mm_ss, email
    question_number: str = ""  # as printed on the paper form, where the dictionary states it
    line: str = ""  # the number of its line on paper, as the whole study counts it

    def label_of(self, code: str) -> str:
        return next((choice.label for choice in self.choices if choice.code == code), code)

    def shown(self, text: str) -> str:
        """A text with its label beside it, where it is a code whose label says more: ``2 (moderate)``."""
        label = self.label_of(text)
        return text if label.casefold() == text.casefold() else f"{text} ({label})"


@dataclass(frozen=True, slots=True)
class Form:
    """A case report form.

    ``for_arms`` empty means every arm; ``row_key`` is the printed line number of a repeating form.
    """

    name: str
    label: str
    entry: EntryMode
    visits: tuple[str, ...]
    items: tuple[Item, ...]
    repeating: bool = False
    row_key: str | None = None
    optional: bool = False  # expected only when something happened (adverse event, withdrawal, death)
    for_arms: tuple[str, ...] = ()
    reveals_allocation: bool = False
    signature_required: bool = False  # an investigator signs it, or nothing above it is frozen or locked
    retired: bool = False  # filled in no more; what was entered stays
    retired_visits: tuple[str, ...] = ()  # of its visits: those at which it is filled in no more
    place: str = ""  # the number of the form on paper, as the whole study counts it

    @property
    def line_numbers(self) -> dict[str, str]:
        """Item -> the number of its line on paper: the dictionary's question number, where the form has any.

        In a form with question numbers an item without one has none; in any other it is the place from 1, as
        :func:`trialkit.study.paper_numbers.numbered` counts it in the whole study.
        """
        return {item.name: item.line for item in self.items}

    @property
    def is_measured(self) -> bool:
        """Whether its two passes are two readings, each from the scan itself, and not two copies of paper."""
        return any(item.agree_within for item in self.items)

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)


@dataclass(frozen=True, slots=True)
class Score:
    """A derived number: ``instrument`` from ``trialkit.instruments`` applied to ``items`` of one form."""

    name: str
    label: str
    instrument: str
    form: str
    items: tuple[str, ...]
    unit: str
    better: Better | None
    mcid: float | None = None
    settings: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Criterion:
    """An inclusion or exclusion criterion: ``rule`` (REDCap syntax) is true when the subject *passes* it."""

    name: str
    kind: str  # "inclusion" | "exclusion"
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check the study writes itself: ``rule`` (REDCap syntax) is true where the data are as they should be.

    ``at`` are the visits it is asked at; empty: every visit at which all its unnamed-visit items are asked.
    """

    name: str
    rule: str
    message: str
    hard: bool = False  # a query's severity; in a pass even a hard check only warns
    at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number of the protocol that is applied to an item, with its unit stated."""

    name: str
    item: str
    value: float
    unit: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class SampleSize:
    """The sample-size statement as registered, so that it can be held against arithmetic."""

    total: int
    per_arm: int
    difference: float
    sd: float
    power: float
    alpha: float
    sides: int
    attrition: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint with every time the sources give it; more than one is a contradiction to surface."""

    name: str
    label: str
    role: str  # "primary" | "secondary"
    score: str | None  # a Score or item name
    visit: str | None
    stated_times: tuple[str, ...] = ()
    reported_by: str = ""  # "participant" | "assessor" | "investigator" | ""
    missing_data: str = ""  # how a missing value enters the analysis, in the protocol's words
    definition: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blinding:
    """Who the protocol calls blinded, and who must be able to run what."""

    stated: str
    blinded_roles: tuple[Role, ...]
    runs_analysis: Role | None = None
    masked_analysis_described: bool = False
    participants_blinded: bool = False
    open_outcomes_described: bool = False  # the protocol says what unblinded reporting may do to the outcomes


@dataclass(frozen=True, slots=True)
class Randomization:
    """What the study version may know of the list: never block lengths, only the digest of their file."""

    method: str  # "stratified_permuted_blocks" | "external"
    concealment: Concealment
    restriction_sha256: str | None = None
    reason_external: str = ""
    minimized_by: tuple[str, ...] = ()  # items a minimization elsewhere balanced


@dataclass(frozen=True, slots=True)
class AnalysisStatement:
    """What the protocol says of the primary analysis."""

    principle: str  # "intention_to_treat" | "per_protocol"
    method: str = ""
    covariates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedField:
    """A row of the dictionary that holds no value trialkit captures (a heading, an uploaded file)."""

    name: str
    form: str
    reason: str


@dataclass(frozen=True, slots=True)
class Study:
    id: str
    title: str
    version: str
    arms: tuple[Arm, ...]
    sites: tuple[Site, ...]
    factors: tuple[Factor, ...]
    visits: tuple[Visit, ...]
    forms: tuple[Form, ...]
    scores: tuple[Score, ...]
    criteria: tuple[Criterion, ...]
    thresholds: tuple[Threshold, ...]
    endpoints: tuple[Endpoint, ...]
    randomization: Randomization
    blinding: Blinding
    sample_size: SampleSize | None
    demonstration: bool
    definition_text: str  # study.toml as read
    dictionary_text: str  # dictionary.csv as read
    sha256: str  # of both texts
    registry: str = ""
    protocol: str = ""
    record_id: str = "subject_id"  # the dictionary's first row, the subject's key; not an item
    components: tuple[Component, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    skipped_fields: tuple[SkippedField, ...] = ()
    dictionary_notes: tuple[str, ...] = ()  # what of the dictionary was read otherwise than it stands
    reference_ranges: tuple[ReferenceRange, ...] = ()
    analysis: AnalysisStatement | None = None
    import_mapping: ImportMapping | None = None
    checks: tuple[Check, ...] = ()
    safety: Safety = field(default_factory=Safety)
    capture: Capture = field(default_factory=Capture)
    consent: Consent = field(default_factory=Consent)
    sign_in: SignIn = field(default_factory=SignIn)
    identifiers_may_leave: tuple[str, ...] = ()  # items marked as identifiers that a snapshot may hold

    def arm(self, name: str) -> Arm:
        return next(arm for arm in self.arms if arm.name == name)

    def site(self, code: str) -> Site:
        return next(site for site in self.sites if site.code == code)

    def level_shown(self, factor: str, level: str) -> str:
        """A stratification level as people read it, a code with its label; a site's code is its name."""
        known = next((known for known in self.factors if known.name == factor), None)
        if known is None or known.item is None or known.cuts:
            return level
        return self.item(known.item).shown(level)

    def visit(self, name: str) -> Visit:
        return next(visit for visit in self.visits if visit.name == name)

    def form(self, name: str) -> Form:
        return next(form for form in self.forms if form.name == name)

    def item(self, name: str) -> Item:
        return next(item for form in self.forms for item in form.items if item.name == name)

    def score(self, name: str) -> Score:
        return next(score for score in self.scores if score.name == name)

    def days_after_randomization(self, anchor: str | None) -> int | None:
        """How many days after randomization an anchor falls; None where it is counted from elsewhere."""
        days = 0
        by_name = {known.name: known for known in self.anchors}
        while anchor in by_name:
            days += by_name[anchor].days
            anchor = by_name[anchor].after
        return days if anchor == "randomization" else None
