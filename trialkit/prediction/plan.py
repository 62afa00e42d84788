"""The prediction plan as data: what may enter, what is predicted, how honestly it is measured.

Everything that could be tuned after the outcome was seen stands here, fixed before it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

OutcomeKind = Literal["binary", "time_to_event"]
ArmRole = Literal["absent", "predictor", "effect_modifier"]
PenaltyRule = Literal["minimum", "one_standard_error"]
ThresholdRule = Literal["youden", "fixed"]
FeatureKind = Literal["number", "category"]

LEARNERS: tuple[str, ...] = ("logistic", "random_forest", "xgboost", "lightgbm", "mlp")
"""The protocol's five, simplest first: a tie in cross-validation goes to the simpler."""


@dataclass(frozen=True)
class Feature:
    """One candidate predictor.

    ``lower`` and ``upper`` are what a person may have at all; the range of the training data is found in
    the data. ``tag`` is the IBSI tag of a radiomic feature. ``alternative_unit`` with ``alternative_factor``
    is what the calculator's unit switch shows: shown value = value x factor. ``knots``: a restricted cubic
    spline with these knots instead of a straight line (stated, so that no step fits them).
    """

    name: str
    label: str
    unit: str = ""
    unit_zh: str = ""
    kind: FeatureKind = "number"
    levels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
    level_labels_zh: tuple[str, ...] = ()
    label_zh: str = ""
    definition: str = ""
    definition_zh: str = ""
    tag: str = ""
    group: str = "clinical"
    lower: float | None = None
    upper: float | None = None
    alternative_unit: str = ""
    alternative_factor: float = 1.0
    knots: tuple[float, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What is predicted. A time to event becomes "by ``horizon_days``", censoring becomes weights (IPCW)."""

    label: str
    kind: OutcomeKind = "binary"
    column: str = ""
    positive: str = "1"
    time_days: str = ""
    event: str = ""
    horizon_days: float = 0.0
    followed_from_days: float = 0.0
    """From this day on who is free of the event counts as followed to the horizon: the last visit's window
    opens before it. 0: from the horizon itself."""
    label_zh: str = ""
    better: bool = False
    """Whether the predicted event is a good one (a response) or a bad one (a recurrence)."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,) if self.kind == "binary" else (self.time_days, self.event)


@dataclass(frozen=True)
class Arm:
    """Whether the arm predicts, or changes what ``modifies`` predict: as the plan states.

    ``levels``: the two arms, the reference first, for their labels.
    """

    role: ArmRole = "absent"
    column: str = "arm"
    reference: str = ""
    modifies: tuple[str, ...] = ()
    label: str = "Treatment"
    label_zh: str = "治疗"
    levels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
    level_labels_zh: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preparation:
    """Fitted inside every resample: median or commonest level where a value is missing; then filters."""

    most_missing: float = 0.2
    correlation_limit: float = 0.9
    icc_lower_limit: float = 0.75


@dataclass(frozen=True)
class Selection:
    """LASSO: L1-penalized logistic regression, the penalty by folds that keep a subject whole."""

    folds: int = 5
    penalty: PenaltyRule = "minimum"
    penalties: int = 20
    smallest_ratio: float = 0.05
    most: int = 0
    """At most so many columns (0: as many as the penalty lets through)."""


@dataclass(frozen=True)
class Threshold:
    """From a risk to a yes: Youden's index on out-of-fold predictions of training data, or a fixed risk."""

    rule: ThresholdRule = "youden"
    folds: int = 2
    risk: float = 0.5


@dataclass(frozen=True)
class Resampling:
    bootstraps: int = 100
    folds: int = 5
    train_share: float = 0.7


@dataclass(frozen=True)
class Stratum:
    """A level of the care pathway: who has a risk of at least ``from_risk``, below the next one's."""

    name: str
    from_risk: float
    action: str
    review_weeks: float
    label_zh: str = ""
    expected_change: float = 0.0
    """Assumed change of the probability of the outcome by the action, stated, never estimated here."""


@dataclass(frozen=True)
class Comparator:
    """A plainer model that the chosen one is held against: logistic regression of ``features``, each a
    candidate or stated beside the candidates."""

    label: str
    features: tuple[str, ...]
    label_zh: str = ""


@dataclass(frozen=True)
class Provenance:
    """What a human must state of data and images (TRIPOD+AI 5, 9, 11; METRICS 6 to 13, 19); "" is printed as
    not stated."""

    source: str = ""
    dates: str = ""
    outcome_assessment: str = ""
    missing_outcomes: str = ""
    acquisition: str = ""
    segmentation: str = ""
    readers: str = ""
    blinding: str = ""
    extraction: str = ""
    harmonisation: str = ""


@dataclass(frozen=True)
class PredictionPlan:
    """One model's plan. ``lines`` names the file for messages; ``sha256`` is of the file's bytes."""

    id: str
    title: str
    version: str
    seed: int
    outcome: Outcome
    features: tuple[Feature, ...]
    subject: str = "subject_id"
    site: str = ""
    protocol: str = ""
    intended_use: str = ""
    population: str = ""
    title_zh: str = ""
    intended_use_zh: str = ""
    population_zh: str = ""
    contact: str = ""
    licence: str = ""
    arm: Arm = field(default_factory=Arm)
    preparation: Preparation = field(default_factory=Preparation)
    selection: Selection = field(default_factory=Selection)
    threshold: Threshold = field(default_factory=Threshold)
    resampling: Resampling = field(default_factory=Resampling)
    learners: tuple[str, ...] = LEARNERS
    settings: dict[str, dict[str, float]] = field(default_factory=dict)
    baseline: tuple[str, ...] = ()
    comparators: tuple[Comparator, ...] = ()
    beside: tuple[Feature, ...] = ()
    """Features of comparators alone: no candidates of the model."""
    provenance: Provenance = field(default_factory=Provenance)
    subgroups: tuple[str, ...] = ()
    decision_risks: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    pathway: tuple[Stratum, ...] = ()
    anticipated_auc: float = 0.8
    sha256: str = ""
    stated: tuple[int, int] | None = None
    """Bootstraps and number of learners of the plan as written, where it was shortened."""

    def feature(self, name: str) -> Feature:
        return next(f for f in (*self.features, *self.beside) if f.name == name)

    @property
    def plainer(self) -> tuple[Comparator, ...]:
        """What the model is held beside, the clinical baseline first."""
        if not self.baseline:
            return self.comparators
        from trialkit.documents.declared.wording import lower_first

        first, *others = (self.feature(name) for name in self.baseline)
        words = ", ".join((first.label, *(lower_first(feature.label) for feature in others)))
        words_zh = "、".join(f.label_zh or f.label for f in (first, *others))
        return (Comparator(f"{words} alone", self.baseline, f"仅{words_zh}"), *self.comparators)

    @property
    def of_images(self) -> bool:
        """Whether a candidate is measured in images."""
        return any(f.tag or f.group == "imaging" for f in self.features)

    def shortened(self, bootstraps: int | None, learners: tuple[str, ...] = ()) -> PredictionPlan:
        """The plan with fewer bootstraps or learners, for a try; as it is without either. ``stated`` keeps
        what the plan asked for, so that no page cites it as carried out whole."""
        if bootstraps is None and not learners:
            return self
        resampling = replace(self.resampling, bootstraps=bootstraps or self.resampling.bootstraps)
        stated = self.stated or (self.resampling.bootstraps, len(self.learners))
        return replace(self, resampling=resampling, learners=learners or self.learners, stated=stated)

    @property
    def cut_short(self) -> bool:
        """Whether fewer bootstraps or learners are carried out than the plan states."""
        samples, learners = self.stated or (0, 0)
        return self.resampling.bootstraps < samples or len(self.learners) < learners

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features)


def permitted(kind: object) -> tuple[str, ...]:
    """The values of one of the Literals above, for the reader and its messages."""
    return get_args(kind)
