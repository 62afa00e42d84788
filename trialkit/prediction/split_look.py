"""The mandated split: learn on one part, and look at the other once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.prediction.developed import LookRecord, SplitLook
from trialkit.prediction.measuring import with_intervals
from trialkit.prediction.pipeline import fit_pipeline, rows_of
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.resampling import Replication, one_pass, split_rows
from trialkit.prediction.table import ModelTable


@dataclass(frozen=True)
class LookAhead:
    """Known before the test set is opened: plan, data, what was chosen, how many are in it. ``people_sha256``
    is of who had which outcome, whatever the file, its order, or the plan's candidates."""

    plan: PredictionPlan
    data_sha256: str
    people_sha256: str
    chosen: str
    subjects: int


Opening = Callable[[LookAhead], LookRecord | None]
"""Called at the last moment before a risk is held against the test set; what it raises stops the look, what
it returns says where the look is on record."""


def split_performance(
    table: ModelTable,
    plan: PredictionPlan,
    reliability: Mapping[str, float],
    seeds: tuple[np.random.SeedSequence, np.random.SeedSequence, np.random.SeedSequence],
    ahead: Callable[[int], LookAhead],
    opening: Opening | None,
) -> tuple[SplitLook, pd.DataFrame]:
    """Everything is fitted and measured on the training part before ``opening`` is asked; None: the test
    set stays closed."""
    split_seed, train_seed, folds_seed = seeds
    rows, random = rows_of(table, plan), np.random.default_rng(split_seed)
    train, test = split_rows(rows, table.site, plan.resampling.train_share, random)
    train_rows, test_rows = rows.take(train), rows.take(test)
    pipeline = fit_pipeline(train_rows, plan, reliability, train_seed)
    inner = one_pass(Replication(train_rows, plan, reliability, folds_seed, pipeline.thresholds))
    trained = with_intervals("split_train", train_rows, inner.risks, pipeline.thresholds, random, inner.areas)
    look = ahead(len(test))
    record = LookRecord()
    if opening is None:
        tested = trained.assign(resampling="split_test", estimate=np.nan, ci_lower=np.nan, ci_upper=np.nan)
    else:
        record = opening(look) or LookRecord()
        risks = pipeline.risks(test_rows.values)
        tested = with_intervals("split_test", test_rows, risks, pipeline.thresholds, random)
    learnt, judged = (tuple(table.subjects[i] for i in part) for part in (train, test))
    looked = opening is not None
    told = SplitLook(learnt, judged, look.chosen, pipeline.thresholds, pipeline.selected, looked, record)
    return told, pd.concat([trained, tested], ignore_index=True)
