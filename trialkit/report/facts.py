"""What a report may be told besides the results: the simulator's truth, the trial, published figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit.plan.model import PublishedResult

__all__ = ["PublishedResult", "TrialFacts", "TrueEffect", "Truth", "trial_facts"]

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.documents.page import Finding as Misfit
    from trialkit.snapshot import Snapshot
    from trialkit.study.findings import Finding
    from trialkit.study.model import Study


@dataclass(frozen=True)
class TrueEffect:
    """The true value of what one analysis estimates, known because the trial was simulated.

    ``value`` is on the scale of the estimate it belongs to: the first row of ``table``, such as ``contrasts``
    (test minus reference) or ``hazard_ratios``. ``standard_error`` is its Monte Carlo error and ``subjects``
    the number simulated to find it.
    """

    analysis: str
    value: float
    standard_error: float | None = None
    subjects: int | None = None
    definition: str = ""
    table: str = "contrasts"


@dataclass(frozen=True)
class Truth:
    """Everything the simulator knows.

    ``residual_errors_per_10000`` are the wrong values it left in the final record;
    ``measured_errors_per_10000`` (rate, lower, upper) those found by holding the final record against paper.
    """

    effects: tuple[TrueEffect, ...] = ()
    residual_errors_per_10000: float | None = None
    measured_errors_per_10000: tuple[float, float, float] | None = None

    def effect_of(self, analysis: str) -> TrueEffect | None:
        return next((effect for effect in self.effects if effect.analysis == analysis), None)


@dataclass(frozen=True)
class TrialFacts:
    """Facts of the trial that no analysis holds.

    ``findings`` are those of ``trialkit.study.check``; ``misfits`` what of the plan contradicts the study of
    the snapshot; ``recruitment`` has columns ``site  month  n`` (month
    as ``YYYY-MM``); ``site_labels`` names the sites; ``target`` is how many were to be randomized.
    """

    title: str = ""
    registry: str = ""
    protocol: str = ""
    findings: tuple[Finding, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    recruitment: pd.DataFrame | None = None
    site_labels: tuple[tuple[str, str], ...] = ()
    target: int | None = None
    demonstration: bool = False


def trial_facts(study: Study, snapshot: Snapshot) -> TrialFacts:
    """What the page says of the trial besides its results; no recruitment where no day is known."""
    from trialkit.study import check_study

    subjects = snapshot.tables["subjects"]
    randomized = subjects[(subjects["randomization_date"] != "") & ~_second_number(subjects, snapshot)]
    recruitment = (
        randomized.assign(month=randomized["randomization_date"].str[:7])
        .groupby(["site", "month"])
        .size()
        .rename("n")
        .reset_index()
    )
    return TrialFacts(
        title=study.title,
        registry=study.registry,
        protocol=study.protocol,
        findings=check_study(study),
        recruitment=recruitment,
        site_labels=tuple((site.code, site.name) for site in study.sites),
        target=study.sample_size.total if study.sample_size else None,
        demonstration=study.demonstration,
    )


def _second_number(subjects: pd.DataFrame, snapshot: Snapshot) -> pd.Series[bool]:
    """Whose number is the second of a person, who counts once."""
    mistakes = snapshot.tables.get("mistakes")
    if mistakes is None:
        return subjects["subject_id"].isin([])
    return subjects["subject_id"].isin(mistakes.loc[mistakes["kind"] == "duplicate", "subject_id"])
