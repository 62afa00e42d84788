"""Develop a model as its plan says, and measure it without flattering it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trialkit.prediction import metrics
from trialkit.prediction.arrays import Floats
from trialkit.prediction.calibration import smoothed_calibration
from trialkit.prediction.comparisons import baseline_comparison, subgroup_performance
from trialkit.prediction.decision_curve import decision_curve
from trialkit.prediction.developed import Curve, Development, SplitLook
from trialkit.prediction.explain import Explanation, lime_stability, shap_values
from trialkit.prediction.optimism import corrections
from trialkit.prediction.pipeline import FittedPipeline, Rows, fit_pipeline, rows_of
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.preparation import columns_of
from trialkit.prediction.resampling import (
    Replication,
    bootstrap_replicate,
    cross_validated_risks,
    evaluate,
    resampled_intervals,
    split_rows,
)
from trialkit.prediction.sample_size import SampleSize, riley_sample_size
from trialkit.prediction.stability import Stability, selection_stability
from trialkit.prediction.table import ModelTable, model_table
from trialkit.prediction.uncertainty import risk_spread
from trialkit.prediction.workers import one_thread, run_tasks

Say = Callable[[str], None]
EVERY_PERCENT = [percent / 100 for percent in range(1, 100)]


@dataclass(frozen=True)
class Seeds:
    """One stream a step, so that more bootstraps or fewer learners never change another step's numbers."""

    split: np.random.SeedSequence
    train: np.random.SeedSequence
    train_folds: np.random.SeedSequence
    folds: np.random.SeedSequence
    final: np.random.SeedSequence
    bootstraps: np.random.SeedSequence
    intervals: np.random.SeedSequence
    baseline: np.random.SeedSequence

    @classmethod
    def of(cls, seed: int) -> Seeds:
        return cls(*np.random.SeedSequence(seed).spawn(8))


def develop_model(
    data: pd.DataFrame,
    plan: PredictionPlan,
    reliability: Mapping[str, float] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    say: Say = lambda line: None,
    progress: Callable[[int, int], None] | None = None,
) -> Development:
    """The whole plan: sample size first, choice by cross-validation, one look at the split's test set, the
    bootstrap of the full pipeline, the baseline beside it.

    Parameters
    ----------
    data
        One line a subject, with the columns the plan names.
    reliability
        Feature -> lower limit of the ICC between two readers; features below the plan's limit are dropped.
    workers, scheduler
        Processes for the bootstraps, or the address of a Dask cluster; the result is the same.

    Raises
    ------
    PredictionError
        The data do not fit the plan (see :func:`trialkit.prediction.table.model_table`).
    """
    table = model_table(data, plan)
    rows, seeds, known = rows_of(table, plan), Seeds.of(plan.seed), dict(reliability or {})
    sizes = _sample_sizes(table, plan)
    for line in _size_lines(*sizes):
        say(line)
    with one_thread():
        say(f"Cross-validation: {plan.resampling.folds} folds of the whole pipeline.")
        risks, _ = cross_validated_risks(Replication(rows, plan, known, seeds.folds))
        chosen = _choice(rows, risks, plan)
        say(f"Chosen by cross-validated AUC: {chosen}.")
        pipeline = fit_pipeline(rows, plan, known, seeds.final)
        split, split_performance = _split(table, rows, plan, known, seeds)
    say(f"Bootstrap: {plan.resampling.bootstraps} samples, everything repeated in each.")
    tasks = [Replication(rows, plan, known, s) for s in seeds.bootstraps.spawn(plan.resampling.bootstraps)]
    replicates = run_tasks(bootstrap_replicate, tasks, workers, scheduler, progress)
    corrected = corrections(evaluate(pipeline, rows), replicates)
    random = np.random.default_rng(seeds.intervals)
    measured = (
        _with_intervals("cross_validation", rows, risks, pipeline.thresholds, random),
        _corrected(rows, pipeline, corrected, risks, random),
        split_performance,
    )
    with one_thread():
        baseline = baseline_comparison(rows, plan, known, chosen, risks[chosen], seeds.baseline)
        explanations, lime = _explained(rows, pipeline, chosen, plan)
    stability = selection_stability([r.selected for r in replicates], [c.name for c in columns_of(plan)])
    return Development(
        plan=plan,
        n=table.n,
        events=table.events,
        known=table.known(),
        performance=pd.concat(measured, ignore_index=True),
        optimism=corrected,
        chosen=chosen,
        pipeline=pipeline,
        stability=stability,
        selection=_selection_table(pipeline, stability),
        sample_size=sizes[0],
        sample_size_split=sizes[1],
        split=replace(split, chosen_before=chosen),
        baseline=baseline,
        subgroups=subgroup_performance(table, rows, risks[chosen], pipeline.thresholds[chosen], plan, random),
        calibration=_calibration(rows, pipeline, chosen, risks),
        decision=decision_curve(rows.outcome, {chosen: risks[chosen]}, rows.weights, EVERY_PERCENT),
        outcome=rows.outcome,
        weights=rows.weights,
        cross_validated=risks,
        spread=risk_spread(pipeline.risks(rows.values)[chosen], [r.risks[chosen] for r in replicates]),
        explanations=explanations,
        lime=lime,
        contradictions=_contradictions(plan, *sizes),
        notes=table.notes,
        data_sha256=data_digest(data, plan),
    )


