"""Cross-validated risks of everybody: the one source of whatever is said of a model on its own people.

Where a learner memorizes its people: ten folds, repeated five times, each repeat measured and the mean taken,
so that no number hangs on one lucky pass. Where none does (logistic regression alone), the plan's folds once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trialkit.prediction.arrays import Floats, Ints, Matrix
from trialkit.prediction.learners import MEMORIZES
from trialkit.prediction.pipeline import Rows
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.resampling import (
    FOLDS,
    REPEATS,
    Pass,
    Performance,
    Replication,
    mean_performance,
    one_pass,
    percentile_interval,
)
from trialkit.prediction.seeds import children
from trialkit.prediction.workers import run_tasks


@dataclass(frozen=True)
class Crossed:
    """``passes``: each with everybody's risk by learner, the AUC of each fold, and what was measured."""

    passes: tuple[Pass, ...]
    folds: int

    def risks(self, learner: str) -> Matrix:
        """A row a pass, a column a person."""
        return np.vstack([one.risks[learner] for one in self.passes])

    def mean_risk(self, learner: str) -> Floats:
        """Each person's risk, the mean of the passes."""
        return np.asarray(self.risks(learner).mean(axis=0), dtype=float)

    @property
    def performance(self) -> Performance:
        """Metric by metric, the mean of the passes; AUC that of their folds."""
        return mean_performance([one.performance for one in self.passes])

    def words(self) -> str:
        times = "once" if len(self.passes) == 1 else f"repeated {len(self.passes)} times, mean of the repeats"
        return f"{self.folds} folds, {times}"


@dataclass(frozen=True)
class Passes:
    """How everybody is cross-validated: the model and whatever is held beside it by the same folds."""

    seeds: tuple[np.random.SeedSequence, ...]
    folds: int

    @classmethod
    def of(
        cls, plan: PredictionPlan, rows: Rows, once: np.random.SeedSequence, repeats: np.random.SeedSequence
    ) -> Passes:
        """``once`` seeds the plan's own folds, ``repeats`` the repeated ones; ten, or as many as the rarer
        outcome has people."""
        if not MEMORIZES & set(plan.learners):
            return cls((once,), plan.resampling.folds)
        seen = rows.weights > 0
        rarer = min(len(np.unique(rows.groups[seen & (rows.outcome == value)])) for value in (0, 1))
        return cls(tuple(children(repeats, REPEATS)), min(FOLDS, rarer))

    def cross(
        self,
        rows: Rows,
        plan: PredictionPlan,
        reliability: Mapping[str, float],
        thresholds: Mapping[str, float],
        workers: int = 1,
        scheduler: str | None = None,
    ) -> Crossed:
        """The whole pipeline of ``plan`` in every fold of every pass."""
        by_folds = replace(plan, resampling=replace(plan.resampling, folds=self.folds))
        tasks = [Replication(rows, by_folds, reliability, seed, dict(thresholds)) for seed in self.seeds]
        return Crossed(tuple(run_tasks(one_pass, tasks, workers, scheduler)), self.folds)


def moved_limits(
    measure: Callable[[int, Ints], Mapping[str, float]],
    passes: int,
    n: int,
    random: np.random.Generator,
    resamples: int,
) -> dict[str, tuple[float, float]]:
    """How far each metric's interval reaches below and above its estimate, people drawn anew.

    ``measure`` is given a pass and the people drawn. Each draw is judged by one of the passes in its turn and
    held against everybody judged by that pass: what is left is the chance of the draw.
    """
    centres = [measure(turn, np.arange(n)) for turn in range(passes)]
    draws: dict[str, list[float]] = {name: [] for name in centres[0]}
    for draw in range(resamples):
        turn = draw % passes
        drawn = measure(turn, random.integers(0, n, n))
        for name, value in drawn.items():
            draws[name].append(value - centres[turn][name])
    return {name: percentile_interval(values) for name, values in draws.items()}
