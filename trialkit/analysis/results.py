"""What an analysis returns: a value, complete enough to be printed or refused on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialkit.analysis.modes import Mode

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AnalysisResult:
    """One entry of the plan, carried out.

    ``counts`` has one row an arm: ``arm  n_set  n_observed  n_imputed  n_excluded  reason  of``; where an
    entry looks at several things, one for each (``of``).
    ``tables`` are frames at full precision; which ones, and their columns, depend on ``kind``.
    ``failure`` is None, or says what could not be estimated and why; then ``tables`` may be empty.
    ``warnings`` say the same of a part: the rest stands. ``defect`` is for whoever mends trialkit: it is
    printed on the screen and in no report.
    """

    id: str
    kind: str  # the method of the plan
    role: str  # primary, secondary, sensitivity, supplementary, descriptive
    title: str
    method: str
    analysis_set: str
    counts: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    estimand: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: str | None = None
    arms: tuple[str, ...] = ()  # of an entry about two arms of more; empty: all
    defect: str = ""
    withheld: bool = False  # what it would show is available after unblinding


@dataclass(frozen=True)
class Provenance:
    """Where every number of a run came from."""

    plan_id: str
    plan_version: str
    plan_sha256: str
    study_id: str
    study_version: str
    study_sha256: str
    snapshot_content_sha256: str
    snapshot_state: str
    software: Mapping[str, str]  # package -> version


@dataclass(frozen=True)
class Results:
    provenance: Provenance
    arm_labels: Mapping[str, str]  # arm -> label, test arm first
    analyses: tuple[AnalysisResult, ...]
    notes: tuple[str, ...] = field(default=())
    mode: Mode = Mode.UNBLINDED
    level_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # factor -> code -> label
    column_labels: Mapping[str, str] = field(default_factory=dict)  # column of the subject dataset -> label
    told: tuple[AnalysisResult, ...] = ()  # what is printed and no entry computed; ids begin with "_"

    def __getitem__(self, analysis_id: str) -> AnalysisResult:
        for analysis in (*self.analyses, *self.told):
            if analysis.id == analysis_id:
                return analysis
        raise KeyError(analysis_id)
