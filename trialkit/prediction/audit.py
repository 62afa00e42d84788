"""Does the pipeline leak? With the outcome shuffled, an honest one predicts no better than a coin."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.digest import data_digest
from trialkit.prediction.pipeline import Rows, fit_pipeline, rows_of
from trialkit.prediction.plan import Arm, PredictionPlan
from trialkit.prediction.preparation import ARM
from trialkit.prediction.resampling import Replication, cross_validated_risks
from trialkit.prediction.seeds import children
from trialkit.prediction.table import model_table
from trialkit.prediction.workers import run_tasks

PERMUTATIONS = 20

CrossValidate = Callable[[Replication], dict[str, Floats]]


@dataclass(frozen=True)
class Audit:
    """Cross-validated AUC over shuffled outcomes: ``model mean standard_error lower upper leak``.

    ``leak``: 0.5 lies outside mean -+ 3 standard errors, upwards (a pipeline can only gain by leaking).
    """

    table: pd.DataFrame
    permutations: int
    planted: float
    """Mean AUC of logistic regression on the same shuffled outcomes with a leak planted: candidates chosen on
    everybody, before the folds. How loud a leak of that kind is in these data."""
    planted_error: float = math.nan
    """Standard error of that mean over the shuffles."""
    plan_sha256: str = ""
    data_sha256: str = ""

    @property
    def leak(self) -> bool:
        return bool(self.table["leak"].any())

    @property
    def planted_limits(self) -> tuple[float, float]:
        """The planted leak's mean -+ 3 standard errors."""
        return self.planted - 3 * self.planted_error, self.planted + 3 * self.planted_error

    @property
    def would_catch(self) -> bool:
        """Whether a leak of that size is one by the audit's own rule; else "none found" says little."""
        return self.planted_limits[0] > 0.5

    def verdict(self) -> str:
        if self.would_catch:
            return "which would be caught"
        return "too weak here to be caught: more permutations are needed"


def honest_risks(task: Replication) -> dict[str, Floats]:
    """The pipeline as it is used: everything inside the folds."""
    return cross_validated_risks(task)[0]


def leaking_risks(task: Replication) -> dict[str, Floats]:
    """The commonest leak there is, planted: the plan's selection made on everybody, the folds afterwards."""
    rows, plan = task.rows, replace(task.plan, learners=("logistic",))
    fitted = fit_pipeline(rows, plan, task.reliability, task.seed)
    used = {term.feature for column in fitted.prepared.columns for term in column.terms}
    if not used:
        return cross_validated_risks(task)[0]
    arm = replace(plan.arm, modifies=tuple(name for name in plan.arm.modifies if name in used))
    narrowed = replace(
        plan,
        features=tuple(f for f in plan.features if f.name in used),
        arm=arm if ARM in used else Arm(),
    )
    # The leak: the folds choose nothing any more, neither by the outcome nor by the readers' agreement.
    fewer = replace(rows, values={n: v for n, v in rows.values.items() if n in used}, readings={})
    return cross_validated_risks(replace(task, rows=fewer, plan=narrowed, reliability={}))[0]


def audit_pipeline(
    data: pd.DataFrame,
    plan: PredictionPlan,
    reliability: Mapping[str, float] | None = None,
    permutations: int = PERMUTATIONS,
    workers: int = 1,
    cross_validate: CrossValidate = honest_risks,
    progress: Callable[[int, int], None] | None = None,
    readings: pd.DataFrame | None = None,
) -> Audit:
    """Run ``cross_validate`` on data whose outcomes were dealt out anew, ``permutations`` times.

    Outcome and weight move together. What it cannot find: a leak that needs the true outcome in a
    feature (a consequence of the outcome measured before it was known looks like a good predictor).
    """
    rows = rows_of(model_table(data, plan, readings), plan)
    seeds = np.random.SeedSequence([plan.seed, 1]).spawn(permutations)
    tasks = [
        (
            cross_validate,
            Replication(_shuffled(rows, seed), plan, dict(reliability or {}), children(seed, 1)[0]),
        )
        for seed in seeds
    ]
    tasks += [(leaking_risks, replication) for _, replication in tasks]
    areas = run_tasks(_areas, tasks, workers, progress=progress)
    areas, planted = areas[:permutations], areas[permutations:]
    leaking = np.array([area["logistic"] for area in planted])
    records = []
    for name in plan.learners:
        values = np.array([area[name] for area in areas])
        mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
        records.append((name, mean, error, mean - 3 * error, mean + 3 * error, mean - 3 * error > 0.5))
    columns = ["model", "mean", "standard_error", "lower", "upper", "leak"]
    return Audit(
        pd.DataFrame(records, columns=columns),
        permutations,
        float(leaking.mean()),
        float(leaking.std(ddof=1)) / math.sqrt(len(leaking)),
        plan.sha256,
        data_digest(data, plan),
    )


def _areas(task: tuple[CrossValidate, Replication]) -> dict[str, float]:
    cross_validate, replication = task
    rows = replication.rows
    return {
        name: metrics.auc(rows.outcome, risk, rows.weights)
        for name, risk in cross_validate(replication).items()
    }


def _shuffled(rows: Rows, seed: np.random.SeedSequence) -> Rows:
    order = np.random.default_rng(seed).permutation(rows.n)
    return replace(rows, outcome=rows.outcome[order], weights=rows.weights[order])
