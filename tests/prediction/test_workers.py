"""The same numbers whoever computes them: here, in processes, on a Dask cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trialkit.errors import PredictionError
from trialkit.prediction.pipeline import rows_of
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.resampling import Replication, bootstrap_replicate
from trialkit.prediction.table import model_table
from trialkit.prediction.workers import run_tasks


@pytest.fixture
def tasks(data: Any, plan: PredictionPlan) -> list[Replication]:
    plan = replace(plan, learners=("logistic", "lightgbm"))
    rows = rows_of(model_table(data, plan), plan)
    return [Replication(rows, plan, {}, seed) for seed in np.random.SeedSequence(3).spawn(3)]


def _same(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one, other, strict=True):
        assert a.selected == b.selected
        assert a.thresholds == b.thresholds
        for name in a.risks:
            assert np.array_equal(a.risks[name], b.risks[name])


@pytest.mark.filterwarnings("ignore")
def test_processes_and_a_cluster_give_the_same_numbers(tasks: list[Replication]) -> None:
    distributed = pytest.importorskip("distributed")
    alone = run_tasks(bootstrap_replicate, tasks)
    heard: list[tuple[int, int]] = []
    _same(alone, run_tasks(bootstrap_replicate, tasks, 2, progress=lambda *done: heard.append(done)))
    assert heard == [(1, 3), (2, 3), (3, 3)]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        _same(alone, run_tasks(bootstrap_replicate, tasks, 1, cluster.scheduler_address))


def test_a_scheduler_that_does_not_answer_is_named(tasks: list[Replication]) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(PredictionError, match=r"tcp://127\.0\.0\.1:9"):
        run_tasks(bootstrap_replicate, tasks, 1, "tcp://127.0.0.1:9")
