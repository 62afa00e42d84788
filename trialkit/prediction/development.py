"""Develop a model as its plan says, and measure it without flattering it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.prediction.choice import Choice, simplest_of_the_best
from trialkit.prediction.comparisons import baseline_comparison, subgroup_performance
from trialkit.prediction.crossed import Crossed, Passes
from trialkit.prediction.decision_curve import decision_curve
from trialkit.prediction.developed import Development, SplitLook
from trialkit.prediction.digest import data_digest, people_digest
from trialkit.prediction.explain import Explanation, lime_stability, shap_values
from trialkit.prediction.measuring import (
    calibration_curves,
    corrected_table,
    selection_table,
    with_intervals,
)
from trialkit.prediction.missing_outcome import missing_outcome
from trialkit.prediction.optimism import corrections
from trialkit.prediction.pathway import PathwayPeople
from trialkit.prediction.pipeline import FittedPipeline, Rows, feature_arrays, fit_pipeline, rows_of
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.preparation import columns_of
from trialkit.prediction.resampling import (
    Pass,
    Replicate,
    Replication,
    bootstrap_replicate,
    evaluate,
    one_pass,
)
from trialkit.prediction.seeds import children
from trialkit.prediction.split_look import LookAhead, Opening, split_performance
from trialkit.prediction.stability import selection_stability
from trialkit.prediction.supported import contradictions, sample_sizes, size_line
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
    repeats: np.random.SeedSequence

    @classmethod
    def of(cls, seed: int) -> Seeds:
        return cls(*np.random.SeedSequence(seed).spawn(9))


@dataclass(frozen=True)
class _Inputs:
    """What every step is given."""

    data: pd.DataFrame
    table: ModelTable
    rows: Rows
    plan: PredictionPlan
    reliability: dict[str, float]
    seeds: Seeds


@dataclass(frozen=True)
class _Made:
    """Chosen by cross-validation, and fitted on everybody. ``by_plan``: one pass of the plan's own folds;
    ``crossed``, in the folds of ``passes``: what everything else is measured by."""

    choice: Choice
    pipeline: FittedPipeline
    by_plan: Pass
    passes: Passes
    crossed: Crossed

    @property
    def chosen(self) -> str:
        return self.choice.learner


def develop_model(
    data: pd.DataFrame,
    plan: PredictionPlan,
    reliability: Mapping[str, float] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    say: Say = lambda line: None,
    progress: Callable[[int, int], None] | None = None,
    opening: Opening | None = None,
    readings: pd.DataFrame | None = None,
) -> Development:
    """The whole plan: sample size first, choice by cross-validation, the bootstrap of the full pipeline, the
    baseline beside it, and last the one look at the split's test set.

    Parameters
    ----------
    data
        One line a subject, with the columns the plan names.
    reliability
        Feature -> lower limit of the ICC between two readers; features below the plan's limit are dropped.
    readings
        What two readers measured (``subject_id feature reader value``): the ICC's limit is then found inside
        every resample, and ``reliability`` is not needed.
    workers, scheduler
        Processes for the bootstraps, or the address of a Dask cluster; the result is the same.
    opening
        Called when everything else is done and the test set is about to be opened; what it raises stops it,
        what it returns says where the look is on record. None, the default: the test set stays closed.

    Raises
    ------
    PredictionError
        The data do not fit the plan (see :func:`trialkit.prediction.table.model_table`).
    """
    table = model_table(data, plan, readings)
    inputs = _Inputs(data, table, rows_of(table, plan), plan, dict(reliability or {}), Seeds.of(plan.seed))
    say(size_line(*sample_sizes(table, plan)))
    for note in table.notes:
        say(f"Data: {note}" if note.endswith((".", "?")) else f"Data: {note}.")
    say(f"Cross-validation: {plan.resampling.folds} folds of the whole pipeline.")
    made = _made(inputs, workers, scheduler, say)
    say(f"Chosen: {made.chosen}, {made.choice.words()}.")
    say(f"Bootstrap: {plan.resampling.bootstraps} samples, everything repeated in each.")
    seeds = children(inputs.seeds.bootstraps, plan.resampling.bootstraps)
    tasks = [Replication(inputs.rows, plan, inputs.reliability, seed) for seed in seeds]
    replicates = run_tasks(bootstrap_replicate, tasks, workers, scheduler, progress)
    with one_thread():
        return _development(inputs, made, replicates, opening)


def _made(inputs: _Inputs, workers: int, scheduler: str | None, say: Say) -> _Made:
    """Where a learner memorizes, ten folds repeated measure and choose; else the plan's own folds."""
    rows, plan, known, seeds = inputs.rows, inputs.plan, inputs.reliability, inputs.seeds
    with one_thread():
        pipeline = fit_pipeline(rows, plan, known, seeds.final)
        by_plan = one_pass(Replication(rows, plan, known, seeds.folds, pipeline.thresholds))
    passes = Passes.of(plan, rows, seeds.folds, seeds.repeats)
    crossed = Crossed((by_plan,), passes.folds)
    if len(passes.seeds) > 1:
        say(f"Cross-validation repeated: {len(passes.seeds)} times {passes.folds} folds.")
        crossed = passes.cross(rows, plan, known, pipeline.thresholds, workers, scheduler)
    choice = simplest_of_the_best([one.areas for one in crossed.passes])
    return _Made(choice, pipeline, by_plan, passes, crossed)


