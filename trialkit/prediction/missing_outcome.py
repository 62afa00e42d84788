"""People without an outcome: who they are, and whether what was measured holds when others stand for them.

The model is developed on those whose outcome is known. Weighed by the inverse of the probability that it is
known, they stand for everybody, if what makes an outcome missing is in the features it is told from. Source:
Seaman & White, Stat Methods Med Res 2013;22:278-295. R: ``glm(known ~ ., binomial)``, weights 1 / fitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trialkit.prediction.arrays import Floats
from trialkit.prediction.crossed import Crossed, Passes
from trialkit.prediction.evaluating import frozen_risk
from trialkit.prediction.learners import fit_learner
from trialkit.prediction.pipeline import Rows, feature_arrays
from trialkit.prediction.plan import Arm, PredictionPlan
from trialkit.prediction.preparation import prepare
from trialkit.prediction.table import ModelTable

METRICS = ("auc", "brier", "calibration_slope", "observed_expected")
FEWEST = 5
"""Without an outcome: of fewer no probability is told."""


@dataclass(frozen=True)
class MissingOutcome:
    """``who``: ``feature level known without``, the mean of a number or the share of a level in each;
    ``weighed``: ``metric as_is weighed``; ``greatest`` weight. Both tables are empty with nobody to stand
    for, ``weighed`` alone with fewer than :data:`FEWEST`."""

    who: pd.DataFrame
    weighed: pd.DataFrame
    greatest: float = 1.0


def missing_outcome(
    table: ModelTable,
    rows: Rows,
    plan: PredictionPlan,
    reliability: Mapping[str, float],
    crossed: Crossed,
    passes: Passes,
    chosen: str,
    thresholds: Mapping[str, float],
) -> MissingOutcome:
    """Cross-validated numbers of the chosen learner as they are, and refitted and measured with weights."""
    told_by = _told_by(plan)
    without = len(table.without_outcome)
    weighed = pd.DataFrame(columns=["metric", "as_is", "weighed"])
    if not without:
        return MissingOutcome(pd.DataFrame(columns=["feature", "level", "known", "without"]), weighed)
    who = _who(table, told_by)
    if without < FEWEST:
        return MissingOutcome(who, weighed)
    weights = inverse_probabilities(table, told_by)
    heavier = replace(rows, weights=rows.weights * weights)
    again = passes.cross(heavier, replace(plan, learners=(chosen,)), reliability, thresholds)
    before, after = crossed.performance[chosen], again.performance[chosen]
    records = [(metric, before[metric], after[metric]) for metric in METRICS]
    weighed = pd.DataFrame(records, columns=["metric", "as_is", "weighed"])
    return MissingOutcome(who, weighed, float(weights.max()))


def _told_by(plan: PredictionPlan) -> PredictionPlan:
    """The plan's baseline features; without a baseline the clinical ones, or else all."""
    clinical = tuple(f.name for f in plan.features if f.group == "clinical")
    names = plan.baseline or clinical or plan.names
    return replace(
        plan,
        features=tuple(plan.feature(name) for name in names),
        arm=replace(plan.arm, modifies=(), role="predictor") if plan.arm.role != "absent" else Arm(),
    )


def inverse_probabilities(table: ModelTable, told_by: PredictionPlan) -> Floats:
    """Of each person with an outcome: share of those with one, by the probability of having one."""
    both = pd.concat([table.values, table.without_outcome], ignore_index=True)
    arms = None if table.arm is None else (*table.arm, *(table.arm_without_outcome or ()))
    values = feature_arrays(both[list(told_by.names)], arms, table.reference_arm)
    known = np.r_[np.ones(table.n), np.zeros(len(both) - table.n)]
    everybody = np.ones(len(both))
    matrix = prepare(values, everybody, told_by, {}).matrix(values)
    model = fit_learner("logistic", matrix, known, everybody, {}, 1)
    probability = frozen_risk(model.frozen(), matrix)[: table.n]
    return np.asarray(known.mean() / probability, dtype=float)


def _who(table: ModelTable, told_by: PredictionPlan) -> pd.DataFrame:
    records: list[tuple[Any, ...]] = []
    for feature in told_by.features:
        columns = [frame[feature.name].to_numpy(float) for frame in (table.values, table.without_outcome)]
        if feature.kind == "number":
            records.append((feature.name, "", *(float(np.nanmean(column)) for column in columns)))
            continue
        for place, level in enumerate(feature.levels):
            records.append((feature.name, level, *(float(np.mean(column == place)) for column in columns)))
    return pd.DataFrame(records, columns=["feature", "level", "known", "without"])
