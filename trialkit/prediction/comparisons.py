"""The model beside a plainer one, and within groups of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.pipeline import Rows
from trialkit.prediction.plan import Arm, PredictionPlan
from trialkit.prediction.resampling import Replication, cross_validated_risks, percentile_interval
from trialkit.prediction.seeds import children
from trialkit.prediction.table import ModelTable

RESAMPLES = 1000


def baseline_comparison(
    rows: Rows,
    plan: PredictionPlan,
    reliability: Mapping[str, float],
    chosen: str,
    risk: Floats,
    seed: np.random.SeedSequence,
) -> pd.DataFrame:
    """Cross-validated AUC and Brier score of the chosen model, of logistic regression on the plan's baseline
    features alone, and their paired difference with a bootstrap interval. Columns: ``metric model baseline
    difference ci_lower ci_upper``; no rows without a baseline."""
    columns = ["metric", "model", "baseline", "difference", "ci_lower", "ci_upper"]
    if not plan.baseline:
        return pd.DataFrame(columns=columns)
    plain = replace(
        plan,
        features=tuple(f for f in plan.features if f.name in plan.baseline),
        learners=("logistic",),
        arm=replace(plan.arm, modifies=(), role="predictor") if plan.arm.role != "absent" else Arm(),
    )
    only = {name: column for name, column in rows.values.items() if name in plan.baseline or name == "arm"}
    fold_seed, draw_seed = children(seed, 2)
    plain_rows = replace(rows, values=only)
    other = cross_validated_risks(Replication(plain_rows, plain, reliability, fold_seed))[0]["logistic"]
    random = np.random.default_rng(draw_seed)
    records = []
    for metric, measure in (("auc", metrics.auc), ("brier", _brier)):
        of_model = measure(rows.outcome, risk, rows.weights)
        of_baseline = measure(rows.outcome, other, rows.weights)
        draws = []
        for _ in range(RESAMPLES):
            i = random.integers(0, rows.n, rows.n)
            y, w = rows.outcome[i], rows.weights[i]
            draws.append(measure(y, risk[i], w) - measure(y, other[i], w))
        records.append((metric, of_model, of_baseline, of_model - of_baseline, *percentile_interval(draws)))
    return pd.DataFrame(records, columns=columns)


def _brier(outcome: Floats, risk: Floats, weights: Floats) -> float:
    return float(np.average((outcome - risk) ** 2, weights=weights))


def subgroup_performance(
    table: ModelTable,
    rows: Rows,
    risk: Floats,
    threshold: float,
    plan: PredictionPlan,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Cross-validated performance by level of each subgroup column: ``subgroup level n events metric estimate
    ci_lower ci_upper``. A numeric column with more than six values is cut at its median. A level with fewer
    than five of either outcome is counted, with no estimate."""
    records = []
    for name in plan.subgroups:
        levels = _levels(table.subgroups[name])
        for level in sorted(levels.dropna().unique()):
            members = (levels == level).to_numpy() & (rows.weights > 0)
            y, p, w = rows.outcome[members], risk[members], rows.weights[members]
            few = min(int((y == 1).sum()), int((y == 0).sum())) < 5
            for metric in ("auc", "brier", "observed_expected"):
                estimate, limits = float("nan"), (float("nan"), float("nan"))
                if not few:
                    estimate = _one(metric, y, p, w)
                    draws = []
                    for _ in range(300):
                        i = random.integers(0, len(y), len(y))
                        draws.append(_one(metric, y[i], p[i], w[i]))
                    limits = percentile_interval(draws)
                records.append((name, level, len(y), int((y == 1).sum()), metric, estimate, *limits))
    columns = ["subgroup", "level", "n", "events", "metric", "estimate", "ci_lower", "ci_upper"]
    return pd.DataFrame(records, columns=columns)


def _one(metric: str, y: Floats, p: Floats, w: Floats) -> float:
    if metric == "auc":
        return metrics.auc(y, p, w)
    if metric == "brier":
        return _brier(y, p, w)
    return float((w * y).sum() / (w * p).sum())


def _levels(column: pd.Series[Any]) -> pd.Series[str]:
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > 6:
        median = float(column.median())
        return column.map(
            lambda v: f"above {median:g}" if v > median else f"up to {median:g}", na_action="ignore"
        )
    return column.map(str, na_action="ignore")
