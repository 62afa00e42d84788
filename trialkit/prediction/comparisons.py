"""The model beside a plainer one, and within groups of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats, Ints, Matrix
from trialkit.prediction.crossed import Crossed, Passes, moved_limits
from trialkit.prediction.pipeline import Rows
from trialkit.prediction.plan import Arm, Comparator, PredictionPlan
from trialkit.prediction.preparation import ARM
from trialkit.prediction.table import ModelTable

RESAMPLES = 1000


def baseline_comparison(
    table: ModelTable,
    rows: Rows,
    plan: PredictionPlan,
    reliability: Mapping[str, float],
    chosen: str,
    crossed: Crossed,
    passes: Passes,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Cross-validated AUC and Brier score of the chosen model, of logistic regression on each comparator's
    features, and their paired difference with a bootstrap interval: the same folds, the same people.

    Columns: ``comparator metric model baseline difference ci_lower ci_upper``; no rows without a comparator.
    """
    records: list[tuple[Any, ...]] = []
    for comparator in plan.plainer:
        plain = _plain(plan, comparator)
        other = passes.cross(plain_rows(table, rows, plain), plain, reliability, {})
        reach = _paired_reach(rows, crossed.risks(chosen), other.risks("logistic"), random)
        for metric in ("auc", "brier"):
            of_model = crossed.performance[chosen][metric]
            of_baseline = other.performance["logistic"][metric]
            gap = of_model - of_baseline
            limits = (gap + side for side in reach[metric])
            records.append((comparator.label, metric, of_model, of_baseline, gap, *limits))
    columns = ["comparator", "metric", "model", "baseline", "difference", "ci_lower", "ci_upper"]
    return pd.DataFrame(records, columns=columns)


def _plain(plan: PredictionPlan, comparator: Comparator) -> PredictionPlan:
    return replace(
        plan,
        features=tuple(plan.feature(name) for name in comparator.features),
        beside=(),
        learners=("logistic",),
        arm=replace(plan.arm, modifies=(), role="predictor") if plan.arm.role != "absent" else Arm(),
    )


def plain_rows(table: ModelTable, rows: Rows, plain: PredictionPlan) -> Rows:
    """The same people with the features of a plainer plan."""
    both = {**rows.values, **{str(name): table.beside[name].to_numpy(dtype=float) for name in table.beside}}
    return replace(rows, values={name: v for name, v in both.items() if name in (*plain.names, ARM)})


def _paired_reach(
    rows: Rows, model: Matrix, plainer: Matrix, random: np.random.Generator
) -> dict[str, tuple[float, float]]:
    def measure(turn: int, drawn: Ints) -> dict[str, float]:
        y, w = rows.outcome[drawn], rows.weights[drawn]
        one, other = model[turn][drawn], plainer[turn][drawn]
        return {
            "auc": metrics.auc(y, one, w) - metrics.auc(y, other, w),
            "brier": _brier(y, one, w) - _brier(y, other, w),
        }

    return moved_limits(measure, len(model), rows.n, random, RESAMPLES)


def _brier(outcome: Floats, risk: Floats, weights: Floats) -> float:
    return float(np.average((outcome - risk) ** 2, weights=weights))


def subgroup_performance(
    table: ModelTable, rows: Rows, risks: Matrix, plan: PredictionPlan, random: np.random.Generator
) -> pd.DataFrame:
    """Cross-validated performance by level of each subgroup column: ``subgroup level n events metric estimate
    ci_lower ci_upper``, the mean of the passes in ``risks``. A numeric column with more than six values is
    cut at its median. A level with fewer than five of either outcome is counted, with no estimate."""
    records = []
    for name in plan.subgroups:
        levels = _levels(table.subgroups[name])
        for level in sorted(levels.dropna().unique()):
            members = np.flatnonzero((levels == level).to_numpy() & (rows.weights > 0))
            events = int((rows.outcome[members] == 1).sum())
            few = min(events, len(members) - events) < 5
            measured = {} if few else _of_members(rows, risks, members, random)
            for metric in ("auc", "brier", "observed_expected"):
                numbers = measured.get(metric, (float("nan"),) * 3)
                records.append((name, level, len(members), events, metric, *numbers))
    columns = ["subgroup", "level", "n", "events", "metric", "estimate", "ci_lower", "ci_upper"]
    return pd.DataFrame(records, columns=columns)


def _of_members(
    rows: Rows, risks: Matrix, members: Ints, random: np.random.Generator
) -> dict[str, tuple[float, float, float]]:
    """Metric -> estimate, lower and upper."""
    y, w = rows.outcome[members], rows.weights[members]

    def measure(turn: int, drawn: Ints) -> dict[str, float]:
        p = risks[turn][members][drawn]
        return {m: _one(m, y[drawn], p, w[drawn]) for m in ("auc", "brier", "observed_expected")}

    everybody = np.arange(len(members))
    passes = pd.DataFrame([measure(turn, everybody) for turn in range(len(risks))])
    reach = moved_limits(measure, len(risks), len(members), random, 300)
    means = {str(m): float(value) for m, value in passes.mean().items()}
    return {m: (mean, mean + reach[m][0], mean + reach[m][1]) for m, mean in means.items()}


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