def _development(
    inputs: _Inputs,
    made: _Made,
    replicates: list[Replicate],
    opening: Opening | None,
) -> Development:
    """Everything measured; the test set last, so that nothing that breaks off has cost a look."""
    plan, rows, table, seeds = inputs.plan, inputs.rows, inputs.table, inputs.seeds
    chosen, pipeline, crossed = made.chosen, made.pipeline, made.crossed
    sizes, digest = sample_sizes(table, plan), data_digest(inputs.data, plan)
    corrected = corrections(evaluate(pipeline, rows), replicates, crossed.performance)
    random = np.random.default_rng(seeds.intervals)
    measured = [
        with_intervals(
            "cross_validation", rows, made.by_plan.risks, pipeline.thresholds, random, made.by_plan.areas
        ),
        corrected_table(rows, pipeline, corrected, crossed, random),
    ]
    stability = selection_stability([r.selected for r in replicates], [c.name for c in columns_of(plan)])
    known, drawn = inputs.reliability, np.random.default_rng(seeds.baseline)
    baseline = baseline_comparison(table, rows, plan, known, chosen, crossed, made.passes, drawn)
    missing = missing_outcome(table, rows, plan, known, crossed, made.passes, chosen, pipeline.thresholds)
    explanations, lime = _explained(rows, pipeline, chosen, plan)
    subgroups = subgroup_performance(table, rows, crossed.risks(chosen), plan, random)
    split, tested = _on_the_test_set(inputs, chosen, digest, opening)
    return Development(
        plan=plan,
        n=table.n,
        events=table.events,
        known=table.known(),
        performance=pd.concat([*measured, tested], ignore_index=True),
        optimism=corrected,
        chosen=chosen,
        choice=made.choice,
        pipeline=pipeline,
        stability=stability,
        selection=selection_table(pipeline, stability),
        sample_size=sizes[0],
        sample_size_split=sizes[1],
        split=split,
        baseline=baseline,
        subgroups=subgroups,
        calibration=calibration_curves(rows, pipeline, chosen, crossed),
        decision=decision_curve(rows.outcome, {chosen: crossed.risks(chosen)}, rows.weights, EVERY_PERCENT),
        outcome=rows.outcome,
        weights=rows.weights,
        crossed=crossed,
        missing=missing,
        spread=risk_spread(pipeline.risks(rows.values)[chosen], [r.risks[chosen] for r in replicates]),
        everybody=_everybody(table, made),
        explanations=explanations,
        lime=lime,
        contradictions=contradictions(plan, *sizes),
        notes=table.notes,
        without_outcome=len(table.without_outcome),
        data_sha256=digest,
    )


def _on_the_test_set(
    inputs: _Inputs, chosen: str, digest: str, opening: Opening | None
) -> tuple[SplitLook, pd.DataFrame]:
    """The mandated split beside all: looked at when all else is measured."""
    plan, seeds = inputs.plan, inputs.seeds
    people = people_digest(inputs.data, plan)
    return split_performance(
        inputs.table,
        plan,
        inputs.reliability,
        (seeds.split, seeds.train, seeds.train_folds),
        lambda subjects: LookAhead(plan, digest, people, chosen, subjects),
        opening,
    )


def _everybody(table: ModelTable, made: _Made) -> PathwayPeople:
    """Each person's cross-validated risk, the mean of the passes; of people without an outcome the final
    model's."""
    risk, n = made.crossed.mean_risk(made.chosen), len(table.without_outcome)
    if not n:
        return PathwayPeople(risk, table.outcome, table.weights)
    values = feature_arrays(table.without_outcome, table.arm_without_outcome, table.reference_arm)
    others = made.pipeline.risks(values)[made.chosen]
    return PathwayPeople(
        np.r_[risk, others], np.r_[table.outcome, np.zeros(n)], np.r_[table.weights, np.zeros(n)]
    )


def _explained(
    rows: Rows, pipeline: FittedPipeline, chosen: str, plan: PredictionPlan
) -> tuple[tuple[Explanation, ...], pd.DataFrame]:
    matrix = pipeline.prepared.matrix(rows.values)
    shap = tuple(
        shap_values(name, learner, pipeline.selected, matrix, plan.seed)
        for name, learner in pipeline.learners.items()
    )
    risk = pipeline.risks(rows.values)[chosen]
    return shap, lime_stability(pipeline.learners[chosen], pipeline.selected, matrix, risk)
