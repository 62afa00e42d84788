"""What a development yields, as data: every number that page, card and files print is in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialkit.prediction.arrays import Floats
from trialkit.prediction.audit import Audit
from trialkit.prediction.choice import Choice
from trialkit.prediction.crossed import Crossed
from trialkit.prediction.explain import Explanation
from trialkit.prediction.missing_outcome import MissingOutcome
from trialkit.prediction.pathway import PathwayPeople
from trialkit.prediction.pipeline import FittedPipeline
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.sample_size import SampleSize
from trialkit.prediction.stability import Stability
from trialkit.prediction.uncertainty import RiskSpread

if TYPE_CHECKING:
    import pandas as pd

RESAMPLINGS = (
    "apparent",
    "cross_validation",
    "optimism_harrell",
    "optimism_corrected",
    "split_train",
    "split_test",
)
"""The primary estimate is ``optimism_corrected``, on everybody; the mandated split stands beside it."""


@dataclass(frozen=True)
class Curve:
    """Points of a picture: x, y, and y of what it is held against (NaN where there is nothing)."""

    name: str
    x: Floats
    y: Floats


@dataclass(frozen=True)
class LookRecord:
    """Where a look at the test set stands on record: in a study's audit trail; or ``outside``, with the
    reason given; or, of neither, nowhere. ``again``: why a second look was needed."""

    in_trail: bool = False
    outside: str = ""
    again: str = ""

    def words(self) -> str:
        if self.in_trail:
            where = "on record in the study's audit trail"
        else:
            where = f"outside any audit trail: {self.outside}" if self.outside else "on no record"
        return where + (f"; not the first look: {self.again}" if self.again else "")

    def words_zh(self) -> str:
        if self.in_trail:
            where = "已记入研究的稽查轨迹"
        else:
            where = f"未记入任何稽查轨迹：{self.outside}" if self.outside else "无任何记录"
        return where + (f"；并非首次查看：{self.again}" if self.again else "")


@dataclass(frozen=True)
class SplitLook:
    """The one look at the test set: who was on which side, and that it was looked at once."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    chosen_before: str
    thresholds: dict[str, float]
    selected: tuple[str, ...]
    looked: bool = True
    """False where the test set stayed closed: its rows of ``performance`` hold no numbers."""
    record: LookRecord = field(default_factory=LookRecord)

    def words(self) -> str:
        return f"looked at, {self.record.words()}" if self.looked else "not looked at"

    def words_zh(self) -> str:
        return f"已查看，{self.record.words_zh()}" if self.looked else "未查看"


@dataclass(frozen=True)
class Development:
    """The model, and how honestly it was measured.

    ``performance``: model, resampling, metric, estimate, ci_lower, ci_upper. ``chosen``: the
    simplest learner within one standard error of the best (``choice``); the test set had no part in it.
    ``model``: the frozen file's content.
    """

    plan: PredictionPlan
    n: int
    events: int
    known: int
    performance: pd.DataFrame
    optimism: pd.DataFrame
    chosen: str
    choice: Choice
    pipeline: FittedPipeline
    stability: Stability
    selection: pd.DataFrame
    sample_size: SampleSize
    sample_size_split: SampleSize
    split: SplitLook
    baseline: pd.DataFrame
    subgroups: pd.DataFrame
    calibration: tuple[Curve, ...]
    decision: pd.DataFrame
    outcome: Floats
    weights: Floats
    crossed: Crossed
    missing: MissingOutcome
    spread: RiskSpread
    everybody: PathwayPeople
    explanations: tuple[Explanation, ...]
    lime: pd.DataFrame
    contradictions: tuple[str, ...]
    notes: tuple[str, ...]
    data_sha256: str
    model: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    leak_audit: Audit | None = None
    without_outcome: int = 0
    simulated: bool = False  # nobody in the data exists: every page says so

    def estimate(self, model: str, resampling: str, metric: str) -> tuple[float, float, float]:
        """Estimate and interval of one row of ``performance``."""
        table = self.performance
        row = table[
            (table["model"] == model) & (table["resampling"] == resampling) & (table["metric"] == metric)
        ].iloc[0]
        return float(row["estimate"]), float(row["ci_lower"]), float(row["ci_upper"])

    @property
    def no_better_than_chance(self) -> bool:
        """Whether the interval of the chosen model's corrected AUC holds 0.5."""
        return not self.estimate(self.chosen, "optimism_corrected", "auc")[1] > 0.5

    @property
    def no_better_than_prevalence(self) -> bool:
        """Whether the chosen model's corrected Brier score is not below that of telling everybody the
        prevalence, p (1 - p)."""
        return not self.estimate(self.chosen, "optimism_corrected", "brier")[0] < self.brier_of_prevalence

    @property
    def brier_of_prevalence(self) -> float:
        """Brier score of telling everybody the prevalence, p (1 - p)."""
        return self.sample_size.prevalence * (1 - self.sample_size.prevalence)

    @property
    def too_extreme(self) -> bool:
        """Whether the whole interval of the chosen model's corrected calibration slope lies below 1."""
        return self.estimate(self.chosen, "optimism_corrected", "calibration_slope")[2] < 1

    @property
    def better_plainer(self) -> tuple[str, ...]:
        """Labels of comparators whose AUC lies above the chosen model's, the whole interval of the
        difference."""
        table = self.baseline
        return tuple(table.loc[(table["metric"] == "auc") & (table["ci_upper"] < 0), "comparator"])

    @property
    def threshold(self) -> float:
        return self.pipeline.thresholds[self.chosen]
