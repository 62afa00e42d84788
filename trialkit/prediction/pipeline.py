"""One fit of everything: prepare, select, fit each learner, choose thresholds; nothing is fitted outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats, Ints, Matrix
from trialkit.prediction.evaluating import frozen_risk
from trialkit.prediction.lasso import grouped_folds, select
from trialkit.prediction.learners import Learner, fit_learner
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.preparation import ARM, Prepared, prepare, whole_splines
from trialkit.prediction.reliability import lower_limits
from trialkit.prediction.table import ModelTable


@dataclass(frozen=True)
class Rows:
    """What a pipeline is fitted on: features by name, outcome, weight, and whose row it was first."""

    values: dict[str, Floats]
    outcome: Floats
    weights: Floats
    groups: Ints
    readings: Mapping[str, Matrix] = field(default_factory=dict)
    """Feature -> what each reader measured: agreement is found on these rows alone."""

    def take(self, index: Ints) -> Rows:
        return Rows(
            {name: column[index] for name, column in self.values.items()},
            self.outcome[index],
            self.weights[index],
            self.groups[index],
            {name: both[index] for name, both in self.readings.items()},
        )

    @property
    def n(self) -> int:
        return len(self.outcome)


def rows_of(table: ModelTable, plan: PredictionPlan) -> Rows:
    """The table as arrays; the arm, where the plan has it, is one more feature."""
    values = feature_arrays(table.values, table.arm, table.reference_arm)
    return Rows(values, table.outcome, table.weights, np.arange(table.n, dtype=np.int64), table.readings)


def feature_arrays(values: pd.DataFrame, arm: tuple[str, ...] | None, reference: str) -> dict[str, Floats]:
    """Features by name, and the arm as 0 (the reference) or 1."""
    arrays = {str(name): values[name].to_numpy(dtype=float) for name in values.columns}
    if arm is not None:
        arrays[ARM] = np.array([float(given != reference) for given in arm])
    return arrays


@dataclass(frozen=True)
class FittedPipeline:
    """Ready to predict: raw features in, one risk a learner out."""

    prepared: Prepared
    learners: dict[str, Learner]
    thresholds: dict[str, float]
    frozen: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def selected(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.prepared.columns)

    def risks(self, values: Mapping[str, Floats]) -> dict[str, Floats]:
        matrix = self.prepared.matrix(values)
        return {name: frozen_risk(frozen, matrix) for name, frozen in self.frozen.items()}


def fit_pipeline(
    rows: Rows, plan: PredictionPlan, reliability: Mapping[str, float], seed: np.random.SeedSequence
) -> FittedPipeline:
    """Fit every step on ``rows``; the same rows and seed give the same pipeline on any machine."""
    random = np.random.default_rng(seed)
    prepared, matrix = _selected(rows, plan, reliability, random)
    numbers = random.integers(0, 2**31 - 1, size=len(plan.learners))
    learners: dict[str, Learner] = {}
    for name, number in zip(plan.learners, numbers, strict=True):
        learners[name] = fit_learner(
            name, matrix, rows.outcome, rows.weights, plan.settings.get(name, {}), int(number)
        )
    thresholds = _thresholds(rows, matrix, plan, random)
    return FittedPipeline(prepared, learners, thresholds, {n: f.frozen() for n, f in learners.items()})


def _selected(
    rows: Rows, plan: PredictionPlan, reliability: Mapping[str, float], random: np.random.Generator
) -> tuple[Prepared, Matrix]:
    known = {**reliability, **lower_limits(rows.readings, rows.groups)}
    prepared = prepare(rows.values, rows.weights, plan, known)
    matrix = prepared.matrix(rows.values)
    chosen = select(matrix, rows.outcome, rows.weights, rows.groups, plan.selection, random)
    chosen = whole_splines(prepared.columns, chosen)
    return prepared.keep(chosen), matrix[:, chosen]


def _thresholds(
    rows: Rows, matrix: Matrix, plan: PredictionPlan, random: np.random.Generator
) -> dict[str, float]:
    """Youden's cutoff on out-of-fold risks of these rows: in-sample risks of a forest would be perfect.

    The columns stay those selected on all rows; only the learners are refitted, fold by fold.
    """
    if plan.threshold.rule == "fixed":
        return dict.fromkeys(plan.learners, plan.threshold.risk)
    risks = {name: np.zeros(rows.n) for name in plan.learners}
    for held_out in grouped_folds(rows.groups, rows.outcome, rows.weights, plan.threshold.folds, random):
        for name in plan.learners:
            fitted = fit_learner(
                name,
                matrix[~held_out],
                rows.outcome[~held_out],
                rows.weights[~held_out],
                plan.settings.get(name, {}),
                int(random.integers(0, 2**31 - 1)),
            )
            risks[name][held_out] = frozen_risk(fitted.frozen(), matrix[held_out])
    return {name: metrics.youden_threshold(rows.outcome, risk, rows.weights) for name, risk in risks.items()}
