"""How good the whole pipeline is: cross-validation, the mandated split, and the bootstrap with its optimism.

In each bootstrap sample everything is repeated (filling, filters, LASSO, learners, thresholds), and judged
three times: on the sample, on all original subjects, on those the sample left out.

- ``optimism_harrell``: apparent less (sample - original). Source: Harrell, Lee & Mark, Stat Med
  1996;15:361-387. R: ``rms::validate(fit, method = "boot")``. Two thirds of the original subjects are in each
  sample, so a learner that memorizes its subjects (a forest, boosting) keeps most of its flattery.
- ``optimism_corrected``, the primary. Of logistic regression .632+ (Efron & Tibshirani, JASA 1997;92:548-560,
  eq. 29-32). Of a learner that memorizes its subjects ten-fold cross-validation, repeated: its apparent value
  says nothing, so .632+ keeps a part of the flattery (0.03 to 0.04 of AUC too much in simulation), and a
  bootstrap sample holds 63 % of the subjects, some twice, so the left-out ones make it look worse (0.01 to
  0.03 too little). Kim (Comput Stat Data Anal 2009;53:3735-3745) found the same and the same remedy for
  learners "highly adaptive to the training sample". AUC is averaged over folds: risks of different models,
  ranked together, lose up to 0.01. The ICI of every learner is cross-validated, since small parts enlarge it.

Intervals: percentiles of the cross-validated performance over subjects drawn anew, moved to the estimate
(after the location-shifted bootstrap of Noma et al., Stat Med 2021;40:5691-5701). They do not cover what
another development sample would have chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats, Ints
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.lasso import grouped_folds
from trialkit.prediction.pipeline import FittedPipeline, Rows, fit_pipeline
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.seeds import children
from trialkit.wording import said

Performance = dict[str, dict[str, float]]
"""Learner -> metric -> value."""


@dataclass(frozen=True)
class Replicate:
    """One bootstrap: how it judged itself, how it did on the original subjects, what it selected."""

    in_sample: Performance
    on_original: Performance
    left_out: Performance
    selected: tuple[str, ...]
    thresholds: dict[str, float]
    risks: dict[str, Floats]
    """Learner -> risk of each original subject, in the sample or not."""


@dataclass(frozen=True)
class Replication:
    """All a worker needs; the seed makes it the same wherever it runs."""

    rows: Rows
    plan: PredictionPlan
    reliability: Mapping[str, float]
    seed: np.random.SeedSequence
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Of the final model, at which cross-validated risks are judged."""


def judged(
    risks: Mapping[str, Floats], rows: Rows, index: Ints, thresholds: Mapping[str, float]
) -> Performance:
    part = rows.take(index)
    return {
        name: metrics.performance(part.outcome, risk[index], part.weights, thresholds[name])
        for name, risk in risks.items()
    }


def evaluate(pipeline: FittedPipeline, rows: Rows) -> Performance:
    return judged(pipeline.risks(rows.values), rows, np.arange(rows.n), pipeline.thresholds)


def bootstrap_replicate(task: Replication) -> Replicate:
    """Repeat the whole pipeline on one sample drawn with replacement."""
    random = np.random.default_rng(task.seed)
    sample = _drawn(task.rows, task.plan, random)
    pipeline = fit_pipeline(task.rows.take(sample), task.plan, task.reliability, children(task.seed, 1)[0])
    left_out = ~np.isin(np.arange(task.rows.n), sample)
    risks = pipeline.risks(task.rows.values)
    outside = np.flatnonzero(left_out)
    return Replicate(
        in_sample=evaluate(pipeline, task.rows.take(sample)),
        on_original=judged(risks, task.rows, np.arange(task.rows.n), pipeline.thresholds),
        left_out=judged(risks, task.rows, outside, pipeline.thresholds),
        selected=pipeline.selected,
        thresholds=pipeline.thresholds,
        risks=risks,
    )


def _drawn(rows: Rows, plan: PredictionPlan, random: np.random.Generator) -> Ints:
    """Rows with replacement, drawn anew while a class has fewer members than the folds need."""
    folds = max(plan.selection.folds, plan.threshold.folds)
    for _ in range(1000):
        sample = random.integers(0, rows.n, rows.n)
        known = sample[rows.weights[sample] > 0]
        counts = [len(np.unique(known[rows.outcome[known] == value])) for value in (0, 1)]
        if min(counts) >= folds:
            return np.sort(sample)
    raise PredictionError(
        expected=said("bootstrap samples with {folds} subjects of each outcome", folds=folds),
        found="none in a thousand",
        where=", ".join(plan.outcome.columns),
        next_step="Fewer folds, or no model: too few events to say anything.",
    )