def data_digest(data: pd.DataFrame, plan: PredictionPlan) -> str:
    """SHA-256 of the columns the plan uses, in its order, subjects sorted."""
    columns = list(
        dict.fromkeys(
            [
                plan.subject,
                *([plan.site] if plan.site else []),
                *plan.outcome.columns,
                *plan.names,
                *plan.subgroups,
            ]
            + ([plan.arm.column] if plan.arm.role != "absent" else [])
        )
    )
    ordered = data[columns].sort_values(plan.subject, kind="stable")
    return hashlib.sha256(ordered.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def _sample_sizes(table: ModelTable, plan: PredictionPlan) -> tuple[SampleSize, SampleSize]:
    known = table.weights > 0
    prevalence = float(np.average(table.outcome[known], weights=table.weights[known]))
    parameters = len(columns_of(plan))
    n = table.known()
    return (
        riley_sample_size(parameters, prevalence, plan.anticipated_auc, n),
        riley_sample_size(
            parameters, prevalence, plan.anticipated_auc, round(n * plan.resampling.train_share)
        ),
    )


def _size_lines(whole: SampleSize, split: SampleSize) -> tuple[str, ...]:
    return (
        f"Sample size (Riley): {whole.parameters} candidate parameters at prevalence {whole.prevalence:.2f} "
        f"and an anticipated AUC of {whole.auc:.2f} need {whole.needed:,} subjects; {whole.n} are there and "
        f"support {whole.supported}; the {split.n} of the split's training part support {split.supported}.",
    )


def _contradictions(plan: PredictionPlan, whole: SampleSize, split: SampleSize) -> tuple[str, ...]:
    """What the plan asks for and the data cannot give, said and not papered over."""
    found = []
    if whole.needed > whole.n:
        found.append(
            f"{whole.parameters} candidate parameters need {whole.needed:,} subjects; there are {whole.n}, "
            f"enough for {whole.supported}."
        )
    found.append(
        f"The {plan.resampling.train_share:.0%} split leaves {split.n} subjects to learn from, enough for "
        f"{split.supported} parameters, and judges on {whole.n - split.n}: the corrected estimate on "
        "everybody is the primary one."
    )
    return tuple(found)


def _choice(rows: Rows, risks: dict[str, Floats], plan: PredictionPlan) -> str:
    """Best cross-validated AUC to three decimals; a tie goes to the simpler learner."""
    areas = {name: round(metrics.auc(rows.outcome, risk, rows.weights), 3) for name, risk in risks.items()}
    return max(plan.learners, key=lambda name: (areas[name], -plan.learners.index(name)))


def _explained(
    rows: Rows, pipeline: FittedPipeline, chosen: str, plan: PredictionPlan
) -> tuple[tuple[Explanation, ...], pd.DataFrame]:
    matrix = pipeline.prepared.matrix(rows.values)
    shap = tuple(
        shap_values(name, learner, pipeline.selected, matrix, plan.seed)
        for name, learner in pipeline.learners.items()
    )
    return shap, lime_stability(pipeline.learners[chosen], pipeline.selected, matrix)


def _split(
    table: ModelTable, rows: Rows, plan: PredictionPlan, known: Mapping[str, float], seeds: Seeds
) -> tuple[SplitLook, pd.DataFrame]:
    """Train on the mandated share, look at the rest once."""
    random = np.random.default_rng(seeds.split)
    train, test = split_rows(rows, table.site, plan.resampling.train_share, random)
    train_rows, test_rows = rows.take(train), rows.take(test)
    pipeline = fit_pipeline(train_rows, plan, known, seeds.train)
    inner, _ = cross_validated_risks(Replication(train_rows, plan, known, seeds.train_folds))
    parts = [
        _with_intervals("split_train", train_rows, inner, pipeline.thresholds, random),
        _with_intervals(
            "split_test", test_rows, pipeline.risks(test_rows.values), pipeline.thresholds, random
        ),
    ]
    look = SplitLook(
        tuple(table.subjects[i] for i in train),
        tuple(table.subjects[i] for i in test),
        "",
        pipeline.thresholds,
        pipeline.selected,
    )
    return look, pd.concat(parts, ignore_index=True)


def _with_intervals(
    resampling: str,
    rows: Rows,
    risks: Mapping[str, Floats],
    thresholds: Mapping[str, float],
    random: np.random.Generator,
) -> pd.DataFrame:
    records = []
    for name, risk in risks.items():
        estimates = metrics.performance(rows.outcome, risk, rows.weights, thresholds[name])
        limits = resampled_intervals(rows.outcome, risk, rows.weights, thresholds[name], random)
        records += [(name, resampling, metric, value, *limits[metric]) for metric, value in estimates.items()]
    return pd.DataFrame(records, columns=COLUMNS)


COLUMNS = ["model", "resampling", "metric", "estimate", "ci_lower", "ci_upper"]


def _corrected(
    rows: Rows,
    pipeline: FittedPipeline,
    corrected: pd.DataFrame,
    cross_validated: dict[str, Floats],
    random: np.random.Generator,
) -> pd.DataFrame:
    """Apparent performance, and the same under each correction.

    The intervals' width is that of cross-validated risks: a learner that memorizes its subjects gives
    apparent ones that hardly vary, however its subjects are drawn.
    """
    records = []
    for name, risk in cross_validated.items():
        threshold = pipeline.thresholds[name]
        centre = metrics.performance(rows.outcome, risk, rows.weights, threshold)
        limits = resampled_intervals(rows.outcome, risk, rows.weights, threshold, random)
        for row in corrected[corrected["model"] == name].to_dict("records"):
            metric = str(row["metric"])
            below, above = (limit - centre[metric] for limit in limits[metric])
            for resampling, column in (
                ("apparent", "apparent"),
                ("optimism_harrell", "harrell"),
                ("optimism_corrected", "corrected"),
            ):
                value = float(row[column])
                records.append(
                    (name, resampling, metric, value, *_within(metric, value + below, value + above))
                )
    return pd.DataFrame(records, columns=COLUMNS)


def _within(metric: str, lower: float, upper: float) -> tuple[float, float]:
    """Limits of a share stay within 0 and 1."""
    if metric in metrics.CALIBRATION:
        return lower, upper
    return float(np.clip(lower, 0.0, 1.0)), float(np.clip(upper, 0.0, 1.0))


def _selection_table(pipeline: FittedPipeline, stability: Stability) -> pd.DataFrame:
    selected = set(pipeline.selected)
    dropped = dict(pipeline.prepared.dropped)
    records = [
        (name, share, name in selected, dropped.get(name, "")) for name, share in stability.frequency.items()
    ]
    table = pd.DataFrame(records, columns=["column", "frequency", "selected", "dropped"])
    return table.sort_values(["frequency", "column"], ascending=[False, True], ignore_index=True)


def _calibration(
    rows: Rows,
    pipeline: FittedPipeline,
    chosen: str,
    risks: dict[str, Floats],
) -> tuple[Curve, ...]:
    curves = []
    seen = rows.weights > 0
    for name, risk in (
        ("apparent", pipeline.risks(rows.values)[chosen]),
        ("cross_validation", risks[chosen]),
    ):
        p = risk[seen]
        smooth = smoothed_calibration(rows.outcome[seen], p, rows.weights[seen])
        order = np.argsort(p, kind="stable")
        curves.append(Curve(name, p[order], smooth[order]))
    return tuple(curves)