def cross_validated_risks(task: Replication) -> tuple[dict[str, Floats], list[Performance]]:
    """Risk of every subject from a pipeline that never saw it, and each fold's performance."""
    random = np.random.default_rng(task.seed)
    rows, plan = task.rows, task.plan
    risks = {name: np.zeros(rows.n) for name in plan.learners}
    folds = grouped_folds(rows.groups, rows.outcome, rows.weights, plan.resampling.folds, random)
    performances = []
    for held_out, seed in zip(folds, children(task.seed, len(folds)), strict=True):
        pipeline = fit_pipeline(rows.take(np.flatnonzero(~held_out)), plan, task.reliability, seed)
        test = rows.take(np.flatnonzero(held_out))
        performances.append(evaluate(pipeline, test))
        for name, risk in pipeline.risks(test.values).items():
            risks[name][held_out] = risk
    return risks, performances


FOLDS, REPEATS = 10, 5
"""Of the cross-validation that measures learners which memorize their people."""


def areas_by_fold(folds: Sequence[Performance]) -> dict[str, Floats]:
    """Learner -> AUC of each fold."""
    return {name: np.array([fold[name]["auc"] for fold in folds]) for name in folds[0]}


@dataclass(frozen=True)
class Pass:
    """Everybody once through the folds: risk by learner, AUC of each fold, and what that measures.

    ``performance``: AUC is the folds' mean (risks of different models, ranked together, lose up to 0.01),
    every other metric that of all risks together, at the task's thresholds.
    """

    performance: Performance
    areas: dict[str, Floats]
    risks: dict[str, Floats]


def one_pass(task: Replication) -> Pass:
    """Cross-validation by the plan's folds."""
    risks, folds = cross_validated_risks(task)
    thresholds = task.thresholds or dict.fromkeys(risks, 0.5)
    together = judged(risks, task.rows, np.arange(task.rows.n), thresholds)
    areas = areas_by_fold(folds)
    performance = {name: {**of, "auc": _mean_of(areas[name])} for name, of in together.items()}
    return Pass(performance, areas, risks)


def mean_performance(repeats: Sequence[Performance]) -> Performance:
    """Metric by metric, of those repeats in which it has a value."""
    first = repeats[0]
    return {
        name: {metric: _mean_of([one[name][metric] for one in repeats]) for metric in first[name]}
        for name in first
    }


def _mean_of(values: Sequence[float] | Floats) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def split_rows(
    rows: Rows, site: tuple[str, ...], share: float, random: np.random.Generator
) -> tuple[Ints, Ints]:
    """Train and test rows, stratified by outcome and site; a subject is on one side, whole.

    Within each site and outcome the training share is rounded at random so that the total is right.
    """
    train: list[int] = []
    strata: dict[tuple[str, float, bool], list[int]] = {}
    for i in range(rows.n):
        strata.setdefault((site[i], float(rows.outcome[i]), bool(rows.weights[i] > 0)), []).append(i)
    carried = 0.0
    for key in sorted(strata):
        members = np.array(strata[key])
        random.shuffle(members)
        wanted = share * len(members) + carried
        taken = min(len(members), round(wanted))
        carried = wanted - taken
        train += members[:taken].tolist()
    chosen = np.array(sorted(train), dtype=np.int64)
    return chosen, np.setdiff1d(np.arange(rows.n), chosen)


def percentile_interval(values: list[float]) -> tuple[float, float]:
    """2.5 % and 97.5 % of those that are numbers; NaN with fewer than ten."""
    known = np.array([v for v in values if np.isfinite(v)])
    if len(known) < 10:
        return float("nan"), float("nan")
    lower, upper = np.percentile(known, [2.5, 97.5])
    return float(lower), float(upper)


def resampled_intervals(
    outcome: Floats,
    risk: Floats,
    weights: Floats,
    threshold: float,
    random: np.random.Generator,
    resamples: int = 200,
) -> dict[str, tuple[float, float]]:
    """Percentile interval of each metric with the model held fixed and its subjects drawn anew."""
    draws: dict[str, list[float]] = {name: [] for name in metrics.METRICS}
    n = len(outcome)
    for _ in range(resamples):
        index = random.integers(0, n, n)
        drawn = metrics.performance(outcome[index], risk[index], weights[index], threshold)
        for name, value in drawn.items():
            draws[name].append(value)
    return {name: percentile_interval(values) for name, values in draws.items()}
